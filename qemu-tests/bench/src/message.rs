//! What the process that measures a cell tells the one that watches over it: a line of JSON each.

use serde::{Deserialize, Serialize};

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Whatever happens from here on is about this peer.
    Turn {
        /// The peer's name.
        peer: String,
    },
    /// The peer did a round.
    Round {
        /// The peer's name.
        peer: String,
        /// What came out.
        round: Round,
    },
    /// The peer did something that no map may do.
    Wrong {
        /// The peer's name.
        peer: String,
        /// What it did.
        what: String,
    },
    /// The cell is done.
    Done,
}

/// What came out of a round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// The workload's figures.
    pub figures: Vec<f64>,
    /// How often the kernel took a core from a thread.
    pub switches: i64,
    /// Inserts for which a map of fixed capacity had no room.
    pub refused: u64,
}

impl Round {
    /// Whether no other program took a core from its threads. One thread alone is measured by the
    /// time that it had a core, so that it does not matter there.
    pub fn was_calm(&self, threads: usize) -> bool {
        threads == 1 || self.switches == 0
    }
}
