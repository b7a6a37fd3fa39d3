//! Keys and values are dropped exactly once, and at once when nobody can reach them.

use super::config::Spread;
use super::ledger::{Counted, Ledger};
use crate::{Map, TryInsertError};
use std::vec::Vec;

type CountedMap = Map<u32, Counted, 4, 2, Spread>;

#[test]
fn a_removed_value_goes_with_the_guard_that_remove_returned() {
    let ledger = Ledger::default();
    let map = CountedMap::default();
    map.insert(1, ledger.counted(10)).unwrap();
    let removed = map.remove(&1).unwrap();
    assert_eq!((removed.number, ledger.alive()), (10, 1));
    drop(removed);
    assert_eq!(ledger.alive(), 0);
    ledger.assert_closed();
}

#[test]
fn a_removed_value_goes_with_its_last_guard_whichever_that_is() {
    for last in 0..4 {
        let ledger = Ledger::default();
        let map = CountedMap::default();
        map.insert(1, ledger.counted(10)).unwrap();
        let mut guards: Vec<_> = (0..3).filter_map(|_| map.get(&1)).collect();
        guards.push(map.remove(&1).unwrap());
        let last = guards.swap_remove(last);
        drop(guards);
        assert_eq!((ledger.alive(), last.number), (1, 10));
        drop(last);
        assert_eq!(ledger.alive(), 0);
    }
}

#[test]
fn a_replaced_value_goes_with_the_guard_that_insert_returned() {
    let ledger = Ledger::default();
    let map = CountedMap::default();
    map.insert(1, ledger.counted(10)).unwrap();
    let earlier = map.get(&1).unwrap();
    let replaced = map.insert(1, ledger.counted(11)).unwrap();
    assert_eq!(
        (replaced.as_ref().map(|old| old.number), ledger.alive()),
        (Some(10), 2)
    );
    drop(replaced);
    assert_eq!((earlier.number, ledger.alive()), (10, 2));
    drop(earlier);
    assert_eq!((map.get(&1).unwrap().number, ledger.alive()), (11, 1));
    drop(map.update(&1, |old| ledger.counted(old.number + 1)));
    assert_eq!((map.get(&1).unwrap().number, ledger.alive()), (12, 1));
}

#[test]
fn what_is_refused_comes_back_and_is_the_callers() {
    let ledger = Ledger::default();
    let map = CountedMap::default();
    map.insert(1, ledger.counted(10)).unwrap();
    match map.try_insert(1, ledger.counted(11)) {
        Err(TryInsertError::Occupied {
            existing,
            key: 1,
            value,
        }) => assert_eq!((existing.number, value.number), (10, 11)),
        _ => panic!("the key is there"),
    }
    assert_eq!(ledger.alive(), 1);
    assert_eq!(
        map.get_or_insert_with(1, || ledger.counted(12))
            .unwrap()
            .number,
        10
    );
    assert_eq!(ledger.alive(), 1);
    drop(map);
    ledger.assert_closed();
}

#[test]
fn the_map_drops_what_is_in_it() {
    let ledger = Ledger::default();
    let map = CountedMap::default();
    for key in 0..4 {
        map.insert(key, ledger.counted(key)).unwrap();
    }
    map.remove(&2);
    // Live, and out of the map but held for ever.
    core::mem::forget(map.get(&0));
    core::mem::forget(map.remove(&1));
    core::mem::forget(map.insert(3, ledger.counted(33)));
    assert_eq!(ledger.alive(), 4);
    drop(map);
    ledger.assert_closed();
}

#[test]
fn an_empty_map_and_a_moved_map_drop_nothing_twice() {
    drop(CountedMap::default());
    let ledger = Ledger::default();
    let map = CountedMap::default();
    map.insert(1, ledger.counted(1)).unwrap();
    let moved = std::boxed::Box::new(map);
    assert_eq!(moved.get(&1).unwrap().number, 1);
    drop(moved);
    ledger.assert_closed();
}

#[test]
fn keys_are_dropped_as_values_are() {
    #[derive(Clone)]
    struct Key(u32, Counted);
    impl PartialEq for Key {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for Key {}
    impl core::hash::Hash for Key {
        fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }
    let ledger = Ledger::default();
    let key = |tag| Key(1, ledger.counted(tag));
    let map: Map<Key, (), 2, 1, Spread> = Map::default();
    assert!(map.insert(key(1), ()).unwrap().is_none());
    let tag = |map: &Map<Key, (), 2, 1, Spread>| map.get(&key(0)).unwrap().key().1.number;
    assert_eq!((tag(&map), ledger.alive()), (1, 1));
    // Insert replaces the key, too.
    assert_eq!(map.insert(key(2), ()).unwrap().unwrap().key().1.number, 1);
    assert_eq!((tag(&map), ledger.alive()), (2, 1));
    // Update clones the key that is there; what was looked up with is dropped.
    assert_eq!(
        map.update(&key(3), |()| ())
            .unwrap()
            .unwrap()
            .key()
            .1
            .number,
        2
    );
    assert_eq!((tag(&map), ledger.alive()), (2, 1));
    // The key is not needed when there is one.
    assert_eq!(
        map.get_or_insert_with(key(4), || ())
            .unwrap()
            .key()
            .1
            .number,
        2
    );
    assert_eq!(ledger.alive(), 1);
    drop(map.remove(&key(5)));
    assert_eq!(ledger.alive(), 0);
    drop(map);
    ledger.assert_closed();
}
