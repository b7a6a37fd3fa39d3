//! The performance monitor's cycle counter. QEMU counts one for each nanosecond, of which in a
//! deterministic run a fixed number are an instruction.

use core::arch::asm;

use crate::board::BOARD;
use crate::unit::Unit;

/// See [`crate::counter::UNIT`].
pub const UNIT: Unit = Unit::Instructions;

/// How many bits it has.
pub const BITS: u32 = 64 - SHIFT;

const SHIFT: u32 = BOARD.icount_shift as u32;

/// See [`crate::counter::start`].
pub fn start() {
    /// `PMCR_EL0`: counting is on; the cycle counter has 64 bits.
    const CONTROL: u64 = 1 << 6 | 1;
    /// `PMCNTENSET_EL0`: the cycle counter.
    const CYCLES: u64 = 1 << 31;

    // SAFETY: registers of the performance monitor, which nothing else uses.
    unsafe {
        asm!(
            "msr pmccfiltr_el0, xzr",
            "msr pmcr_el0, {control}",
            "msr pmcntenset_el0, {cycles}",
            "isb",
            control = in(reg) CONTROL,
            cycles = in(reg) CYCLES,
            options(nostack, preserves_flags),
        );
    }
}

/// See [`crate::counter::read`].
#[inline(always)]
pub fn read() -> u64 {
    let count: u64;
    // SAFETY: reads a register. Not `nomem`, so that memory accesses stay on their side of it.
    unsafe {
        asm!("isb", "mrs {}, pmccntr_el0", out(reg) count, options(nostack, preserves_flags));
    }
    count >> SHIFT
}
