//! What is looked at, as the host knows it: names, limits, operations, and the states to begin in.

use stopped::call::{Answer, Call, Kind};
use stopped::model::{Rules, State};
use stopped::prepare::{ABSENT, FRESH, PRESENT, Shape, calls};
use stopped::subject::subjects;
use stopped::work::draw;
use stops_image::{PLANTED, SUBJECTS};

/// The key of which guards are held; nothing else is done with it.
const HELD: u64 = 0;
/// More guards than there are places for.
const GUARDS: u64 = 20;

/// A map or the pool, or a subject with a fault.
#[derive(Clone, Debug)]
pub struct Looked {
    /// Its place in the list of the image.
    pub index: usize,
    /// Its name.
    pub name: &'static str,
    /// Its limits.
    pub rules: Rules,
    /// The operations that are stopped.
    pub calls: Vec<Call>,
    /// Those that the others perform.
    kinds: Vec<Kind>,
}

impl Looked {
    /// All maps, and the pool.
    pub fn all() -> Vec<Self> {
        let named = |(index, name): (usize, &&'static str)| {
            let named = subjects(None).find(|named| named.name == *name)?;
            let subject = (named.new)();
            let kinds = Kind::ALL.into_iter();
            Some(Self {
                index,
                name,
                rules: subject.rules(),
                calls: calls(&*subject),
                kinds: kinds.filter(|kind| subject.has(*kind)).collect(),
            })
        };
        let real = &SUBJECTS[..SUBJECTS.len() - PLANTED];
        real.iter().enumerate().filter_map(named).collect()
    }

    /// The one with a fault that has this name.
    pub fn planted(name: &str) -> Option<Self> {
        use Kind::{Get, Insert, Len, Remove, TryInsert, Update};
        let index = SUBJECTS.iter().position(|subject| *subject == name)?;
        Some(Self {
            index,
            name: SUBJECTS[index],
            rules: Rules {
                capacity: 8,
                spares: None,
                cells: (name == "a leak").then_some(16),
                silent_reads: false,
                counts_cells: false,
                equal_hashes: false,
            },
            calls: Vec::new(),
            kinds: vec![Get, Insert, TryInsert, Remove, Update, Len],
        })
    }

    /// Whether it has that state.
    pub fn has(&self, shape: Shape) -> bool {
        shape != Shape::Held || self.kinds.contains(&Kind::DropGuard)
    }

    /// What brings a fresh one into the state, with the answers, and what is in it then.
    pub fn preparation(&self, shape: Shape) -> (Vec<(Call, Answer)>, State) {
        let capacity = self.rules.capacity as u64;
        let insert = |key, value| (Call::new(Kind::TryInsert, key, value), Answer::Inserted);
        let mut calls = Vec::new();
        // Each cell has been used.
        for round in 1000..1002 {
            let keys = 10..10 + capacity;
            calls.extend(keys.clone().map(|key| insert(key, round)));
            let remove = |key| Call::new(Kind::Remove, key, 0);
            calls.extend(keys.map(|key| (remove(key), Answer::Value(Some(round)))));
        }
        let keys = match shape {
            Shape::Few => 1..4,
            Shape::NearlyFull => 1..capacity,
            Shape::Full => 1..capacity + 1,
            Shape::Held => HELD..3,
        };
        let state: State = keys.map(|key| (key, 100 + key)).collect();
        calls.extend(state.iter().map(|(&key, &value)| insert(key, value)));
        if shape == Shape::Held {
            let hold = (Call::new(Kind::DropGuard, HELD, 0), Answer::Done);
            calls.extend((0..GUARDS).map(|_| hold.clone()));
        }
        (calls, state)
    }

    /// What the others do, drawn at random.
    pub fn draw(&self, operations: usize, seed: u64) -> Vec<Call> {
        let kinds = self.kinds.iter().copied();
        let kinds: Vec<_> = kinds.filter(|kind| *kind != Kind::DropGuard).collect();
        let drawn = draw(&kinds, self.rules.capacity, seed);
        drawn.take(operations).collect()
    }

    /// Empties it, fills it with new keys, one more than it has room for, and replaces those: that shows the
    /// cells that are lost.
    pub fn count(&self) -> Vec<Call> {
        let capacity = self.rules.capacity as u64;
        let fresh = |kind| move |number| Call::new(kind, FRESH + number, 500);
        let free = self.rules.cells.map(|_| Call::new(Kind::Free, 0, 0));
        let old = (PRESENT..=capacity + 1).chain([ABSENT]);
        let old = old.chain(FRESH..=FRESH + capacity);
        let mut calls: Vec<_> = old.map(|key| Call::new(Kind::Remove, key, 0)).collect();
        calls.push(Call::new(Kind::Len, 0, 0));
        calls.extend(free);
        calls.extend((0..=capacity).map(fresh(Kind::TryInsert)));
        calls.extend((0..capacity).map(fresh(Kind::Get)));
        if self.kinds.contains(&Kind::Insert) {
            calls.extend((0..capacity).map(fresh(Kind::Insert)));
        }
        calls.extend(free);
        calls
    }

    /// How many cells are lost, by the answers to that; an error if a key is refused and a later one is not.
    /// Spare cells count, too, where a map says how many are free: a cell is lost that is neither free nor
    /// an entry's.
    pub fn lost(&self, answers: &[Answer], state: &State) -> anyhow::Result<usize> {
        let capacity = self.rules.capacity;
        let calls = self.count();
        anyhow::ensure!(answers.len() == calls.len(), "too few answers");
        let of = |kind| {
            let both = calls.iter().zip(answers);
            both.filter(move |(call, _)| call.kind == kind)
                .map(|(_, answer)| answer)
        };
        let inserts: Vec<_> = of(Kind::TryInsert).collect();
        let filled = inserts
            .iter()
            .take_while(|answer| ***answer == Answer::Inserted);
        let filled = filled.count();
        let rest = &inserts[filled..];
        anyhow::ensure!(
            rest.iter().all(|answer| **answer == Answer::Full),
            "wrong answer: a new key is refused, and a later one is not: {inserts:?}"
        );
        let kept = usize::from(state.contains_key(&HELD));
        anyhow::ensure!(kept + filled <= capacity, "more entries than the capacity");
        let mut lost = capacity - kept - filled;
        for (entries, answer) in [kept, kept + filled].into_iter().zip(of(Kind::Free)) {
            let Answer::Count(free) = *answer else {
                anyhow::bail!("no number of free cells: {answer:?}");
            };
            lost = lost.max(self.rules.missing(entries, free));
        }
        Ok(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_and_the_host_know_the_same_subjects() {
        let all: Vec<_> = Looked::all().iter().map(|looked| looked.name).collect();
        let named: Vec<_> = subjects(None).map(|named| named.name).collect();
        assert_eq!(all, named);
        for name in &SUBJECTS[SUBJECTS.len() - PLANTED..] {
            assert!(Looked::planted(name).is_some());
        }
    }

    /// What a map answers whose first removals find nothing, with so many ordinary cells and, when it is
    /// empty and when it is full, so many free ones.
    fn lost(looked: &Looked, filled: usize, free: [usize; 2]) -> anyhow::Result<usize> {
        let (mut inserted, mut free) = (0, free.into_iter());
        let answers = looked.count().into_iter().map(|call| match call.kind {
            Kind::TryInsert if inserted < filled => {
                inserted += 1;
                Answer::Inserted
            }
            Kind::TryInsert => Answer::Full,
            Kind::Free => Answer::Count(free.next().unwrap()),
            _ => Answer::Value(None),
        });
        looked.lost(&answers.collect::<Vec<_>>(), &State::new())
    }

    #[test]
    fn spare_cells_that_are_lost_count() {
        let looked = &Looked::all()[0];
        assert_eq!(looked.rules.cells, Some(16));
        assert_eq!(lost(looked, 8, [16, 8]).unwrap(), 0);
        // Two ordinary cells are lost, and seven spare ones, though a replacement needs but one.
        assert_eq!(lost(looked, 6, [7, 1]).unwrap(), 9);
        // Each replacement leaks one.
        assert_eq!(lost(looked, 8, [16, 0]).unwrap(), 8);
    }

    #[test]
    fn a_new_key_that_is_inserted_after_a_refusal_is_wrong() {
        let looked = Looked::planted("a lock").unwrap();
        let full = |call: &Call| match call.kind {
            Kind::TryInsert if call.key == FRESH => Answer::Full,
            Kind::TryInsert => Answer::Inserted,
            _ => Answer::Value(None),
        };
        let answers: Vec<_> = looked.count().iter().map(full).collect();
        assert!(looked.lost(&answers, &State::new()).is_err());
    }
}
