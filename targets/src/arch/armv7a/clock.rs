//! The generic timer's counter, which all cores share.

use core::arch::asm;

/// See [`crate::clock::now_ns`].
pub fn now_ns() -> u64 {
    const SECOND: u64 = 1_000_000_000;

    let count = ticks();
    let frequency: u32;
    // SAFETY: reads a register.
    unsafe {
        asm!("mrc p15, 0, {}, c14, c0, 0", out(reg) frequency, options(nomem, nostack, preserves_flags))
    };
    let frequency = u64::from(frequency);
    // 2^64 nanoseconds are 584 years.
    count / frequency * SECOND + count % frequency * SECOND / frequency
}

/// See [`crate::clock::TICK_BITS`].
pub const TICK_BITS: u32 = 56;

/// See [`crate::clock::ticks`].
#[inline(always)]
pub fn ticks() -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: reads a register. `dsb` waits until accesses in front are done, `isb` keeps the reading
    // behind that, and what stands behind it behind the reading.
    unsafe {
        asm!(
            "dsb ish",
            "isb",
            "mrrc p15, 1, {}, {}, c14",
            "isb",
            out(reg) low,
            out(reg) high,
            options(nostack, preserves_flags),
        );
    }
    u64::from(high) << 32 | u64::from(low)
}
