//! What the layers of `cargo qemu verify` have in common: how much to do, and how they report.
//!
//! A layer is a program of its own or a part of the runner. Both fill a [`Report`]; a program's
//! report goes to its standard output as one line of JSON for each [`Line`], from which the runner
//! draws its progress bar and its table. Everything else that a program prints for people goes to
//! standard error.
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     verify::main(|effort, report| {
//!         let rounds = if effort == verify::Effort::Full { 1000 } else { 10 };
//!         for round in 0..rounds {
//!             report.progress(round, rounds, "rounds");
//!             report.tried("operations", 64);
//!         }
//!         Ok(())
//!     })
//! }
//! ```

pub mod soak;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use serde::{Deserialize, Serialize};

/// How much a layer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Effort {
    /// What the default test command has time for: all quick layers together take at most three
    /// minutes on two cores, builds not counted. The same in every run.
    Quick,
    /// All of it.
    Full,
    /// Only the negative control: plants a fault of the layer's kind and succeeds if the layer finds
    /// it. A layer without planted faults it has found fails.
    SelfTest,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// So much of the total is done; what is going on.
    Progress {
        /// Of `total`.
        done: u64,
        /// May grow.
        total: u64,
        /// What is going on, in a few words.
        what: String,
    },
    /// So many more of these were tried. Counts of one name add up.
    Tried {
        /// A plural: "operations", "histories", "stopped accesses".
        what: String,
        /// How many more.
        count: u64,
    },
    /// A planted fault that was found, and by what.
    Found {
        /// The fault.
        fault: String,
        /// What found it.
        by: String,
    },
    /// Something is wrong: the layer has failed.
    Failure(String),
    /// Worth a line below the table.
    Note(String),
}

/// Where a layer says what it does.
pub struct Report<'a> {
    sink: Box<dyn FnMut(Line) + 'a>,
    failed: bool,
    found: u64,
}

impl<'a> Report<'a> {
    /// A report whose lines go there.
    pub fn new(sink: impl FnMut(Line) + 'a) -> Self {
        Self {
            sink: Box::new(sink),
            failed: false,
            found: 0,
        }
    }

    /// A report whose lines go to standard output.
    pub fn to_stdout() -> Report<'static> {
        Report::new(|line| {
            let text = serde_json::to_string(&line).expect("a line is plain data");
            // Without its reader the exit status still tells.
            let _ = writeln!(io::stdout(), "{text}");
        })
    }

    /// A line that another report has produced.
    pub fn line(&mut self, line: Line) {
        match line {
            Line::Failure(_) => self.failed = true,
            Line::Found { .. } => self.found += 1,
            _ => {}
        }
        (self.sink)(line);
    }

    /// See [`Line::Progress`].
    pub fn progress(&mut self, done: u64, total: u64, what: impl Into<String>) {
        let what = what.into();
        self.line(Line::Progress { done, total, what });
    }

    /// See [`Line::Tried`].
    pub fn tried(&mut self, what: impl Into<String>, count: u64) {
        let what = what.into();
        self.line(Line::Tried { what, count });
    }

    /// See [`Line::Found`].
    pub fn found(&mut self, fault: impl Into<String>, by: impl Into<String>) {
        self.line(Line::Found {
            fault: fault.into(),
            by: by.into(),
        });
    }

    /// See [`Line::Failure`].
    pub fn failure(&mut self, text: impl Into<String>) {
        self.line(Line::Failure(text.into()));
    }

    /// See [`Line::Note`].
    pub fn note(&mut self, text: impl Into<String>) {
        self.line(Line::Note(text.into()));
    }

    /// Whether there was a failure.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// What a layer's run comes to: an error of its own is a failure, and a self-test that found nothing is
    /// one.
    pub fn conclude(&mut self, effort: Effort, result: anyhow::Result<()>) {
        if let Err(error) = result {
            self.failure(format!("{error:#}"));
        }
        if effort == Effort::SelfTest && self.found == 0 && !self.failed {
            self.failure("the self-test found no planted fault");
        }
    }
}

/// The command line of a layer's program.
#[derive(Debug, Parser)]
struct Cli {
    /// How much to do
    #[arg(long, value_enum, default_value = "quick")]
    effort: Effort,
    /// What to look at, where a layer can do a part
    only: Option<String>,
}

/// The `main` of a layer's program.
pub fn main(layer: impl FnOnce(Effort, &mut Report<'_>) -> anyhow::Result<()>) -> ExitCode {
    main_with(|effort, _, report| layer(effort, report))
}

/// The same, with the name of a part if the command line has one.
pub fn main_with(
    layer: impl FnOnce(Effort, Option<&str>, &mut Report<'_>) -> anyhow::Result<()>,
) -> ExitCode {
    let Cli { effort, only } = Cli::parse();
    let mut report = Report::to_stdout();
    let result = layer(effort, only.as_deref(), &mut report);
    report.conclude(effort, result);
    ExitCode::from(u8::from(report.failed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back() {
        for line in [
            Line::Progress {
                done: 1,
                total: 2,
                what: "a \"b\"\n".into(),
            },
            Line::Tried {
                what: "operations".into(),
                count: u64::MAX,
            },
            Line::Failure("no".into()),
        ] {
            let text = serde_json::to_string(&line).unwrap();
            assert!(!text.contains('\n'));
            assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), line);
        }
    }

    #[test]
    fn a_self_test_that_finds_nothing_fails() {
        let mut report = Report::new(|_| ());
        report.conclude(Effort::Quick, Ok(()));
        assert!(!report.failed());
        report.conclude(Effort::SelfTest, Ok(()));
        assert!(report.failed());
        let mut report = Report::new(|_| ());
        report.found("a lost update", "checker");
        report.conclude(Effort::SelfTest, Ok(()));
        assert!(!report.failed());
    }
}
