//! The generic timer's virtual timer of core 0, and whether interrupts come in.

use core::arch::asm;

use crate::board::GIC;

/// Lets the timer's interrupt come after so many ticks.
pub fn arm(ticks: u32) {
    GIC.enable_timer();
    arm_again(ticks);
    // SAFETY: what the interrupt does is up to who armed it.
    unsafe { asm!("msr daifclr, #2", options(nostack)) };
}

/// The same at the end of an interrupt: the return from it lets the next one in.
pub fn arm_again(ticks: u32) {
    // SAFETY: the timer's own registers.
    unsafe {
        asm!(
            "msr cntv_tval_el0, {ticks}",
            "msr cntv_ctl_el0, {on}",
            "isb",
            ticks = in(reg) u64::from(ticks),
            on = in(reg) 1u64,
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
            "msr cntv_ctl_el0, xzr",
            "isb",
            "msr daifset, #2",
            options(nostack),
        );
    }
}
