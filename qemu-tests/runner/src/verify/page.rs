//! The documentation's page "verification": its table is what the last full runs came to.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use machine_code::marked::Marks;

use crate::verify::layers::{LAYERS, Layer};
use crate::verify::show::{Outcome, one_line};
use crate::workspace::Workspace;

const MARKS: Marks = Marks {
    begin: "<!-- table: written by `cargo qemu verify --full --bless`, not by hand -->\n",
    end: "<!-- end of the table -->",
};

/// The head of the table.
const HEAD: &str =
    "\n| layer | what it does | tried | cannot see | time |\n|---|---|---|---|---:|\n";

/// What stands for a layer under "tried" whose full run nobody has kept.
const NO_RUN: &str = "no full run on record yet";

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

/// The part of the page with what these layers tried anew: a row for each layer, then the notes.
fn with(part: &str, outcomes: &[Outcome]) -> String {
    let (mut rows, mut notes) = (String::new(), String::new());
    for Layer {
        name, what, blind, ..
    } in LAYERS
    {
        let kept = |start: String| part.lines().filter(move |line| line.starts_with(&start));
        let [tried, time] = if let Some(outcome) = outcomes.iter().find(|one| one.name() == *name) {
            for note in outcome.notes() {
                notes += &format!("{}{}\n", note_start(name), one_line(note));
            }
            outcome.cells()
        } else {
            for line in kept(note_start(name)) {
                notes += &format!("{line}\n");
            }
            let row = kept(row_start(name)).next();
            let cells = row.and_then(|row| {
                let cells: Vec<_> = row.split('|').map(str::trim).collect();
                Some([cells.get(3)?, cells.get(5)?].map(ToString::to_string))
            });
            cells.unwrap_or([NO_RUN.into(), String::new()])
        };
        rows += &format!(
            "{} {what} | {tried} | {blind} | {time} |\n",
            row_start(name)
        );
    }
    if !notes.is_empty() {
        notes += "\n";
    }
    format!("{HEAD}{rows}\n{notes}")
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
        assert_eq!(rows.len(), LAYERS.len());
        assert!(rows[0].starts_with(&row_start(LAYERS[0].name)));
        assert!(rows[0].contains("| 1,000 things |") && rows[0].ends_with("| 2 s |"));
        assert!(rows[1].contains("| 30 things |"));
        assert!(rows[2].contains(&format!("| {NO_RUN} |")));
        assert!(again.contains("30 is a number") && !again.contains("20 is"));
        assert!(again.contains("1000 is a number"));
    }

    fn page() -> String {
        let workspace = Workspace::find().unwrap();
        fs::read_to_string(path(&workspace)).unwrap()
    }

    /// The documentation has a row for each layer as it is now, in the order of the list; of each there is
    /// said what was tried, or that there was no run.
    #[test]
    fn the_table_of_the_page_is_of_the_layers_as_they_are() {
        let text = page();
        let part = MARKS.part(&text).unwrap();
        assert_eq!(part, with(part, &[]));
        for row in part.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 7, "{row}");
            let numbers = |text: &str| text.contains(|c: char| c.is_ascii_digit());
            let ran = numbers(cells[3]) && numbers(cells[5]);
            assert!(ran || (cells[3] == NO_RUN && cells[5].is_empty()), "{row}");
        }
    }

    /// How to read the numbers of each.
    #[test]
    fn the_page_explains_each_layer() {
        let text = page();
        for layer in LAYERS {
            let line = format!("\n- `{}`: ", layer.name);
            assert!(text.contains(&line), "{}", layer.name);
        }
    }
}
