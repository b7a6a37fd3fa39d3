//! Core 0's SysTick, with which interrupts come in.

use cortex_m_rt::exception;

use super::cores;
use crate::bare::interrupt;
use crate::cortex_m::timer;

/// Lets the interrupt come after so many ticks.
pub fn arm(ticks: u32) {
    cores::ignore();
    timer::arm(ticks);
    // SAFETY: no other interrupt is on, and what this one does is up to who armed it.
    unsafe { cortex_m::interrupt::enable() };
}

/// No interrupt comes any more, but for one that ends a sleep.
pub fn disarm() {
    timer::disarm();
    cortex_m::interrupt::disable();
    cores::listen();
}

#[exception]
fn SysTick() {
    // Where it came nobody has told: the registers lie on the stack of the code it came in.
    interrupt::on_tick(0);
    // Masked again by `disarm`, which the interrupted code needs as well.
}
