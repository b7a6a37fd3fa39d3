//! Host benchmarks: `cargo run --release -p bench -- read`, `… -- choices`.
//!
//! u64 → u64, the same hasher for all, the same keys in the same order. The subjects of a table take
//! turns within one process, round by round; printed is the median of the rounds and its ratio to the
//! table's first row in the same run. Absolute figures mean little on a shared machine: quote ratios.

mod choices;
mod read;
mod table;

use clap::{Parser, Subcommand};

/// Measures the map on this machine.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
    /// Rounds of which the median is taken.
    #[arg(long, global = true, default_value_t = 41, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: u32,
}

#[derive(Subcommand)]
enum What {
    /// Reads and misses beside an unsynchronised `hashbrown`.
    Read,
    /// What each choice of the design is worth: placement, claim, guard, key comparison.
    Choices,
}

fn main() {
    let arguments = Arguments::parse();
    let rounds = arguments.rounds as usize;
    println!("medians of {rounds} rounds; the ratio is to the first row of the same table and run");
    match arguments.what {
        What::Read => read::run(rounds),
        What::Choices => choices::run(rounds),
    }
}
