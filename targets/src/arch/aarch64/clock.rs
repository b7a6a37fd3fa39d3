//! The generic timer's counter, which all cores share.

use core::arch::asm;

/// See [`crate::clock::now_ns`].
pub fn now_ns() -> u64 {
    let count: u64;
    let frequency: u64;
    // SAFETY: reads two registers. Not `nomem`, and behind a barrier, so that the reading stays
    // behind whatever told this core of another core's reading.
    unsafe {
        asm!(
            "isb",
            "mrs {count}, cntvct_el0",
            "mrs {frequency}, cntfrq_el0",
            count = out(reg) count,
            frequency = out(reg) frequency,
            options(nostack, preserves_flags),
        );
    }
    // 2^64 nanoseconds are 584 years.
    (u128::from(count) * 1_000_000_000 / u128::from(frequency)) as u64
}

/// See [`crate::clock::TICK_BITS`].
pub const TICK_BITS: u32 = 56;

/// See [`crate::clock::ticks`].
#[inline(always)]
pub fn ticks() -> u64 {
    let count: u64;
    // SAFETY: reads a register. `dsb` waits until accesses in front are done, `isb` keeps the reading
    // behind that, and what stands behind it behind the reading.
    unsafe {
        asm!(
            "dsb ish",
            "isb",
            "mrs {}, cntvct_el0",
            "isb",
            out(reg) count,
            options(nostack, preserves_flags),
        );
    }
    count
}
