//! Tables for people, plain or in Markdown.

/// Rows of equal length, the first of them the heading; the columns in `right` end at one line.
pub fn text<const N: usize>(rows: &[[String; N]], right: &[usize], markdown: bool) -> String {
    let cell = |text: &str, column: usize, is_heading: bool| match (markdown, column, is_heading) {
        // Names hold angle brackets.
        (true, 0, false) => format!("`{text}`"),
        _ => text.to_owned(),
    };
    let rows: Vec<[String; N]> = rows
        .iter()
        .enumerate()
        .map(|(i, row)| std::array::from_fn(|column| cell(&row[column], column, i == 0)))
        .collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0).max(3)
    });
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        let cells: [String; N] = std::array::from_fn(|column| match right.contains(&column) {
            true => format!("{:>1$}", row[column], widths[column]),
            false => format!("{:<1$}", row[column], widths[column]),
        });
        text.push_str(&line(&cells, markdown));
        if i == 0 && markdown {
            let rule = |column| match right.contains(&column) {
                true => format!("{}:", "-".repeat(widths[column] - 1)),
                false => "-".repeat(widths[column]),
            };
            text.push_str(&line(&std::array::from_fn::<_, N, _>(rule), markdown));
        }
    }
    text
}

fn line(cells: &[String], markdown: bool) -> String {
    if markdown {
        format!("| {} |\n", cells.join(" | "))
    } else {
        format!("  {}\n", cells.join("  ").trim_end())
    }
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
