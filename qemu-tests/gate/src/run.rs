//! Each fault against the tests: first the one that noticed it the last time, then all.

use std::collections::HashMap;

use anyhow::Result;
use verify::Report;

use crate::checker::{Checker, Outcome, Suite, at_once};
use crate::sites::Key;
use crate::table::{How, Row, Which};

/// One fault that can be switched on in the copy.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// What `PLANTED` is set to.
    pub planted: String,
    /// Where.
    pub key: Key,
    /// What.
    pub fault: String,
    /// See [`Row::edge`].
    pub edge: String,
    /// See [`Row::text`].
    pub text: String,
    /// Why nothing need notice it.
    pub kept: Option<String>,
    /// Whether a test that never ends has noticed it. (A weaker ordering may merely give the checker
    /// more to try, so there another test is looked for.)
    pub endless: bool,
}

/// Who noticed: the checker, the test, what it said.
#[derive(Clone, Debug)]
pub struct Kill {
    /// The checker.
    pub checker: Checker,
    /// The test.
    pub test: String,
    /// In one line.
    pub message: String,
}

impl Mutant {
    /// What the table knows it by.
    pub fn which(&self) -> Which {
        (self.key.clone(), self.fault.clone())
    }

    /// Whether its file, its function or its name has this text.
    pub fn is_about(&self, text: &str) -> bool {
        let Key { file, function, .. } = &self.key;
        [file, function, &self.fault]
            .iter()
            .any(|one| one.contains(text))
    }

    /// For people.
    pub fn name(&self) -> String {
        match self.key.number {
            0 => format!("{} ({})", self.fault, self.key.file),
            n => format!(
                "{} {} site {n}: {} (`{}`)",
                self.key.file, self.key.function, self.fault, self.text
            ),
        }
    }

    /// Its row.
    pub fn row(&self, kill: Option<&Kill>) -> Row {
        let reason = || {
            self.kept
                .as_ref()
                .map_or("SURVIVES".into(), |why| format!("kept: {why}"))
        };
        Row {
            file: self.key.file.clone(),
            function: self.key.function.clone(),
            number: self.key.number,
            fault: self.fault.clone(),
            edge: self.edge.clone(),
            text: self.text.clone(),
            checker: kill.map(|kill| kill.checker),
            test: kill.map_or_else(reason, |kill| kill.test.clone()),
            how: kill.map_or(How::NotNoticed, Kill::how),
        }
    }

    /// Asks these tests of one checker, or the one that is named; who notices it, if one does.
    pub fn ask(&self, suite: &Suite, hint: Option<&str>) -> Result<Option<Kill>> {
        for test in &suite.tests {
            if hint.is_some_and(|name| name != test.name) {
                continue;
            }
            // Some tests notice it by chance, most times.
            let tries = if hint.is_some() { TRIES } else { 1 };
            let mut outcome = Outcome::Passed;
            for _ in 0..tries {
                outcome = suite.planted(test, Some(&self.planted), hint.is_some())?;
                if outcome != Outcome::Passed {
                    break;
                }
            }
            let message = match outcome {
                Outcome::Passed => continue,
                Outcome::Failed(message) => message,
                Outcome::Endless => ENDLESS.to_owned(),
                // With a weaker ordering there may just be more to try. With a step that is done wrongly it
                // counts, if the test ends without the fault now, as busy as the machine is.
                Outcome::TooLong if self.endless => match suite.planted(test, None, false)? {
                    Outcome::Passed => ENDLESS.to_owned(),
                    _ => continue,
                },
                Outcome::TooLong => continue,
            };
            return Ok(Some(Kill {
                checker: suite.checker,
                test: test.name.clone(),
                message,
            }));
        }
        Ok(None)
    }
}

impl Kill {
    fn how(&self) -> How {
        if self.message == ENDLESS {
            How::DidNotEnd
        } else {
            How::Failed
        }
    }
}

/// So often the test that noticed a fault the last time is asked.
const TRIES: usize = 10;

const ENDLESS: &str = "did not end";

/// Asks one checker about all of these: every test, or the one that the table names.
pub fn all(
    mutants: &[&Mutant],
    suite: &Suite,
    hints: Option<&HashMap<Which, Row>>,
    report: &mut Report<'_>,
) -> Result<Vec<Option<Kill>>> {
    let ask = |mutant: &&Mutant| {
        let hint = hints.map(|hints| {
            let row = hints.get(&mutant.which());
            row.map_or("", |row| &row.test)
        });
        let kill = mutant.ask(suite, hint)?;
        if let Some(Kill {
            checker,
            test,
            message,
        }) = &kill
        {
            eprintln!("{}: {checker} {test}: {message}", mutant.name());
        }
        anyhow::Ok(kill)
    };
    let mut done = 0;
    let told = |_: &Result<Option<Kill>>| {
        done += 1;
        let what = format!("faults planted, {}", suite.checker);
        report.progress(done, mutants.len() as u64, what);
    };
    at_once(mutants, ask, told).into_iter().collect()
}
