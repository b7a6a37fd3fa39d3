//! The time stamp counter, measured at boot against a clock whose frequency the board knows.

use core::arch::x86_64::{_mm_lfence, _rdtsc};
use core::sync::atomic::{AtomicU64, Ordering};

use crate::board::{REFERENCE_FREQUENCY, REFERENCE_MASK, reference, start_reference};

/// Nanoseconds for each tick of the time stamp counter, times 2^32. Core 0 writes it before it
/// starts the other cores and before the first reading.
static SCALE: AtomicU64 = AtomicU64::new(0);

/// See [`crate::clock::now_ns`].
pub fn now_ns() -> u64 {
    let scaled = u128::from(ticks()) * u128::from(SCALE.load(Ordering::Relaxed));
    // 2^64 nanoseconds are 584 years.
    (scaled >> 32) as u64
}

/// See [`crate::clock::TICK_BITS`].
pub const TICK_BITS: u32 = 64;

/// See [`crate::clock::ticks`]: the time stamp counter, which all cores share in QEMU, read between what
/// stands before and what stands behind.
#[inline(always)]
pub fn ticks() -> u64 {
    // SAFETY: every 64-bit CPU has these instructions.
    unsafe {
        _mm_lfence();
        let ticks = _rdtsc();
        _mm_lfence();
        ticks
    }
}

/// Measures the counter's frequency for 20 ms.
pub fn set_up() {
    const PERIOD: u32 = (REFERENCE_FREQUENCY / 50) as u32;

    start_reference();
    let first = reference();
    let before = ticks();
    let elapsed = loop {
        let elapsed = reference().wrapping_sub(first) & REFERENCE_MASK;
        if elapsed >= PERIOD {
            break u128::from(elapsed);
        }
    };
    let ticks = u128::from(ticks() - before);
    let scaled = ((elapsed * 1_000_000_000) << 32) / (u128::from(REFERENCE_FREQUENCY) * ticks);
    SCALE.store(scaled as u64, Ordering::Relaxed);
}
