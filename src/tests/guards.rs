//! Guards: more than there are slots, leaked ones, and what they keep alive.

use super::config::{Spread, scaled};
use super::ledger::{Counted, Ledger};
use crate::{KeyRef, Map, Ref};
use std::format;
use std::vec::Vec;
use tagged_arena::slots::SLOTS;

#[test]
fn more_guards_than_slots_on_one_entry() {
    let ledger = Ledger::default();
    let map: Map<u32, Counted, 2, 0, Spread> = Map::default();
    map.insert(1, ledger.counted(10)).unwrap();
    let mut guards: Vec<_> = (0..3 * SLOTS).filter_map(|_| map.get(&1)).collect();
    guards.push(map.remove(&1).unwrap());
    assert_eq!(guards.len(), 3 * SLOTS + 1);
    assert_eq!(map.stats().removed, 1);
    // In an order that mixes those by slot and those by count.
    while !guards.is_empty() {
        let guard = guards.swap_remove(guards.len() * 7 / 11);
        assert_eq!((guard.number, ledger.alive()), (10, 1));
    }
    assert_eq!((ledger.alive(), map.stats().free), (0, 2));
}

#[test]
fn more_guards_than_slots_on_many_entries() {
    let ledger = Ledger::default();
    let map: Map<u32, Counted, 64, 8, Spread> = Map::default();
    for key in 0..64 {
        map.insert(key, ledger.counted(key)).unwrap();
    }
    let guards: Vec<_> = (0..64).filter_map(|key| map.remove(&key)).collect();
    assert_eq!((guards.len(), map.len(), ledger.alive()), (64, 0, 64));
    assert!(map.insert(99, ledger.counted(99)).is_err());
    for (key, guard) in guards.into_iter().enumerate() {
        assert_eq!((guard.number, ledger.alive()), (key as u32, 64 - key));
    }
    assert_eq!((ledger.alive(), map.stats().free), (0, 72));
}

#[test]
fn a_guard_sees_its_own_entry_whatever_comes_after() {
    for spread in [Spread::Even, Spread::OneChain, Spread::Bad] {
        let ledger = Ledger::default();
        let map: Map<u32, Counted, 3, 2, Spread> = Map::with_hasher(spread);
        map.insert(1, ledger.counted(10)).unwrap();
        let first = map.get(&1).unwrap();
        let second = map.insert(1, ledger.counted(11)).unwrap().unwrap();
        drop(map.remove(&1));
        for round in 0..scaled(100, 10) {
            map.insert(1, ledger.counted(round)).unwrap();
            map.insert(2, ledger.counted(round)).unwrap();
            assert!(map.remove(&1).is_some_and(|old| old.number == round));
        }
        assert_eq!((first.number, second.number), (10, 10));
        assert_eq!((*first.key(), first.value().number), (1, 10));
        assert_eq!(ledger.alive(), 2);
    }
}

/// Leaks a guard on each of `leaks` entries, removes them, and asserts that exactly so many cells
/// are missing.
fn leak<const N: usize>(leaks: u32, guards_each: usize) {
    let ledger = Ledger::default();
    let map: Map<u32, Counted, N, 0, Spread> = Map::default();
    for key in 0..N as u32 {
        map.insert(key, ledger.counted(key)).unwrap();
    }
    for key in 0..leaks {
        for _ in 0..guards_each {
            core::mem::forget(map.get(&key));
        }
        drop(map.remove(&key));
    }
    assert_eq!(map.stats().removed, leaks as usize);
    for key in 0..leaks {
        assert!(
            map.insert(key, ledger.counted(key)).is_err(),
            "one cell each"
        );
    }
    for round in 0..5 {
        for key in leaks..N as u32 {
            assert!(map.remove(&key).is_some());
            assert!(map.insert(key, ledger.counted(round)).is_ok());
            assert!(map.insert(key + 1000, ledger.counted(round)).is_err());
        }
    }
    assert_eq!(map.len(), N - leaks as usize);
    drop(map);
    // The map is gone, so nothing can use the leaked guards: their entries go with it.
    ledger.assert_closed();
}

#[test]
fn a_leaked_guard_costs_its_cell_and_nothing_else() {
    leak::<1>(1, 1);
    leak::<3>(1, 1);
    leak::<3>(2, 3);
    leak::<5>(3, SLOTS + 2);
    if cfg!(not(miri)) {
        leak::<40>(SLOTS as u32 + 3, 1);
    }
}

#[test]
fn with_all_slots_leaked_guards_still_work() {
    let ledger = Ledger::default();
    let map: Map<u32, Counted, 4, 1, Spread> = Map::default();
    map.insert(0, ledger.counted(0)).unwrap();
    for _ in 0..SLOTS {
        core::mem::forget(map.get(&0));
    }
    for round in 0..scaled(50, 5) {
        map.insert(1, ledger.counted(round)).unwrap();
        let guard = map.get(&1).unwrap();
        let removed = map.remove(&1).unwrap();
        assert_eq!(map.iter().count(), 1);
        drop(removed);
        assert_eq!((guard.number, ledger.alive()), (round, 2));
        drop(guard);
        assert_eq!(ledger.alive(), 1);
    }
    // An entry that is still in the map is not lost to its leaked guards.
    assert!(map.insert(0, ledger.counted(5)).unwrap().is_some());
    assert_eq!(map.get(&0).unwrap().number, 5);
}

#[test]
fn a_leaked_iterator_costs_the_entry_where_it_stands() {
    let ledger = Ledger::default();
    let map: Map<u32, Counted, 3, 0, Spread> = Map::default();
    for key in 0..3 {
        map.insert(key, ledger.counted(key)).unwrap();
    }
    let mut iter = map.iter();
    let at = *iter.next().unwrap().key();
    core::mem::forget(iter);
    for key in 0..3 {
        drop(map.remove(&key));
    }
    assert_eq!((map.stats().removed, ledger.alive()), (1, 1));
    assert!(map.insert(at, ledger.counted(7)).is_ok());
    assert!(map.insert(8, ledger.counted(8)).is_ok());
    assert!(map.insert(9, ledger.counted(9)).is_err());
}

#[test]
fn a_guard_shows_key_and_value() {
    let map: Map<&str, u32, 2> = Map::new();
    map.insert("a", 1).unwrap();
    let guard = map.get("a").unwrap();
    assert_eq!((*guard.key(), *guard.value(), *guard), ("a", 1, 1));
    assert_eq!(format!("{guard:?}"), "Ref(\"a\", 1)");
    assert!(core::ptr::eq(guard.value(), &*map.get("a").unwrap()));
}

/// Each clone counts: in any order, the last one drops what was removed. So it is of a guard with a slot, of
/// one with a count, and of the one that owns the entry, at home and in a chain.
#[test]
fn a_clone_holds_the_entry_too() {
    for (spread, present) in [(Spread::Even, 0), (Spread::OneChain, 12)] {
        for last in 0..4 {
            let ledger = Ledger::default();
            let map: Map<u32, Counted, 16, 0, Spread> = Map::with_hasher(spread);
            for key in 100..100 + present {
                map.insert(key, ledger.counted(0)).unwrap();
            }
            map.insert(1, ledger.counted(10)).unwrap();
            let slot = map.get(&1).unwrap();
            let count = Ref::clone(&slot);
            let counted_again = Ref::clone(&count);
            let owner = map.remove(&1).unwrap();
            let mut guards = std::vec![Ref::clone(&owner), owner, counted_again, count, slot];
            guards.rotate_left(last);
            while let Some(guard) = guards.pop() {
                assert_eq!((*guard.key(), guard.number), (1, 10));
                assert_eq!(ledger.alive(), present as usize + 1);
            }
            assert_eq!(ledger.alive(), present as usize);
            assert_eq!(map.stats().free, 16 - present as usize);
        }
    }
}

#[test]
fn a_clone_of_a_plain_entry_keeps_its_cell() {
    let map: Map<u32, u32, 1, 0, Spread> = Map::default();
    map.insert(1, 10).unwrap();
    let removed = map.remove(&1).unwrap();
    let clone = Ref::clone(&removed);
    drop(removed);
    assert!(map.insert(2, 20).is_err());
    assert_eq!(*clone, 10);
    drop(clone);
    assert!(map.insert(2, 20).is_ok());
}

#[test]
fn guards_show_what_they_dereference_to() {
    let map: Map<&str, u32, 2> = Map::new();
    map.insert("key", 7).unwrap();
    let entry = map.get("key").unwrap();
    let key = map.keys().next().unwrap();
    assert_eq!(format!("{entry:>3} {key:<5}|"), "  7 key  |");
    let again = KeyRef::clone(&key);
    assert!(map.remove("key").is_some());
    assert_eq!((*again, *key), ("key", "key"));
    // The method is the value's.
    let texts: Map<u32, std::string::String, 2> = Map::new();
    texts.insert(1, "text".into()).unwrap();
    let text: std::string::String = texts.get(&1).unwrap().clone();
    assert_eq!(text, "text");
}

/// What was removed or replaced is the last guard's, at home and in a chain, and with values that are dropped
/// and without; what is in the map, or held besides, is nobody's.
#[test]
fn the_last_guard_is_unwrapped() {
    for (spread, present) in [(Spread::Even, 0), (Spread::OneChain, 12)] {
        let ledger = Ledger::default();
        let map: Map<u32, Counted, 16, 2, Spread> = Map::with_hasher(spread);
        for key in 100..100 + present {
            map.insert(key, ledger.counted(0)).unwrap();
        }
        let free = map.stats().free;
        map.insert(1, ledger.counted(10)).unwrap();
        let held = map.get(&1).unwrap();
        let held = Ref::try_unwrap(held).expect_err("it is in the map");
        let replaced = map.insert(1, ledger.counted(11)).unwrap().unwrap();
        let replaced = Ref::try_unwrap(replaced).expect_err("it is held");
        let again = Ref::clone(&held);
        drop((replaced, held));
        let (key, value) = Ref::try_unwrap(again).expect("it is the last one");
        assert_eq!((key, value.number), (1, 10));
        drop(value);
        let removed = map.remove(&1).unwrap();
        let again = Ref::clone(&removed);
        let removed = Ref::try_unwrap(removed).expect_err("it is held");
        drop(again);
        let (key, value) = Ref::try_unwrap(removed).expect("it is the last one");
        assert_eq!((key, value.number), (1, 11));
        assert_eq!(ledger.alive(), present as usize + 1);
        assert_eq!(map.stats().free, free, "its cell is free");
        drop(value);
        assert_eq!(ledger.alive(), present as usize);

        let plain: Map<u32, u32, 16, 2, Spread> = Map::with_hasher(spread);
        for key in 0..14 {
            plain.insert(key, key).unwrap();
        }
        for key in 0..14 {
            let removed = plain.remove(&key).unwrap();
            assert_eq!(Ref::try_unwrap(removed).ok(), Some((key, key)));
        }
        assert_eq!(plain.stats().free, 18);
    }
}
