//! What the others do beside an operation that never ends, and how many cells it has cost.

use std::fmt;

use anyhow::{Result, bail, ensure};

use crate::call::{Answer, Call, Kind};
use crate::pending::Pending;
use crate::prepare::{ABSENT, FRESH};
use crate::subject::Subject;

/// Performs an operation; an error if it waits or panics.
pub type Perform<'a> = &'a dyn Fn(&dyn Subject, Call) -> Result<Answer>;

/// At most so many cells may an operation cost that is suspended for ever.
const ALLOWED: usize = 2;
/// In the midst of an iterator's step there is the entry that it yielded last, too.
const ALLOWED_TO_ITERATOR: usize = 3;

/// At most so many cells may this operation cost.
pub fn allowed(call: Call) -> usize {
    if call.kind == Kind::Iterate {
        ALLOWED_TO_ITERATOR
    } else {
        ALLOWED
    }
}

/// The most cells lost to an iterator, and to any other operation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lost {
    iterator: usize,
    other: usize,
}

impl Lost {
    /// So many were lost to that operation.
    ///
    /// # Errors
    /// If it is more than the contract allows.
    pub fn to(call: Call, cells: usize) -> Result<Self> {
        let most = allowed(call);
        ensure!(cells <= most, "{cells} cells are lost, of {most} allowed");
        let mut lost = Self::default();
        *if call.kind == Kind::Iterate {
            &mut lost.iterator
        } else {
            &mut lost.other
        } = cells;
        Ok(lost)
    }

    /// Keeps the worse of each.
    pub fn add(&mut self, other: Self) {
        self.iterator = self.iterator.max(other.iterator);
        self.other = self.other.max(other.other);
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { iterator, other } = self;
        write!(
            f,
            "at most {other} cells lost to an operation (allowed: {ALLOWED}), \
             {iterator} to an iterator's `next` (allowed: {ALLOWED_TO_ITERATOR})"
        )
    }
}

/// Operations drawn at random, each answer checked.
pub fn others(
    subject: &dyn Subject,
    pending: &mut Pending,
    operations: u64,
    seed: u64,
    perform: Perform<'_>,
) -> Result<()> {
    let kinds: Vec<_> = Kind::ALL
        .into_iter()
        .filter(|kind| subject.has(*kind) && *kind != Kind::DropGuard)
        .collect();
    ensure!(!kinds.is_empty(), "a subject without operations");
    for call in draw(&kinds, subject.rules().capacity, seed).take(operations as usize) {
        one(subject, pending, call, perform)?;
    }
    Ok(())
}

/// Operations drawn at random, of these kinds, for a map of so many entries.
pub fn draw(kinds: &[Kind], capacity: usize, seed: u64) -> impl Iterator<Item = Call> {
    let mut random = fastrand::Rng::with_seed(seed);
    let last = capacity as u64 + 1;
    (10_000..).map(move |value| {
        // The suspended operation's keys come often, the whole map seldom.
        let key = match random.u64(0..4) {
            0 => ABSENT,
            1 => 1,
            _ => random.u64(1..=last),
        };
        let kind = match kinds[random.usize(0..kinds.len())] {
            Kind::Iterate | Kind::Len if random.u64(0..4) > 0 => Kind::Get,
            kind => kind,
        };
        Call::new(kind, key, value)
    })
}

fn one(
    subject: &dyn Subject,
    pending: &mut Pending,
    call: Call,
    perform: Perform<'_>,
) -> Result<Answer> {
    let answer = perform(subject, call)?;
    ensure!(
        pending.take(call, &answer),
        "wrong answer: {call} was {answer:?}"
    );
    Ok(answer)
}

/// How many cells are lost: empties the map and fills it with new keys.
pub fn lost(subject: &dyn Subject, pending: &mut Pending, perform: Perform<'_>) -> Result<usize> {
    let rules = subject.rules();
    let mut kept = 0;
    for key in pending.keys() {
        // Key 0 is held for good where it is there.
        if key == 0 {
            kept += 1;
        } else {
            one(subject, pending, Call::new(Kind::Remove, key, 0), perform)?;
        }
    }
    let fresh = |kind, number: usize| Call::new(kind, FRESH + number as u64, 500);
    let mut filled = 0;
    loop {
        match perform(subject, fresh(Kind::TryInsert, filled))? {
            Answer::Inserted => filled += 1,
            Answer::Full => break,
            other => bail!("a new key: {other:?}"),
        }
        ensure!(
            kept + filled <= rules.capacity,
            "more entries than the capacity"
        );
    }
    for number in 0..filled {
        let answer = perform(subject, fresh(Kind::Get, number))?;
        ensure!(
            answer == Answer::Value(Some(500)),
            "a filled map: {answer:?}"
        );
        // Spares, if they are more than can be lost, replace in a full map.
        if subject.has(Kind::Insert) && rules.spares.is_none_or(|spares| spares > 3) {
            let answer = perform(subject, fresh(Kind::Insert, number))?;
            ensure!(
                answer == Answer::Value(Some(500)),
                "replaced in a full map: {answer:?}"
            );
        }
    }
    Ok(rules.capacity - kept - filled)
}
