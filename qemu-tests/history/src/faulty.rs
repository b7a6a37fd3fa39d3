//! Planted faults: histories that must be refused.

mod by_hand;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::effect::specified;
use crate::subjects::Subject;
use crate::{Answer, Kind};

pub use by_hand::{by_hand, history, op};

/// What a [`Faulty`] map does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Some reads give the value before.
    StaleRead,
    /// Some inserts are forgotten.
    LostInsert,
    /// `try_insert` looks first and inserts then, in two steps.
    TwoWinners,
    /// An addition reads and writes in two steps.
    LostUpdate,
    /// An upsert does.
    LostUpsert,
    /// A compute does.
    LostCompute,
    /// `remove_if` looks first and removes then whatever is there.
    Unwanted,
    /// `retain` does.
    Unasked,
    /// An identifier names what replaced its entry.
    NamesAnother,
    /// Some removals are undone later.
    Resurrected,
    /// Some inserts of a key that is there are refused.
    RefusedThough,
    /// Some inserts of a key that is not there are refused.
    RefusedWithout,
    /// The count is one too many at times.
    OneTooMany,
    /// It is empty at times, whatever is in it.
    EmptyThough,
    /// Some walks miss an entry.
    Missed,
    /// Some walks yield an entry twice.
    Twice,
}

/// No order of the operations on one key.
const NO_ORDER: &str = "no order of the operations explains the answers";

/// Every fault of a [`Faulty`] map: its name, and what the checker must say of it.
pub const FAULTS: [(&str, Fault, &str); 16] = [
    ("a stale read", Fault::StaleRead, NO_ORDER),
    ("a lost insert", Fault::LostInsert, NO_ORDER),
    ("two winners of one insert", Fault::TwoWinners, NO_ORDER),
    ("a lost update", Fault::LostUpdate, NO_ORDER),
    ("a lost change of an upsert", Fault::LostUpsert, NO_ORDER),
    ("a lost change of a compute", Fault::LostCompute, NO_ORDER),
    ("a removal of what is not wanted", Fault::Unwanted, NO_ORDER),
    (
        "a retain that removes what it was not asked about",
        Fault::Unasked,
        NO_ORDER,
    ),
    (
        "an identifier that names what replaced its entry",
        Fault::NamesAnother,
        NO_ORDER,
    ),
    ("a resurrected value", Fault::Resurrected, NO_ORDER),
    ("a refusal of a present key", Fault::RefusedThough, NO_ORDER),
    (
        "a refusal without need",
        Fault::RefusedWithout,
        "answered Full",
    ),
    ("a count of one too many", Fault::OneTooMany, "Len answered"),
    (
        "an empty map with a key in it",
        Fault::EmptyThough,
        "IsEmpty answered",
    ),
    (
        "an entry that a walk misses",
        Fault::Missed,
        "a walk misses",
    ),
    ("an entry yielded twice", Fault::Twice, "twice"),
];

/// Two steps that should be one are so far apart: others go on meanwhile.
const APART: Duration = Duration::from_micros(1);

/// Each key's value, and the one before it.
type Entries = HashMap<u64, (u64, u64)>;

/// A map behind a lock, with one fault. Its entries are named by their values.
pub struct Faulty {
    fault: Fault,
    map: Mutex<Entries>,
    count: AtomicU64,
}

impl Faulty {
    /// An empty one.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            map: Mutex::default(),
            count: AtomicU64::new(0),
        }
    }

    /// Whether this is one of the operations that go wrong.
    fn goes_wrong(&self, fault: Fault) -> bool {
        self.fault == fault && self.count.fetch_add(1, Ordering::Relaxed) % 16 == 15
    }

    /// Whether such an operation looks and writes in two steps.
    fn in_two_steps(&self, kind: Kind) -> bool {
        matches!(
            (self.fault, kind),
            (Fault::TwoWinners, Kind::TryInsert | Kind::GetOrInsert)
                | (Fault::LostUpdate, Kind::Set | Kind::Add)
                | (Fault::LostUpsert, Kind::Upsert)
                | (Fault::LostCompute, Kind::Compute)
                | (Fault::Unwanted, Kind::RemoveIf)
                | (Fault::Unasked, Kind::Retain)
        )
    }

    fn with<T>(&self, f: impl FnOnce(&mut Entries) -> T) -> T {
        f(&mut self.map.lock().unwrap())
    }

    fn value(&self, key: u64) -> Option<u64> {
        self.with(|map| map.get(&key).map(|(value, _)| *value))
    }

    /// Does with a key what is specified.
    fn step(&self, kind: Kind, key: u64, argument: u64) -> Answer {
        let mut seen = None;
        if self.in_two_steps(kind) {
            seen = Some(self.value(key));
            thread::sleep(APART);
        }
        self.with(|map| {
            let old = seen.unwrap_or_else(|| map.get(&key).map(|(value, _)| *value));
            let done = specified(kind, argument, old);
            let (answer, after) = done.expect("it is about a key");
            match after {
                _ if after == old => {}
                Some(new) => drop(map.insert(key, (new, old.unwrap_or(new)))),
                None => drop(map.remove(&key)),
            }
            answer
        })
    }
}

impl Subject for Faulty {
    fn capacity(&self) -> usize {
        1 << 20
    }

    fn spares(&self) -> Option<usize> {
        None
    }

    fn has(&self, _: Kind) -> bool {
        true
    }

    fn named(&self, key: u64) -> Option<u64> {
        // That of an entry that was replaced, mostly.
        self.with(|map| map.get(&key).map(|(_, before)| *before))
    }

    fn run(&self, kind: Kind, key: u64, argument: u64) -> Answer {
        let there = |key| self.with(|map| map.contains_key(&key));
        match kind {
            Kind::Get if self.goes_wrong(Fault::StaleRead) => {
                let before = self.with(|map| map.get(&key).map(|(_, before)| *before));
                before.map_or(Answer::Absent, Answer::There)
            }
            Kind::GetById if self.fault == Fault::NamesAnother => self.step(Kind::Get, key, 0),
            Kind::Insert if self.goes_wrong(Fault::LostInsert) => self.step(Kind::Get, key, 0),
            Kind::Insert if there(key) && self.goes_wrong(Fault::RefusedThough) => Answer::Full,
            Kind::Insert if !there(key) && self.goes_wrong(Fault::RefusedWithout) => Answer::Full,
            Kind::Remove if self.goes_wrong(Fault::Resurrected) => {
                let old = self.with(|map| map.remove(&key));
                thread::yield_now();
                self.with(|map| map.extend(old.map(|old| (key, old))));
                old.map_or(Answer::Absent, |(old, _)| Answer::There(old))
            }
            Kind::Retain => {
                let keys: Vec<u64> = self.with(|map| map.keys().copied().collect());
                for key in keys {
                    self.step(kind, key, argument);
                }
                Answer::Done
            }
            Kind::Len => {
                let more = u64::from(self.goes_wrong(Fault::OneTooMany));
                Answer::Number(self.with(|map| map.len()) as u64 + more)
            }
            Kind::IsEmpty => {
                let wrong = self.goes_wrong(Fault::EmptyThough);
                Answer::Is(wrong || self.with(|map| map.is_empty()))
            }
            Kind::IsFull => Answer::Is(false),
            Kind::Walk => {
                let mut entries: Vec<(u64, u64)> =
                    self.with(|map| map.iter().map(|(key, pair)| (*key, pair.0)).collect());
                if self.goes_wrong(Fault::Missed) {
                    entries.pop();
                }
                if self.goes_wrong(Fault::Twice) {
                    entries.extend(entries.first().copied());
                }
                Answer::Entries(entries)
            }
            _ => self.step(kind, key, argument),
        }
    }
}
