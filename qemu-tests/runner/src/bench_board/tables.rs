//! The results as tables for people, and as one table for programs.

use std::fmt::Write as _;
use std::io;

use anyhow::Result;
use machine_code::table;

use crate::bench_board::results::{Count, Results};

/// What the columns are.
const MAPS: [(&str, &str); 11] = [
    ("copy_map", "CopyMap"),
    ("map", "Map: what is handed out is read and dropped"),
    ("map_one_hash", "Map, all keys with one hash"),
    ("bare_fnv", "heapless::FnvIndexMap, not synchronised"),
    ("bare", "the same with our hasher"),
    (
        "masked_fnv",
        "FnvIndexMap in critical_section::Mutex<RefCell<_>>",
    ),
    ("masked", "the same with our hasher"),
    ("spin_fnv", "FnvIndexMap in spin::Mutex"),
    ("spin", "the same with our hasher"),
    ("cache", "Cache: what is handed out is read and dropped"),
    ("cache_extra_8", "Cache with EXTRA = 8, not N"),
];

/// The titles of the tables of counts.
const TITLES: [(&str, &str); 6] = [
    (
        "few",
        "in a map with no other entries than the operation's name says (update_interrupted: with \
         another update of the same key in the midst of it, both together)",
    ),
    (
        "half_full",
        "in a half-full map, mean over all keys (in brackets: the most); len and iterate (all values \
         added up): the whole map",
    ),
    (
        "chain",
        "at the end of a chain: the length of the chain, all keys in one bucket",
    ),
    (
        "worst",
        "at most: at the end of a chain of so many entries (for len and iterate: with one), and in a full \
         map, any key; insert_last: into the last free cell; refused: there is none",
    ),
    (
        "interrupts_masked",
        "within the critical section, with interrupts masked, mean (most): a half-full map is \
         filled and emptied again; CopyMap and Map mask none",
    ),
    (
        "full_cache",
        "in a full cache, mean (most): of all keys that are there, of absent ones, or of new ones, every \
         other of which is used once",
    ),
];

/// The map that ratios of throughput are to.
const BASE: &str = "spin_fnv";

/// The tables of the counts.
pub fn counts(results: &Results) -> String {
    let fact = |name| results.fact(name).unwrap_or("unknown");
    let unit = fact("unit");
    let mut text = format!(
        "{unit} per operation on {}, with its call and return; capacity {}; rustc {}\n",
        fact("board"),
        fact("capacity"),
        fact("rustc")
    );
    for (map, meaning) in MAPS {
        let _ = writeln!(text, "  {map:<13} {meaning}");
    }
    for (table, title) in TITLES {
        let counts: Vec<_> = results.counts.iter().filter(|c| c.table == table).collect();
        for group in distinct(counts.iter().map(|count| group(count))) {
            let counts: Vec<_> = counts
                .iter()
                .copied()
                .filter(|count| self::group(count) == group)
                .collect();
            let _ = writeln!(text, "\n{group}, {unit} {title}");
            text.push_str(&grid(&counts));
        }
    }
    text
}

/// Counts of one group stand in one table.
fn group(count: &Count) -> &str {
    if ["chain", "worst"].contains(&&*count.table) {
        &count.map
    } else {
        &count.key
    }
}

/// The row and the column of a count. A chain's row is its length.
fn cell(count: &Count) -> (&str, &str) {
    match count.operation.rsplit_once('_') {
        Some((operation, length)) if count.table == "chain" => (length, operation),
        Some((operation, length)) if count.table == "worst" => (operation, length),
        _ => (&count.operation, &count.map),
    }
}

fn grid(counts: &[&Count]) -> String {
    let columns = distinct(counts.iter().map(|count| cell(count).1));
    let rows = distinct(counts.iter().map(|count| cell(count).0));
    let mut lines = vec![vec![String::new()]];
    lines[0].extend(columns.iter().map(ToString::to_string));
    for row in rows {
        let mut line = vec![row.to_owned()];
        for column in &columns {
            let count = counts.iter().find(|count| cell(count) == (row, column));
            line.push(count.map_or("-".into(), |count| units(count)));
        }
        lines.push(line);
    }
    aligned(&lines)
}

fn units(count: &Count) -> String {
    let (mean, most) = (count.mean(), count.most);
    if count.table == "worst" {
        return format!("{most}");
    }
    if count.total == most * count.operations {
        format!("{most}")
    } else {
        format!("{mean:.1} ({most})")
    }
}

/// The tables of the throughput.
pub fn rates(results: &Results) -> String {
    let mut text = String::new();
    for mix in distinct(results.rates.iter().map(|rate| &*rate.mix)) {
        let rates: Vec<_> = results
            .rates
            .iter()
            .filter(|rate| rate.mix == mix)
            .collect();
        let rounds = rates.first().map_or(0, |rate| rate.rounds.len());
        let _ = writeln!(
            text,
            "\n{mix}: million operations per second of all cores, median of {rounds} rounds, and \
             the ratio to {BASE}; emulated, so only ratios mean something"
        );
        let maps = distinct(rates.iter().map(|rate| &*rate.map));
        let mut lines = vec![vec!["cores".to_owned()]];
        lines[0].extend(maps.iter().map(ToString::to_string));
        let mut cores: Vec<_> = rates.iter().map(|rate| rate.cores).collect();
        cores.dedup();
        for cores in cores {
            let mut line = vec![cores.to_string()];
            for map in &maps {
                let find = |map: &str| {
                    rates
                        .iter()
                        .find(|rate| rate.cores == cores && rate.map == map)
                        .map_or(0.0, |rate| rate.median())
                };
                let (rate, base) = (find(map), find(BASE));
                line.push(format!("{:.1} ({:.2}x)", rate / 1e6, rate / base));
            }
            lines.push(line);
        }
        text.push_str(&aligned(&lines));
    }
    text
}

/// A row of the table for programs.
#[derive(serde::Serialize)]
struct Row<'a> {
    board: &'a str,
    rustc: &'a str,
    table: &'a str,
    key: &'a str,
    map: &'a str,
    operation: &'a str,
    cores: usize,
    unit: &'a str,
    value: String,
    most: u64,
    samples: u64,
}

/// All results in one table for programs.
pub fn csv(results: &Results, to: impl io::Write) -> Result<()> {
    let fact = |name| results.fact(name).unwrap_or("unknown");
    let (board, unit, rustc) = (fact("board"), fact("unit"), fact("rustc"));
    let counts = results.counts.iter().map(|count| Row {
        board,
        rustc,
        table: &count.table,
        key: &count.key,
        map: &count.map,
        operation: &count.operation,
        cores: 1,
        unit,
        value: format!("{:.3}", count.mean()),
        most: count.most,
        samples: count.operations,
    });
    let rates = results.rates.iter().map(|rate| Row {
        board,
        rustc,
        table: "throughput",
        key: "u64",
        map: &rate.map,
        operation: &rate.mix,
        cores: rate.cores,
        unit: "operations per second",
        value: format!("{:.0}", rate.median()),
        most: rate.rounds.iter().max().copied().unwrap_or(0),
        samples: rate.rounds.len() as u64,
    });
    let mut writer = csv::Writer::from_writer(to);
    for row in counts.chain(rates) {
        writer.serialize(row)?;
    }
    Ok(writer.flush()?)
}

fn distinct<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for one in all {
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

/// The first column to the left, the others to the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let right: Vec<_> = (1..lines[0].len()).collect();
    table::text(lines, &right, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench_board::results::tests::TEXT;

    #[test]
    fn tables() {
        let results = Results::parse(TEXT).unwrap();
        let text = counts(&results);
        assert!(
            text.contains("copy_map  bare\n  get_hit_1        40    20\n"),
            "{text}"
        );
        assert!(text.contains("50.4 (78)"), "{text}");
        assert!(
            text.contains("\nmap, instructions at the end of a chain"),
            "{text}"
        );
        assert!(text.contains("  2      110\n"), "{text}");
        let text = rates(&results);
        assert!(text.contains("3.0 (3.00x)  1.0 (1.00x)"), "{text}");
    }

    #[test]
    fn one_table_for_programs() {
        let mut text = Vec::new();
        csv(&Results::parse(TEXT).unwrap(), &mut text).unwrap();
        let mut reader = csv::Reader::from_reader(&text[..]);
        assert_eq!(reader.headers().unwrap().len(), 11);
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 5 + 2);
        assert_eq!(rows[0].get(8), Some("40.000"));
    }
}
