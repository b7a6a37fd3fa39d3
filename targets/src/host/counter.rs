//! Nanoseconds in place of a counter, so that programs that count run here too.

use crate::unit::Unit;

/// See [`crate::counter::UNIT`].
pub const UNIT: Unit = Unit::Nanoseconds;

/// How many bits it has.
pub const BITS: u32 = 64;

/// See [`crate::counter::start`].
pub fn start() {}

/// See [`crate::counter::read`].
pub fn read() -> u64 {
    super::clock::now_ns()
}
