//! The page: what is written by hand, and between two marks the tables that a command writes.
//!
//! The tables above the compiler's name come from the sources alone; those below it depend on the
//! compiler, too.

use anyhow::{Result, bail};

use crate::marked::Marks;

/// Where the tables begin and end.
const MARKS: Marks = Marks {
    begin: "<!-- tables: written by `cargo qemu docs --bless`, not by hand -->\n",
    end: "<!-- end of the tables -->",
};
/// What stands before the compiler's name.
pub const COMPILER: &str = "Compiler: ";
/// So many different lines are shown.
const SHOWN: usize = 5;

/// The tables of the page.
pub fn tables(text: &str) -> Result<&str> {
    MARKS.part(text)
}

/// The page with other tables.
pub fn with(text: &str, tables: &str) -> Result<String> {
    MARKS.with(text, tables)
}

/// The compiler that the tables name.
pub fn compiler(tables: &str) -> Option<&str> {
    tables
        .lines()
        .find_map(|line| line.strip_prefix(COMPILER))
        .map(|name| name.trim_end_matches('.'))
}

/// Whether the page's figures are those of the compiler of now.
pub fn is_same_compiler(text: &str, now: &str) -> bool {
    tables(text).is_ok_and(|tables| compiler(tables) == compiler(now))
}

/// How the page's tables differ from those of now.
pub fn problems(text: &str, now: &str) -> Result<Vec<String>> {
    let Some(name) = compiler(now) else {
        bail!("the tables name no compiler");
    };
    let is_same = is_same_compiler(text, now);
    let (there, here) = (lines(tables(text)?, is_same), lines(now, is_same));
    if there == here {
        return Ok(Vec::new());
    }
    let mut problems = Vec::new();
    for at in 0..there.len().max(here.len()) {
        let (old, new) = (there.get(at), here.get(at));
        if old != new && problems.len() < 2 * SHOWN {
            let shown = |line: Option<&String>| line.map_or("(no line)".into(), String::clone);
            problems.push(format!("the page: {}", shown(old)));
            problems.push(format!("now:      {}", shown(new)));
        }
    }
    problems.push(format!(
        "src/targets.md is not what the tools say with {name}; `cargo qemu docs --bless` writes \
         its tables anew"
    ));
    Ok(problems)
}

/// The lines to compare: all of them, or those below another compiler's name without its figures.
fn lines(tables: &str, with_figures: bool) -> Vec<String> {
    let mut is_below = false;
    let mut is_heading = true;
    let mut lines = Vec::new();
    for line in tables.lines() {
        if line.starts_with(COMPILER) {
            is_below = true;
        }
        let is_row = line.starts_with('|');
        lines.push(match (with_figures || !is_below, is_row) {
            (true, _) => line.into(),
            (false, true) => without_figures(line, is_heading),
            (false, false) if line.starts_with(COMPILER) => COMPILER.into(),
            (false, false) => line.into(),
        });
        is_heading = !is_row;
    }
    lines
}

/// A table's heading, or a row's name and what it says of progress; the widths of the columns
/// follow the figures.
fn without_figures(row: &str, is_heading: bool) -> String {
    let cells = row.split('|').map(str::trim).enumerate();
    let cells = cells.map(|(at, cell)| match at {
        _ if is_heading || at <= 1 => cell.trim_matches(['-', ':']),
        _ if cell.contains("lock-free") => cell,
        _ => "",
    });
    cells.collect::<Vec<_>>().join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "\
| board | cores |
| ----- | ----- |
| a     | 4     |

Compiler: rustc 2.
| target | progress          | get | bytes |
| ------ | ----------------- | --- | ----: |
| t      | lock-free         | x 1 |     7 |
| u      | **not lock-free** | y 2 |   100 |
";

    fn page(tables: &str) -> String {
        format!(
            "Words.\n{}{tables}{}\nMore words.\n",
            MARKS.begin, MARKS.end
        )
    }

    fn is_found(old: &str, new: &str) -> bool {
        assert!(NOW.contains(old));
        let problems = problems(&page(&NOW.replacen(old, new, 1)), NOW).unwrap();
        let text = problems.join("\n");
        assert!(text.is_empty() || text.contains("cargo qemu docs --bless"));
        !text.is_empty()
    }

    #[test]
    fn tables_are_read_and_replaced() {
        let text = page("old\n");
        assert_eq!(tables(&text).unwrap(), "old\n");
        assert_eq!(with(&text, "new\n").unwrap(), page("new\n"));
        for broken in [
            "",
            MARKS.begin,
            MARKS.end,
            &format!("{}{}", MARKS.end, MARKS.begin),
        ] {
            let error = tables(broken).unwrap_err().to_string();
            assert!(error.contains("the page has no lines"), "{error}");
        }
    }

    #[test]
    fn with_the_same_compiler_everything_counts() {
        assert!(!is_found("7", "7"));
        for (old, new) in [
            ("4", "3"),
            ("    7", "    8"),
            ("x 1", "x 2"),
            ("lock-free  ", "waiting    "),
            ("|   100", "| 100"),
        ] {
            assert!(is_found(old, new), "{old}");
        }
        assert!(is_found("| u ", "| v "));
        assert!(is_found(
            "| u      | **not lock-free** | y 2 |   100 |\n",
            ""
        ));
    }

    #[test]
    fn with_another_compiler_figures_do_not_count() {
        let other = |old: &str, new: &str| {
            let text = NOW.replace("rustc 2", "rustc 1");
            assert!(text.contains(old), "{old}");
            let text = page(&text.replacen(old, new, 1));
            assert!(!is_same_compiler(&text, NOW));
            !problems(&text, NOW).unwrap().is_empty()
        };
        for (old, new) in [
            ("    7", "    8"),
            ("x 1", "other 5"),
            ("----: |", "-----: |"),
            ("   100 |", "   100000 |"),
        ] {
            assert!(!other(old, new), "{old}");
        }
        for (old, new) in [
            ("| 4 ", "| 3 "),
            ("| u ", "| v "),
            ("**not lock-free**", "lock-free"),
            ("| get ", "| got "),
            ("| x 1 ", ""),
            ("| t ", "| t | t "),
        ] {
            assert!(other(old, new), "{old}");
        }
    }

    #[test]
    fn tables_without_a_compiler_are_no_tables() {
        assert!(problems(&page(NOW), "| a |\n").is_err());
        assert!(!problems(&page("| a |\n"), NOW).unwrap().is_empty());
    }
}
