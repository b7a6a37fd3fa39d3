//! What is tried on which board.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result, ensure};
use stopped::call::{Call, Kind};
use stopped::prepare::{ABSENT, PRESENT, Shape};
use verify::{Effort, Line, Report};

use crate::board::{BOARDS, Board};
use crate::case::{Amount, Case, Tally};
use crate::looked::Looked;
use crate::machine::Machine;

/// How many half seconds without progress show that somebody waits.
const PATIENCE: u32 = 20;
const PLANTED_PATIENCE: u32 = 10;

/// Operations, each in a state.
type Cases<'a> = Vec<(&'a Looked, Shape, Vec<Call>)>;

/// All of it, or the part that the effort has time for: the boards at the same time.
pub fn run(
    effort: Effort,
    only: Option<&str>,
    boards: &[(String, PathBuf)],
    report: &mut Report<'_>,
) -> Result<()> {
    let (sender, lines) = mpsc::channel();
    thread::scope(|scope| {
        for (number, (name, image)) in boards.iter().enumerate() {
            let sender = sender.clone();
            scope.spawn(move || {
                // Nobody listens any more only after a panic.
                let mut report = Report::new(|line| drop(sender.send((number, line))));
                let result = on_board(effort, only, name, image, &mut report);
                report.conclude(effort, result.with_context(|| name.clone()));
            });
        }
        drop(sender);
        let mut progress = vec![(0, 0); boards.len()];
        for (number, line) in lines {
            if let Line::Progress { done, total, what } = line {
                progress[number] = (done, total);
                let (done, total) = progress
                    .iter()
                    .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
                report.progress(done, total, what);
            } else {
                report.line(line);
            }
        }
    });
    Ok(())
}

/// The same on one board.
fn on_board(
    effort: Effort,
    only: Option<&str>,
    name: &str,
    image: &Path,
    report: &mut Report<'_>,
) -> Result<()> {
    let board = BOARDS.iter().find(|board| board.name == name);
    let board = board.context("this board is not for this")?;
    let all = Looked::all().into_iter();
    let all: Vec<_> = all
        .filter(|looked| only.is_none_or(|only| looked.name.contains(only)))
        .collect();
    let (cases, amount) = match effort {
        Effort::SelfTest => return self_test(board, image, report),
        Effort::Full => (full(&all)?, FULL),
        Effort::Quick => (quick(&all)?, QUICK),
    };
    let tally = try_all(board, image, &cases, amount, report)?;
    report.tried("instructions stopped at", tally.stops);
    report.tried("operations of the others", tally.operations);
    report.tried("operations that went on to their end", tally.resumed);
    report.tried(
        "instructions between operations of the others",
        tally.between,
    );
    report.tried("boards", 1);
    report.note(format!(
        "{name}: stopped at {} of {} addresses of instructions; {}",
        tally.covered, tally.executed, tally.lost
    ));
    Ok(())
}

/// The subjects that are tried in all states.
const MOST_DIFFERENT: [&str; 7] = [
    "CopyMap wide",
    "CopyMap wide, one chain",
    "CopyMap narrow",
    "CopyMap narrow, one chain",
    "Map",
    "Map, one chain",
    "Pool",
];

const FULL: Amount = Amount {
    operations: 200,
    resume: 4,
    between: 1,
    left_out: 0,
};

const QUICK: Amount = Amount {
    operations: 60,
    resume: 8,
    between: 1,
    left_out: 0,
};

/// All states of the subjects that differ most, and one state of each of the others. What reads is not tried
/// in all states: it goes the same way in most.
fn full(all: &[Looked]) -> Result<Cases<'_>> {
    for name in MOST_DIFFERENT {
        ensure!(
            all.iter().any(|looked| looked.name == name),
            "no subject is called '{name}'"
        );
    }
    let cases = all.iter().enumerate().flat_map(|(number, looked)| {
        let shapes = Shape::ALL.into_iter().filter(|shape| looked.has(*shape));
        let shapes: Vec<_> = if MOST_DIFFERENT.contains(&looked.name) {
            shapes.collect()
        } else {
            shapes.cycle().skip(number).take(1).collect()
        };
        shapes.into_iter().map(move |shape| (looked, shape))
    });
    let cases = cases.map(|(looked, shape)| {
        let all = MOST_DIFFERENT.contains(&looked.name);
        let calls = looked.calls.iter().copied();
        let calls = calls.filter(|call| !all || differs(call.kind, shape));
        (looked, shape, calls.collect())
    });
    Ok(cases.collect())
}

/// Whether an operation that reads finds something else in this state than in the others.
fn differs(kind: Kind, shape: Shape) -> bool {
    match kind {
        Kind::Iterate => shape == Shape::Full,
        kind if kind.reads() => matches!(shape, Shape::Few | Shape::Held),
        _ => true,
    }
}

/// An operation or two of one subject of each sort.
fn quick(all: &[Looked]) -> Result<Cases<'_>> {
    let chosen = [
        (
            "CopyMap wide, one chain",
            Shape::Full,
            Kind::Insert,
            PRESENT,
        ),
        ("CopyMap narrow", Shape::NearlyFull, Kind::TryInsert, ABSENT),
        ("Map, one chain", Shape::Few, Kind::Remove, PRESENT),
        ("Pool", Shape::Few, Kind::TryInsert, ABSENT),
    ];
    let cases = chosen.into_iter().map(|(name, shape, kind, key)| {
        let looked = all.iter().find(|looked| looked.name == name);
        let looked = looked.with_context(|| format!("no subject is called '{name}'"))?;
        Ok((looked, shape, vec![Call::new(kind, key, 7000 + key)]))
    });
    cases.collect()
}

fn try_all(
    board: &'static Board,
    image: &Path,
    cases: &Cases<'_>,
    amount: Amount,
    report: &mut Report<'_>,
) -> Result<Tally> {
    let total = cases.iter().map(|case| case.2.len() as u64).sum();
    let (mut tally, mut done) = (Tally::default(), 0);
    let mut machine = None;
    for (looked, shape, calls) in cases {
        for call in calls {
            report.progress(done, total, format!("{}, {}", board.name, looked.name));
            done += 1;
            let running = match &mut machine {
                Some(running) => running,
                none => none.insert(Machine::start(board, image, PATIENCE)?),
            };
            let place = || format!("{}, {}, {shape:?}", board.name, looked.name);
            let result = Case::new(running, looked, *shape)
                .and_then(|mut case| case.tried(*call, amount))
                .with_context(place);
            match result {
                Ok(more) => tally.add(more),
                Err(error) => {
                    report.failure(format!("{error:#}"));
                    // A core may wait for ever in it.
                    machine = None;
                }
            }
        }
    }
    ensure!(tally.stops > 0, "nothing was stopped");
    Ok(tally)
}

/// Subjects with a fault, and a layer that leaves out instructions.
fn self_test(board: &'static Board, image: &Path, report: &mut Report<'_>) -> Result<()> {
    let amount = |operations, resume, between, left_out| Amount {
        operations,
        resume,
        between,
        left_out,
    };
    let all = Looked::all();
    let map = all.first().context("no subject")?.clone();
    let planted = |name: &str| Looked::planted(name).with_context(|| format!("no '{name}'"));
    let (lock, costly) = (planted("a lock")?, planted("three cells")?);
    let (gap, lost, leaky) = (
        planted("a gap")?,
        planted("lost update")?,
        planted("a leak")?,
    );
    let lost_again = lost.clone();
    use Kind::{Get, Insert, Update};
    let (stop, resume) = (amount(60, 0, 0, 0), amount(60, 1, 0, 0));
    let (none, between, hasty) = (amount(0, 0, 0, 0), amount(0, 0, 8, 0), amount(0, 0, 0, 7));
    let cases = [
        (
            "a lock held by the stopped core",
            lock,
            Update,
            stop,
            "no progress",
        ),
        ("three cells lost", costly, Update, none, "cells are lost"),
        ("spare cells lost", leaky, Update, none, "cells are lost"),
        ("a key gone for a moment", gap, Insert, stop, "wrong answer"),
        ("a lost update", lost, Update, resume, "gone on"),
        (
            "an update lost between two instructions",
            lost_again,
            Update,
            between,
            "between",
        ),
        ("an instruction left out", map, Get, hasty, "not stopped at"),
    ];
    let total = cases.len() as u64;
    for (number, (fault, looked, kind, amount, by)) in cases.iter().enumerate() {
        report.progress(number as u64, total, format!("{}, {fault}", board.name));
        let mut machine = Machine::start(board, image, PLANTED_PATIENCE)?;
        let call = Call::new(*kind, PRESENT, 7);
        let result = Case::new(&mut machine, looked, Shape::Few)
            .and_then(|mut case| case.tried(call, *amount));
        let text = result.map_or_else(|error| format!("{error:#}"), |_| String::new());
        let fault = format!("{fault}, on {}", board.name);
        if text.contains(by) {
            report.found(fault, text);
        } else {
            report.failure(format!("{fault}: not found by '{by}', but: '{text}'"));
        }
    }
    Ok(())
}
