//! What the others do beside an operation that never ends, and how many cells it has cost.

use std::fmt;

use anyhow::{Result, bail, ensure};

use crate::call::{Answer, Call, Kind};
use crate::model::Rules;
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
pub fn allowed(rules: &Rules, call: Call) -> usize {
    match call.kind {
        kind if kind.reads() && rules.silent_reads => 0,
        Kind::Iterate => ALLOWED_TO_ITERATOR,
        _ => ALLOWED,
    }
}

/// The most cells lost to each sort of operations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lost {
    /// One that reads, and writes nothing.
    silent: usize,
    iterator: usize,
    /// Any other that reads.
    look_up: usize,
    other: usize,
}

impl Lost {
    /// So many were lost to that operation.
    ///
    /// # Errors
    /// If it is more than the contract allows.
    pub fn to(rules: &Rules, call: Call, cells: usize) -> Result<Self> {
        let most = allowed(rules, call);
        ensure!(cells <= most, "{cells} cells are lost, of {most} allowed");
        let mut lost = Self::default();
        *match call.kind {
            kind if kind.reads() && rules.silent_reads => &mut lost.silent,
            Kind::Iterate => &mut lost.iterator,
            kind if kind.reads() => &mut lost.look_up,
            _ => &mut lost.other,
        } = cells;
        Ok(lost)
    }

    /// Keeps the worse of each.
    pub fn add(&mut self, other: Self) {
        self.silent = self.silent.max(other.silent);
        self.iterator = self.iterator.max(other.iterator);
        self.look_up = self.look_up.max(other.look_up);
        self.other = self.other.max(other.other);
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            silent,
            iterator,
            look_up,
            other,
        } = self;
        write!(
            f,
            "at most {other} cells lost to an operation that changes something and {look_up} to a \
             look-up (allowed: {ALLOWED}), {iterator} to an iterator's `next` (allowed: \
             {ALLOWED_TO_ITERATOR}), {silent} to a read of a `CopyMap` (allowed: 0)"
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
            kind if (kind.counts() || kind == Kind::Iterate) && random.u64(0..4) > 0 => Kind::Get,
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

/// How many cells are lost: empties the map, fills it with new keys and replaces them. Spare cells count,
/// too: a cell is lost that is neither free nor an entry's, and one that no replacement finds while those
/// that were replaced before are held.
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
    let missing = |entries| match rules.cells {
        None => Ok(0),
        Some(_) => match perform(subject, Call::new(Kind::Free, 0, 0))? {
            Answer::Count(free) => Ok(rules.missing(entries, free)),
            other => bail!("no number of free cells: {other:?}"),
        },
    };
    let of_empty = missing(kept)?;
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
    let of_full = missing(kept + filled)?;
    let ordinary = rules.capacity - kept - filled;
    let spare = spares_lost(subject, filled, perform)?;
    Ok(of_empty.max(of_full).max(ordinary + spare))
}

/// How many spare cells are lost, where a hold can keep one: in a full map with so many new keys.
fn spares_lost(subject: &dyn Subject, filled: usize, perform: Perform<'_>) -> Result<usize> {
    let spares = subject.rules().spares.unwrap_or_default();
    let mut holds = Vec::new();
    for number in 0..spares {
        let key = FRESH + (number % filled.max(1)) as u64;
        let Some(hold) = subject.hold(key) else {
            return Ok(0);
        };
        holds.push(hold);
        match perform(subject, Call::new(Kind::Insert, key, 500))? {
            Answer::Value(Some(500)) => {}
            Answer::Full => return Ok(spares - number),
            other => bail!("replaced in a full map: {other:?}"),
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::State;
    use crate::planted::{LEAKY, WRITING};
    use crate::prepare::{PRESENT, Prepared, Shape};
    use crate::subject::subjects;

    fn lost_of(subject: &dyn Subject, state: &State) -> usize {
        let nothing = Call::new(Kind::Len, 0, 0);
        let mut pending = Pending::new(subject.rules(), state.clone(), nothing, 0);
        let perform = |subject: &dyn Subject, call| Ok(subject.call(call));
        lost(subject, &mut pending, &perform).unwrap()
    }

    #[test]
    fn a_replacement_that_leaks_its_spare_cell_loses_one_each_time() {
        let prepared = Prepared::new((LEAKY.new)(), Shape::Few).unwrap();
        let subject = prepared.subject();
        assert_eq!(lost_of(subject, &prepared.state), subject.rules().capacity);
    }

    #[test]
    fn a_spare_cell_that_is_held_for_ever_is_lost_in_every_map() {
        for named in subjects(Some("Map")) {
            let prepared = Prepared::new((named.new)(), Shape::Full).unwrap();
            let subject = prepared.subject();
            assert_eq!(lost_of(subject, &prepared.state), 0, "{}", named.name);
            let call = |kind| subject.call(Call::new(kind, PRESENT, 101));
            call(Kind::TryInsert);
            let Some(hold) = subject.hold(PRESENT) else {
                continue;
            };
            call(Kind::Insert);
            let state = State::from([(PRESENT, 101)]);
            assert_eq!(lost_of(subject, &state), 1, "{}", named.name);
            drop(hold);
        }
    }

    #[test]
    fn a_spare_cell_that_no_replacement_finds_is_lost() {
        let named = subjects(Some("Map without drop")).next().unwrap();
        let subject = (named.new)();
        let perform = |subject: &dyn Subject, call| Ok(subject.call(call));
        let filled = subject.rules().capacity;
        for number in 0..filled as u64 {
            subject.call(Call::new(Kind::TryInsert, FRESH + number, 500));
        }
        assert_eq!(spares_lost(&*subject, filled, &perform).unwrap(), 0);
        let hold = subject.hold(FRESH);
        subject.call(Call::new(Kind::Insert, FRESH, 500));
        assert_eq!(spares_lost(&*subject, filled, &perform).unwrap(), 1);
        drop(hold);
    }

    #[test]
    fn a_read_that_writes_nothing_costs_nothing() {
        let rules = (WRITING.new)().rules();
        let get = Call::new(Kind::Get, 1, 0);
        assert!(Lost::to(&rules, get, 0).is_ok() && Lost::to(&rules, get, 1).is_err());
        let insert = Call::new(Kind::Insert, 1, 0);
        assert!(Lost::to(&rules, insert, 2).is_ok() && Lost::to(&rules, insert, 3).is_err());
    }
}
