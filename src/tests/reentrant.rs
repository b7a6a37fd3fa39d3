//! Operations inside operations: closures, `Eq` and `Drop` that use the same map, as an interrupt
//! handler would.

use super::config::{Spread, scaled};
use super::ledger::{Counted, Ledger};
use crate::{CopyMap, Equivalent, Full, Map};
use core::cell::Cell;
use core::hash::{Hash, Hasher};
use tagged_arena::sync::NARROW;

type SmallMap = Map<u32, Counted, 2, 1, Spread>;
type SmallCopyMap = CopyMap<u32, u32, 2, 1, Spread>;

#[test]
fn making_a_value_may_insert_the_same_key() {
    let ledger = Ledger::default();
    let map = SmallMap::default();
    let entry = map.get_or_insert_with(1, || {
        assert!(map.insert(1, ledger.counted(10)).is_ok());
        ledger.counted(11)
    });
    assert_eq!((entry.unwrap().number, ledger.alive()), (10, 1));

    let map = SmallCopyMap::default();
    let value = map.get_or_insert_with(1, || {
        assert_eq!(map.insert(1, 10), Ok(None));
        11
    });
    assert_eq!((value, map.len()), (Ok(10), 1));
}

#[test]
fn making_a_value_has_its_cell_already() {
    let ledger = Ledger::default();
    let map = SmallMap::default();
    let entry = map.get_or_insert_with(1, || {
        assert!(map.insert(2, ledger.counted(20)).is_ok());
        // The second cell is the one that the value will be put in.
        assert!(map.insert(3, ledger.counted(30)).is_err());
        let stats = map.stats();
        assert_eq!((stats.live, stats.in_progress, stats.free), (1, 1, 1));
        ledger.counted(10)
    });
    assert_eq!(entry.unwrap().number, 10);
    assert!(map.is_full());

    let map = SmallCopyMap::default();
    let value = map.get_or_insert_with(1, || {
        assert_eq!(map.insert(2, 20), Ok(None));
        assert_eq!(map.insert(3, 30), Err(Full((3, 30))));
        10
    });
    assert_eq!((value, map.is_full()), (Ok(10), true));
}

#[test]
fn making_a_value_may_empty_the_map() {
    let ledger = Ledger::default();
    let map: Map<u32, Counted, 3, 0, Spread> = Map::with_hasher(Spread::OneChain);
    map.insert(1, ledger.counted(1)).unwrap();
    map.insert(2, ledger.counted(2)).unwrap();
    let entry = map.get_or_insert_with(3, || {
        drop(map.remove(&2));
        drop(map.remove(&1));
        ledger.counted(3)
    });
    assert_eq!(
        (entry.unwrap().number, map.len(), ledger.alive()),
        (3, 1, 1)
    );
}

#[test]
fn an_update_inside_an_update_is_not_lost() {
    let ledger = Ledger::default();
    let map: Map<u32, Counted, 2, 4, Spread> = Map::default();
    map.insert(1, ledger.counted(0)).unwrap();
    let mut depth = 0;
    let updated = map.update(&1, |old| {
        depth += 1;
        if depth < 4 {
            let inner = map.update(&1, |old| ledger.counted(old.number + 10));
            assert!(inner.unwrap().is_some());
        }
        ledger.counted(old.number + 1)
    });
    assert_eq!(updated.unwrap().unwrap().number, 30);
    assert_eq!(
        (map.get(&1).unwrap().number, depth, ledger.alive()),
        (31, 4, 1)
    );

    let map: CopyMap<u32, u32, 2, 4, Spread> = CopyMap::default();
    map.insert(1, 0).unwrap();
    let mut depth = 0;
    let updated = map.update(&1, |old| {
        depth += 1;
        if depth < 4 {
            assert!(map.update(&1, |old| old + 10).is_ok());
        }
        old + 1
    });
    assert_eq!((updated, map.get(&1), depth), (Ok(Some(30)), Some(31), 4));
}

#[test]
fn an_update_whose_key_is_removed_meanwhile_finds_nothing() {
    let ledger = Ledger::default();
    let map = SmallMap::default();
    map.insert(1, ledger.counted(1)).unwrap();
    let updated = map.update(&1, |_| {
        drop(map.remove(&1));
        ledger.counted(2)
    });
    assert!(updated.unwrap().is_none());
    assert_eq!((map.len(), ledger.alive(), map.stats().free), (0, 0, 3));

    let map = SmallCopyMap::default();
    map.insert(1, 1).unwrap();
    let updated = map.update(&1, |n| {
        assert_eq!(map.remove(&1), Some(1));
        n + 1
    });
    assert_eq!((updated, map.stats().free), (Ok(None), 3));
}

/// Removes a key, once, when it is compared.
struct Saboteur<'m> {
    key: u32,
    victim: Cell<Option<u32>>,
    map: &'m SmallMap,
}

impl Hash for Saboteur<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl Equivalent<u32> for Saboteur<'_> {
    fn equivalent(&self, key: &u32) -> bool {
        if let Some(victim) = self.victim.take() {
            drop(self.map.remove(&victim));
        }
        self.key == *key
    }
}

#[test]
fn comparing_may_change_the_chain_under_the_search() {
    let ledger = Ledger::default();
    for key in [1, 2] {
        for victim in [1, 2] {
            let map = SmallMap::with_hasher(Spread::OneChain);
            map.insert(1, ledger.counted(1)).unwrap();
            map.insert(2, ledger.counted(2)).unwrap();
            let saboteur = Saboteur {
                key,
                victim: Cell::new(Some(victim)),
                map: &map,
            };
            let found = map.get(&saboteur).map(|entry| entry.number);
            // Found if it is another key, or if it was held already when it was removed.
            let expected = (key != victim || key == 1).then_some(key);
            assert_eq!((found, map.len()), (expected, 1), "{key} {victim}");
            saboteur.victim.set(Some(3 - victim));
            let removed = map.remove(&saboteur).map(|entry| entry.number);
            assert!(removed.is_none() && map.is_empty(), "{key} {victim}");
        }
    }
    assert_eq!(ledger.alive(), 0);
}

/// A key whose comparison with key 1 on the slow way removes key 2.
struct Remover(u32);

std::thread_local! {
    static COMPARED: Cell<u32> = const { Cell::new(0) };
    static REMOVED: Map<Remover, (), 4, 0, Spread> = const { Map::with_hasher(Spread::OneBucket) };
}

impl Hash for Remover {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Keys 1 and 5 have one label, so that they are compared.
        (self.0 % 4).hash(state);
    }
}

impl PartialEq for Remover {
    fn eq(&self, other: &Self) -> bool {
        let pair = [self.0, other.0];
        // The first time is on the fast way, where there is one.
        let slow = u32::from(!NARROW);
        if pair.contains(&5) && pair.contains(&1) && COMPARED.replace(COMPARED.get() + 1) == slow {
            REMOVED.with(|map| drop(map.remove(&Remover(2))));
        }
        self.0 == other.0
    }
}

impl Eq for Remover {}

/// The cell that is claimed was in use when the bucket was read.
#[test]
fn comparing_may_free_the_cell_that_the_new_entry_gets() {
    REMOVED.with(|map| {
        for key in 0..4 {
            assert!(map.insert(Remover(key), ()).is_ok());
        }
        assert!(map.insert(Remover(5), ()).is_ok_and(|old| old.is_none()));
        assert!(map.is_full() && !map.contains_key(&Remover(2)));
        assert!(map.contains_key(&Remover(5)) && map.contains_key(&Remover(1)));
    });
}

/// A value whose drop removes the next key: a list that takes itself down.
struct Chained {
    next: u32,
}

type ChainedMap = Map<u32, Chained, 8, 0, Spread>;

std::thread_local! {
    static CHAINED: ChainedMap = const { Map::with_hasher(Spread::OneChain) };
    static DROPPED: Cell<u32> = const { Cell::new(0) };
}

impl Drop for Chained {
    fn drop(&mut self) {
        DROPPED.set(DROPPED.get() + 1);
        CHAINED.with(|map| {
            drop(map.remove(&self.next));
            // This cell is not free yet, the next one's is.
            assert!(map.stats().in_progress >= 1);
        });
    }
}

#[test]
fn dropping_a_value_may_use_the_map() {
    CHAINED.with(|map| {
        for key in 0..8 {
            assert!(map.insert(key, Chained { next: key + 1 }).is_ok());
        }
        drop(map.remove(&0));
        assert_eq!((DROPPED.get(), map.len(), map.stats().free), (8, 0, 8));
    });
}

/// A replacement in progress may take the last place, for as long as it lasts.
#[test]
fn an_insert_beside_or_after_an_update_finds_the_last_place() {
    for first in 0..scaled(64, 8) {
        let keys = [first * 4, first * 4 + 1, first * 4 + 2, first * 4 + 3];
        let copies: CopyMap<u32, u32, 4> = CopyMap::new();
        let guarded: Map<u32, u32, 4> = Map::new();
        for key in &keys[..3] {
            assert_eq!(copies.insert(*key, 0), Ok(None));
            assert!(guarded.insert(*key, 0).is_ok());
        }
        let mut inserted = false;
        copies
            .update(&keys[0], |value| {
                inserted = inserted || copies.insert(keys[3], 0).is_ok();
                value + 1
            })
            .unwrap();
        assert!(inserted, "CopyMap, {first}");
        let mut inserted = false;
        guarded
            .update(&keys[0], |value| {
                inserted = inserted || guarded.insert(keys[3], 0).is_ok();
                value + 1
            })
            .unwrap();
        assert!(
            inserted || guarded.insert(keys[3], 0).is_ok(),
            "Map, {first}"
        );
        assert!(copies.is_full() && guarded.is_full());
    }
}
