//! The tables on stdout.

use std::collections::BTreeSet;

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::peers::Peer;
use crate::results::Row;
use crate::workload::{Cell, Workload};

/// What a figure's marks mean.
const LEGEND: &str = "\
Medians. In parentheses: the ratio to the chosen peer in the same cell and run. `~`: nearly all rounds were
disturbed by other programs, measure again. `!`: the peer's results were wrong. `-`: it does not take part.\n";

/// All tables: one for each size, load and number of threads, and one for each cell with roles.
pub fn tables(rows: &[Row], peers: &[&Peer]) -> String {
    let mut text = String::from(LEGEND);
    let mut done = BTreeSet::new();
    for row in rows {
        let cell = row.cell;
        if cell.workload.has_roles() {
            if done.insert((cell.size, cell.load, cell.threads, cell.to_string())) {
                text += &format!("\n{cell}\n\n{}\n", with_roles(&cell, rows, peers));
            }
        } else if done.insert((cell.size, cell.load, cell.threads, String::new())) {
            text += &format!(
                "\ncapacity {}, {} % full, {} thread(s): ns per operation of all threads\n\n{}\n",
                cell.size,
                cell.load,
                cell.threads,
                alike(&cell, rows, peers)
            );
        }
    }
    text
}

/// A peer a row, a workload a column.
fn alike(shape: &Cell, rows: &[Row], peers: &[&Peer]) -> Table {
    let same = |row: &&Row| {
        Cell {
            workload: shape.workload,
            ..row.cell
        } == *shape
    };
    let columns: Vec<Workload> = Workload::all()
        .filter(|workload| !workload.has_roles())
        .filter(|workload| {
            rows.iter()
                .filter(same)
                .any(|row| row.cell.workload == *workload)
        })
        .collect();
    let headings = columns.iter().map(|workload| workload.heading());
    table(headings, peers, |peer| {
        let find = |workload: &Workload| {
            rows.iter()
                .filter(same)
                .find(|row| row.cell.workload == *workload && row.peer.name == peer.name)
        };
        columns
            .iter()
            .map(|workload| shown(find(workload), 0))
            .collect()
    })
}

/// A peer a row, a figure a column.
fn with_roles(cell: &Cell, rows: &[Row], peers: &[&Peer]) -> Table {
    let figures = cell.workload.figures();
    table(figures.iter().copied(), peers, |peer| {
        let row = rows
            .iter()
            .find(|row| row.cell == *cell && row.peer.name == peer.name);
        (0..figures.len()).map(|index| shown(row, index)).collect()
    })
}

fn table<'a>(
    headings: impl Iterator<Item = &'a str>,
    peers: &[&Peer],
    cells: impl Fn(&Peer) -> Vec<String>,
) -> Table {
    let mut table = Table::new();
    table.load_preset(ASCII_MARKDOWN);
    table.set_header(["peer"].into_iter().chain(headings));
    for peer in peers {
        let cells = cells(peer);
        if cells.iter().any(|cell| cell != ABSENT) {
            table.add_row([peer.label.to_owned()].into_iter().chain(cells));
        }
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

const ABSENT: &str = "-";

fn shown(row: Option<&Row>, figure: usize) -> String {
    let Some(row) = row else {
        return ABSENT.into();
    };
    let Some(figure) = row.figures.get(figure) else {
        return row.word().into();
    };
    let digits = if figure.median < 100.0 { 1 } else { 0 };
    let ratio = figure
        .ratio
        .map_or_else(String::new, |ratio| format!(" ({ratio:.2}x)"));
    format!("{}{:.digits$}{ratio}", row.mark(), figure.median)
}
