//! A program under loom.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use loom::sync::atomic::fence;

use crate::call::Event;
use crate::order::{Run, explained};
use crate::program::{Fences, Program};
use crate::subject::{Alive, Subject};

/// More switches of contexts than any of these programs takes: reaching it is a failure.
const BRANCHES: usize = 50_000;

/// How much is tried of a program.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// So many preemptions at most in one execution.
    pub preemptions: usize,
    /// A program that has more executions is not finished, and says so.
    pub executions: u64,
}

/// What became of a program.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// All executions were tried, and an order explains each.
    Explained,
    /// No order explains this one.
    Wrong(Box<Run>),
    /// Something panicked: the map, loom on seeing a race or a leak, or a branch too many.
    Panicked(String),
    /// There are more executions than the limit.
    TooLarge,
}

/// Ends an exploration.
struct Stop;

/// What an exploration hands out.
#[derive(Default)]
struct Seen {
    /// What has been looked at already: most executions answer as another did.
    explained: HashMap<Run, bool>,
    wrong: Option<Run>,
    executions: u64,
    too_large: bool,
}

/// Tries every execution of the program on what `make` makes. Also says how many there were.
pub fn explore(
    program: &Program,
    limits: Limits,
    make: impl Fn(&Program, &Alive) -> Box<dyn Subject> + Send + Sync + 'static,
) -> (Outcome, u64) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(limits.preemptions);
    builder.max_branches = BRANCHES;
    // With any of these, an exploration that was cut short would look like one that is complete.
    builder.max_duration = None;
    builder.max_permutations = None;
    builder.checkpoint_file = None;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let shared = seen.clone();
    let program = Arc::new(program.clone());
    let checked = catch_unwind(AssertUnwindSafe(|| {
        builder.check(move || {
            let count = {
                let mut seen = shared.lock().expect("not held in a panic");
                seen.executions += 1;
                seen.too_large = seen.executions > limits.executions;
                seen.too_large
            };
            if count {
                panic_any(Stop);
            }
            let run = once(&program, &make);
            let mut seen = shared.lock().expect("not held in a panic");
            let fits = *seen
                .explained
                .entry(run.clone())
                .or_insert_with(|| explained(&program.case, &run, program.fences));
            if !fits {
                seen.wrong = Some(run);
                drop(seen);
                panic_any(Stop);
            }
        });
    }));
    let mut seen = seen.lock().expect("not held in a panic");
    let outcome = match (checked, seen.wrong.take()) {
        (_, Some(run)) => Outcome::Wrong(Box::new(run)),
        (Err(_), None) if seen.too_large => Outcome::TooLarge,
        (Err(panic), None) => Outcome::Panicked(text(&*panic)),
        (Ok(()), None) => Outcome::Explained,
    };
    (outcome, seen.executions)
}

fn text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
    text.unwrap_or_else(|| "a panic".into())
}

/// One execution. Loom's main thread only builds, spawns, joins and looks at what is left.
fn once(program: &Arc<Program>, make: impl Fn(&Program, &Alive) -> Box<dyn Subject>) -> Run {
    let alive: Alive = Arc::new(AtomicI64::new(0));
    let subject: Arc<dyn Subject> = make(program, &alive).into();
    // Loom does not see it: it orders nothing.
    let clock = Arc::new(AtomicU64::new(0));
    let setup = program.setup.iter();
    let setup = setup.map(|&call| {
        let answer = subject.call(0, call);
        Event {
            call,
            answer,
            begin: 0,
            end: 0,
        }
    });
    let setup = setup.collect();
    subject.end(0);
    let threads = (0..program.contexts.len()).map(|context| {
        let (program, subject, clock) = (program.clone(), subject.clone(), clock.clone());
        loom::thread::spawn(move || {
            let calls = program.contexts[context].iter();
            let one = |&call| perform(&*subject, &program, context + 1, call, &clock);
            let events: Vec<Event> = calls.map(one).collect();
            subject.end(context + 1);
            events
        })
    });
    let threads: Vec<_> = threads.collect();
    let threads = threads.into_iter();
    let contexts = threads.map(|thread| thread.join().expect("a panic ends the exploration"));
    let contexts = contexts.collect();
    let mut rest = subject.rest(&program.keys());
    drop(subject);
    rest.leaked = alive.load(Ordering::Relaxed);
    Run {
        setup,
        contexts,
        rest,
    }
}

/// One operation, with the fences that the program wants.
fn perform(
    subject: &dyn Subject,
    program: &Program,
    context: usize,
    call: crate::call::Call,
    clock: &AtomicU64,
) -> Event {
    let timed = program.fences == Fences::Around;
    let now = || {
        if timed {
            clock.fetch_add(1, Ordering::Relaxed)
        } else {
            0
        }
    };
    let begin = now();
    if timed {
        fence(loom::sync::atomic::Ordering::SeqCst);
    }
    let answer = subject.call(context, call);
    let mut event = Event {
        call,
        answer,
        begin,
        end: 0,
    };
    if timed || program.fences == Fences::BehindLookUps && event.changed_nothing() {
        fence(loom::sync::atomic::Ordering::SeqCst);
    }
    event.end = now();
    event
}
