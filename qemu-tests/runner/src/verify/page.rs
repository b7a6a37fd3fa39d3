//! The documentation's page "verification": its table is what the last full runs came to.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::marked::Marks;
use crate::verify::layers::LAYERS;
use crate::verify::show::Outcome;
use crate::workspace::Workspace;

const MARKS: Marks = Marks {
    begin: "<!-- table: written by `cargo qemu verify --full --bless`, not by hand -->\n",
    end: "<!-- end of the table -->",
};

/// The head of the table.
const HEAD: &str =
    "\n| layer | what it does | tried | cannot see | time |\n|---|---|---|---|---:|\n";

/// Writes what these layers came to into the page. The rows of other layers stay; a failure is not written.
pub fn bless(workspace: &Workspace, outcomes: &[Outcome]) -> Result<()> {
    let failed: Vec<_> = outcomes
        .iter()
        .filter(|outcome| outcome.failed())
        .map(Outcome::name)
        .collect();
    ensure!(
        failed.is_empty(),
        "nothing is written: failed: {}",
        failed.join(", ")
    );
    let path = path(workspace);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let part = with(MARKS.part(&text)?, outcomes);
    fs::write(&path, MARKS.with(&text, &part)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("the table in {} is that of now", path.display());
    Ok(())
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.root.join("src/verification.md")
}

/// The part of the page with these layers' lines anew.
fn with(part: &str, outcomes: &[Outcome]) -> String {
    let (mut rows, mut notes) = (HashMap::new(), HashMap::new());
    for layer in LAYERS {
        let lines = |start: &str| {
            let lines = part.lines().filter(|line| line.starts_with(start));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        rows.insert(layer.name, lines(&row_start(layer.name)));
        notes.insert(layer.name, lines(&note_start(layer.name)));
    }
    for outcome in outcomes {
        let name = outcome.name();
        rows.insert(name, format!("{}{}\n", row_start(name), outcome.cells()));
        let lines = outcome.notes().iter().map(|note| {
            let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{}{note}\n", note_start(name))
        });
        notes.insert(name, lines.collect());
    }
    let in_order = |lines: &HashMap<&str, String>| {
        let lines = LAYERS.iter().map(|layer| lines[layer.name].as_str());
        lines.collect::<String>()
    };
    let mut text = format!("{HEAD}{}\n", in_order(&rows));
    let notes = in_order(&notes);
    if !notes.is_empty() {
        text += &format!("{notes}\n");
    }
    text
}

fn row_start(layer: &str) -> String {
    format!("| `{layer}` |")
}

fn note_start(layer: &str) -> String {
    format!("* `{layer}`: ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use verify::Line;

    use super::*;
    use crate::verify::show::Show;

    fn outcome(at: usize, count: u64) -> Outcome {
        let mut show = Show::new(&LAYERS[at]);
        show.line(Line::Tried {
            what: "things".into(),
            count,
        });
        show.line(Line::Note(format!("{count} is\n a number")));
        show.finish(Duration::from_secs(2))
    }

    #[test]
    fn rows_stand_in_order_and_only_those_that_ran_change() {
        let both = with("", &[outcome(1, 20), outcome(0, 1000)]);
        let again = with(&both, &[outcome(1, 30)]);
        let rows: Vec<_> = again
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].starts_with(&row_start(LAYERS[0].name)));
        assert!(rows[0].contains("1,000 things"));
        assert!(rows[1].contains("30 things"));
        assert!(again.contains("30 is a number") && !again.contains("20 is"));
    }

    /// What the documentation says was tried is what there is, in the order of the list.
    #[test]
    fn the_rows_of_the_page_are_of_layers_as_they_are() {
        let workspace = Workspace::find().unwrap();
        let text = fs::read_to_string(path(&workspace)).unwrap();
        let part = MARKS.part(&text).unwrap();
        let rows: Vec<_> = part
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        assert!(!rows.is_empty());
        let mut layers = LAYERS.iter();
        for row in rows {
            let layer = layers.find(|layer| row.starts_with(&row_start(layer.name)));
            let layer = layer.unwrap_or_else(|| panic!("no such layer, or not in order: {row}"));
            let start = format!("{} {} |", row_start(layer.name), layer.what);
            assert!(row.starts_with(&start), "{row}");
            assert!(row.contains(&format!("| {} |", layer.blind)), "{row}");
            let tried = row.split('|').nth(3).unwrap();
            assert!(tried.contains(|c: char| c.is_ascii_digit()), "{row}");
        }
    }
}
