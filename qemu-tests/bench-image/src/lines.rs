//! The lines that the runner reads.
//!
//! - `about,NAME,TEXT`: a fact about the program or the run.
//! - `count,TABLE,KEY,MAP,OPERATION,TOTAL,OPERATIONS,MOST`: what some operations took.
//! - `rate,MIX,CORES,MAP,ROUND,OPERATIONS_PER_SECOND`: one round of throughput.

use targets::counter::{self, Unit};

use crate::measure::Count;
use crate::store::CAPACITY;

/// Where a count belongs.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The type of key and value.
    pub key: &'static str,
    /// The map, a column of the table.
    pub map: &'static str,
}

/// What the counts depend on.
pub fn about() {
    let unit = match counter::UNIT {
        Unit::Instructions | Unit::Ticks { .. } => "instructions",
        Unit::Nanoseconds => "nanoseconds",
    };
    targets::println!("about,board,{}", targets::NAME);
    targets::println!("about,unit,{unit}");
    let ticks = matches!(counter::UNIT, Unit::Ticks { .. });
    targets::println!("about,ticks,{}", if ticks { "yes" } else { "no" });
    targets::println!("about,rustc,{}", env!("BENCH_RUSTC"));
    targets::println!("about,capacity,{}", CAPACITY);
}

/// What an operation, a row of the table, took.
pub fn count(place: Place, operation: impl core::fmt::Display, count: Count) {
    let Place { table, key, map } = place;
    let Count {
        total,
        operations,
        most,
    } = count;
    targets::println!("count,{table},{key},{map},{operation},{total},{operations},{most}");
}
