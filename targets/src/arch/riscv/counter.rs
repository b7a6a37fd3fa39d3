//! `minstret`. In a deterministic run QEMU adds so many to it for each instruction as pass nanoseconds.

use core::arch::asm;

use crate::board::BOARD;
use crate::unit::Unit;

/// See [`crate::counter::UNIT`].
pub const UNIT: Unit = Unit::Instructions;

/// How many bits it has.
pub const BITS: u32 = 64 - SHIFT;

const SHIFT: u32 = BOARD.icount_shift as u32;

/// See [`crate::counter::start`]: it always runs.
pub fn start() {}

/// See [`crate::counter::read`].
#[cfg(target_arch = "riscv64")]
#[inline(always)]
pub fn read() -> u64 {
    let count: u64;
    // SAFETY: reads a register. Not `nomem`, so that memory accesses stay on their side of it.
    unsafe { asm!("csrr {}, minstret", out(reg) count, options(nostack, preserves_flags)) };
    count >> SHIFT
}

/// See [`crate::counter::read`].
#[cfg(target_arch = "riscv32")]
#[inline(always)]
pub fn read() -> u64 {
    let (low, high, again): (u32, u32, u32);
    // SAFETY: as above. The high half is read twice, as the low half may wrap in between.
    unsafe {
        asm!(
            "2:",
            "csrr {high}, minstreth",
            "csrr {low}, minstret",
            "csrr {again}, minstreth",
            "bne {high}, {again}, 2b",
            low = out(reg) low,
            high = out(reg) high,
            again = out(reg) again,
            options(nostack, preserves_flags),
        );
    }
    let _ = again;
    (u64::from(high) << 32 | u64::from(low)) >> SHIFT
}
