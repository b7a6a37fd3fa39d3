//! The counter that all cores share.

use core::arch::asm;

use super::clint;

/// See [`crate::clock::now_ns`].
pub fn now_ns() -> u64 {
    clint::time() * clint::TICK_NS
}

/// See [`crate::clock::TICK_BITS`].
pub const TICK_BITS: u32 = 64;

/// See [`crate::clock::ticks`]: `time`, which is a register that mirrors the counter. Its readings are
/// device input to a fence.
#[cfg(target_arch = "riscv64")]
#[inline(always)]
pub fn ticks() -> u64 {
    let count: u64;
    // SAFETY: reads a register. Not `nomem`, so that memory accesses stay on their side of it.
    unsafe {
        asm!(
            "fence iorw, iorw",
            "rdtime {}",
            "fence iorw, iorw",
            out(reg) count,
            options(nostack, preserves_flags),
        );
    }
    count
}

/// See [`crate::clock::ticks`].
#[cfg(target_arch = "riscv32")]
#[inline(always)]
pub fn ticks() -> u64 {
    let (low, high, again): (u32, u32, u32);
    // SAFETY: as above. The high half is read twice, as the low half may start over in between.
    unsafe {
        asm!(
            "fence iorw, iorw",
            "2:",
            "rdtimeh {high}",
            "rdtime {low}",
            "rdtimeh {again}",
            "bne {high}, {again}, 2b",
            "fence iorw, iorw",
            low = out(reg) low,
            high = out(reg) high,
            again = out(reg) again,
            options(nostack, preserves_flags),
        );
    }
    let _ = again;
    u64::from(high) << 32 | u64::from(low)
}
