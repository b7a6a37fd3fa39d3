//! What the runs share: others at work, and what is lost when they have ended.

use anyhow::{Context, Result, ensure};
use arenamap::Ref;

use super::ledger::Ledger;
use super::{
    ABSENT, Answer, Call, EXTRA, FRESH, HELD, Hand, Missing, Op, PINNED, PLACES, PRESENT, SHORT,
    Subject,
};
use crate::context::bounded;
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
pub struct Others<'a, S> {
    cache: &'a Subject<S>,
    hand: Hand<S>,
    held: Ref<'a, u64, Tracked>,
    /// What they have done.
    pub tally: Tally,
}

impl<'a, S: Hashes> Others<'a, S> {
    /// They hold one entry, and another one is pinned.
    ///
    /// # Errors
    /// If it is not there.
    pub fn new(cache: &'a Subject<S>, hand: Hand<S>) -> Result<Self> {
        Ok(Self {
            cache,
            hand,
            held: cache.peek(&HELD).context("it is there")?,
            tally: Tally::default(),
        })
    }

    fn one(&mut self, ledger: &mut Ledger, op: Op) -> Result<()> {
        let (call, refused, count) = done(self.cache, self.hand, ledger, op)?;
        self.tally.operations += 1;
        self.tally.longest = self.tally.longest.max(count);
        ensure!(!refused, "{call} is refused");
        ensure!(
            self.cache.len() >= 2,
            "fewer entries than are pinned and held"
        );
        self.keep().with_context(|| call.to_string())
    }

    /// Operations drawn at random.
    ///
    /// # Errors
    /// If one of them does not end, is refused, or shows or gives back what it should not; or if what is held
    /// or pinned has gone.
    pub fn several(&mut self, ledger: &mut Ledger, operations: u64, seed: u64) -> Result<()> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..operations).try_for_each(|_| self.one(ledger, draw(&mut random)))
    }

    /// Looks whether what is held and what is pinned is there.
    ///
    /// # Errors
    /// If it is not.
    pub fn keep(&self) -> Result<()> {
        ensure!(self.cache.is_pinned(&PINNED), "what is pinned is gone");
        let held = self.cache.peek(&HELD).map(|entry| entry.number());
        ensure!(
            held == Some(self.held.number()),
            "what is held is gone: {held:?}"
        );
        Ok(())
    }
}

/// Performs an operation that must come to its end, and find what it [must](Op::must_find); whether it was
/// refused, and how many accesses it took.
fn done<S: Hashes>(
    cache: &Subject<S>,
    hand: Hand<S>,
    ledger: &mut Ledger,
    op: Op,
) -> Result<(Call, bool, u64)> {
    let call = ledger.call(op);
    let run = || (hand.perform)(cache, call);
    let (answer, count) = bounded(run).with_context(|| call.to_string())?;
    let refused = answer.refused;
    for key in op.must_find() {
        let is_seen = answer.seen.iter().any(|(seen, _)| seen == key);
        ensure!(
            answer.found == Some(true) || is_seen,
            "{call} does not find {key}, which is there"
        );
    }
    ledger.take(call, answer)?;
    Ok((call, refused, count))
}

/// Empties it; how many cells and how many places are missing then. What comes back is noted.
///
/// # Errors
/// As [`Others::several`].
pub fn missing<S: Hashes>(
    cache: &Subject<S>,
    hand: Hand<S>,
    ledger: &mut Ledger,
) -> Result<Missing> {
    let all = PLACES + EXTRA;
    emptied(cache, hand, ledger)?;
    // Places: so many go in before one makes way.
    for key in FRESH..FRESH + PLACES as u64 {
        done(cache, hand, ledger, Op::Insert(key))?;
    }
    let places = PLACES - cache.len();
    emptied(cache, hand, ledger)?;
    // Cells: so many are kept by holds of what has left.
    let mut holds = Vec::new();
    while !done(cache, hand, ledger, Op::Insert(FRESH))?.1 {
        ensure!(holds.len() < all, "more cells than there are");
        let call = ledger.call(Op::Remove(FRESH));
        let removed = cache.remove(&FRESH).context("it is there")?;
        let back = vec![(FRESH, removed.number())];
        let answer = Answer {
            back,
            ..Answer::default()
        };
        ledger.take(call, answer)?;
        holds.push(removed);
    }
    let cells = all - holds.len();
    Ok(Missing { cells, places })
}

fn emptied<S: Hashes>(cache: &Subject<S>, hand: Hand<S>, ledger: &mut Ledger) -> Result<()> {
    let keys: Vec<u64> = cache.iter().map(|entry| *entry.key()).collect();
    for key in keys {
        done(cache, hand, ledger, Op::Remove(key))?;
    }
    ensure!(
        cache.is_empty(),
        "nobody puts anything in, and it is not empty"
    );
    Ok(())
}
