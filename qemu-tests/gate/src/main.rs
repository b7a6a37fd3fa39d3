//! Which check notices a fault of the lock-free core? For each memory ordering that could be weaker,
//! each fence that could be missing, and each fault of logic of a committed list.
//!
//! The two crates are copied, and in the copy every such place chooses at run time by the environment
//! variable `PLANTED`: so one build per checker serves all faults. A fault that nothing notices is a
//! failure, unless its reason is given: for an ordering or a fence in the source, as a comment
//! `// kept: <reason>` above its statement or on its line; for a fault of logic in `faults`.
//!
//! Parts: `orderings`, `logic`; `bless-orderings` and `bless-logic` ask all tests and write the tables
//! `orderings.csv` and `logic.csv` anew, which name the test to ask first the next time. With `=TEXT` behind
//! its name a part is about those faults alone whose file, function or name has this text, with `=new` about
//! those of which the table says nothing yet; its other rows stay.

mod checker;
mod copy;
mod faults;
mod run;
mod sites;
mod table;

use std::collections::{BTreeSet, HashMap};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use verify::{Effort, Line, Report};

use crate::checker::{BASE_LIMIT, Checker, Suite};
use crate::copy::Copy;
use crate::run::{Kill, Mutant};
use crate::sites::Key;
use crate::table::{Row, Which};

/// Who is asked about orderings, in this order.
const OF_ORDERINGS: [Checker; 7] = [
    Checker::Loom,
    Checker::NarrowLoom,
    Checker::Native,
    Checker::NarrowNative,
    Checker::Tiny,
    Checker::TinyLoom,
    Checker::Miri,
];
/// Who is asked about faults of logic: first those that take least.
const OF_LOGIC: [Checker; 7] = [
    Checker::Native,
    Checker::Tiny,
    Checker::Loom,
    Checker::NarrowLoom,
    Checker::TinyLoom,
    Checker::NarrowNative,
    Checker::Miri,
];

/// Who is asked when.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    /// The tests that noticed the fault the last time.
    Hinted,
    /// All that do not take long.
    Quick,
    /// All others.
    Slow,
}

/// What takes longer than this without a fault is asked last.
const QUICK: Duration = Duration::from_secs(4);

/// What stands for all faults of which the table says nothing yet.
const NEW: &str = "new";

/// The default effort asks models about one in so many. Other tests take milliseconds.
const SAMPLE: usize = 8;

fn main() -> ExitCode {
    verify::main_with(|effort, part, report| {
        let part = part.unwrap_or("orderings");
        let (part, about) = part.split_once('=').unwrap_or((part, ""));
        let full = !about.is_empty();
        let effort = if full { Effort::Full } else { effort };
        match part.strip_prefix("bless-") {
            Some(part) => gate(Effort::Full, part, about, true, report),
            None => gate(effort, part, about, false, report),
        }
    })
}

fn gate(
    effort: Effort,
    part: &str,
    about: &str,
    bless: bool,
    report: &mut Report<'_>,
) -> Result<()> {
    report.progress(0, 1, "the copy");
    let mut copy = Copy::of_workspace(&format!("{part}-src"))?;
    let (all, checkers) = match part {
        "orderings" => (weaker(&copy.orderings()?), OF_ORDERINGS),
        "logic" => {
            let faults = faults::all()?;
            copy.faults(&faults)?;
            (broken(&faults), OF_LOGIC)
        }
        other => {
            bail!("there is no part '{other}': orderings, logic, bless-orderings, bless-logic")
        }
    };
    copy.write()?;
    let hints = table::read(part)?;
    let mut chosen = choose(effort, &all, &hints, checkers[0]);
    ensure!(
        !chosen.is_empty(),
        "the table of {part} names no test: `bless-{part}` writes it"
    );
    chosen.retain(|one| match about {
        NEW => is_open(one, &hints),
        _ => one.is_about(about),
    });
    ensure!(!chosen.is_empty(), "no fault has '{about}' in its name");
    let bless = |rows: &[Row]| match bless {
        true => table::bless(part, &merged(&all, &hints, rows)),
        false => Ok(()),
    };
    let mut suites: Vec<Suite> = Vec::new();
    let mut kills: Vec<Option<Kill>> = vec![None; chosen.len()];
    // What is asked in every run of the tests builds for one checker only, and takes as long each time.
    let rounds: &[Round] = match effort {
        Effort::Full => &[Round::Hinted, Round::Quick, Round::Slow],
        Effort::Quick | Effort::SelfTest => &[Round::Hinted],
    };
    let rounds = rounds.iter().copied();
    for (round, checker) in rounds.flat_map(|round| checkers.map(|checker| (round, checker))) {
        let hinted = round == Round::Hinted;
        let open = |at: &usize| {
            let one = &chosen[*at];
            let by = hints.get(&one.which()).and_then(|row| row.checker);
            let asked = match round {
                Round::Hinted => by == Some(checker),
                Round::Quick => checker != Checker::Miri,
                // Minutes are for what nobody could explain.
                Round::Slow => one.kept.is_none(),
            };
            kills[*at].is_none() && asked
        };
        let open: Vec<usize> = (0..chosen.len()).filter(open).collect();
        if open.is_empty() {
            continue;
        }
        let mutants: Vec<_> = open.iter().map(|at| &chosen[*at]).collect();
        let at = suites.iter().position(|suite| suite.checker == checker);
        let at = match at {
            Some(at) => at,
            None => {
                report.progress(0, 1, format!("{checker}: the build without a fault"));
                suites.push(checker.build(&copy.folder, effort != Effort::Full)?);
                suites.len() - 1
            }
        };
        let suite = &mut suites[at];
        let named: BTreeSet<_> = mutants
            .iter()
            .filter_map(|one| hints.get(&one.which()))
            .collect();
        let slow = std::mem::take(&mut suite.left_out);
        let limit = match round {
            Round::Quick => QUICK,
            _ => BASE_LIMIT,
        };
        let wanted = |test: &str| match round {
            Round::Hinted => named.iter().any(|row| row.test == test),
            Round::Quick => true,
            Round::Slow => checker == Checker::Miri || slow.iter().any(|name| name == test),
        };
        let tried = suite.base(wanted, limit)?;
        report.tried(format!("{checker} tests without a fault"), tried);
        if round == Round::Slow && !suite.left_out.is_empty() {
            let names = suite.left_out.join(", ");
            report.note(format!("{checker}: too long to be asked: {names}"));
        }
        let answers = run::all(&mutants, suite, hinted.then_some(&hints), report)?;
        for (at, answer) in open.into_iter().zip(answers) {
            kills[at] = answer;
        }
        if !hinted {
            // What takes long is kept as it comes.
            bless(&rows(&chosen, &kills))?;
        }
    }
    report.tried("faults planted", chosen.len() as u64);
    tell(effort, &chosen, &kills, &hints, report);
    if effort == Effort::SelfTest {
        nothing_is_not_noticed(&chosen[0], &suites[0], report)?;
    }
    let rows = rows(&chosen, &kills);
    table::show(&rows);
    bless(&rows)
}

/// The rows of all faults: the new ones, and for the others those that there were.
fn merged(all: &[Mutant], old: &HashMap<Which, Row>, new: &[Row]) -> Vec<Row> {
    let new: HashMap<Which, &Row> = new.iter().map(|row| (row.which(), row)).collect();
    let row = |one: &Mutant| {
        let which = one.which();
        new.get(&which)
            .copied()
            .or_else(|| old.get(&which))
            .cloned()
    };
    all.iter().filter_map(row).collect()
}

fn rows(mutants: &[Mutant], kills: &[Option<Kill>]) -> Vec<Row> {
    let both = mutants.iter().zip(kills);
    both.map(|(one, kill)| one.row(kill.as_ref())).collect()
}

/// Whether nobody has asked about it, or nothing has noticed it and there is no reason for that.
fn is_open(mutant: &Mutant, rows: &HashMap<Which, Row>) -> bool {
    let row = rows.get(&mutant.which());
    let noticed = row.is_some_and(|row| row.checker.is_some());
    !noticed && (row.is_none() || mutant.kept.is_none())
}

/// What is done at this effort: if not all, then what was noticed by whoever is asked first.
fn choose(
    effort: Effort,
    all: &[Mutant],
    hints: &HashMap<Which, Row>,
    first: Checker,
) -> Vec<Mutant> {
    let by_first = |one: &&Mutant| {
        let row = hints.get(&one.which());
        row.is_some_and(|row| row.checker == Some(first))
    };
    match effort {
        Effort::Full => all.to_vec(),
        Effort::Quick => all
            .iter()
            .filter(by_first)
            .step_by(match first {
                Checker::Loom => SAMPLE,
                _ => 1,
            })
            .cloned()
            .collect(),
        Effort::SelfTest => all.iter().find(by_first).cloned().into_iter().collect(),
    }
}

fn tell(
    effort: Effort,
    mutants: &[Mutant],
    kills: &[Option<Kill>],
    hints: &HashMap<Which, Row>,
    report: &mut Report<'_>,
) {
    for (mutant, kill) in mutants.iter().zip(kills) {
        let name = mutant.name();
        match (kill, &mutant.kept) {
            (Some(kill), _) if effort == Effort::SelfTest => {
                report.found(name, format!("{}: {}", kill.test, kill.message));
            }
            (Some(_), None) => {}
            // What was noticed must be, whatever the reason says of the site's other faults.
            (None, Some(_))
                if hints
                    .get(&mutant.which())
                    .is_none_or(|row| row.checker.is_none()) => {}
            (Some(kill), Some(_)) if mutant.key.number == 0 => {
                report.note(format!(
                    "{name}: has a reason, but {} notices it",
                    kill.test
                ));
            }
            // A reason is a site's: it need not be that of each weaker ordering.
            (Some(_), Some(_)) => {}
            (None, _) if effort == Effort::Full => {
                report.failure(format!("{name}: nothing notices it"));
            }
            // The others are not asked here.
            (None, _) => {
                let row = hints.get(&mutant.which());
                let test = row.map_or("no test", |row| &row.test);
                report.failure(format!(
                    "{name}: {test} has noticed it, and does so no more: `gate -- bless-PART=TEXT` asks all tests"
                ));
            }
        }
    }
    let explained: BTreeSet<_> = mutants
        .iter()
        .filter(|one| one.kept.is_some())
        .map(|one| &one.key)
        .collect();
    for key in explained.into_iter().filter(|key| key.number > 0) {
        let mut of_site = mutants.iter().zip(kills).filter(|(one, _)| one.key == *key);
        if effort == Effort::Full && of_site.all(|(_, kill)| kill.is_some()) {
            let Key {
                file,
                function,
                number,
            } = key;
            report.note(format!(
                "{file} {function} site {number}: has a reason, but every fault is noticed"
            ));
        }
    }
}

/// A fault that changes nothing is noticed by no test, and so a failure of the gate.
fn nothing_is_not_noticed(like: &Mutant, suite: &Suite, report: &mut Report<'_>) -> Result<()> {
    let nothing = Mutant {
        planted: format!("{}:nothing", usize::MAX),
        fault: "nothing is changed".into(),
        kept: None,
        ..like.clone()
    };
    let kill = nothing.ask(suite, None)?;
    let mut failures = 0;
    let mut told = Report::new(|line| failures += u32::from(matches!(line, Line::Failure(_))));
    tell(
        Effort::Full,
        &[nothing],
        &[kill],
        &HashMap::new(),
        &mut told,
    );
    drop(told);
    if failures == 1 {
        report.found("nothing is changed", "the gate: nothing notices it");
    } else {
        report.failure("a fault that changes nothing passes the gate");
    }
    Ok(())
}

fn weaker(sites: &[sites::Site]) -> Vec<Mutant> {
    let of = |site: &sites::Site| {
        let site = site.clone();
        site.mutants.clone().into_iter().map(move |fault| Mutant {
            planted: format!("{}:{fault}", site.id),
            key: site.key.clone(),
            fault: fault.to_owned(),
            edge: site.edge.clone(),
            text: site.text.clone(),
            kept: site.kept.clone(),
            endless: false,
        })
    };
    sites.iter().flat_map(of).collect()
}

fn broken(faults: &[faults::Fault]) -> Vec<Mutant> {
    let of = |(number, fault): (usize, &faults::Fault)| Mutant {
        planted: format!("{number}:on"),
        key: Key {
            file: fault.file.clone(),
            function: String::new(),
            number: 0,
        },
        fault: fault.name.clone(),
        edge: String::new(),
        text: fault
            .before
            .lines()
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" "),
        kept: fault.kept.clone(),
        endless: true,
    };
    faults.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What nobody has asked about, or what nothing noticed, must not be in the tables.
    fn explained(part: &str, mutants: &[Mutant]) {
        let rows = table::read(part).unwrap();
        assert!(!mutants.is_empty());
        let open = mutants.iter().filter(|mutant| is_open(mutant, &rows));
        let open: Vec<_> = open.map(Mutant::name).collect();
        assert!(
            open.is_empty(),
            "{part}.csv: `gate -- bless-{part}` finds out who notices\n{}",
            open.join("\n")
        );
    }

    #[test]
    fn each_weaker_ordering_is_noticed_or_has_a_reason() {
        let mut copy = Copy::of_workspace("orderings-test").unwrap();
        explained("orderings", &weaker(&copy.orderings().unwrap()));
    }

    #[test]
    fn each_fault_of_logic_is_noticed_or_has_a_reason() {
        explained("logic", &broken(&faults::all().unwrap()));
    }
}
