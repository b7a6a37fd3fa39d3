//! The runs: one operation that is suspended or interrupted, and others.

use std::cell::RefCell;

use anyhow::{Context, Result, ensure};
use arenamap::Ref;
use corosensei::stack::DefaultStack;

use super::ledger::Ledger;
use super::{
    ABSENT, Answer, Call, EXTRA, FRESH, HELD, LOST_CELLS, Op, PINNED, PLACES, PRESENT, Perform,
    SHORT, Subject, prepared,
};
use crate::context::{Suspended, accesses, bounded, interrupted};
use crate::hashes::Hashes;
use crate::subject::{Content, Tracked};

/// How many entries there are at the start: some, and as many as are kept.
pub const SHAPES: [usize; 2] = [4, PLACES];

/// What is suspended or interrupted.
pub fn outer() -> Vec<Op> {
    let ops = Op::all(&[PRESENT, SHORT, ABSENT]).into_iter();
    let kept = [Op::Insert(PINNED), Op::Get(HELD), Op::Pin(PINNED)];
    ops.chain(kept).collect()
}

/// What others do, drawn at random.
fn draw(random: &mut fastrand::Rng) -> Op {
    let keys = [PINNED, HELD, PRESENT, SHORT, ABSENT, random.u64(4..20)];
    loop {
        let key = keys[random.usize(0..keys.len())];
        let all = Op::all(&[key]);
        let op = all[random.usize(0..all.len())];
        // So many may be pinned that another may always go.
        let may_be_pinned = !matches!(op, Op::Pin(key) if key > SHORT);
        if op.spares_the_kept() && may_be_pinned {
            return op;
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Accesses before which an operation was suspended, or interrupted.
    pub accesses: u64,
    /// Operations of the others.
    pub operations: u64,
    /// The most accesses that one of them took.
    pub longest: u64,
    /// The most cells lost to a suspended one.
    pub lost: usize,
}

impl Tally {
    /// Adds counts, and keeps the worse of what was worst.
    pub fn add(&mut self, other: Tally) {
        self.accesses += other.accesses;
        self.operations += other.operations;
        self.longest = self.longest.max(other.longest);
        self.lost = self.lost.max(other.lost);
    }
}

/// A cache in which others are at work, with what they know.
struct Others<'a, S> {
    cache: &'a Subject<S>,
    perform: Perform<S>,
    held: Ref<'a, u64, Tracked>,
    tally: Tally,
}

impl<'a, S: Hashes> Others<'a, S> {
    fn new(cache: &'a Subject<S>, perform: Perform<S>) -> Result<Self> {
        Ok(Self {
            cache,
            perform,
            held: cache.peek(&HELD).context("it is there")?,
            tally: Tally::default(),
        })
    }

    fn one(&mut self, ledger: &mut Ledger, op: Op) -> Result<()> {
        let Self { cache, perform, .. } = *self;
        let (call, answer, count) = done(cache, perform, ledger, op)?;
        self.tally.operations += 1;
        self.tally.longest = self.tally.longest.max(count);
        ensure!(!answer, "{call} is refused");
        ensure!(
            cache.peek(&PINNED).is_some(),
            "what is pinned is gone after {call}"
        );
        let held = cache.peek(&HELD).map(|entry| entry.number());
        ensure!(
            held == Some(self.held.number()),
            "what is held is gone after {call}: {held:?}"
        );
        Ok(())
    }

    fn several(&mut self, ledger: &mut Ledger, operations: u64, seed: u64) -> Result<()> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..operations).try_for_each(|_| self.one(ledger, draw(&mut random)))
    }
}

/// Performs an operation that must come to its end; whether it was refused, and how many accesses it took.
fn done<S: Hashes>(
    cache: &Subject<S>,
    perform: Perform<S>,
    ledger: &mut Ledger,
    op: Op,
) -> Result<(Call, bool, u64)> {
    let call = ledger.call(op);
    let (answer, count) = bounded(|| perform(cache, call)).with_context(|| call.to_string())?;
    let refused = answer.refused;
    ledger.take(call, answer)?;
    Ok((call, refused, count))
}

/// What is lost when all is taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Missing {
    cells: usize,
    places: usize,
}

/// Empties it; how many cells and how many places are missing then. What comes back is noted.
fn missing<S: Hashes>(
    cache: &Subject<S>,
    perform: Perform<S>,
    ledger: &mut Ledger,
) -> Result<Missing> {
    let all = PLACES + EXTRA;
    emptied(cache, perform, ledger)?;
    // Places: so many go in before one makes way.
    for key in FRESH..FRESH + PLACES as u64 {
        done(cache, perform, ledger, Op::Insert(key))?;
    }
    let places = PLACES - cache.len();
    emptied(cache, perform, ledger)?;
    // Cells: so many are kept by holds of what has left.
    let mut holds = Vec::new();
    while !done(cache, perform, ledger, Op::Insert(FRESH))?.1 {
        ensure!(holds.len() < all, "more cells than there are");
        let call = ledger.call(Op::Remove(FRESH));
        let removed = cache.remove(&FRESH).context("it is there")?;
        let back = vec![(FRESH, removed.number())];
        ledger.take(
            call,
            Answer {
                back,
                ..Answer::default()
            },
        )?;
        holds.push(removed);
    }
    let cells = all - holds.len();
    Ok(Missing { cells, places })
}

fn emptied<S: Hashes>(cache: &Subject<S>, perform: Perform<S>, ledger: &mut Ledger) -> Result<()> {
    let keys: Vec<u64> = cache.iter().map(|entry| *entry.key()).collect();
    for key in keys {
        done(cache, perform, ledger, Op::Remove(key))?;
    }
    ensure!(
        cache.is_empty(),
        "nobody puts anything in, and it is not empty"
    );
    Ok(())
}

/// Suspends the operation for ever before each of its accesses, while others go on.
///
/// # Errors
/// If one of them waits or is refused, if anything is lost, or comes back twice.
pub fn suspended<S: Hashes>(
    entries: usize,
    op: Op,
    perform: Perform<S>,
    operations: u64,
) -> Result<Tally> {
    let mut tally = Tally::default();
    for at in 1.. {
        let place = || format!("{op:?} of {entries} entries suspended before access {at}");
        let one = suspended_at(entries, op, perform, at, operations).with_context(place)?;
        let Some(one) = one else {
            break;
        };
        repaired(entries, op, perform, at).with_context(place)?;
        tally.add(one);
    }
    ensure!(tally.accesses > 0, "{op:?} makes no access");
    Ok(tally)
}

fn suspended_at<S: Hashes>(
    entries: usize,
    op: Op,
    perform: Perform<S>,
    at: u64,
    operations: u64,
) -> Result<Option<Tally>> {
    let (mut cache, mut ledger) = prepared::<S>(entries)?;
    let mut others = Others::new(&*cache, perform)?;
    let call = ledger.call(op);
    let Some(context) = suspend(&cache, perform, call, at)? else {
        return Ok(None);
    };
    others.several(&mut ledger, operations, at)?;
    let tally = others.tally;
    drop(others);
    let lost = missing(&cache, perform, &mut ledger)?;
    ensure!(lost.cells <= LOST_CELLS, "{} cells are lost", lost.cells);
    ensure!(lost.places <= 1, "{} places are lost", lost.places);
    // What has not come back is with it: what it was to put in, and what it took out.
    let mut out = ledger.out();
    out.retain(|&value| value != call.value);
    ensure!(out.len() <= op.may_owe(), "lost: {out:?}");
    drop(context);
    bounded(|| cache.repair())?;
    let after = missing(&cache, perform, &mut ledger)?;
    ensure!(
        after == Missing::default(),
        "lost after a repair: {after:?}"
    );
    Ok(Some(Tally {
        accesses: 1,
        lost: lost.cells,
        ..tally
    }))
}

/// What it leaves is repaired at once: what had been there is there, but for what it took out.
fn repaired<S: Hashes>(entries: usize, op: Op, perform: Perform<S>, at: u64) -> Result<()> {
    let (mut cache, mut ledger) = prepared::<S>(entries)?;
    let call = ledger.call(op);
    // As it was held before: so it makes the same accesses.
    let held = cache.peek(&HELD).context("it is there")?;
    let context = suspend(&cache, perform, call, at)?;
    drop(context.context("its accesses are not the same each time")?);
    drop(held);
    bounded(|| cache.repair())?;
    ensure!(
        cache.peek(&PINNED).is_some(),
        "what was pinned is gone after a repair"
    );
    let there = cache.len();
    ensure!(
        there + op.may_owe() >= entries,
        "{there} of {entries} entries are there after a repair"
    );
    let lost = missing(&cache, perform, &mut ledger)?;
    ensure!(lost == Missing::default(), "lost by a repair: {lost:?}");
    Ok(())
}

fn suspend<S: Hashes>(
    cache: &Subject<S>,
    perform: Perform<S>,
    call: Call,
    at: u64,
) -> Result<Option<Suspended<'_>>> {
    let run = move || drop(perform(cache, call));
    Suspended::at(DefaultStack::default(), at, run)
}

/// Runs others before each access of the operation, which goes on then.
///
/// # Errors
/// As [`suspended`]; and each value comes back exactly once.
pub fn interrupted_by_others<S: Hashes>(
    entries: usize,
    op: Op,
    perform: Perform<S>,
    operations: u64,
) -> Result<Tally> {
    let mut tally = Tally::default();
    let (cache, mut ledger) = prepared::<S>(entries)?;
    // As it is below, so that the accesses are the same.
    let _others = Others::new(&*cache, perform)?;
    let call = ledger.call(op);
    let (_, log) = accesses(|| perform(&cache, call))?;
    for at in 1..=log.len() as u64 {
        let place = || format!("{op:?} of {entries} entries interrupted before access {at}");
        tally.add(interrupted_at(entries, op, perform, at, operations).with_context(place)?);
    }
    Ok(tally)
}

fn interrupted_at<S: Hashes>(
    entries: usize,
    op: Op,
    perform: Perform<S>,
    at: u64,
    operations: u64,
) -> Result<Tally> {
    let (cache, mut ledger) = prepared::<S>(entries)?;
    let others = RefCell::new(Others::new(&*cache, perform)?);
    let call = ledger.call(op);
    let ledger = RefCell::new(ledger);
    let result = RefCell::new(Ok(()));
    // Of a key that the operation is not about: it must not evict that from here on.
    let kept = RefCell::new(None);
    let handler = || {
        let done = others
            .borrow_mut()
            .several(&mut ledger.borrow_mut(), operations, at);
        *result.borrow_mut() = done;
        *kept.borrow_mut() = cache.peek(&(4 + at % 4));
    };
    let answer = interrupted(at, handler, || perform(&cache, call))?;
    result.into_inner().context("the handler")?;
    if let Some(kept) = kept.into_inner() {
        let there = cache.peek(kept.key()).map(|entry| entry.number());
        ensure!(
            there == Some(kept.number()),
            "what the handler holds is gone: {there:?}"
        );
    }
    let (others, mut ledger) = (others.into_inner(), ledger.into_inner());
    ledger.take_late(call, answer)?;
    let tally = others.tally;
    drop(others);
    let lost = missing(&cache, perform, &mut ledger)?;
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
