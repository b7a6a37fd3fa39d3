//! The timer of core 0, and whether interrupts come in.

use core::arch::asm;

use super::clint;

/// In `mie`: software and timer interrupts.
const CALLS: usize = 1 << 3;
const TIMER: usize = 1 << 7;
/// In `mstatus`: interrupts come in.
const ON: usize = 1 << 3;

/// Lets the timer's interrupt come after so many ticks.
pub fn arm(ticks: u32) {
    arm_again(ticks);
    // SAFETY: what the interrupt does is up to who armed it.
    unsafe { asm!("csrs mstatus, {}", in(reg) ON, options(nostack)) };
}

/// The same at the end of an interrupt: the return from it lets the next one in.
pub fn arm_again(ticks: u32) {
    clint::set_alarm(0, clint::time() + u64::from(ticks));
    // SAFETY: interrupts come in when the caller lets them.
    unsafe { asm!("csrs mie, {}", in(reg) CALLS | TIMER, options(nostack)) };
}

/// No interrupt comes any more, but for one that ends a sleep.
pub fn disarm() {
    // SAFETY: only fewer interrupts come.
    unsafe {
        asm!("csrc mstatus, {}", in(reg) ON, options(nostack));
        asm!("csrc mie, {}", in(reg) TIMER, options(nostack));
    }
}

/// Whether interrupts come in.
#[cfg(one_core)]
pub fn is_on() -> bool {
    let status: usize;
    // SAFETY: reads a register.
    unsafe { asm!("csrr {}, mstatus", out(reg) status, options(nomem, nostack, preserves_flags)) };
    status & ON != 0
}

/// Lets this core's sleep end by a call of another one.
#[cfg(not(one_core))]
pub fn listen() {
    // SAFETY: interrupts stay masked.
    unsafe { asm!("csrs mie, {}", in(reg) CALLS, options(nostack)) };
}
