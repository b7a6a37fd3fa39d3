//! A panic at every single call of user code: `Eq`, `Hash`, `Clone`, `Drop`, closures.
//!
//! A fuse counts those calls and panics at the chosen one. For each operation the tests go through
//! all of its calls, and each time the map must hold what it held before or what it should hold
//! after, everything else must have been dropped exactly once, and no cell may be missing.

use super::config::Spread;
use super::fuse::{arm, burn, disarm};
use super::ledger::{Counted, Ledger};
use crate::{Compute, Equivalent, Map};
use core::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Vec;

struct Key(u32, Counted);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        burn();
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        burn();
        self.0.hash(state);
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        burn();
        Self(self.0, self.1.clone())
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        burn();
    }
}

struct Value(Counted);

impl Drop for Value {
    fn drop(&mut self) {
        burn();
    }
}

struct ById(u32);

impl Hash for ById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        burn();
        self.0.hash(state);
    }
}

impl Equivalent<Key> for ById {
    fn equivalent(&self, key: &Key) -> bool {
        burn();
        self.0 == key.0
    }
}

type Subject = Map<Key, Value, 3, 1, Spread>;

fn put(map: &Subject, ledger: &Ledger, id: u32, number: u32) -> bool {
    let (key, value) = (Key(id, ledger.counted(0)), Value(ledger.counted(number)));
    map.insert(key, value).is_ok()
}

/// The keys `0..entries`, each with its number as its value.
fn prepared(spread: Spread, entries: u32, ledger: &Ledger) -> Subject {
    let map = Map::with_hasher(spread);
    for id in 0..entries {
        assert!(put(&map, ledger, id, id));
    }
    map
}

fn contents(map: &Subject) -> Vec<(u32, u32)> {
    let entries = map.iter().map(|entry| (entry.key().0, entry.0.number));
    let mut entries: Vec<_> = entries.collect();
    entries.sort_unstable();
    entries
}

/// Runs `operation` on maps of 0 to 3 entries (under Miri, of 2) with a panic at its first, second, ...
/// call of user code; returns how many calls there were.
fn at_every_call(operation: impl Fn(&Subject, &Ledger)) -> usize {
    at_every_call_mut(|map, ledger| operation(map, ledger))
}

/// The same of an operation that borrows the map exclusively.
fn at_every_call_mut(operation: impl Fn(&mut Subject, &Ledger)) -> usize {
    let mut calls = 0;
    let (spreads, sizes) = if cfg!(miri) {
        (&[Spread::OneChain][..], 2..=2)
    } else {
        (&[Spread::Even, Spread::OneChain][..], 0..=3)
    };
    for &spread in spreads {
        for entries in sizes.clone() {
            let ledger = Ledger::default();
            let mut map = prepared(spread, entries, &ledger);
            let before = contents(&map);
            operation(&mut map, &ledger);
            let after = contents(&map);
            drop(map);
            for fuse in 1.. {
                let ledger = Ledger::default();
                let mut map = prepared(spread, entries, &ledger);
                arm(fuse);
                let outcome = catch_unwind(AssertUnwindSafe(|| operation(&mut map, &ledger)));
                disarm();
                verify(map, &ledger, [&before, &after], fuse);
                if outcome.is_ok() {
                    break;
                }
                calls += 1;
            }
        }
    }
    calls
}

fn verify(map: Subject, ledger: &Ledger, allowed: [&Vec<(u32, u32)>; 2], fuse: usize) {
    let now = contents(&map);
    assert!(
        allowed.contains(&&now),
        "{now:?} after a panic at call {fuse}"
    );
    let lost = ledger.alive() - 2 * map.len();
    assert_eq!(lost, 0, "not dropped after a panic at call {fuse}");
    let stats = map.stats();
    let others = (
        stats.removed,
        stats.in_progress,
        map.table.arena.slots().taken(),
    );
    assert_eq!(others, (0, 0, 0), "cells or slots lost at call {fuse}");
    // The whole capacity is there, and the spare cell.
    for id in 100..100 + (3 - now.len() as u32) {
        assert!(put(&map, ledger, id, 0));
    }
    assert!(!put(&map, ledger, 200, 0));
    let id = contents(&map)[0].0;
    assert!(put(&map, ledger, id, 1));
    drop(map);
    ledger.assert_closed();
}

#[test]
fn insert() {
    for id in [0, 1, 7] {
        let calls = at_every_call(|map, ledger| _ = put(map, ledger, id, 50));
        assert!(calls >= 2, "{calls}");
    }
}

#[test]
fn try_insert() {
    for id in [0, 1, 7] {
        let calls = at_every_call(|map, ledger| {
            let (key, value) = (Key(id, ledger.counted(0)), Value(ledger.counted(50)));
            drop(map.try_insert(key, value));
        });
        assert!(calls >= 2, "{calls}");
    }
}

#[test]
fn get_or_insert_with() {
    for id in [0, 1, 7] {
        let calls = at_every_call(|map, ledger| {
            let made = map.get_or_insert_with(Key(id, ledger.counted(0)), || {
                let value = Value(ledger.counted(50));
                burn();
                value
            });
            drop(made);
        });
        assert!(calls >= 2, "{calls}");
    }
}

#[test]
fn update() {
    for id in [0, 1, 7] {
        let calls = at_every_call(|map, ledger| {
            let updated = map.update(&ById(id), |old| {
                let value = Value(ledger.counted(old.0.number + 50));
                burn();
                value
            });
            drop(updated);
        });
        assert!(calls >= 2, "{calls}");
    }
}

#[test]
fn remove() {
    for id in [0, 2, 7] {
        let calls = at_every_call(|map, _| drop(map.remove(&ById(id))));
        assert!(calls >= 2, "{calls}");
    }
}

#[test]
fn remove_if() {
    for id in [0, 2, 7] {
        for wanted in [false, true] {
            let calls = at_every_call(|map, _| {
                let removed = map.remove_if(&ById(id), |_, _| {
                    burn();
                    wanted
                });
                drop(removed);
            });
            assert!(calls >= 2, "{calls}");
        }
    }
}

#[test]
fn upsert() {
    for id in [0, 1, 7] {
        let calls = at_every_call(|map, ledger| {
            let value = |number| {
                let value = Value(ledger.counted(number));
                burn();
                value
            };
            let key = Key(id, ledger.counted(0));
            drop(map.upsert(key, || value(50), |old| value(old.0.number + 50)));
        });
        assert!(calls >= 2, "{calls}");
    }
}

#[test]
fn compute() {
    for id in [0, 1, 7] {
        for what in 0..3 {
            let calls = at_every_call(|map, ledger| {
                let done = map.compute(Key(id, ledger.counted(0)), |_| {
                    let value = Value(ledger.counted(50));
                    burn();
                    match what {
                        0 => Compute::Put(value),
                        1 => Compute::Remove,
                        _ => Compute::Keep,
                    }
                });
                drop(done);
            });
            assert!(calls >= 2, "{calls}");
        }
    }
}

/// Of one entry, so that it happens or does not.
#[test]
fn retain() {
    for id in [0, 2, 7] {
        let calls = at_every_call(|map, _| {
            map.retain(|key, _| {
                burn();
                key.0 != id
            });
        });
        assert!(calls >= 2, "{calls}");
    }
}

#[test]
fn get_mut() {
    for id in [0, 2, 7] {
        let calls = at_every_call_mut(|map, _| {
            if let Some(value) = map.get_mut(&ById(id)) {
                value.0.number += 50;
            }
        });
        assert!(calls >= 2, "{calls}");
    }
}

#[test]
fn get_and_contains_key() {
    for id in [0, 2, 7] {
        let calls = at_every_call(|map, _| {
            let guard = map.get(&ById(id));
            assert_eq!(map.contains_key(&ById(id)), guard.is_some());
        });
        assert!(calls >= 2, "{calls}");
    }
}

#[test]
fn iteration() {
    let calls = at_every_call(|map, _| {
        for entry in map {
            assert_eq!(entry.key().0, entry.0.number);
        }
    });
    assert!(calls >= 2, "{calls}");
}

#[test]
fn the_last_guard_of_a_removed_entry() {
    let calls = at_every_call(|map, _| {
        let first = map.get(&ById(0));
        let second = map.get(&ById(0));
        drop(map.remove(&ById(0)));
        drop(first);
        drop(second);
    });
    assert!(calls >= 2, "{calls}");
}

#[test]
fn a_panic_while_the_map_is_dropped_loses_no_other_entry() {
    for fuse in 1..=6 {
        let ledger = Ledger::default();
        let map = prepared(Spread::Even, 3, &ledger);
        arm(fuse);
        let outcome = catch_unwind(AssertUnwindSafe(|| drop(map)));
        disarm();
        assert!(outcome.is_err());
        ledger.assert_closed();
    }
}

/// What `init` made is not wanted, for the key has come meanwhile; should its drop panic, the entry that is
/// returned is let go all the same.
#[test]
fn upsert_with_a_value_that_is_not_wanted() {
    for fuse in 1.. {
        let ledger = Ledger::default();
        let map = prepared(Spread::OneChain, 1, &ledger);
        arm(fuse);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let value = |number| Value(ledger.counted(number));
            let init = || {
                assert!(put(&map, &ledger, 7, 50));
                value(60)
            };
            let put = map.upsert(Key(7, ledger.counted(0)), init, |old| {
                value(old.0.number + 1)
            });
            assert!(put.is_ok_and(|old| old.is_some_and(|old| old.0.number == 50)));
        }));
        disarm();
        let stats = map.stats();
        let slots = map.table.arena.slots().taken();
        assert_eq!((stats.removed, stats.in_progress, slots), (0, 0, 0));
        assert_eq!(
            ledger.alive(),
            2 * map.len(),
            "after a panic at call {fuse}"
        );
        drop(map);
        ledger.assert_closed();
        if outcome.is_ok() {
            assert!(fuse > 8, "{fuse}");
            break;
        }
    }
}
