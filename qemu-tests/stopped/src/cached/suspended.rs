//! One operation that is suspended for ever, before each of its accesses.

use anyhow::{Context, Result, ensure};
use corosensei::stack::DefaultStack;

use super::ledger::Ledger;
use super::sweep::{Others, Tally, missing};
use super::{Call, HELD, Hand, Missing, Op, PINNED, Subject, prepared};
use crate::context::{Suspended, bounded};
use crate::hashes::Hashes;
use crate::subject::Content;

/// Suspends it while others go on; then nobody goes on, and a repair brings back what it cost.
///
/// # Errors
/// If one of them waits or is refused, if more is lost than may be, or anything comes back twice.
pub fn every_access<S: Hashes>(
    entries: usize,
    op: Op,
    hand: Hand<S>,
    operations: u64,
) -> Result<Tally> {
    let mut tally = Tally::default();
    for at in 1.. {
        let place = || format!("{op:?} of {entries} entries suspended before access {at}");
        let one = beside(entries, op, hand, at, operations).with_context(place)?;
        let Some(one) = one else {
            break;
        };
        repaired(entries, op, hand, at).with_context(place)?;
        tally.add(one);
    }
    ensure!(tally.accesses > 0, "{op:?} makes no access");
    Ok(tally)
}

fn beside<S: Hashes>(
    entries: usize,
    op: Op,
    hand: Hand<S>,
    at: u64,
    operations: u64,
) -> Result<Option<Tally>> {
    let (mut cache, mut ledger) = prepared::<S>(entries)?;
    let mut others = Others::new(&*cache, hand)?;
    let call = ledger.call(op);
    let Some(context) = suspend(&cache, hand, call, at)? else {
        return Ok(None);
    };
    others.several(&mut ledger, operations, at)?;
    let tally = others.tally;
    drop(others);
    let lost = missing(&cache, hand, &mut ledger)?;
    let most = op.may_cost();
    ensure!(
        lost.cells <= most.cells && lost.places <= most.places,
        "lost are {lost:?}, of {most:?} at most"
    );
    owed(&ledger, call, entries)?;
    drop(context);
    bounded(|| (hand.repair)(&mut cache))?;
    let after = missing(&cache, hand, &mut ledger)?;
    ensure!(
        after == Missing::default(),
        "lost after a repair: {after:?}"
    );
    owed(&ledger, call, entries)?;
    Ok(Some(Tally {
        accesses: 1,
        lost: lost.cells,
        ..tally
    }))
}

/// What it leaves is repaired at once: what had been there is there, but for what it took out.
fn repaired<S: Hashes>(entries: usize, op: Op, hand: Hand<S>, at: u64) -> Result<()> {
    let (mut cache, mut ledger) = prepared::<S>(entries)?;
    let call = ledger.call(op);
    // As it was held before: so it makes the same accesses.
    let held = cache.peek(&HELD).context("it is there")?;
    let number = held.number();
    let context = suspend(&cache, hand, call, at)?;
    drop(context.context("its accesses are not the same each time")?);
    drop(held);
    bounded(|| (hand.repair)(&mut cache))?;
    ensure!(
        cache.is_pinned(&PINNED),
        "what was pinned is gone after a repair"
    );
    let held = cache.peek(&HELD).map(|entry| entry.number());
    ensure!(
        held == Some(number),
        "what was held is gone after a repair: {held:?}"
    );
    let there = cache.len();
    ensure!(
        there + op.may_owe(entries) >= entries,
        "{there} of {entries} entries are there after a repair"
    );
    let lost = missing(&cache, hand, &mut ledger)?;
    ensure!(lost == Missing::default(), "lost by a repair: {lost:?}");
    owed(&ledger, call, entries)
}

fn suspend<S: Hashes>(
    cache: &Subject<S>,
    hand: Hand<S>,
    call: Call,
    at: u64,
) -> Result<Option<Suspended<'_>>> {
    let run = move || drop((hand.perform)(cache, call));
    Suspended::at(DefaultStack::default(), at, run)
}

/// What has not come back is with the operation: what it was to put in, and what it took out.
fn owed(ledger: &Ledger, call: Call, entries: usize) -> Result<()> {
    let mut out = ledger.out();
    out.retain(|&value| value != call.value);
    ensure!(out.len() <= call.op.may_owe(entries), "lost: {out:?}");
    Ok(())
}
