//! Each fault against the tests: first the one that noticed it the last time, then all.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use anyhow::Result;
use verify::Report;

use crate::checker::{Checker, Outcome, Suite};
use crate::sites::Key;
use crate::table::{Row, Which};

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
        }
    }

    fn ask(&self, suites: &[Suite], hint: Option<&Row>) -> Result<Option<Kill>> {
        let kill = |suite: &Suite, test: &str, message: String| Kill {
            checker: suite.checker,
            test: test.to_owned(),
            message,
        };
        let mut endless = Vec::new();
        let mut hinted = None;
        let by = |suite: &&Suite| hint.is_some_and(|hint| hint.checker == Some(suite.checker));
        if let Some(suite) = suites.iter().find(by) {
            hinted = suite
                .tests
                .iter()
                .find(|test| hint.is_some_and(|hint| hint.test == test.name));
            if let Some(test) = hinted {
                match suite.planted(test, &self.planted)? {
                    Outcome::Passed => {}
                    Outcome::Failed(message) => return Ok(Some(kill(suite, &test.name, message))),
                    // The table says so because nothing else was found.
                    Outcome::Endless => return Ok(Some(kill(suite, &test.name, ENDLESS.into()))),
                }
            }
        }
        for suite in suites {
            // Miri's minutes are for what nobody could explain.
            if suite.checker == Checker::Miri && (self.kept.is_some() || !endless.is_empty()) {
                continue;
            }
            for test in &suite.tests {
                let again = hinted.is_some_and(|known| std::ptr::eq(known, test));
                if again {
                    continue;
                }
                match suite.planted(test, &self.planted)? {
                    Outcome::Passed => {}
                    Outcome::Failed(message) => return Ok(Some(kill(suite, &test.name, message))),
                    Outcome::Endless => endless.push(kill(suite, &test.name, ENDLESS.into())),
                }
                if endless.len() >= if self.endless { 1 } else { 3 } {
                    return Ok(endless.into_iter().next());
                }
            }
        }
        Ok(endless.into_iter().next())
    }
}

const ENDLESS: &str = "did not end";

/// So many at a time.
const AT_ONCE: usize = 2;

/// Asks the tests about all of these, in this order.
pub fn all(
    mutants: &[Mutant],
    suites: &[Suite],
    hints: &HashMap<Which, Row>,
    report: &mut Report<'_>,
) -> Result<Vec<Option<Kill>>> {
    let next = AtomicUsize::new(0);
    let kills = Mutex::new(vec![None; mutants.len()]);
    let (done, finished) = mpsc::channel::<Result<usize>>();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            let (next, kills, done) = (&next, &kills, done.clone());
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(mutant) = mutants.get(at) else {
                        return;
                    };
                    let kill = mutant.ask(suites, hints.get(&mutant.which()));
                    let result = kill.map(|kill| {
                        kills.lock().expect("no thread panics with it")[at] = kill;
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
            let kills = kills.lock().expect("no thread panics with it");
            let text = kills[at]
                .as_ref()
                .map_or("SURVIVES".to_owned(), |kill: &Kill| {
                    format!("{} {}: {}", kill.checker, kill.test, kill.message)
                });
            eprintln!("{}: {text}", mutants[at].name());
            report.progress(count as u64 + 1, mutants.len() as u64, "faults planted");
        }
        anyhow::Ok(())
    })?;
    Ok(kills.into_inner().expect("no thread panicked with it"))
}
