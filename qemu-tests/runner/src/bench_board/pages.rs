//! The tables of counts in the README and on the design page: written from the committed counts, and compared
//! with them by tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use machine_code::marked::Marks;

use crate::bench_board::COUNTED;
use crate::bench_board::guard::{self, Committed};
use crate::boards::Board;
use crate::workspace::Workspace;

const MARKS: Marks = Marks {
    begin: "<!-- counts: written by `cargo qemu bench BOARD --bless`, not by hand -->\n",
    end: "<!-- end of the counts -->",
};

/// What the README shows: this board, and the target that its code and memory are of.
const README: (&str, &str) = ("mps2-an386", "thumbv7em-none-eabihf");
/// The operations of a comparison, and what they are called among the counts.
const OPERATIONS: [(&str, &str); 5] = [
    ("get", "get_hit_1"),
    ("insert", "insert"),
    ("replace", "replace"),
    ("update", "update"),
    ("remove", "remove"),
];
/// The maps behind a mask, of which the better one stands for all.
const MASKED: [&str; 2] = ["masked", "masked_fnv"];
/// How many times the masked map's instructions a `CopyMap` was to take, in the order of `OPERATIONS`.
const AIMS: [f64; 5] = [0.9, 1.25, 1.25, 1.25, 0.7];

/// The committed counts of all boards that have them.
type All = BTreeMap<&'static str, Committed>;

/// Writes the tables of both pages anew.
pub fn write(workspace: &Workspace) -> Result<()> {
    let all = read(workspace)?;
    let pages = pages(workspace, &all);
    for (path, table) in
        pages.context("the tables show all boards: `--bless` each that lacks a count")?
    {
        let text = text(&path)?;
        fs::write(&path, MARKS.with(&text, &table)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn read(workspace: &Workspace) -> Result<All> {
    let committed = |name| {
        let board = Board::all().find(|board| board.name() == name);
        let board = board.with_context(|| format!("there is no board {name}"))?;
        Ok((name, guard::read(workspace, board)?))
    };
    COUNTED.into_iter().map(committed).collect()
}

/// The pages, and what stands on each between the marks.
fn pages(workspace: &Workspace, all: &All) -> Result<[(PathBuf, String); 2]> {
    let src = workspace.root.join("src");
    let targets = text(&src.join("targets.md"))?;
    let page = |path, table: Result<String>| table.map(|table| (path, table));
    Ok([
        page(workspace.root.join("README.md"), decide(all, &targets))?,
        page(src.join("design.md"), design(all))?,
    ])
}

fn text(path: &PathBuf) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// One board's counts of a map with no other entry: the mean of each operation.
fn means(committed: &Committed, key: &str, maps: &[&str]) -> Result<[f64; 5]> {
    means_in(committed, "few", key, maps, OPERATIONS)
}

/// The same in another table, which may have other names for the operations.
fn means_in(
    committed: &Committed,
    table: &str,
    key: &str,
    maps: &[&str],
    operations: [(&str, &str); 5],
) -> Result<[f64; 5]> {
    let mut means = [f64::MAX; 5];
    for map in maps {
        for (mean, (_, operation)) in means.iter_mut().zip(operations) {
            *mean = mean.min(committed.row(table, key, map, operation)?.mean);
        }
    }
    Ok(means)
}

/// As long as an operation of the better one of the masked maps masks interrupts, at most.
fn masks(counts: &Committed) -> Result<u64> {
    let most = |map| {
        let rows = counts.rows("interrupts_masked", "u32", map);
        rows.map(|row| row.most).max()
    };
    let least = MASKED.into_iter().filter_map(most).min();
    least.context("no count says how long interrupts are masked")
}

/// The README's table: what decides, on one board; and what it is like when the map is full.
fn decide(all: &All, targets: &str) -> Result<String> {
    /// A half-full map has one count for all keys that are there.
    const HALF_FULL: [(&str, &str); 5] = {
        let mut operations = OPERATIONS;
        operations[0].1 = "get_hit";
        operations
    };

    let (board, target) = README;
    let counts = all.get(board).context("the README's board has no counts")?;
    let mut text = String::from("\n| |");
    for (heading, _) in OPERATIONS {
        let _ = write!(text, " {heading} |");
    }
    text.push_str(" interrupts masked | stack | RAM an entry | code |\n|---|");
    text.push_str(&"---:|".repeat(OPERATIONS.len() + 4));
    text.push('\n');
    let bytes = |column| -> Result<String> {
        let memory = cell(targets, "# Memory", target, column)?;
        let code = cell(targets, "# Code", target, column)?;
        let stack = cell(targets, "# Stack", target, column)?;
        Ok(format!("{stack} | {memory} | {code} |"))
    };
    for (name, maps, masked, column) in [
        (
            "`CopyMap<u32, u32>`",
            &["copy_map"][..],
            0,
            "CopyMap<u32,u32>",
        ),
        ("`Map<u32, u32>`, with guards", &["map"], 0, "Map<u32,u32>"),
        (
            "`heapless::index_map::FnvIndexMap` in a `critical_section::Mutex`",
            &MASKED,
            masks(counts)?,
            "critical_section<FnvIndexMap>",
        ),
    ] {
        let _ = write!(text, "| {name} |");
        let alone = means(counts, "u32", maps)?;
        let half_full = means_in(counts, "half_full", "u32", maps, HALF_FULL)?;
        for (alone, half_full) in alone.iter().zip(half_full) {
            let _ = write!(text, " {alone:.0}, {half_full:.0} |");
        }
        let _ = writeln!(text, " {masked} | {}", bytes(column)?);
    }
    text.push_str("| `Cache<u32, u32>`, full |");
    let cache = |operation| counts.row("full_cache", "u32", "cache", operation);
    for operation in ["get_hit", "insert_that_evicts", "replace"] {
        let _ = write!(text, " {:.0} |", cache(operation)?.mean);
    }
    let remove = cache("remove")?.mean;
    let _ = writeln!(text, " | {remove:.0} | 0 | {}", bytes("Cache<u32,i32>")?);

    let full = |operation| counts.row("worst", "u32", "copy_map", operation);
    let _ = writeln!(
        text,
        "\n**These counts need free cells.** In a full `CopyMap` of {} entries a `get` takes up to {} instructions, a\n\
         replacement up to {}, and a refused insert {}.",
        counts.capacity,
        full("get_hit_full")?.most.max(full("get_miss_full")?.most),
        full("replace_full")?.most,
        full("refused_full")?.most,
    );
    text.push('\n');
    Ok(text)
}

/// What a table of the page `targets` says of a target.
fn cell<'a>(page: &'a str, heading: &str, target: &str, column: &str) -> Result<&'a str> {
    let find = || {
        let section = page.split_once(&format!("\n{heading}\n"))?.1;
        let section = section.split("\n# ").next()?;
        let mut rows = section.lines().filter(|line| line.starts_with('|'));
        let cells = |row: &'a str| row.split('|').map(|cell| cell.trim().trim_matches('`'));
        let at = cells(rows.next()?).position(|cell| cell == column)?;
        let row = rows.find(|row| cells(row).nth(1) == Some(target))?;
        cells(row).nth(at)
    };
    find().with_context(|| format!("src/targets.md says nothing of {column} under {heading:?}"))
}

/// The design page's tables: all boards, and what was aimed at.
fn design(all: &All) -> Result<String> {
    let maps: [(&str, &str, &[&str]); 5] = [
        ("`CopyMap<u32, u32>`", "u32", &["copy_map"]),
        ("`CopyMap<u64, u64>`", "u64", &["copy_map"]),
        ("`Map<u32, u32>`", "u32", &["map"]),
        ("masked, u32", "u32", &MASKED),
        ("masked, u64", "u64", &MASKED),
    ];
    let mut text = String::from("\n| board |");
    for (heading, ..) in maps {
        let _ = write!(text, " {heading} |");
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(maps.len()));
    for name in COUNTED {
        let _ = write!(text, "| {name} |");
        for (_, key, maps) in maps {
            let means = means(&all[name], key, maps)?.map(|mean| format!("{mean:.0}"));
            let _ = write!(text, " {} |", means.join(" / "));
        }
        text.push('\n');
    }
    text.push_str(&caches(all)?);
    text.push_str(
        "\nInstructions on the Cortex-M4 as a multiple of the masked map's: what was aimed at on 32-bit \
         cores, and what\ncame out:\n\n\
         | | aim | `CopyMap`, `u32` | `CopyMap`, `u64` | `Map`, `u32` |\n|---|---:|---:|---:|---:|\n",
    );
    let counts = &all[README.0];
    let ratios = |key, map| -> Result<[f64; 5]> {
        let (ours, theirs) = (means(counts, key, &[map])?, means(counts, key, &MASKED)?);
        Ok(core::array::from_fn(|at| ours[at] / theirs[at]))
    };
    let [short, long] = [ratios("u32", "copy_map")?, ratios("u64", "copy_map")?];
    let map = ratios("u32", "map")?;
    for (at, (heading, _)) in OPERATIONS.iter().enumerate() {
        let (aim, short, long, map) = (AIMS[at], short[at], long[at], map[at]);
        let _ = writeln!(
            text,
            "| {heading} | {aim} | {short:.2} | {long:.2} | {map:.2} |"
        );
    }
    text.push('\n');
    Ok(text)
}

/// All boards: what the operations of a full cache take.
fn caches(all: &All) -> Result<String> {
    const OPERATIONS: [(&str, &str); 5] = [
        ("get", "get_hit"),
        ("of an absent key", "get_miss"),
        ("insert that evicts", "insert_that_evicts"),
        ("replace", "replace"),
        ("remove", "remove"),
    ];
    let mut text = String::from(
        "\nA full `Cache<u32, u32>`, with the default, `EXTRA = N`, and with `EXTRA = 8`: the mean of all keys \
         that are\nthere, of absent ones, and of new ones, every other of which is used once when it is there:\n\n\
         | board | `N` |",
    );
    for (heading, _) in OPERATIONS {
        let _ = write!(text, " {heading} |");
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(1 + OPERATIONS.len()));
    for name in COUNTED {
        let _ = write!(text, "| {name} | {} |", all[name].capacity);
        for (_, operation) in OPERATIONS {
            let mean = |map| all[name].row("full_cache", "u32", map, operation);
            let (many, few) = (mean("cache")?.mean, mean("cache_extra_8")?.mean);
            let _ = write!(text, " {many:.0}, {few:.0} |");
        }
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_say_what_is_committed() {
        let workspace = Workspace::find().unwrap();
        let all = read(&workspace).unwrap();
        for (path, table) in pages(&workspace, &all).unwrap() {
            let page = text(&path).unwrap();
            assert_eq!(
                MARKS.part(&page).unwrap(),
                table,
                "{}: `cargo qemu bench {} --bless` writes its tables anew",
                path.display(),
                README.0
            );
        }
    }

    #[test]
    fn every_figure_comes_from_the_counts_of_its_board() {
        let workspace = Workspace::find().unwrap();
        let all = read(&workspace).unwrap();
        let before = design(&all).unwrap();
        for name in COUNTED {
            let mut other = all.clone();
            other.insert(name, all[COUNTED[usize::from(name == COUNTED[0])]].clone());
            assert_ne!(design(&other).unwrap(), before, "{name}");
        }
    }

    #[test]
    fn a_cell_is_found_under_its_heading() {
        let page = "\n# Code\n\n| t | `A` | `B` |\n|---|---|---|\n| `x` | 1 | 2 |\n\n\
                    # Memory\n\n| t | `A` |\n| `x` | 3 |\n";
        assert_eq!(cell(page, "# Code", "x", "B").unwrap(), "2");
        assert_eq!(cell(page, "# Memory", "x", "A").unwrap(), "3");
        assert!(cell(page, "# Memory", "x", "B").is_err());
        assert!(cell(page, "# Code", "y", "B").is_err());
    }
}
