//! Tables for people, plain or in Markdown.

use comfy_table::{CellAlignment, Table, presets};

/// Rows of which the first is the heading; the columns in `right` end at one line.
pub fn text<R: AsRef<[String]>>(rows: &[R], right: &[usize], markdown: bool) -> String {
    let (preset, padding) = match markdown {
        true => (presets::ASCII_MARKDOWN, (1, 1)),
        false => (presets::NOTHING, (2, 0)),
    };
    let mut table = Table::new();
    table.load_preset(preset);
    for (at, row) in rows.iter().enumerate() {
        let cells = row.as_ref().iter().enumerate();
        table.add_row(cells.map(|(column, cell)| match (markdown, column, at) {
            // Names hold angle brackets.
            (true, 0, 1..) => format!("`{cell}`"),
            _ => cell.clone(),
        }));
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding(padding);
        if right.contains(&at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut lines: Vec<_> = table.lines().collect();
    if markdown {
        let widths = table.column_max_content_widths().into_iter().enumerate();
        let rules = widths.map(|(at, width)| match right.contains(&at) {
            true => format!("{:->1$}", ":", usize::from(width)),
            false => "-".repeat(width.into()),
        });
        let rules: Vec<_> = rules.collect();
        lines.insert(1, format!("| {} |", rules.join(" | ")));
    }
    lines
        .iter()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let rows = [["name", "bytes"], ["Map<u8>::get", "7"]].map(|row| row.map(String::from));
        assert_eq!(
            text(&rows, &[1], false),
            "  name          bytes\n  Map<u8>::get      7\n"
        );
        assert_eq!(
            text(&rows, &[1], true),
            "| name           | bytes |\n| -------------- | ----: |\n| `Map<u8>::get` |     7 |\n"
        );
    }
}
