//! SysTick, the processor's own timer, as a counter: for programs that start no other tasks.
//!
//! It counts the processor's clock, and in a deterministic run QEMU lets so many nanoseconds pass for each
//! instruction as the board's `icount_shift` says.

use cortex_m::peripheral::SYST;

use crate::board::TICKS_OF_INSTRUCTIONS;
use crate::unit::Unit;

/// See [`crate::counter::UNIT`].
pub const UNIT: Unit = Unit::Ticks {
    ticks: TICKS_OF_INSTRUCTIONS.0,
    instructions: TICKS_OF_INSTRUCTIONS.1,
};

/// How many bits it has.
pub const BITS: u32 = 24;

/// See [`crate::counter::start`].
pub fn start() {
    /// On, no interrupt, the processor's clock.
    const CONTROL: u32 = 1 << 2 | 1;

    // SAFETY: this core's own registers. As no task was started, nothing else uses them.
    unsafe {
        let timer = &*SYST::PTR;
        timer.rvr.write(0xff_ffff);
        timer.cvr.write(0);
        timer.csr.write(CONTROL);
    }
}

/// See [`crate::counter::read`].
#[inline(always)]
pub fn read() -> u64 {
    // SAFETY: reading changes nothing. It counts down.
    u64::from(unsafe { (*SYST::PTR).cvr.read() }).wrapping_neg()
}
