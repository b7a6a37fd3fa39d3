//! Planted faults: histories that must be refused.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::record::Subject;
use crate::{Answer, History, Kind, Op};

/// An operation on key 1 that has ended.
pub fn op(context: usize, start: u64, end: u64, kind: Kind, argument: u64, answer: Answer) -> Op {
    Op {
        context,
        start,
        end: Some(end),
        kind,
        key: 1,
        argument,
        answer: Some(answer),
    }
}

/// A history of a map of eight entries.
pub fn history(ops: Vec<Op>) -> History {
    History {
        subject: "by hand".into(),
        capacity: 8,
        spares: None,
        guards: None,
        ops,
    }
}

/// Faults written down by hand, each the shortest history that shows it: its name, and what the checker must
/// say of it.
pub fn by_hand() -> Vec<(&'static str, History, &'static str)> {
    let (absent, there) = (Answer::Absent, Answer::There);
    let put = |start, value, answer| op(0, start, start + 5, Kind::Insert, value, answer);
    let get = |start, answer| op(1, start, start + 5, Kind::Get, 0, answer);
    let remove = |start, answer| op(1, start, start + 5, Kind::Remove, 0, answer);
    let faults = vec![
        (
            "a stale read",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                get(20, there(7)),
            ],
        ),
        (
            "a read older than any overlap",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                put(20, 9, there(8)),
                get(30, there(9)),
                get(40, there(7)),
            ],
        ),
        (
            "a lost insert",
            NO_ORDER,
            vec![put(0, 7, absent.clone()), get(10, absent.clone())],
        ),
        (
            "two winners of one insert",
            NO_ORDER,
            vec![
                op(0, 0, 10, Kind::TryInsert, 7, absent.clone()),
                op(1, 0, 10, Kind::TryInsert, 8, absent.clone()),
            ],
        ),
        (
            "a resurrected value",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                remove(10, there(7)),
                get(20, there(7)),
            ],
        ),
        (
            "a lost update",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                op(0, 10, 20, Kind::Add, 1, there(7)),
                op(1, 10, 20, Kind::Add, 1, there(7)),
            ],
        ),
        (
            "a refusal of a present key",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                op(0, 10, 20, Kind::Insert, 8, Answer::Full),
            ],
        ),
        (
            "an empty map with a key in it",
            "IsEmpty answered",
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                op(1, 12, 20, Kind::IsEmpty, 0, Answer::Is(true)),
            ],
        ),
        (
            "two entries where one is replaced",
            "Len answered",
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                op(1, 12, 20, Kind::Len, 0, Answer::Number(2)),
            ],
        ),
        (
            "a refusal without need",
            "answered Full",
            vec![op(0, 0, 10, Kind::Insert, 8, Answer::Full)],
        ),
        (
            "more keys than there is room for",
            "keys were there at once",
            (0..9)
                .map(|key| Op {
                    key,
                    ..op(0, key, key, Kind::Insert, key, absent.clone())
                })
                .collect(),
        ),
        (
            "a count beyond the capacity",
            "Len answered",
            // Seven are there, of three more nobody knows: there was room for one.
            (0..10)
                .map(|key| op(0, 0, 20, Kind::Insert, key, absent.clone()))
                .chain((7..10).map(|key| op(1, 0, 20, Kind::Remove, key, there(key))))
                .map(|op| Op {
                    key: op.argument,
                    ..op
                })
                .chain([op(1, 30, 40, Kind::Len, 0, Answer::Number(9))])
                .collect(),
        ),
        (
            "an entry that a walk misses",
            "a walk misses",
            vec![
                put(0, 7, absent.clone()),
                op(1, 10, 20, Kind::Walk, 0, Answer::Entries(Vec::new())),
            ],
        ),
        (
            "a walk that yields what was replaced before it",
            "which it did not have then",
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                op(1, 20, 30, Kind::Walk, 0, Answer::Entries(vec![(1, 7)])),
            ],
        ),
        (
            "an entry yielded twice",
            "twice",
            vec![
                put(0, 7, absent),
                op(
                    1,
                    10,
                    20,
                    Kind::Walk,
                    0,
                    Answer::Entries(vec![(1, 7), (1, 7)]),
                ),
            ],
        ),
    ];
    let named = |(name, text, ops)| (name, history(ops), text);
    faults.into_iter().map(named).collect()
}

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
pub const FAULTS: [(&str, Fault, &str); 11] = [
    ("a stale read", Fault::StaleRead, NO_ORDER),
    ("a lost insert", Fault::LostInsert, NO_ORDER),
    ("two winners of one insert", Fault::TwoWinners, NO_ORDER),
    ("a lost update", Fault::LostUpdate, NO_ORDER),
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

/// A map behind a lock, with one fault.
pub struct Faulty {
    fault: Fault,
    map: Mutex<HashMap<u64, (u64, u64)>>,
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

    fn with<T>(&self, f: impl FnOnce(&mut HashMap<u64, (u64, u64)>) -> T) -> T {
        f(&mut self.map.lock().unwrap())
    }
}

impl Subject for Faulty {
    fn capacity(&self) -> usize {
        1 << 20
    }

    fn spares(&self) -> Option<usize> {
        None
    }

    fn run(&self, kind: Kind, key: u64, argument: u64) -> Answer {
        let there = |old: Option<u64>| old.map_or(Answer::Absent, Answer::There);
        // Beside the value the one before it.
        let put = |map: &mut HashMap<u64, (u64, u64)>, value| {
            let old = map.get(&key).map(|(old, _)| *old);
            map.insert(key, (value, old.unwrap_or(value)));
            old
        };
        match kind {
            Kind::Get => {
                let stale = self.goes_wrong(Fault::StaleRead);
                let value = |pair: &(u64, u64)| if stale { pair.1 } else { pair.0 };
                there(self.with(|map| map.get(&key).map(value)))
            }
            Kind::Contains => Answer::Is(self.with(|map| map.contains_key(&key))),
            Kind::Insert if self.goes_wrong(Fault::LostInsert) => {
                there(self.with(|map| map.get(&key).map(|(old, _)| *old)))
            }
            Kind::Insert if self.goes_wrong(Fault::RefusedThough) => self.with(|map| {
                if map.contains_key(&key) {
                    return Answer::Full;
                }
                there(put(map, argument))
            }),
            Kind::Insert if self.goes_wrong(Fault::RefusedWithout) => self.with(|map| {
                if !map.contains_key(&key) {
                    return Answer::Full;
                }
                there(put(map, argument))
            }),
            Kind::Insert => there(self.with(|map| put(map, argument))),
            Kind::TryInsert | Kind::GetOrInsert => {
                let seen = self.with(|map| map.get(&key).map(|(old, _)| *old));
                if let Some(seen) = seen {
                    return Answer::There(seen);
                }
                if self.fault == Fault::TwoWinners {
                    std::thread::yield_now();
                    self.with(|map| put(map, argument));
                } else {
                    let now = self.with(|map| map.entry(key).or_insert((argument, argument)).0);
                    if now != argument {
                        return Answer::There(now);
                    }
                }
                match kind {
                    Kind::TryInsert => Answer::Absent,
                    _ => Answer::There(argument),
                }
            }
            Kind::Remove => {
                let old = self.with(|map| map.remove(&key));
                if let Some(old) = old.filter(|_| self.goes_wrong(Fault::Resurrected)) {
                    std::thread::yield_now();
                    self.with(|map| map.insert(key, old));
                }
                there(old.map(|(old, _)| old))
            }
            Kind::Set | Kind::Add => {
                let new = |old: u64| match kind {
                    Kind::Set => argument,
                    _ => old.wrapping_add(argument),
                };
                if self.fault == Fault::LostUpdate {
                    let Some(old) = self.with(|map| map.get(&key).map(|(old, _)| *old)) else {
                        return Answer::Absent;
                    };
                    std::thread::yield_now();
                    self.with(|map| put(map, new(old)));
                    return Answer::There(old);
                }
                there(self.with(|map| {
                    let old = map.get(&key).map(|(old, _)| *old)?;
                    put(map, new(old))
                }))
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_written_down_is_found() {
        for (name, history, text) in by_hand() {
            let what = crate::check(&history).unwrap_err().what;
            assert!(what.contains(text), "{name}: {what}");
        }
    }
}
