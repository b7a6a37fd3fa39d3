//! The generic timer's counter: in a deterministic run a tick is an instruction.

use core::arch::asm;

use crate::board::BOARD;
use crate::unit::Unit;

/// See [`crate::counter::UNIT`].
pub const UNIT: Unit = Unit::Instructions;

/// How many bits it has.
pub const BITS: u32 = super::clock::TICK_BITS;

// A tick of QEMU's counter is 16 ns.
const _: () = assert!(BOARD.icount_shift == 4);

/// See [`crate::counter::start`]: it always runs.
pub fn start() {}

/// See [`crate::counter::read`].
#[inline(always)]
pub fn read() -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: reads a register. Not `nomem`, so that memory accesses stay on their side of it.
    unsafe {
        asm!(
            "isb",
            "mrrc p15, 1, {}, {}, c14",
            out(reg) low,
            out(reg) high,
            options(nostack, preserves_flags),
        );
    }
    u64::from(high) << 32 | u64::from(low)
}
