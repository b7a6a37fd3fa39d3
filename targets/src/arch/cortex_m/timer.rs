//! Core 0's SysTick, with which interrupts come in.

use super::cores;
use crate::parts::systick;

/// Lets the interrupt come after so many ticks.
pub fn arm(ticks: u32) {
    cores::ignore();
    systick::arm(ticks);
    // SAFETY: no other interrupt is on, and what this one does is up to who armed it.
    unsafe { cortex_m::interrupt::enable() };
}

/// The same at the end of the interrupt, within which no other SysTick comes.
pub use arm as arm_again;

/// No interrupt comes any more, but for one that ends a sleep.
pub fn disarm() {
    systick::disarm();
    cortex_m::interrupt::disable();
    cores::listen();
}
