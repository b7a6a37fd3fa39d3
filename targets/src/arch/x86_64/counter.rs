//! The time stamp counter. QEMU counts one for each nanosecond in a deterministic run, which is an
//! instruction there.

use crate::unit::Unit;

/// See [`crate::counter::UNIT`].
pub const UNIT: Unit = Unit::Instructions;

/// How many bits it has.
pub const BITS: u32 = super::clock::TICK_BITS;

/// See [`crate::counter::start`]: it always runs.
pub fn start() {}

/// See [`crate::counter::read`].
pub use super::clock::ticks as read;
