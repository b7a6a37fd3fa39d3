//! The documentation's page "verification": its table is what the last full runs came to.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use machine_code::marked::Marks;

use crate::verify::layers::{LAYERS, Layer};
use crate::verify::record;
use crate::verify::show::{Outcome, one_line};
use crate::workspace::Workspace;

const MARKS: Marks = Marks {
    begin: "<!-- table: written by `cargo qemu verify --full --bless`, not by hand -->\n",
    end: "<!-- end of the table -->",
};

/// The head of the table.
const HEAD: &str = "\n| layer | what it does | tried | cannot see | time | core |\n\
                    |---|---|---|---|---:|---|\n";

/// What stands for a layer under "tried" whose full run nobody has kept.
const NO_RUN: &str = "no full run on record yet";

/// Writes what these layers of this core came to into the page. The rows of other layers stay; neither a
/// failure nor a run that tried nothing is written.
pub fn bless(workspace: &Workspace, core: &str, outcomes: &[Outcome]) -> Result<()> {
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
    let idle: Vec<_> = outcomes
        .iter()
        .filter(|outcome| !outcome.tried())
        .map(Outcome::name)
        .collect();
    ensure!(
        idle.is_empty(),
        "nothing is written: nothing was tried by {}",
        idle.join(", ")
    );
    let path = path(workspace);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let part = with(MARKS.part(&text)?, core, outcomes);
    fs::write(&path, MARKS.with(&text, &part)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("the table in {} is that of now", path.display());
    Ok(())
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.root.join("src/verification.md")
}

/// What a full run of a layer came to: what was tried, how long it took, of which core, and its notes.
struct Row {
    tried: String,
    time: String,
    core: String,
    notes: Vec<String>,
}

impl Row {
    /// The layer's row as it stands in the page, if it has had a run.
    fn kept(part: &str, layer: &str) -> Option<Row> {
        let lines = |start: String| part.lines().filter(move |line| line.starts_with(&start));
        let row = lines(row_start(layer)).next()?;
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [tried, time, core] = [cells.get(3)?, cells.get(5)?, cells.get(6)?];
        let (core, _) = core.strip_prefix('`')?.split_once('`')?;
        let start = note_start(layer);
        Some(Row {
            tried: tried.to_string(),
            time: time.to_string(),
            core: core.into(),
            notes: lines(start.clone())
                .map(|line| line[start.len()..].into())
                .collect(),
        })
    }

    /// A digest of all of it, and of whose it is.
    fn digest(&self, layer: &str) -> String {
        let Row {
            tried,
            time,
            core,
            notes,
        } = self;
        let notes = notes.join("\n");
        record::short(&format!("{layer}\n{tried}\n{time}\n{core}\n{notes}"))
    }
}

/// The part of the page with what these layers tried anew: a row for each layer, then the notes.
fn with(part: &str, core: &str, outcomes: &[Outcome]) -> String {
    let (mut rows, mut notes) = (String::new(), String::new());
    for Layer {
        name, what, blind, ..
    } in LAYERS
    {
        let row = match outcomes.iter().find(|one| one.name() == *name) {
            Some(outcome) => {
                let [tried, time] = outcome.cells();
                Some(Row {
                    tried,
                    time,
                    core: core.into(),
                    notes: outcome.notes().iter().map(|note| one_line(note)).collect(),
                })
            }
            None => Row::kept(part, name),
        };
        let (tried, time, core) = match &row {
            Some(row) => {
                // The digest is for the test, which finds out what was changed by hand.
                let core = format!("`{}` <!-- {} -->", row.core, row.digest(name));
                (&*row.tried, &*row.time, core)
            }
            None => (NO_RUN, "", String::new()),
        };
        rows += &format!(
            "{} {what} | {tried} | {blind} | {time} | {core} |\n",
            row_start(name)
        );
        for note in row.iter().flat_map(|row| &row.notes) {
            notes += &format!("{}{note}\n", note_start(name));
        }
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
        show.finish()
    }

    #[test]
    fn rows_stand_in_order_and_only_those_that_ran_change() {
        let both = with("", "0123abcd", &[outcome(1, 20), outcome(0, 1000)]);
        let again = with(&both, "4567cdef", &[outcome(1, 30)]);
        let rows: Vec<_> = again
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        assert_eq!(rows.len(), LAYERS.len());
        assert!(rows[0].starts_with(&row_start(LAYERS[0].name)));
        assert!(rows[0].contains("| 1,000 things |") && rows[0].contains("| `0123abcd` <!-- "));
        assert!(rows[1].contains("| 30 things |") && rows[1].contains("| `4567cdef` <!-- "));
        assert!(rows[2].contains(&format!("| {NO_RUN} |")));
        assert!(again.contains("30 is a number") && !again.contains("20 is"));
        assert!(again.contains("1000 is a number"));
        assert_eq!(with(&again, "", &[]), again);
    }

    #[test]
    fn what_was_changed_by_hand_is_found() {
        let page = with("", "0123abcd", &[outcome(0, 1000)]);
        for (from, to) in [
            ("1,000 things", "9,000 things"),
            ("1000 is", "9000 is"),
            ("| 0 s |", "| 9 s |"),
            ("`0123abcd`", "`9123abcd`"),
        ] {
            let changed = page.replace(from, to);
            assert_ne!(changed, page, "{from}");
            assert_ne!(with(&changed, "", &[]), changed, "{from}");
        }
    }

    #[test]
    fn a_run_that_tried_nothing_is_not_kept() {
        let workspace = Workspace::find().unwrap();
        let idle = Show::new(&LAYERS[0]).finish();
        let error = bless(&workspace, "0123abcd", &[idle]).unwrap_err();
        assert!(error.to_string().contains("nothing was tried"), "{error}");
    }

    fn page() -> String {
        let workspace = Workspace::find().unwrap();
        fs::read_to_string(path(&workspace)).unwrap()
    }

    /// The documentation has a row for each layer as it is now, in the order of the list, and each row is as
    /// the command wrote it.
    #[test]
    fn the_table_of_the_page_is_of_the_layers_as_they_are() {
        let text = page();
        let part = MARKS.part(&text).unwrap();
        assert_eq!(part, with(part, "", &[]), "changed by hand?");
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
