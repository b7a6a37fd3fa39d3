//! The units of counters.

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
