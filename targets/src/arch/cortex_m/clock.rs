//! The board's clock: Cortex-M has none.

use crate::board::CLOCK;

/// See [`crate::clock::now_ns`].
pub fn now_ns() -> u64 {
    CLOCK.now_ns()
}

/// See [`crate::clock::TICK_BITS`].
pub const TICK_BITS: u32 = 32;

/// See [`crate::clock::ticks`].
#[inline(always)]
pub fn ticks() -> u64 {
    CLOCK.ticks()
}
