//! Each operation suspended before each of its accesses.

use anyhow::{Context, Result, ensure};
use corosensei::stack::DefaultStack;
use tagged_arena::sync::Access;

use crate::call::Call;
use crate::context::{Suspended, accesses, bounded};
use crate::pending::Pending;
use crate::prepare::{Prepared, Shape};
use crate::subject::Subject;
use crate::work::{Lost, allowed, lost, others};

/// What was done, and the worst that was seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Accesses before which an operation was suspended.
    pub accesses: u64,
    /// Operations of the others.
    pub operations: u64,
    /// The most cells lost.
    pub lost: Lost,
    /// The most accesses that an operation of the others took.
    pub longest: u64,
}

impl Tally {
    /// Adds counts, and keeps the worse of what was worst.
    pub fn add(&mut self, other: Tally) {
        self.accesses += other.accesses;
        self.operations += other.operations;
        self.lost.add(other.lost);
        self.longest = self.longest.max(other.longest);
    }
}

/// Suspends the operation before every access that it makes in that state.
pub fn every_access(
    new: fn() -> Box<dyn Subject>,
    shape: Shape,
    call: Call,
    operations: u64,
) -> Result<Tally> {
    let mut tally = Tally::default();
    let Some(prepared) = Prepared::new(new(), shape) else {
        return Ok(tally);
    };
    let Some(run) = prepared.begin(call, &mut prepared.state.clone()) else {
        return Ok(tally);
    };
    let (_, log) = accesses(run)?;
    if call.kind.reads() && prepared.subject().rules().silent_reads {
        let loads = |access: &Access| matches!(access, Access::Load | Access::Fence);
        ensure!(
            log.iter().all(loads),
            "{call} is a read that writes: {log:?}"
        );
    }
    for at in 1..=log.len() as u64 {
        let one = one(new, shape, call, at, operations)
            .with_context(|| format!("{call} suspended before access {at} of {}", log.len()))?;
        tally.add(one);
    }
    Ok(tally)
}

fn one(
    new: fn() -> Box<dyn Subject>,
    shape: Shape,
    call: Call,
    at: u64,
    operations: u64,
) -> Result<Tally> {
    let prepared = Prepared::new(new(), shape).context("no such state")?;
    let subject = prepared.subject();
    let mut state = prepared.state.clone();
    let run = prepared
        .begin(call, &mut state)
        .context("it cannot begin")?;
    let suspended = Suspended::at(DefaultStack::default(), at, || drop(run()))?;
    ensure!(
        suspended.is_some(),
        "it ended before: its accesses are not the same each time"
    );
    let most = std::cell::Cell::new(0);
    let done = std::cell::Cell::new(0);
    let perform = |subject: &dyn Subject, call: Call| {
        let (answer, count) = bounded(|| subject.call(call)).with_context(|| call.to_string())?;
        most.set(count.max(most.get()));
        done.set(done.get() + 1);
        Ok(answer)
    };
    let rules = subject.rules();
    let mut pending = Pending::new(rules, state, call, allowed(&rules, call));
    others(subject, &mut pending, operations, at, &perform)?;
    let lost = lost(subject, &mut pending, &perform)?;
    Ok(Tally {
        accesses: 1,
        operations: done.get(),
        lost: Lost::to(&rules, call, lost)?,
        longest: most.get(),
    })
}
