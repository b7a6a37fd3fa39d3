//! Time.

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
