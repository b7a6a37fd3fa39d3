//! Reads beside the unsynchronised floor, one thread, half full.

use crate::page;
use crate::table::{self, Subject, keys, shuffled, sum};
use anyhow::Result;
use arenamap::{CopyMap, DefaultHashBuilder, Map};
use std::fmt::Write as _;
use std::path::Path;

const READS: usize = 1 << 16;

/// The capacities.
const SMALL: usize = 1024;
const LARGE: usize = 65536;

/// Prints the tables, one row for each subject, and writes them into the page.
pub fn run(rounds: usize, page: Option<&Path>) -> Result<()> {
    if let Some(path) = page {
        page::check(path, &page::READ)?;
    }
    let columns = [capacity::<SMALL>(rounds), capacity::<LARGE>(rounds)].concat();
    let mut text = String::from("| |");
    for column in &columns {
        let _ = write!(text, " {} |", column.heading);
    }
    let _ = write!(text, "\n|---|{}", "---:|".repeat(columns.len()));
    for (row, (name, _)) in columns[0].rows.iter().enumerate() {
        let _ = write!(text, "\n| {name} |");
        for column in &columns {
            let (floor, nanos) = (column.rows[0].1, column.rows[row].1);
            let _ = write!(text, " {nanos:.2} ({:.2}x) |", nanos / floor);
        }
    }
    println!("\n{text}");
    page.map_or(Ok(()), |path| page::write(path, &page::READ, &text))
}

/// What one workload came to at one capacity: nanoseconds for each subject.
#[derive(Clone)]
struct Column {
    heading: String,
    rows: Vec<(String, f64)>,
}

fn capacity<const N: usize>(rounds: usize) -> Vec<Column> {
    let mut columns = Vec::new();
    let (present, absent) = keys(N / 2, N as u64);
    for (workload, pool) in [("read", &present), ("miss", &absent)] {
        let order: &'static [u64] = shuffled(pool, READS).leak();
        let title = format!("{workload}, capacity {N}, half full, 1 thread");
        columns.push(Column {
            heading: format!("{workload}, {N}"),
            rows: table::run(&title, READS, rounds, subjects::<N>(&present, order)),
        });
    }
    columns
}

fn subjects<const N: usize>(present: &[u64], order: &'static [u64]) -> Vec<Subject> {
    let hasher = DefaultHashBuilder::new();
    let mut floor = hashbrown::HashMap::with_capacity_and_hasher(N, hasher);
    let tight: &'static CopyMap<u64, u64, N> = Box::leak(Box::default());
    let wide: &'static CopyMap<u64, u64, N, N> = Box::leak(Box::default());
    let guarded: &'static Map<u64, u64, N> = Box::leak(Box::default());
    let guarded_wide: &'static Map<u64, u64, N, N> = Box::leak(Box::default());
    for &key in present {
        floor.insert(key, !key);
        assert!(tight.insert(key, !key).is_ok());
        assert!(wide.insert(key, !key).is_ok());
        assert!(guarded.insert(key, !key).is_ok());
        assert!(guarded_wide.insert(key, !key).is_ok());
    }
    vec![
        Subject::new("hashbrown, unsynchronised", move || {
            sum(order, |key| floor.get(&key).copied().unwrap_or(1))
        }),
        Subject::new("CopyMap::get", || {
            sum(order, |key| tight.get(&key).unwrap_or(1))
        }),
        Subject::new("CopyMap::get, EXTRA = N", || {
            sum(order, |key| wide.get(&key).unwrap_or(1))
        }),
        Subject::new("Map::get (guard)", || {
            sum(order, |key| guarded.get(&key).map_or(1, |value| *value))
        }),
        Subject::new("Map::get (guard), EXTRA = N", || {
            sum(order, |key| {
                guarded_wide.get(&key).map_or(1, |value| *value)
            })
        }),
    ]
}
