//! The generic timer's virtual timer of core 0, and whether interrupts come in.

use core::arch::asm;

use super::gic;

/// Lets the timer's interrupt come after so many ticks.
pub fn arm(ticks: u32) {
    gic::enable_timer();
    // SAFETY: the timer's own registers. What the interrupt does is up to who armed it.
    unsafe {
        asm!(
            "msr cntv_tval_el0, {ticks}",
            "msr cntv_ctl_el0, {on}",
            "isb",
            "msr daifclr, #2",
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
