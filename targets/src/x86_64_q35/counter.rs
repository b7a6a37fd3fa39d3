//! The time stamp counter. QEMU counts one for each nanosecond in a deterministic run, which is an
//! instruction there.

use core::arch::x86_64::{_mm_lfence, _rdtsc};

use crate::counter::Unit;

/// See [`crate::counter::UNIT`].
pub const UNIT: Unit = Unit::Instructions;

/// How many bits it has.
pub const BITS: u32 = 64;

/// See [`crate::counter::start`]: it always runs.
pub fn start() {}

/// See [`crate::counter::read`].
#[inline(always)]
pub fn read() -> u64 {
    // SAFETY: every 64-bit CPU has these instructions.
    unsafe {
        _mm_lfence();
        let count = _rdtsc();
        _mm_lfence();
        count
    }
}
