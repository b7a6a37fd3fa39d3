//! The local interrupt controllers (xAPIC), through which cores start, wake and are told apart.

use x86_64::instructions::port::Port;

/// The interrupt of the timer.
pub const TIMER_VECTOR: u8 = 0xe0;

/// The interrupt that wakes a core.
pub const WAKE_VECTOR: u8 = 0xf0;

/// The interrupt that a local APIC delivers in place of one that has vanished.
pub const SPURIOUS_VECTOR: u8 = 0xff;

const BASE: usize = 0xfee0_0000;
const TASK_PRIORITY: usize = 0x80;
const END: usize = 0xb0;
const SPURIOUS: usize = 0xf0;
const COMMAND: usize = 0x300;
const DESTINATION: usize = 0x310;
const LOCAL_TIMER: usize = 0x320;
const LOCAL_INTERRUPT_0: usize = 0x350;
const LOCAL_INTERRUPT_1: usize = 0x360;
const TIMER_INITIAL: usize = 0x380;
const TIMER_DIVIDER: usize = 0x3e0;

const ENABLED: u32 = 1 << 8;
const MASKED: u32 = 1 << 16;
/// In `COMMAND`: the command has not been sent yet.
const PENDING: u32 = 1 << 12;

/// What one core does to another.
#[derive(Clone, Copy)]
pub enum Command {
    /// Puts it into its reset state.
    Reset,
    /// Starts it in real mode at this page, after a reset.
    Start(u8),
    /// Interrupts it with [`WAKE_VECTOR`].
    Wake,
}

/// Sets this core's local APIC up: it takes interrupts from other cores, and from
/// its timer once that is started.
pub fn set_up() {
    write(LOCAL_INTERRUPT_0, MASKED);
    write(LOCAL_INTERRUPT_1, MASKED);
    write(TASK_PRIORITY, 0);
    write(SPURIOUS, ENABLED | u32::from(SPURIOUS_VECTOR));
}

/// Silences the two PC interrupt controllers, which the firmware has set up for itself.
pub fn mask_legacy_interrupts() {
    for port in [0x21, 0xa1] {
        // SAFETY: the controllers' mask registers; nobody waits for their interrupts.
        unsafe { Port::<u8>::new(port).write(0xff) };
    }
}

/// Sends a command to another core, or a waking to this one. Interrupts are off in this core, so
/// nothing comes between the two writes.
pub fn send(core: usize, command: Command) {
    let word = match command {
        Command::Reset => 0x4500,
        Command::Start(page) => 0x4600 | u32::from(page),
        Command::Wake => 0x4000 | u32::from(WAKE_VECTOR),
    };
    // Cores are fewer than 256.
    write(DESTINATION, (core as u32) << 24);
    write(COMMAND, word);
    while read(COMMAND) & PENDING != 0 {
        core::hint::spin_loop();
    }
}

/// Lets this core's timer count down from this value, which is not 0, and interrupt it at the end.
pub fn start_timer(ticks: u32) {
    set_timer(TIMER_VECTOR.into(), ticks);
}

/// Stops the timer.
pub fn stop_timer() {
    set_timer(MASKED, 0);
}

/// Lets this core's timer count down from the greatest value, without an interrupt at its end.
#[cfg(board = "x86_64_microvm")]
pub fn start_silent_timer() {
    set_timer(MASKED, u32::MAX);
}

fn set_timer(interrupt: u32, ticks: u32) {
    /// Every tick counts.
    const BY_ONE: u32 = 0b1011;

    write(LOCAL_TIMER, interrupt);
    write(TIMER_DIVIDER, BY_ONE);
    write(TIMER_INITIAL, ticks);
}

/// The interrupt that this core handles is over.
pub fn end_of_interrupt() {
    write(END, 0);
}

/// Where the timer is.
#[cfg(board = "x86_64_microvm")]
pub fn timer() -> u32 {
    const CURRENT: usize = 0x390;
    read(CURRENT)
}

fn write(register: usize, value: u32) {
    let register: *mut u32 = core::ptr::without_provenance_mut(BASE + register);
    // SAFETY: a register of this core's own local APIC, mapped uncached by boot.s. A command to
    // another core is safe as its sender says.
    unsafe { register.write_volatile(value) };
}

fn read(register: usize) -> u32 {
    let register: *const u32 = core::ptr::without_provenance(BASE + register);
    // SAFETY: as in `write`; reading changes nothing.
    unsafe { register.read_volatile() }
}
