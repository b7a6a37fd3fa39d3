//! The tables of the documentation's page "worst cases": the committed counts, as `--bless` writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use machine_code::marked::Marks;
use machine_code::table;

use crate::bench_board::chances;
use crate::bench_board::guard::{self, Committed};
use crate::boards::Board;
use crate::workspace::Workspace;

/// Where the tables begin and end.
const MARKS: Marks = Marks {
    begin: "<!-- tables: written by `cargo qemu bench BOARD --bless`, not by hand -->\n",
    end: "<!-- end of the tables -->",
};

/// The boards on the page, and what their processors are.
const BOARDS: [(&str, &str); 2] = [
    ("mps2-an386", "Cortex-M4"),
    ("riscv32imac", "32-bit RISC-V with atomics"),
];

/// The maps, by their names among the counts.
const MAPS: [(&str, &str); 2] = [
    ("copy_map", "CopyMap<u32, u32, 64>"),
    ("map", "Map<u32, u32, 64>"),
];

/// What the columns are, by the ends of the counts' names.
const COLUMNS: [(&str, &str); 5] = [
    ("0", "chain: 0"),
    ("1", "1"),
    ("4", "4"),
    ("16", "16"),
    ("full", "full, spread"),
];

/// What the rows are, by the counts' names.
const ROWS: [(&str, &str); 11] = [
    ("get_hit", "get, found"),
    ("get_miss", "get, absent"),
    ("insert", "insert, a new key"),
    ("insert_last", "insert, into the last free cell"),
    ("refused", "insert, refused"),
    ("replace", "insert, replaces"),
    ("update", "update"),
    (
        "update_interrupted",
        "update, and another one that interrupts it",
    ),
    ("remove", "remove"),
    ("len", "len"),
    ("iterate", "iteration over all"),
];

fn path(workspace: &Workspace) -> PathBuf {
    workspace.root.join("src/worst_cases.md")
}

/// Writes the tables anew, if this board's counts are on the page.
pub fn bless(workspace: &Workspace, board: Board) -> Result<Option<PathBuf>> {
    if BOARDS.iter().all(|(name, _)| *name != board.name()) {
        return Ok(None);
    }
    let path = path(workspace);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    fs::write(&path, MARKS.with(&text, &tables(workspace)?)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Some(path))
}

/// The tables of all boards.
fn tables(workspace: &Workspace) -> Result<String> {
    let mut text = String::new();
    for (name, processor) in BOARDS {
        let board = Board::all()
            .find(|board| board.name() == name)
            .with_context(|| format!("there is no board {name}"))?;
        let counts = guard::read(workspace, board)?;
        let worst = counts.of_table("worst");
        for (map, map_type) in MAPS {
            let _ = writeln!(
                text,
                "\n{processor} (`{name}`), `{map_type}`, rustc {}:\n",
                counts.rustc
            );
            let rows = rows(&worst, map);
            text.push_str(&table::text(&rows, &[1, 2, 3, 4, 5], true));
        }
    }
    text.push_str(
        "\nThe number of entries that the fullest bucket exceeds only with the given probability, for a hash \
         that spreads\nkeys at random:\n\n",
    );
    text.push_str(&chances::rows());
    text.push('\n');
    Ok(text)
}

/// The rows of one map: its heading first.
fn rows(worst: &BTreeMap<String, u64>, map: &str) -> Vec<Vec<String>> {
    let mut heading = vec![String::new()];
    heading.extend(COLUMNS.map(|(_, meaning)| meaning.to_owned()));
    let mut rows = vec![heading];
    for (operation, meaning) in ROWS {
        let mut row = vec![meaning.to_owned()];
        for (end, _) in COLUMNS {
            let count = worst.get(&format!("u32 {map} {operation}_{end}"));
            row.push(count.map_or(String::new(), u64::to_string));
        }
        rows.push(row);
    }
    rows
}

impl Committed {
    /// The most counts of one table, without its name.
    fn of_table(&self, table: &str) -> BTreeMap<String, u64> {
        let rows = self.rows.iter().filter_map(|(name, row)| {
            let name = name.strip_prefix(table)?.strip_prefix(' ')?;
            Some((name.to_owned(), row.most))
        });
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page is what its command writes from the committed counts, which the tests `counts::BOARD` compare
    /// with what boards count now.
    #[test]
    fn the_page_says_what_was_counted() {
        let workspace = Workspace::find().unwrap();
        let text = fs::read_to_string(path(&workspace)).unwrap();
        assert_eq!(MARKS.part(&text).unwrap(), tables(&workspace).unwrap());
    }

    #[test]
    fn each_row_has_counts() {
        let workspace = Workspace::find().unwrap();
        for line in tables(&workspace).unwrap().lines() {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            let counted = cells.iter().any(|cell| cell.parse::<u32>().is_ok());
            assert!(!line.starts_with("| `") || counted, "{line}");
        }
    }
}
