//! What is told of a history, and what is kept of a wrong one.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::Result;
use verify::Report;

use crate::{Answer, History, Op, Violation, check, overlapping, show, text};

/// What a history came to.
#[derive(Clone, Debug)]
pub struct Verdict {
    operations: u64,
    overlapping: u64,
    refusals: u64,
    open: u64,
    instant: u64,
    wrong: Option<Wrong>,
}

/// Why a history is wrong.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// In a sentence.
    pub what: String,
    /// For people: the timeline, and where it is drawn.
    pub text: String,
}

impl Verdict {
    /// Checks a history. A wrong one is drawn and written down below `folder`, under a name that starts
    /// so.
    pub fn of(history: &History, folder: &Path, name: &str) -> Verdict {
        let count = |wanted: fn(&&Op) -> bool| history.ops.iter().filter(wanted).count() as u64;
        let wrong = check(history).err().map(|violation| {
            let kept = match keep(history, &violation, folder, name) {
                Ok(path) => format!(
                    "drawn in {}, the history in a .txt beside it",
                    path.display()
                ),
                Err(error) => format!("cannot draw it: {error:#}"),
            };
            let timeline = show::timeline(&violation);
            Wrong {
                what: violation.what,
                text: format!("{}: {timeline}{kept}", history.subject),
            }
        });
        Verdict {
            operations: history.ops.len() as u64,
            overlapping: overlapping(history),
            refusals: count(|op| op.answer == Some(Answer::Full)),
            open: count(|op| op.end.is_none()),
            instant: count(|op| op.end == Some(op.start)),
            wrong,
        }
    }

    /// How many operations there were.
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// How many of them started while one of another context on the same key ran.
    pub fn overlapping(&self) -> u64 {
        self.overlapping
    }

    /// How many of them started and ended at one reading of the clock.
    pub fn instant(&self) -> u64 {
        self.instant
    }

    /// How many of them were refused.
    pub fn refusals(&self) -> u64 {
        self.refusals
    }

    /// How many of them never ended.
    pub fn open(&self) -> u64 {
        self.open
    }

    /// What is wrong with it.
    pub fn wrong(&self) -> Option<&Wrong> {
        self.wrong.as_ref()
    }

    /// Adds it to a report.
    pub fn tell(&self, report: &mut Report<'_>) {
        report.tried("recorded histories", 1);
        let explained = match self.wrong {
            None => "operations in them (all answers explained)",
            Some(_) => "operations in a history that no order explains",
        };
        report.tried(explained, self.operations);
        report.tried("overlapping one on the same key", self.overlapping);
        report.tried("refused because the map was full", self.refusals);
        if self.open > 0 {
            report.tried("whose end was withheld", self.open);
        }
        if let Some(wrong) = &self.wrong {
            report.failure(&wrong.text);
        }
    }
}

/// Why a run of right histories shows nothing, if it does: fewer operations than were wanted, or no two
/// contexts that were ever at one key at the same time.
pub fn shows_nothing(operations: u64, wanted: u64, overlapping: u64) -> Option<String> {
    (operations < wanted || overlapping == 0).then(|| {
        format!(
            "{operations} operations of {wanted}, {overlapping} overlapping one on the same key: \
             that shows nothing"
        )
    })
}

/// Draws a violation and writes its history down.
fn keep(history: &History, violation: &Violation, folder: &Path, name: &str) -> Result<PathBuf> {
    let subject = history.subject.replace("::", "-");
    let path = folder.join(format!("{name}-{subject}.svg"));
    show::draw(violation, &path)?;
    let file = File::create(path.with_extension("txt"))?;
    text::write(history, &mut BufWriter::new(file))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faulty::by_hand;

    #[test]
    fn a_run_without_overlap_or_with_too_few_operations_shows_nothing() {
        assert!(shows_nothing(100, 100, 1).is_none());
        assert!(shows_nothing(100, 100, 0).is_some() && shows_nothing(99, 100, 1).is_some());
        assert!(shows_nothing(0, 0, 0).is_some());
    }

    #[test]
    fn a_wrong_history_is_kept_so_that_it_can_be_read_again() {
        let folder = std::env::temp_dir().join(format!("verdict-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (_, history, _) = by_hand().remove(0);
        let verdict = Verdict::of(&history, &folder, "test");
        let kept = std::fs::read_to_string(folder.join("test-by hand.txt"));
        let drawn = folder.join("test-by hand.svg").exists();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(drawn && kept.unwrap().starts_with("H by hand"));
        let mut failed = false;
        let mut report = Report::new(|line| failed |= matches!(line, verify::Line::Failure(_)));
        verdict.tell(&mut report);
        drop(report);
        assert!(failed);
        assert!(
            verdict
                .wrong()
                .is_some_and(|wrong| wrong.text.contains("context"))
        );
    }
}
