//! [`Cache`]: each operation suspended before each of its accesses, or interrupted there by others.
//!
//! What is evicted is chosen among many, so no model says what is there. But each value is unlike all others,
//! and a [`Ledger`] knows which have been put in and which have come back.

pub mod interrupted;
pub mod ledger;
pub mod planted;
pub mod suspended;
pub mod sweep;

use std::fmt;

use anyhow::{Result, ensure};
use arenamap::{Cache, Full, Inserted, Ref};

use crate::hashes::Hashes;
use crate::subject::{Content, Tracked};
use ledger::Ledger;

/// So many entries are kept.
pub const PLACES: usize = 8;
/// One cell for who goes on, three for one context that is suspended.
pub const EXTRA: usize = 1 + LOST_CELLS;
/// At most so many cells may any suspended operation cost.
pub const LOST_CELLS: usize = 3;
/// So many cells does [`Op::ExpireSome`] look at.
const SOME: usize = 5;

/// What is looked at.
pub type Subject<S> = Cache<u64, Tracked, PLACES, EXTRA, S>;

/// The key of an entry that is pinned from the start.
pub const PINNED: u64 = 0;
/// The key of an entry that is held from the start.
pub const HELD: u64 = 1;
/// A key that is there.
pub const PRESENT: u64 = 2;
/// The key of an entry whose time is over soon.
pub const SHORT: u64 = 3;
/// A key that is not there.
pub const ABSENT: u64 = 50;
/// Where keys begin that no operation has used before.
pub const FRESH: u64 = 60;

/// So many ticks does an entry live that is inserted with a time.
pub const TTL: u32 = 5;

/// A public operation, and its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    Get(u64),
    GetAt(u64),
    Peek(u64),
    Contains(u64),
    Insert(u64),
    InsertAt(u64),
    GetOrInsert(u64),
    GetOrInsertAt(u64),
    Remove(u64),
    /// A value that is odd.
    RemoveIf(u64),
    Pin(u64),
    Unpin(u64),
    IsPinned(u64),
    Renew(u64),
    ExpiresAt(u64),
    Expire,
    ExpireSome,
    Iterate,
    Len,
}

impl Op {
    /// Of these keys, all.
    pub fn all(keys: &[u64]) -> Vec<Op> {
        let keyed = [
            Op::Get,
            Op::GetAt,
            Op::Peek,
            Op::Contains,
            Op::Insert,
            Op::InsertAt,
            Op::GetOrInsert,
            Op::GetOrInsertAt,
            Op::Remove,
            Op::RemoveIf,
            Op::Pin,
            Op::Unpin,
            Op::IsPinned,
            Op::Renew,
            Op::ExpiresAt,
        ];
        let of_keys = keyed
            .into_iter()
            .flat_map(|op| keys.iter().map(move |&key| op(key)));
        let whole = [Op::Expire, Op::ExpireSome, Op::Iterate, Op::Len];
        of_keys.chain(whole).collect()
    }

    /// Whether it may be performed beside checks that rest on the two entries that are pinned and held.
    pub fn spares_the_kept(self) -> bool {
        match self {
            Op::Remove(key) | Op::RemoveIf(key) | Op::Unpin(key) => key != PINNED && key != HELD,
            // A replacement is not held.
            Op::Insert(key) | Op::InsertAt(key) => key != HELD,
            // With a time, it would be over: what is pinned does not expire, but is not found either.
            Op::GetOrInsertAt(key) | Op::Renew(key) => key > HELD,
            _ => true,
        }
    }

    /// The key for which it may put a value in.
    pub fn puts(self) -> Option<u64> {
        match self {
            Op::Insert(key) | Op::InsertAt(key) | Op::GetOrInsert(key) | Op::GetOrInsertAt(key) => {
                Some(key)
            }
            _ => None,
        }
    }

    /// Whether it must find the two entries that are pinned and held, or that of its key, if that is one of them.
    /// (What is pinned may have been given a time, which is over.)
    pub fn must_find(self) -> &'static [u64] {
        match self {
            Op::Iterate => &[PINNED, HELD],
            Op::Get(HELD)
            | Op::GetAt(HELD)
            | Op::Peek(HELD)
            | Op::Contains(HELD)
            | Op::Pin(HELD) => &[HELD],
            Op::Get(PINNED) | Op::Peek(PINNED) | Op::Contains(PINNED) | Op::Pin(PINNED) => {
                &[PINNED]
            }
            _ => &[],
        }
    }

    /// How many entries it may have taken out of so many, and not given back yet, if nobody else is at work.
    pub fn may_owe(self, entries: usize) -> usize {
        match (self, self.puts()) {
            // What it replaces or evicts.
            (_, Some(key)) => usize::from(key < entries as u64 || entries == PLACES),
            (Op::Remove(_) | Op::RemoveIf(_) | Op::Expire | Op::ExpireSome, _) => 1,
            _ => 0,
        }
    }

    /// How many cells and places it may cost, suspended for ever.
    pub fn may_cost(self) -> Missing {
        let (cells, places) = match self {
            op if op.puts().is_some() => (LOST_CELLS, 1),
            Op::Expire | Op::ExpireSome => (LOST_CELLS, 1),
            Op::Iterate => (LOST_CELLS, 0),
            Op::Remove(_) | Op::RemoveIf(_) => (2, 1),
            Op::Len => (0, 0),
            _ => (2, 0),
        };
        Missing { cells, places }
    }
}

/// Cells and places that are nobody's and not free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Missing {
    pub cells: usize,
    pub places: usize,
}

/// An operation that is about to begin, with what it takes from the ledger.
#[derive(Clone, Copy)]
pub struct Call {
    /// What it does.
    pub op: Op,
    /// What it may put in: noted by [`Ledger::call`].
    pub value: u64,
    /// When it is.
    pub now: u32,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}, value {}", self.op, self.now, self.value)
    }
}

/// What an operation has shown and given back.
#[derive(Default)]
pub struct Answer {
    /// Keys and values that were read.
    pub seen: Vec<(u64, u64)>,
    /// Keys and values that came back.
    pub back: Vec<(u64, u64)>,
    /// Whether it found its key, of an operation that looks.
    pub found: Option<bool>,
    /// It was refused.
    pub refused: bool,
    /// How many entries there were, if that was the question.
    pub count: Option<usize>,
}

impl Answer {
    fn sees(mut self, entry: Option<Ref<'_, u64, Tracked>>) -> Self {
        self.found = Some(entry.is_some());
        self.seen.extend(entry.map(pair));
        self
    }

    fn finds(mut self, found: bool) -> Self {
        self.found = Some(found);
        self
    }

    /// An entry came back.
    pub fn gets(mut self, entry: Option<Ref<'_, u64, Tracked>>) -> Self {
        self.back.extend(entry.map(pair));
        self
    }

    fn inserted(self, inserted: Inserted<'_, u64, Tracked>) -> Self {
        self.gets(inserted.replaced).gets(inserted.evicted)
    }

    fn refused(mut self, full: Full<(u64, Tracked)>) -> Self {
        self.refused = true;
        let (key, value) = full.0;
        self.back.push((key, value.number()));
        self
    }
}

fn pair(entry: Ref<'_, u64, Tracked>) -> (u64, u64) {
    (*entry.key(), entry.number())
}

/// What performs them.
pub struct Hand<S> {
    /// [`perform`], or what does it wrongly.
    pub perform: fn(&Subject<S>, Call) -> Answer,
    /// [`Cache::repair`] likewise.
    pub repair: fn(&mut Subject<S>),
}

impl<S> Clone for Hand<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Hand<S> {}

impl<S: Hashes> Hand<S> {
    /// As it should be.
    pub const RIGHT: Self = Self {
        perform: perform::<S>,
        repair: Cache::repair,
    };
}

/// Performs it.
pub fn perform<S: Hashes>(cache: &Subject<S>, call: Call) -> Answer {
    let Call { op, value, now } = call;
    let new = || Tracked::new(value);
    let answer = Answer::default();
    match op {
        Op::Get(key) => answer.sees(cache.get(&key)),
        Op::GetAt(key) => answer.sees(cache.get_at(&key, now)),
        Op::Peek(key) => answer.sees(cache.peek(&key)),
        Op::Contains(key) => answer.finds(cache.contains_key(&key)),
        Op::Insert(key) => match cache.insert(key, new()) {
            Ok(inserted) => answer.inserted(inserted),
            Err(full) => answer.refused(full),
        },
        Op::InsertAt(key) => match cache.insert_at(key, new(), now, TTL) {
            Ok(inserted) => answer.inserted(inserted),
            Err(full) => answer.refused(full),
        },
        Op::GetOrInsert(key) | Op::GetOrInsertAt(key) => {
            let got = match op {
                Op::GetOrInsert(_) => cache.get_or_insert_with(key, new),
                _ => cache.get_or_insert_with_at(key, now, TTL, new),
            };
            match got {
                Ok((entry, inserted)) => {
                    let found = entry.number() != value;
                    let mut answer = answer.sees(Some(entry)).inserted(inserted);
                    if found {
                        answer.back.push((key, value));
                    }
                    answer
                }
                Err(full) => answer.refused(full),
            }
        }
        Op::Remove(key) => answer.gets(cache.remove(&key)),
        Op::RemoveIf(key) => answer.gets(cache.remove_if(&key, |_, value| value.number() % 2 == 1)),
        Op::Pin(key) => answer.finds(cache.pin(&key)),
        Op::Unpin(key) => answer.finds(cache.unpin(&key)),
        Op::IsPinned(key) => {
            cache.is_pinned(&key);
            answer
        }
        Op::Renew(key) => answer.finds(cache.renew(&key, now, TTL)),
        Op::ExpiresAt(key) => {
            cache.expires_at(&key);
            answer
        }
        Op::Expire => {
            let mut answer = answer;
            answer.back.extend(cache.expire(now).map(pair));
            answer
        }
        Op::ExpireSome => {
            let mut answer = answer;
            answer.back.extend(cache.expire_some(now, SOME).map(pair));
            answer
        }
        Op::Iterate => {
            let mut answer = answer;
            answer.seen.extend(cache.iter().map(pair));
            answer
        }
        Op::Len => Answer {
            count: Some(cache.len()),
            ..answer
        },
    }
}

/// A cache with so many entries, of which one is pinned, and what is in it.
///
/// # Errors
/// If it is not as it should be.
pub fn prepared<S: Hashes>(entries: usize) -> Result<(Box<Subject<S>>, Ledger)> {
    let cache = Box::new(Subject::<S>::default());
    let mut ledger = Ledger::default();
    let used = FRESH..FRESH + 2 * (PLACES + EXTRA) as u64;
    let before = used.clone().map(Op::Insert).chain(used.map(Op::Remove));
    let there = (0..entries as u64).map(|key| match key {
        SHORT => Op::InsertAt(key),
        _ => Op::Insert(key),
    });
    // Each cell has been used before.
    for op in before.chain(there) {
        let call = ledger.call(op);
        ledger.take(call, perform(&cache, call))?;
    }
    ensure!(cache.pin(&PINNED), "it is there");
    ensure!(cache.len() == entries, "nothing was evicted");
    Ok((cache, ledger))
}
