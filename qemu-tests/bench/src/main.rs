//! Host benchmarks: `cargo run --release -p bench -- peers`, `… -- read`, `… -- choices`.
//!
//! u64 → u64, the same hasher for all that take one, the same keys in the same order. The subjects
//! of a table take turns within one process, round by round; printed is the median of the rounds and
//! its ratio to one row of the same run. Absolute figures mean little on a shared machine: quote
//! ratios.

mod caches;
mod choices;
mod drive;
mod guard;
mod measure;
mod message;
mod page;
mod peers;
mod plot;
mod read;
mod results;
mod script;
mod show;
mod subject;
mod suite;
mod table;
mod team;
#[cfg(test)]
mod tests;
mod watch;
mod workload;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::measure::Effort;
use crate::peers::Peer;
use crate::workload::Cell;

/// Measures the map on this machine.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The map beside the concurrent maps of the field, over workloads, sizes, loads and threads
    Peers(suite::Options),
    /// Reads and misses beside an unsynchronised `hashbrown`
    Read {
        #[command(flatten)]
        rounds: Rounds,
        /// Write the tables into this page, too
        #[arg(long, value_name = "FILE")]
        page: Option<PathBuf>,
    },
    /// What each choice of the design is worth: placement, claim, guard, key comparison
    Choices(Rounds),
    /// Hit ratios and throughput of the cache beside others, on traces
    Caches(caches::Options),
    /// One cell of `peers`, in a process of its own
    #[command(hide = true)]
    Cell {
        cell: String,
        #[arg(value_delimiter = ',')]
        peers: Vec<String>,
        #[arg(long)]
        rounds: usize,
        #[arg(long)]
        operations: usize,
        #[arg(long)]
        slice_ms: u64,
        #[arg(long)]
        budget_ms: u64,
    },
}

#[derive(clap::Args)]
struct Rounds {
    /// Rounds of which the median is taken
    #[arg(long, default_value_t = 41, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: u32,
}

impl Rounds {
    fn announce(&self) -> usize {
        println!(
            "medians of {} rounds; the ratio is to the first row of the same table and run",
            self.rounds
        );
        self.rounds as usize
    }
}

fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Peers(options) => suite::run(&options),
        What::Read { rounds, page } => read::run(rounds.announce(), page.as_deref()),
        What::Choices(rounds) => {
            choices::run(rounds.announce());
            Ok(())
        }
        What::Caches(options) => caches::run(&options),
        What::Cell {
            cell,
            peers,
            rounds,
            operations,
            slice_ms,
            budget_ms,
        } => {
            let cell: Cell = serde_json::from_str(&cell).context("not a cell")?;
            let peers: Option<Vec<_>> = peers.iter().map(|name| Peer::named(name)).collect();
            let effort = Effort {
                rounds,
                operations,
                slice: Duration::from_millis(slice_ms),
                budget: Duration::from_millis(budget_ms),
            };
            exit_on_panic();
            exit_with_parent();
            let peers = peers.context("no such peer")?;
            measure::cell(&cell, &peers, effort, &mut io::stdout().lock());
            // Whatever the maps hold, the end of the process is the quickest way to free it.
            std::process::exit(0);
        }
    }
}

/// A thread that panics would leave the others waiting for it.
fn exit_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        std::process::exit(101);
    }));
}

/// A hanging cell must not outlive the process that would have ended it.
fn exit_with_parent() {
    std::thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(1);
    });
}
