//! Counting what a core executes.

use crate::backend;

pub use crate::unit::Unit;

/// What [`read`] counts on this target.
pub const UNIT: Unit = backend::counter::UNIT;

/// Lets the counter run. To be called once, on the core that reads it, before the first reading.
pub fn start() {
    backend::counter::start();
}

/// The counter of this core now. It wraps; [`since`] takes care of that. Never waits, stores nothing.
#[inline]
pub fn read() -> u64 {
    backend::counter::read()
}

/// How much was counted since an earlier reading on this core: the time in between must be shorter
/// than the counter takes to wrap, which is 2^24 units at least.
///
/// ```
/// use targets::counter;
///
/// counter::start();
/// let before = counter::read();
/// assert!(counter::since(before) < 1 << 40);
/// ```
#[inline]
pub fn since(earlier: u64) -> u64 {
    read().wrapping_sub(earlier) & (!0 >> (u64::BITS - backend::counter::BITS))
}
