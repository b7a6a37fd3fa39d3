//! What the layer does at each effort.

use std::cell::{Cell, RefCell};
use std::panic;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use anyhow::{Context, Result};
use programs::{Explored, Fault, Limits, Program, Run, explore, make, smallest};
use verify::{Effort, Line, Report};

/// Programs of a quick run, from seed 0 on.
const QUICK: u64 = 100;
/// Programs of a full run, from seed 0 on.
const FULL: u64 = 4000;
/// So many of these are tried with one preemption more.
const DEEP: u64 = 8;
/// Programs in which each planted fault has to be found.
const PLANTED: u64 = 400;

/// The preemptions of most programs, and how many executions one may have.
const USUAL: Limits = Limits {
    preemptions: 2,
    executions: 30_000,
};

pub fn main() -> ExitCode {
    name_what_aborts();
    verify::main_with(|effort, only, report| match (only, effort) {
        (Some(seed), _) => {
            let seed = seed.parse().context("a seed is a number")?;
            one(seed, report);
            Ok(())
        }
        (None, Effort::Quick) => layer(report, QUICK, 1),
        (None, Effort::Full) => layer(report, FULL, 2),
        (None, Effort::SelfTest) => self_test(report),
    })
}

thread_local! {
    static CURRENT: RefCell<String> = const { RefCell::new(String::new()) };
    static PANICS: Cell<u32> = const { Cell::new(0) };
}

/// A panic ends an exploration, which says so. A second one on the way ends the process: then at least the
/// program is named.
fn name_what_aborts() {
    panic::set_hook(Box::new(|info| {
        PANICS.set(PANICS.get() + 1);
        if PANICS.get() > 1 {
            let program = CURRENT.with_borrow(Clone::clone);
            Report::to_stdout().failure(format!("{info} in {program}"));
        }
    }));
}

fn explored(program: &Program, limits: Limits, fault: Option<Fault>) -> (Explored, u64) {
    CURRENT.set(program.show(None));
    PANICS.set(0);
    explore(program, limits, move |program, alive| {
        let subject = make(&program.case, alive);
        match fault {
            Some(fault) => fault.around(subject),
            None => subject,
        }
    })
}

/// Why a program fails, if it does.
fn failure(program: &Program, limits: Limits, fault: Option<Fault>) -> Option<Failure> {
    match explored(program, limits, fault).0 {
        Explored::Wrong(run) => Some(Failure::Wrong(run)),
        Explored::Panicked(text) => Some(Failure::Panicked(text)),
        Explored::Explained | Explored::TooLarge => None,
    }
}

#[derive(Debug)]
enum Failure {
    Wrong(Box<Run>),
    Panicked(String),
}

impl Failure {
    /// The smallest part of the program that fails, as text.
    fn shrunk(self, program: &Program, limits: Limits, fault: Option<Fault>) -> String {
        let fails = |program: &Program| failure(program, limits, fault);
        let (program, failure) = smallest(program.clone(), self, fails);
        match failure {
            Failure::Wrong(run) => {
                format!("no order explains this:\n{}", program.show(Some(&run)))
            }
            Failure::Panicked(text) => format!("{text}, in this:\n{}", program.show(None)),
        }
    }
}

/// What a program's exploration came to.
struct Done {
    seed: u64,
    explored: Explored,
    executions: u64,
    operations: u64,
}

fn limits(seed: u64, full: bool) -> Limits {
    if full && seed % DEEP == 0 {
        Limits {
            preemptions: USUAL.preemptions + 1,
            executions: 20 * USUAL.executions,
        }
    } else {
        USUAL
    }
}

fn layer(report: &mut Report<'_>, programs: u64, threads: usize) -> Result<()> {
    let next = AtomicU64::new(0);
    let (sender, done) = mpsc::channel();
    let full = threads > 1;
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (next, sender) = (&next, sender.clone());
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= programs {
                        return;
                    }
                    let program = Program::random(seed);
                    let (explored, executions) = explored(&program, limits(seed, full), None);
                    let done = Done {
                        seed,
                        explored,
                        executions,
                        operations: executions * program.operations() as u64,
                    };
                    // Without a receiver there was a failure.
                    if sender.send(done).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut count = Count::default();
        for done in done {
            report.progress(count.programs, programs, "programs");
            if !count.take(done, full, report) {
                break;
            }
        }
        count.tell(report);
    });
    Ok(())
}

#[derive(Default)]
struct Count {
    programs: u64,
    executions: u64,
    operations: u64,
    too_large: u64,
}

impl Count {
    /// Whether all is well.
    fn take(&mut self, done: Done, full: bool, report: &mut Report<'_>) -> bool {
        self.executions += done.executions;
        self.operations += done.operations;
        let failure = match done.explored {
            Explored::Explained => {
                self.programs += 1;
                return true;
            }
            Explored::TooLarge => {
                self.too_large += 1;
                return true;
            }
            Explored::Wrong(run) => Failure::Wrong(run),
            Explored::Panicked(text) => Failure::Panicked(text),
        };
        let program = Program::random(done.seed);
        let text = failure.shrunk(&program, limits(done.seed, full), None);
        report.failure(format!("program {}: {text}", done.seed));
        false
    }

    fn tell(&self, report: &mut Report<'_>) {
        report.tried("programs", self.programs);
        report.tried("executions", self.executions);
        report.tried("operations", self.operations);
        if self.too_large > 0 {
            report.tried("programs too large to finish", self.too_large);
        }
    }
}

fn one(seed: u64, report: &mut Report<'_>) {
    let program = Program::random(seed);
    eprintln!("{}", program.show(None));
    let (explored, executions) = explored(&program, USUAL, None);
    report.line(Line::Note(format!("{executions} executions")));
    let mut count = Count::default();
    let operations = 0;
    let done = Done {
        seed,
        explored,
        executions,
        operations,
    };
    count.take(done, false, report);
    count.tell(report);
}

fn self_test(report: &mut Report<'_>) -> Result<()> {
    for (at, fault) in Fault::ALL.into_iter().enumerate() {
        report.progress(at as u64, Fault::ALL.len() as u64, fault.name());
        let found = (0..PLANTED).find_map(|seed| {
            let program = Program::random(seed);
            let failure = failure(&program, USUAL, Some(fault))?;
            Some((program, failure))
        });
        let Some((program, failure)) = found else {
            report.failure(format!("not found: {}", fault.name()));
            continue;
        };
        let text = failure.shrunk(&program, USUAL, Some(fault));
        eprintln!("{}, {text}", fault.name());
        report.found(fault.name(), format!("program {}", program.seed));
    }
    Ok(())
}
