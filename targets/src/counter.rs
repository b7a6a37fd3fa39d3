//! Counting what a core executes.

use crate::backend;

/// What the counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// In a deterministic run of QEMU ([`protocol::Run::deterministic`]): exactly the instructions
    /// that this core has executed. In any other run: some measure of time.
    Instructions,
    /// Ticks of a clock, of which `ticks` are `instructions` in a deterministic run. A single
    /// reading is one tick off: for the rest of a tick, take the mean of many.
    Ticks {
        /// So many ticks
        ticks: u64,
        /// are so many instructions.
        instructions: u64,
    },
    /// Nanoseconds, which say nothing of instructions.
    Nanoseconds,
}

/// What [`read`] counts on this target.
pub const UNIT: Unit = backend::counter::UNIT;

/// Lets the counter run. To be called once, on the core that reads it, before the first reading.
pub fn start() {
    backend::counter::start();
}

/// The counter of this core now. It wraps; [`since`] takes care of that. Never waits, stores nothing.
#[inline]
pub fn read() -> u64 {
    backend::counter::read()
}

/// How much was counted since an earlier reading on this core: the time in between must be shorter
/// than the counter takes to wrap, which is 2^24 units at least.
///
/// ```
/// use targets::counter;
///
/// counter::start();
/// let before = counter::read();
/// assert!(counter::since(before) < 1 << 40);
/// ```
#[inline]
pub fn since(earlier: u64) -> u64 {
    read().wrapping_sub(earlier) & (!0 >> (u64::BITS - backend::counter::BITS))
}
