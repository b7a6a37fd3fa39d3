//! One operation that others interrupt before each of its accesses, and that goes on then.

use std::cell::RefCell;

use anyhow::{Context, Result, anyhow, ensure};

use super::sweep::{Others, Tally, missing};
use super::{Hand, Missing, Op, PLACES, SHORT, prepared};
use crate::context::{accesses, interrupted};
use crate::hashes::Hashes;
use crate::subject::Content;

/// What a handler does last, with an entry that the operation is not about: from then on it must stay.
#[derive(Clone, Copy, Debug)]
enum Last {
    Holds(u64),
    Pins(u64),
}

/// Interrupts it by operations drawn at random; and by one that only holds or pins an entry, of each that may
/// have been chosen to be evicted.
///
/// # Errors
/// As when it is suspended; and each value comes back exactly once.
pub fn every_access<S: Hashes>(
    entries: usize,
    op: Op,
    hand: Hand<S>,
    operations: u64,
) -> Result<Tally> {
    let mut tally = Tally::default();
    let (cache, mut ledger) = prepared::<S>(entries)?;
    // As it is below, so that the accesses are the same.
    let _others = Others::new(&*cache, hand)?;
    let call = ledger.call(op);
    let (_, log) = accesses(|| (hand.perform)(&cache, call))?;
    let evicted = (SHORT + 1)..entries as u64;
    let alone: Vec<_> = evicted
        .flat_map(|key| [Last::Holds(key), Last::Pins(key)])
        .map(|last| (0, last))
        .collect();
    for at in 1..=log.len() as u64 {
        let drawn = (operations, Last::Holds(SHORT + 1 + at % PLACES as u64));
        for &(operations, last) in alone.iter().chain([&drawn]) {
            let one = one(entries, op, hand, at, operations, last);
            tally.add(one.with_context(|| {
                format!("{op:?} of {entries} entries interrupted before access {at}; then {last:?}")
            })?);
        }
    }
    Ok(tally)
}

fn one<S: Hashes>(
    entries: usize,
    op: Op,
    hand: Hand<S>,
    at: u64,
    operations: u64,
    last: Last,
) -> Result<Tally> {
    let (cache, mut ledger) = prepared::<S>(entries)?;
    let others = RefCell::new(Others::new(&*cache, hand)?);
    let call = ledger.call(op);
    let then = ledger.clone();
    let ledger = RefCell::new(ledger);
    let handled = RefCell::new(Err(anyhow!("it never came")));
    let (held, pinned) = (RefCell::new(None), RefCell::new(None));
    let handler = || {
        let mut others = others.borrow_mut();
        *handled.borrow_mut() = others.several(&mut ledger.borrow_mut(), operations, at);
        match last {
            Last::Holds(key) => *held.borrow_mut() = cache.peek(&key),
            Last::Pins(key) => *pinned.borrow_mut() = cache.pin(&key).then_some(key),
        }
    };
    let answer = interrupted(at, handler, || (hand.perform)(&cache, call))?;
    handled.into_inner().context("the handler")?;
    let (others, mut ledger) = (others.into_inner(), ledger.into_inner());
    others.keep()?;
    if let Some(held) = held.into_inner() {
        let there = cache.peek(held.key()).map(|entry| entry.number());
        ensure!(
            there == Some(held.number()),
            "what the handler holds is gone: {there:?}"
        );
    }
    if let Some(key) = pinned.into_inner() {
        ensure!(
            cache.is_pinned(&key),
            "what the handler pinned is gone: {key}"
        );
    }
    ensure!(!answer.refused, "{call} is refused");
    ledger.take_late(call, answer, &then)?;
    let tally = others.tally;
    drop(others);
    let lost = missing(&cache, hand, &mut ledger)?;
    ensure!(
        lost == Missing::default(),
        "all have ended, and lost are {lost:?}"
    );
    ensure!(ledger.out().is_empty(), "lost: {:?}", ledger.out());
    Ok(Tally {
        accesses: 1,
        ..tally
    })
}
