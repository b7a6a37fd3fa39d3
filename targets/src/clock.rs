//! Time.

use core::sync::atomic::{Ordering, fence};

use crate::backend;

/// Nanoseconds since some moment before the program's `main`, or since the first call on the host.
///
/// Monotonic across cores: if one core reads the clock, then lets another core know, and that one
/// reads it too, the second value is not smaller. Never waits.
///
/// Under QEMU it is time of the emulated machine, so it says nothing of the speed of real hardware.
pub fn now_ns() -> u64 {
    backend::clock::now_ns()
}

/// How many bits of [`ticks`] count, at least 24: then it starts over.
pub const TICK_BITS: u32 = backend::clock::TICK_BITS;

/// The finest clock that all cores share, for the time stamps of a history: a register that each core
/// only reads, so that two cores that take a stamp do not order each other's accesses as an atomic
/// counter in memory would.
///
/// All fences are inside: whatever stands before in the program is visible to every core before the
/// reading, and nothing behind it happens before. Two readings on different cores may say the same.
/// Never waits.
///
/// ```
/// use targets::clock;
///
/// let earlier = clock::ticks();
/// assert!(clock::ticks_between(earlier, clock::ticks()) < 1 << 63);
/// ```
#[inline]
pub fn ticks() -> u64 {
    // The backend's own barriers keep the reading between the two fences: these order memory, not
    // registers.
    fence(Ordering::SeqCst);
    let ticks = backend::clock::ticks();
    fence(Ordering::SeqCst);
    ticks
}

/// The ticks from one reading of [`ticks`] to a later one, which came before the clock started over
/// twice.
#[inline]
pub fn ticks_between(earlier: u64, later: u64) -> u64 {
    later.wrapping_sub(earlier) & (!0 >> (u64::BITS - TICK_BITS))
}
