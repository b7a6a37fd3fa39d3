//! Each fault against the tests: first the one that noticed it the last time, then all.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use anyhow::Result;
use verify::Report;

use crate::checker::{Checker, Outcome, Suite};
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

    /// Asks these tests of one checker.
    pub fn ask(&self, suite: &Suite, hint: Option<(&str, How)>) -> Result<Answer> {
        let mut answer = Answer::default();
        for test in &suite.tests {
            if hint.is_some_and(|(name, _)| name != test.name) {
                continue;
            }
            let message = match suite.planted(test, &self.planted)? {
                Outcome::Passed => continue,
                Outcome::Failed(message) => message,
                Outcome::Endless => {
                    answer.endless += 1;
                    ENDLESS.to_owned()
                }
            };
            answer.kill = Some(Kill {
                checker: suite.checker,
                test: test.name.clone(),
                message,
            });
            // That a test does not end may be this machine's load, unless that was seen before.
            let enough = match hint {
                _ if self.endless => 1,
                Some((_, How::DidNotEnd)) => 1,
                _ => 3,
            };
            answer.sure =
                answer.endless >= enough || answer.kill.as_ref().is_some_and(Kill::failed);
            if answer.sure {
                break;
            }
        }
        Ok(answer)
    }
}

/// What one checker says of one fault.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Who noticed.
    pub kill: Option<Kill>,
    /// Whether nobody else need be asked.
    pub sure: bool,
    endless: usize,
}

impl Kill {
    fn failed(&self) -> bool {
        self.how() == How::Failed
    }

    fn how(&self) -> How {
        if self.message == ENDLESS {
            How::DidNotEnd
        } else {
            How::Failed
        }
    }
}

const ENDLESS: &str = "did not end";

/// So many at a time.
const AT_ONCE: usize = 2;

/// Asks one checker about all of these: every test, or the one that the table names.
pub fn all(
    mutants: &[&Mutant],
    suite: &Suite,
    hints: Option<&HashMap<Which, Row>>,
    report: &mut Report<'_>,
) -> Result<Vec<Answer>> {
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(vec![Answer::default(); mutants.len()]);
    let (done, finished) = mpsc::channel::<Result<usize>>();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            let (next, answers, done) = (&next, &answers, done.clone());
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(mutant) = mutants.get(at) else {
                        return;
                    };
                    let hint = hints.map(|hints| match hints.get(&mutant.which()) {
                        Some(row) => (&*row.test, row.how),
                        None => ("", How::NotNoticed),
                    });
                    let result = mutant.ask(suite, hint).map(|answer| {
                        answers.lock().expect("no thread panics with it")[at] = answer;
                        at
                    });
                    // Without a receiver there was an error.
                    if done.send(result).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        for (count, at) in finished.into_iter().enumerate() {
            let at = at?;
            let answers = answers.lock().expect("no thread panics with it");
            if let Some(Kill {
                checker,
                test,
                message,
            }) = &answers[at].kill
            {
                eprintln!("{}: {checker} {test}: {message}", mutants[at].name());
            }
            let what = format!("faults planted, {}", suite.checker);
            report.progress(count as u64 + 1, mutants.len() as u64, what);
        }
        anyhow::Ok(())
    })?;
    Ok(answers.into_inner().expect("no thread panicked with it"))
}
