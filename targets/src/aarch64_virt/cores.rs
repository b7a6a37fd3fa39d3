//! Starting cores, and letting them sleep and wake each other.
//!
//! A core sleeps in `wfi`, and a software-generated interrupt of the GICv2 wakes it. Interrupts are
//! masked then, so a waking one is only acknowledged, and one that comes before the `wfi` is not lost.
//! (`wfe` would need no interrupt controller, but QEMU with several threads does not sleep in it.)

use core::arch::asm;

pub use crate::bare::cores::{MAX, available, run};
pub use core::hint::spin_loop as pause;

use super::{exceptions, timer};
use crate::bare::cores::wait_until_ready;
use crate::bare::{exit, interrupt};

/// The software-generated interrupt that wakes a core.
const WAKE: u32 = 0;
/// The interrupt of a core's virtual timer.
const TIMER: u32 = 27;

const fn register(address: usize) -> *mut u32 {
    core::ptr::without_provenance_mut(address)
}

const DISTRIBUTOR_CONTROL: *mut u32 = register(0x0800_0000);
/// For the first 32 interrupts each core has a register of its own at this address.
const SET_ENABLE: *mut u32 = register(0x0800_0100);
const SOFTWARE_INTERRUPT: *mut u32 = register(0x0800_0f00);
const INTERFACE_CONTROL: *mut u32 = register(0x0801_0000);
const PRIORITY_MASK: *mut u32 = register(0x0801_0004);
const ACKNOWLEDGE: *mut u32 = register(0x0801_000c);
const END: *mut u32 = register(0x0801_0010);

/// The interrupt number that means that none is pending.
const NONE: u32 = 1023;

/// See [`crate::cores::current`].
pub fn current() -> usize {
    let affinity: usize;
    // SAFETY: reads a register.
    unsafe {
        asm!("mrs {}, mpidr_el1", out(reg) affinity, options(nomem, nostack, preserves_flags))
    };
    // With a GICv2, QEMU numbers up to eight cores in the lowest field.
    affinity & 0xff
}

/// Lets this core be woken. Every core calls it once.
pub fn set_up_interrupts() {
    // SAFETY: the GIC's registers, mapped as device memory by boot.s. Interrupts are masked in
    // this core, so no code runs in between.
    unsafe {
        DISTRIBUTOR_CONTROL.write_volatile(1);
        SET_ENABLE.write_volatile(1 << WAKE);
        PRIORITY_MASK.write_volatile(0xff);
        INTERFACE_CONTROL.write_volatile(1);
    }
}

/// Lets this core's timer interrupt it, once interrupts are no longer masked.
pub fn enable_timer() {
    // SAFETY: the GIC's register, as above.
    unsafe { SET_ENABLE.write_volatile(1 << TIMER) };
}

/// boot.s comes here, on the core's emergency stack: an interrupt while the timer is armed.
#[unsafe(no_mangle)]
extern "C" fn targets_interrupt() {
    // SAFETY: the GIC's register, as above.
    let acknowledged = unsafe { ACKNOWLEDGE.read_volatile() };
    match acknowledged & NONE {
        // It has vanished.
        NONE => return,
        // The last waking, which found this core awake.
        WAKE => {}
        TIMER => {
            // Ended before the handler runs, or no other interrupt could come within it. The line
            // has fallen then.
            let place = exceptions::place();
            timer::disarm();
            // SAFETY: the GIC's register, as above.
            unsafe { END.write_volatile(acknowledged) };
            if !interrupt::on_tick(place) {
                exit::fail(format_args!(
                    "an interrupt of the timer that nobody has armed"
                ));
            }
            return;
        }
        number => exit::fail(format_args!(
            "core {} took an unexpected interrupt: {number}",
            current()
        )),
    }
    // SAFETY: the GIC's register, as above.
    unsafe { END.write_volatile(acknowledged) };
}

/// Starts all other cores and waits until they are ready.
pub fn start_others() {
    unsafe extern "C" {
        /// In boot.s.
        fn targets_secondary_start();
    }
    const CPU_ON: u64 = 0xc400_0003;
    const INVALID_PARAMETERS: i64 = -2;

    let mut count = 1;
    while count < MAX {
        let mut result = CPU_ON as i64;
        // SAFETY: a PSCI call. Every core that it starts runs on its own stack: boot.s derives
        // that from the core's number, the last argument.
        unsafe {
            asm!(
                "hvc #0",
                inout("x0") result,
                inout("x1") count => _,
                inout("x2") targets_secondary_start as *const () as usize => _,
                inout("x3") count => _,
                options(nostack),
            );
        }
        match result {
            0 => count += 1,
            // There is no such core: QEMU was started with as many as we have counted.
            INVALID_PARAMETERS => break,
            error => panic!("core {count} cannot be started: PSCI error {error}"),
        }
    }
    wait_until_ready(count);
}

/// Wakes a core, now or when it next sleeps.
pub fn wake(core: usize) {
    // SAFETY: raises an interrupt that only ends the other core's `wfi`. The barrier makes what
    // this core has written visible before.
    unsafe {
        asm!("dsb ish", options(nostack, preserves_flags));
        SOFTWARE_INTERRUPT.write_volatile(1 << (16 + core) | WAKE);
    }
}

/// Sleeps until the condition holds; whoever makes it true wakes this core afterwards.
pub fn sleep_until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        // SAFETY: waits for an interrupt, which is masked, and takes it off the controller.
        unsafe {
            asm!("dsb sy", "wfi", options(nostack, preserves_flags));
            let interrupt = ACKNOWLEDGE.read_volatile();
            if interrupt & NONE != NONE {
                END.write_volatile(interrupt);
            }
        }
    }
}

/// Stops this core for ever.
pub fn stop() -> ! {
    loop {
        // SAFETY: only waits.
        unsafe { asm!("wfi", options(nomem, nostack, preserves_flags)) };
    }
}
