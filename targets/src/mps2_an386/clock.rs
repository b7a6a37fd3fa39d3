//! The board's dual timer: 25 MHz.

use crate::cortex_m::dual_timer::{BITS, DualTimer};

const TIMER: DualTimer = DualTimer::at(0x4000_2000);
const SLOW_TICK_NS: u64 = 256 * 40;

/// Starts the timer.
pub fn set_up() {
    TIMER.set_up();
}

/// See [`crate::clock::now_ns`]. Starts over after twelve hours.
pub fn now_ns() -> u64 {
    u64::from(TIMER.slow()) * SLOW_TICK_NS
}

/// See [`crate::clock::TICK_BITS`].
pub const TICK_BITS: u32 = BITS;

/// See [`crate::clock::ticks`].
#[inline(always)]
pub fn ticks() -> u64 {
    u64::from(TIMER.fast())
}
