//! What is kept of a peer's rounds in a cell, and the CSV file of all of it.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::measure::FEWEST;
use crate::message::Round;
use crate::peers::Peer;
use crate::watch::Outcome;
use crate::workload::Cell;

/// A round that took longer than the median of all, times this, was disturbed.
const LONG: f64 = 1.5;

/// A peer in a cell.
pub struct Row {
    /// The cell.
    pub cell: Cell,
    /// The peer.
    pub peer: &'static Peer,
    /// One for each of the workload's figures; none if the peer was not measured.
    pub figures: Vec<Figure>,
    /// `ok`, `hangs`, `fails: ...` or `wrong: ...`.
    pub state: String,
    /// Rounds that were measured.
    pub rounds: usize,
    /// Rounds in which the kernel gave a core to another program, or which took far too long.
    pub disturbed: usize,
    /// Inserts for which a map of fixed capacity had no room, in all rounds.
    pub refused: u64,
}

/// One figure over the rounds.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The median of the rounds that were not disturbed; of all, if fewer
    /// than [`FEWEST`] were not.
    pub median: f64,
    /// The smallest of all rounds.
    pub least: f64,
    /// The largest of all rounds.
    pub most: f64,
    /// The median divided by that of the peer that ratios are to.
    pub ratio: Option<f64>,
}

impl Row {
    /// The row of a peer.
    pub fn new(cell: Cell, peer: &'static Peer, outcome: &Outcome) -> Self {
        let (rounds, state) = match outcome {
            Outcome::Measured(rounds, None) => (&rounds[..], "ok".into()),
            Outcome::Measured(rounds, Some(why)) => (&rounds[..], format!("wrong: {why}")),
            Outcome::Hangs => (&[][..], "hangs".into()),
            Outcome::Fails(why) => (&[][..], format!("fails: {why}")),
        };
        let calm = calm(cell, rounds);
        let used = if calm.len() >= FEWEST.min(rounds.len()) {
            calm.clone()
        } else {
            rounds.iter().collect()
        };
        let figures = cell.workload.figures();
        let figures = (0..figures.len()).filter_map(|index| {
            let all = || rounds.iter().map(|round| round.figures[index]);
            Some(Figure {
                median: median(used.iter().map(|round| round.figures[index]))?,
                least: all().fold(f64::INFINITY, f64::min),
                most: all().fold(0.0, f64::max),
                ratio: None,
            })
        });
        Self {
            cell,
            peer,
            figures: figures.collect(),
            state,
            rounds: rounds.len(),
            disturbed: rounds.len() - calm.len(),
            refused: rounds.iter().map(|round| round.refused).sum(),
        }
    }

    /// In a word: `ok`, `hangs`, `fails` or `wrong`.
    pub fn word(&self) -> &str {
        self.state.split(':').next().unwrap_or_default()
    }

    /// What stands before the figures of the row.
    pub fn mark(&self) -> &'static str {
        match self.word() {
            "ok" if self.is_disturbed() => "~",
            "ok" => "",
            _ => "!",
        }
    }

    /// Whether so few rounds were undisturbed that the figures are those of all.
    pub fn is_disturbed(&self) -> bool {
        self.rounds - self.disturbed < FEWEST.min(self.rounds)
    }
}

/// The rounds that were not disturbed.
fn calm(cell: Cell, rounds: &[Round]) -> Vec<&Round> {
    // The rounds of cells with roles all take the same time.
    let limit = match cell.workload.has_roles() {
        true => f64::INFINITY,
        false => median(rounds.iter().map(|round| round.figures[0])).unwrap_or(0.0) * LONG,
    };
    let calm = |round: &&Round| round.was_calm(cell.threads) && round.figures[0] <= limit;
    rounds.iter().filter(calm).collect()
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

/// Divides all figures by those of this peer in the same cell, or of the first that has them. A
/// disturbed row says nothing about one that is not.
pub fn relate(rows: &mut [Row], to: &str) {
    let bases: Vec<Vec<Figure>> = rows
        .iter()
        .map(|row| {
            let mut same = rows
                .iter()
                .filter(|other| other.cell == row.cell && !other.figures.is_empty());
            let base = same.clone().find(|other| other.peer.name == to);
            base.or_else(|| same.next())
                .filter(|base| base.is_disturbed() == row.is_disturbed())
                .map_or_else(Vec::new, |base| base.figures.clone())
        })
        .collect();
    for (row, base) in rows.iter_mut().zip(bases) {
        for (figure, base) in row.figures.iter_mut().zip(base) {
            // Starved readers may get nothing at all done.
            figure.ratio = (base.median > 0.0).then(|| figure.median / base.median);
        }
    }
}

#[derive(Serialize)]
struct Record<'a> {
    workload: &'static str,
    capacity: usize,
    load_percent: usize,
    threads: usize,
    writers: usize,
    peer: &'static str,
    state: &'a str,
    figure: &'a str,
    median: Option<f64>,
    least: Option<f64>,
    most: Option<f64>,
    ratio: Option<f64>,
    rounds: usize,
    disturbed: usize,
    refused: u64,
}

/// Writes one line a figure.
pub fn write(path: &Path, rows: &[Row]) -> Result<()> {
    let mut file =
        csv::Writer::from_path(path).with_context(|| format!("cannot write {}", path.display()))?;
    for row in rows {
        for (index, name) in row.cell.workload.figures().iter().enumerate() {
            let figure = row.figures.get(index);
            file.serialize(Record {
                workload: row.cell.workload.name(),
                capacity: row.cell.size,
                load_percent: row.cell.load,
                threads: row.cell.threads,
                writers: row.cell.writers,
                peer: row.peer.name,
                state: &row.state,
                figure: name,
                median: figure.map(|figure| figure.median),
                least: figure.map(|figure| figure.least),
                most: figure.map(|figure| figure.most),
                ratio: figure.and_then(|figure| figure.ratio),
                rounds: row.rounds,
                disturbed: row.disturbed,
                refused: row.refused,
            })?;
        }
    }
    file.flush()?;
    Ok(())
}
