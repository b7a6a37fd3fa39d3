//! The generic timer's virtual timer of core 0, and whether interrupts come in.

use core::arch::asm;

use crate::board::GIC;

/// Lets the timer's interrupt come after so many ticks.
pub fn arm(ticks: u32) {
    GIC.enable_timer();
    arm_again(ticks);
    // SAFETY: what the interrupt does is up to who armed it.
    unsafe { asm!("cpsie i", options(nostack)) };
}

/// The same at the end of an interrupt: the return from it lets the next one in.
pub fn arm_again(ticks: u32) {
    // SAFETY: the timer's own registers.
    unsafe {
        asm!(
            "mcr p15, 0, {ticks}, c14, c3, 0",
            "mcr p15, 0, {on}, c14, c3, 1",
            "isb",
            ticks = in(reg) ticks,
            on = in(reg) 1u32,
            options(nostack),
        );
    }
}

/// No interrupt comes any more, but for one that ends a sleep.
pub fn disarm() {
    // SAFETY: only fewer interrupts come. The timer's line falls with its control register, so that
    // nothing stays pending.
    unsafe {
        asm!(
            "mcr p15, 0, {off}, c14, c3, 1",
            "isb",
            "cpsid i",
            off = in(reg) 0u32,
            options(nostack),
        );
    }
}
