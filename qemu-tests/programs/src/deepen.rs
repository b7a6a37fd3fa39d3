//! How far each program is explored, and what is said of one that fails.

use std::cell::{Cell, RefCell};
use std::panic;

use programs::{Fault, Limits, Outcome, Program, Run, explore, make, smallest};
use verify::Report;

/// How far.
#[derive(Clone, Copy, Debug)]
pub struct Depth {
    /// At most so many preemptions: first none, then one, and so on.
    pub preemptions: usize,
    /// As long as there are not more executions than this.
    pub executions: u64,
}

/// What came out.
#[derive(Debug)]
pub struct Explored {
    /// With so many preemptions all executions were tried; `None` if not even without one.
    pub complete: Option<usize>,
    /// Tried in all.
    pub executions: u64,
    /// What went wrong.
    pub failure: Option<Failure>,
}

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// No order explains this.
    Wrong(Box<Run>),
    /// Something panicked.
    Panicked(String),
}

thread_local! {
    static CURRENT: RefCell<String> = const { RefCell::new(String::new()) };
    static PANICS: Cell<u32> = const { Cell::new(0) };
}

/// A panic ends an exploration, which says so. A second one on the way ends the process: then at least the
/// program is named.
pub fn name_what_aborts() {
    panic::set_hook(Box::new(|info| {
        PANICS.set(PANICS.get() + 1);
        if PANICS.get() > 1 {
            let program = CURRENT.with_borrow(Clone::clone);
            Report::to_stdout().failure(format!("{info}, in this:\n{program}"));
        }
    }));
}

/// Explores the program on a map, perhaps one with a fault, with more and more preemptions.
pub fn deepen(program: &Program, depth: Depth, fault: Option<Fault>) -> Explored {
    CURRENT.set(program.show(None));
    let mut explored = Explored {
        complete: None,
        executions: 0,
        failure: None,
    };
    for preemptions in 0..=depth.preemptions {
        let limits = Limits {
            preemptions,
            executions: depth.executions,
        };
        PANICS.set(0);
        let (outcome, executions) = explore(program, limits, move |program, alive| {
            let subject = make(&program.case, alive);
            match fault {
                Some(fault) => fault.around(subject),
                None => subject,
            }
        });
        explored.executions += executions;
        match outcome {
            Outcome::Explained => explored.complete = Some(preemptions),
            Outcome::TooLarge => break,
            Outcome::Wrong(run) => {
                explored.failure = Some(Failure::Wrong(run));
                break;
            }
            Outcome::Panicked(text) => {
                explored.failure = Some(Failure::Panicked(text));
                break;
            }
        }
    }
    explored
}

/// The smallest part of the program that fails, as text.
pub fn shrunk(program: &Program, failure: Failure, depth: Depth, fault: Option<Fault>) -> String {
    let fails = |program: &Program| deepen(program, depth, fault).failure;
    match smallest(program.clone(), failure, fails) {
        (program, Failure::Wrong(run)) => {
            format!("no order explains this:\n{}", program.show(Some(&run)))
        }
        (program, Failure::Panicked(text)) => format!("{text}, in this:\n{}", program.show(None)),
    }
}
