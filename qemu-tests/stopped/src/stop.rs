//! Each operation suspended before each of its accesses.

use anyhow::{Context, Result, bail, ensure};
use corosensei::stack::DefaultStack;
use tagged_arena::sync::Access;

use crate::call::{Answer, Call, Kind};
use crate::context::{Suspended, accesses, bounded};
use crate::model::{State, effect};
use crate::pending::Pending;
use crate::prepare::{Prepared, Shape};
use crate::subject::{KEYS, Subject};
use crate::work::{Lost, Perform, allowed, lost, others};

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
    /// Repairs of what was left at such an access.
    pub repairs: u64,
}

impl Tally {
    /// Adds counts, and keeps the worse of what was worst.
    pub fn add(&mut self, other: Tally) {
        self.accesses += other.accesses;
        self.operations += other.operations;
        self.lost.add(other.lost);
        self.longest = self.longest.max(other.longest);
        self.repairs += other.repairs;
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
        if prepared.subject().has_repair() {
            let repairs = repaired(new, shape, call, at).with_context(|| {
                format!(
                    "{call} stopped before access {at} of {}, then repaired",
                    log.len()
                )
            })?;
            tally.repairs += repairs;
        }
    }
    Ok(tally)
}

/// Operations after a repair, before it is said what is lost.
const AFTER_REPAIR: u64 = 40;

/// What was left is repaired: in one go, and by a repair that is stopped, too, and begun again. Then the
/// operation has had its effect or has not, each cell is an entry's or free, and the spare ones are spare.
fn repaired(new: fn() -> Box<dyn Subject>, shape: Shape, call: Call, at: u64) -> Result<u64> {
    let mut of_repair = 0;
    for stopped_at in [None, Some(at)] {
        let mut prepared = Prepared::new(new(), shape).context("no such state")?;
        let mut state = prepared.state.clone();
        let run = prepared
            .begin(call, &mut state)
            .context("it cannot begin")?;
        drop(Suspended::at(DefaultStack::default(), at, || drop(run()))?);
        let subject = prepared.abandoned();
        if let Some(number) = stopped_at {
            // A multiple that comes to most accesses of the repair in the end.
            let place = 1 + number.wrapping_mul(37) % of_repair;
            let repair = || subject.repair();
            drop(Suspended::at(DefaultStack::default(), place, repair)?);
        }
        let ((), count) = bounded(|| subject.repair())?;
        of_repair = count.max(1);
        let rules = subject.rules();
        let perform = |subject: &dyn Subject, call: Call| {
            let (answer, _) = bounded(|| subject.call(call)).with_context(|| call.to_string())?;
            Ok(answer)
        };
        let state = settled(subject, &state, call, &perform)?;
        // From here on nothing is pending: this has no effect.
        let nothing = Call::new(Kind::Len, 0, 0);
        let mut pending = Pending::new(rules, state, nothing, 0);
        others(subject, &mut pending, AFTER_REPAIR, at, &perform)?;
        let lost = lost(subject, &mut pending, &perform)?;
        ensure!(lost == 0, "{lost} cells are lost after the repair");
    }
    Ok(2)
}

/// What is in the map after the repair: what was before the operation, or after it.
fn settled(
    subject: &dyn Subject,
    before: &State,
    call: Call,
    perform: Perform<'_>,
) -> Result<State> {
    let mut state = State::new();
    for key in 0..KEYS as u64 {
        let there = match perform(subject, Call::new(Kind::Get, key, 0))? {
            Answer::Value(there) => there,
            other => bail!("a look-up of key {key}: {other:?}"),
        };
        let was = before.get(&key).copied();
        let may_be = call.kind.has_key() && key == call.key && there == effect(call, was);
        ensure!(
            there == was || may_be,
            "key {key} has {there:?} after the repair, and had {was:?} before"
        );
        state.extend(there.map(|value| (key, value)));
    }
    Ok(state)
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
        repairs: 0,
    })
}
