//! The counter that all cores share.

use super::clint;

/// See [`crate::clock::now_ns`].
pub fn now_ns() -> u64 {
    clint::time() * clint::TICK_NS
}
