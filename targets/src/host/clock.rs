//! The operating system's monotonic clock.

use std::sync::OnceLock;
use std::time::Instant;

/// See [`crate::clock::now_ns`].
pub fn now_ns() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    // 2^64 nanoseconds are 584 years.
    elapsed.as_nanos() as u64
}

/// See [`crate::clock::TICK_BITS`].
pub const TICK_BITS: u32 = 64;

/// See [`crate::clock::ticks`]: nanoseconds, of which the operating system says that no thread sees them
/// run backwards.
pub fn ticks() -> u64 {
    now_ns()
}
