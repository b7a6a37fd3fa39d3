//! The committed counts, which a change must not make worse unnoticed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};

use crate::bench_board::results::{IMAGE, Results};
use crate::boards::Board;
use crate::workspace::Workspace;

/// The maps that are ours; what the others take is no matter of a change here.
const OURS: [&str; 5] = ["copy_map", "map", "map_one_hash", "cache", "cache_extra_8"];
/// How much more than the committed count is allowed, in percent, and this many units on top.
const TOLERANCE: f64 = 3.0;
const UNITS: f64 = 1.0;
/// Likewise when the committed counts are those of another compiler.
const OTHER_COMPILER: f64 = 15.0;

/// The committed counts of a board.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// The compiler that they were counted with.
    pub rustc: String,
    /// The capacity of the maps.
    pub capacity: u32,
    pub(super) rows: BTreeMap<String, Row>,
}

/// What one operation on one map took.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The mean of all repetitions.
    pub mean: f64,
    /// The one that took the most.
    pub most: u64,
}

/// What a comparison says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What is wrong, a line each.
    pub failures: Vec<String>,
    /// What is worth knowing, a line each.
    pub notes: Vec<String>,
}

/// Where a board's counts are committed.
pub fn path(workspace: &Workspace, board: Board) -> Result<PathBuf> {
    let package = workspace
        .package(IMAGE)
        .with_context(|| format!("the workspace has no package {IMAGE}"))?;
    Ok(package.folder.join(format!("counts/{}.txt", board.name())))
}

/// A board's committed counts.
pub fn read(workspace: &Workspace, board: Board) -> Result<Committed> {
    let path = path(workspace, board)?;
    let text = fs::read_to_string(&path).map_err(|error| {
        anyhow!(
            "no counts are committed for {}: {}: {error}; {}",
            board.name(),
            path.display(),
            advice(board.name())
        )
    })?;
    Committed::parse(&text).with_context(|| {
        let advice = advice(board.name());
        format!("{} is damaged; {advice}", path.display())
    })
}

fn advice(board: &str) -> String {
    format!("`cargo qemu bench {board} --bless` writes them")
}

/// The file that makes these counts the committed ones.
pub fn table(results: &Results) -> String {
    let about = |name| results.fact(name).unwrap_or("unknown");
    let mut text = format!(
        "# {} per operation on board {}.\n\
         # Written by: cargo qemu bench {} --bless\n\
         rustc {}\n\
         capacity {}\n",
        about("unit"),
        about("board"),
        about("board"),
        about("rustc"),
        about("capacity")
    );
    for count in &results.counts {
        let mean = (count.mean() * 100.0).round() / 100.0;
        let _ = writeln!(text, "{} {mean} {}", count.name(), count.most);
    }
    text
}

fn ours(results: &Results) -> impl Iterator<Item = (String, f64)> {
    results
        .counts
        .iter()
        .filter(|count| OURS.contains(&&*count.map))
        .map(|count| (count.name(), count.mean()))
}

/// Whether a row is of one of our maps.
fn is_ours(name: &str) -> bool {
    name.split(' ')
        .nth(2)
        .is_some_and(|map| OURS.contains(&map))
}

impl Committed {
    /// Reads the file.
    fn parse(text: &str) -> Result<Committed> {
        let mut committed = Committed::default();
        for (number, line) in (1..).zip(text.lines()) {
            if line.starts_with('#') || line.is_empty() {
                continue;
            }
            if let Some(rustc) = line.strip_prefix("rustc ") {
                committed.rustc = rustc.into();
                continue;
            }
            if let Some(capacity) = line.strip_prefix("capacity ") {
                committed.capacity = capacity
                    .parse()
                    .with_context(|| format!("line {number} has no number: {line:?}"))?;
                continue;
            }
            let (name, row) = parse_row(line).with_context(|| {
                format!("line {number} is not `TABLE KEY MAP OPERATION MEAN MOST`: {line:?}")
            })?;
            if committed.rows.insert(name.into(), row).is_some() {
                bail!("line {number}: {name} is there twice");
            }
        }
        if committed.rustc.is_empty() {
            bail!("there is no line `rustc VERSION`");
        }
        if committed.rows.is_empty() {
            bail!("there is no count");
        }
        if committed.capacity == 0 {
            bail!("there is no line `capacity N`");
        }
        Ok(committed)
    }

    /// What an operation took.
    pub fn row(&self, table: &str, key: &str, map: &str, operation: &str) -> Result<Row> {
        let name = format!("{table} {key} {map} {operation}");
        self.rows
            .get(&name)
            .copied()
            .with_context(|| format!("no count of {name:?} is committed"))
    }

    /// All rows of a table of one map.
    pub fn rows(&self, table: &str, key: &str, map: &str) -> impl Iterator<Item = Row> {
        let prefix = format!("{table} {key} {map} ");
        self.rows
            .iter()
            .filter(move |(name, _)| name.starts_with(&prefix))
            .map(|(_, &row)| row)
    }

    /// Compares the counts of our maps now with these.
    pub fn compare(&self, results: &Results) -> Result<Comparison> {
        let mut comparison = Comparison::default();
        let (board, unit) = (results.fact("board")?, results.fact("unit")?);
        let rustc = results.fact("rustc")?;
        let mut percent = TOLERANCE;
        if rustc != self.rustc {
            percent = OTHER_COMPILER;
            comparison.notes.push(format!(
                "the committed counts are those of rustc {}, this is rustc {rustc}: {percent} % \
                 more is allowed instead of {TOLERANCE} %; {} anew",
                self.rustc,
                advice(board)
            ));
        }
        let mut rows = self.rows.clone();
        rows.retain(|name, _| is_ours(name));
        let mut better = Vec::new();
        for (name, now) in ours(results) {
            let Some(Row { mean: before, .. }) = rows.remove(&name) else {
                comparison
                    .failures
                    .push(format!("{name}: {now:.2} {unit}, none committed"));
                continue;
            };
            let change = before * percent / 100.0 + UNITS;
            let text = format!("{name}: {now:.2} {unit}, committed {before:.2}");
            if now > before + change {
                let most = before + change;
                comparison
                    .failures
                    .push(format!("{text}, at most {most:.2} allowed"));
            } else if now < before - change {
                better.push(text);
            }
        }
        if let Some(first) = better.first() {
            comparison.notes.push(format!(
                "{} counts are better than the committed ones, the first: {first}; {}",
                better.len(),
                advice(board)
            ));
        }
        for name in rows.keys() {
            comparison
                .failures
                .push(format!("{name}: committed, but not counted any more"));
        }
        if !comparison.failures.is_empty() {
            comparison
                .failures
                .push(format!("if that is meant: {}", advice(board)));
        }
        Ok(comparison)
    }
}

/// A line's name and counts.
fn parse_row(line: &str) -> Option<(&str, Row)> {
    let (name, most) = line.rsplit_once(' ')?;
    let (name, mean) = name.rsplit_once(' ')?;
    let (mean, most) = (mean.parse::<f64>().ok()?, most.parse().ok()?);
    let is_row = name.split(' ').count() == 4 && mean.is_finite() && mean >= 0.0;
    is_row.then_some((name, Row { mean, most }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench_board::results::tests::TEXT;

    fn compare(committed: &str) -> Comparison {
        let results = Results::parse(TEXT).unwrap();
        let committed = Committed::parse(committed).unwrap();
        committed.compare(&results).unwrap()
    }

    fn blessed() -> String {
        table(&Results::parse(TEXT).unwrap())
    }

    #[test]
    fn what_is_blessed_passes() {
        let text = blessed();
        assert!(
            text.contains("\nfew u32 copy_map get_hit_1 40 40\n"),
            "{text}"
        );
        assert!(text.contains(" get_hit 50.39 78\n"), "{text}");
        assert!(text.contains("\nfew u32 bare get_hit_1 20 20\n"), "{text}");
        assert_eq!(compare(&text), Comparison::default());
    }

    #[test]
    fn worse_fails_and_better_is_noted() {
        // 40 is allowed from 37.87 on: 37.87 * 1.03 + 1.
        let text = blessed();
        assert_eq!(
            compare(&text.replace("get_hit_1 40", "get_hit_1 37.87")).failures,
            [""; 0]
        );
        let failures = compare(&text.replace("get_hit_1 40", "get_hit_1 37.8")).failures;
        assert_eq!(
            failures,
            [
                "few u32 copy_map get_hit_1: 40.00 instructions, committed 37.80, at most 39.93 allowed",
                "if that is meant: `cargo qemu bench aarch64 --bless` writes them"
            ]
        );
        let better = compare(&text.replace("get_hit_1 40", "get_hit_1 60"));
        assert_eq!(better.failures, [""; 0]);
        assert_eq!(
            better.notes,
            [
                "1 counts are better than the committed ones, the first: few u32 copy_map get_hit_1: \
              40.00 instructions, committed 60.00; `cargo qemu bench aarch64 --bless` writes them"
            ]
        );
    }

    #[test]
    fn rows_that_are_missing_on_either_side_fail() {
        let text = blessed();
        let less = text.replace("few u32 copy_map get_hit_1 40 40\n", "");
        let failures = compare(&less).failures;
        assert!(failures[0].contains("get_hit_1: 40.00 instructions, none committed"));
        let failures = compare(&format!("{text}few u64 map get 7 7\n")).failures;
        assert!(failures[0].contains("few u64 map get: committed, but not counted"));
    }

    #[test]
    fn another_compiler_is_said_and_has_more_room() {
        let text = blessed().replace("rustc 1.95.0", "rustc 1.94.0");
        let comparison = compare(&text.replace("get_hit_1 40", "get_hit_1 36"));
        assert_eq!(comparison.failures, [""; 0]);
        assert!(comparison.notes[0].contains("rustc 1.94.0"));
        let comparison = compare(&text.replace("get_hit_1 40", "get_hit_1 30"));
        assert!(comparison.failures[0].contains("at most 35.50 allowed"));
    }

    #[test]
    fn a_damaged_table_is_refused() {
        for (bad, text) in [
            ("rustc 1\nfew u32 map get 1 1.5\n", "line 2"),
            ("rustc 1\nfew u32 map get x 1\n", "line 2"),
            ("rustc 1\nfew u32 map get -1 1\n", "line 2"),
            ("rustc 1\nfew u32 get 1 1\n", "line 2"),
            ("rustc 1\n\nfew u32 map get NaN 1\n", "line 3"),
            (
                "rustc 1\na b c d 1 1\na b c d 2 2\n",
                "a b c d is there twice",
            ),
            ("a b c d 1 1\n", "rustc VERSION"),
            ("rustc 1\n# nothing\n", "no count"),
            ("rustc 1\na b c d 1 1\n", "capacity N"),
            ("rustc 1\ncapacity x\na b c d 1 1\n", "line 2"),
        ] {
            let error = Committed::parse(bad).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_missing_table_says_how_to_write_it() {
        let workspace = Workspace::find().unwrap();
        let error = read(&workspace, Board::Host).unwrap_err().to_string();
        assert!(
            error.contains("no counts are committed for host"),
            "{error}"
        );
        assert!(error.contains("cargo qemu bench host --bless"), "{error}");
    }
}
