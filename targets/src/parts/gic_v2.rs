//! Arm's interrupt controller, version 2: lets cores sleep and wake each other, and their timers interrupt.
//!
//! A core sleeps in `wfi`, and a software-generated interrupt wakes it. Interrupts are masked then, so a
//! waking one is only acknowledged, and one that comes before the `wfi` is not lost. (`wfe` would need no
//! interrupt controller, but QEMU with several threads does not sleep in it.)

use core::arch::asm;

/// The software-generated interrupt that wakes a core.
const WAKE: u32 = 0;
/// The interrupt of a core's virtual timer.
const TIMER: u32 = 27;
/// The interrupt number that means that none is pending.
const NONE: u32 = 1023;

// Registers, as offsets.
const DISTRIBUTOR_CONTROL: usize = 0;
/// For the first 32 interrupts each core has a register of its own at this address.
const SET_ENABLE: usize = 0x100;
const SOFTWARE_INTERRUPT: usize = 0xf00;
const INTERFACE_CONTROL: usize = 0x1_0000;
const PRIORITY_MASK: usize = 0x1_0004;
const ACKNOWLEDGE: usize = 0x1_000c;
const END: usize = 0x1_0010;

/// A controller.
pub struct GicV2 {
    base: usize,
}

/// What an interrupt was.
pub enum Taken {
    /// One that has vanished, or the last waking, which found this core awake.
    Nothing,
    /// The timer's.
    Timer,
    /// Another one, which nobody has asked for.
    Unexpected(u32),
}

impl GicV2 {
    /// The controller whose registers are at this address, mapped as device memory; the interface to the
    /// cores is 64 KiB above the distributor.
    pub const fn at(base: usize) -> Self {
        Self { base }
    }

    fn write(&self, register: usize, value: u32) {
        let register = core::ptr::without_provenance_mut::<u32>(self.base + register);
        // SAFETY: one of the controller's registers, which hold no memory of the program's. What an interrupt
        // does is up to who lets it in.
        unsafe { register.write_volatile(value) };
    }

    /// Lets this core be woken. Every core calls it once.
    pub fn set_up(&self) {
        self.write(DISTRIBUTOR_CONTROL, 1);
        self.write(SET_ENABLE, 1 << WAKE);
        self.write(PRIORITY_MASK, 0xff);
        self.write(INTERFACE_CONTROL, 1);
    }

    /// Lets this core's timer interrupt it, once interrupts are no longer masked.
    pub fn enable_timer(&self) {
        self.write(SET_ENABLE, 1 << TIMER);
    }

    /// Wakes a core, now or when it next sleeps.
    pub fn wake(&self, core: usize) {
        // SAFETY: a barrier: what this core has written is visible before the other one is woken.
        unsafe { asm!("dsb ish", options(nostack, preserves_flags)) };
        self.write(SOFTWARE_INTERRUPT, 1 << (16 + core) | WAKE);
    }

    /// Sleeps until the condition holds; whoever makes it true wakes this core afterwards.
    pub fn sleep_until(&self, mut condition: impl FnMut() -> bool) {
        while !condition() {
            // SAFETY: waits for an interrupt, which is masked.
            unsafe { asm!("dsb sy", "wfi", options(nostack, preserves_flags)) };
            self.take(|| {});
            // SAFETY: a barrier: the condition is looked at after the waking was acknowledged, so that one
            // that comes later is not lost.
            unsafe { asm!("dsb sy", options(nostack, preserves_flags)) };
        }
    }

    /// Takes the pending interrupt; `silence` lets the timer's line fall before its interrupt ends.
    pub fn take(&self, silence: impl FnOnce()) -> Taken {
        let register = core::ptr::without_provenance::<u32>(self.base + ACKNOWLEDGE);
        // SAFETY: the controller's register, as in `write`.
        let acknowledged = unsafe { register.read_volatile() };
        let taken = match acknowledged & NONE {
            NONE => return Taken::Nothing,
            WAKE => Taken::Nothing,
            TIMER => Taken::Timer,
            number => Taken::Unexpected(number),
        };
        if let Taken::Timer = taken {
            silence();
        }
        // Ended before a handler runs, or no other interrupt could come within it.
        self.write(END, acknowledged);
        taken
    }
}
