//! `Map`: full exactly when it should be, and nothing lost then.

use super::config::{Spread, scaled};
use super::ledger::{Counted, Ledger};
use crate::{Full, Map, TryInsertError};
use std::vec::Vec;
use tagged_arena::cells::Cells;
use tagged_arena::word::Class;

const SPREADS: [Spread; 3] = [Spread::Even, Spread::OneChain, Spread::Bad];

/// Calls `check` for every size and every hasher.
fn every_size(check: impl Check) {
    for spread in SPREADS {
        check.check::<1, 0>(spread);
        check.check::<3, 1>(spread);
        if cfg!(miri) {
            continue;
        }
        check.check::<2, 0>(spread);
        check.check::<5, 3>(spread);
        check.check::<8, 8>(spread);
        check.check::<1, 16>(spread);
        check.check::<8, 16>(spread);
    }
}

/// A check that is generic over the size of the map.
trait Check {
    fn check<const N: usize, const EXTRA: usize>(&self, spread: Spread);
}

type Small<V, const N: usize, const EXTRA: usize> = Map<u32, V, N, EXTRA, Spread>;

fn filled<const N: usize, const EXTRA: usize>(
    spread: Spread,
    ledger: &Ledger,
) -> Small<Counted, N, EXTRA> {
    let map = Map::with_hasher(spread);
    for key in 0..map.capacity() as u32 {
        assert!(!map.is_full());
        assert!(
            map.insert(key, ledger.counted(key))
                .is_ok_and(|old| old.is_none())
        );
    }
    assert!(map.is_full());
    map
}

struct TakesExactlyItsCapacity;

impl Check for TakesExactlyItsCapacity {
    fn check<const N: usize, const EXTRA: usize>(&self, spread: Spread) {
        let ledger = Ledger::default();
        let map = filled::<N, EXTRA>(spread, &ledger);
        let capacity = map.capacity();
        assert_eq!(capacity, N + EXTRA - EXTRA.min(8));
        for _ in 0..3 {
            let Err(Full((key, value))) = map.insert(900, ledger.counted(7)) else {
                panic!("one more than the capacity");
            };
            assert_eq!((key, value.number), (900, 7));
            let Err(TryInsertError::Full((key, value))) = map.try_insert(901, ledger.counted(8))
            else {
                panic!("one more than the capacity");
            };
            assert_eq!((key, value.number), (901, 8));
            let refused = map.get_or_insert_with(902, || unreachable!("full: not called"));
            assert!(matches!(refused, Err(Full(902))));
        }
        assert_eq!(ledger.alive(), capacity);
        // What is there is still found, and not inserted again.
        for key in 0..capacity as u32 {
            let kept = map.get_or_insert_with(key, || unreachable!("it is there"));
            assert!(kept.is_ok_and(|kept| kept.number == key));
        }
        assert!(map.remove(&0).is_some());
        assert!(map.insert(900, ledger.counted(9)).is_ok());
        assert!(map.insert(901, ledger.counted(9)).is_err());
        drop(map);
        ledger.assert_closed();
    }
}

#[test]
fn it_takes_exactly_its_capacity() {
    every_size(TakesExactlyItsCapacity);
}

struct HeldCellsAreMissing;

impl Check for HeldCellsAreMissing {
    fn check<const N: usize, const EXTRA: usize>(&self, spread: Spread) {
        let ledger = Ledger::default();
        let map = filled::<N, EXTRA>(spread, &ledger);
        let capacity = map.capacity();
        for held in 1..=capacity {
            let removed: Vec<_> = (0..held as u32)
                .filter_map(|key| map.remove(&key))
                .collect();
            // A second guard on the same entry costs nothing more.
            assert_eq!((removed.len(), map.len()), (held, capacity - held));
            assert!(map.insert(900, ledger.counted(0)).is_err());
            for (key, guard) in removed.into_iter().enumerate() {
                assert_eq!(guard.number, key as u32);
                drop(guard);
                assert!(map.insert(key as u32, ledger.counted(key as u32)).is_ok());
                assert!(map.insert(900, ledger.counted(0)).is_err());
            }
            assert!(map.is_full());
        }
        drop(map);
        ledger.assert_closed();
    }
}

#[test]
fn held_removed_entries_and_no_others_are_missing() {
    every_size(HeldCellsAreMissing);
}

struct ReplacesWhenFull;

impl Check for ReplacesWhenFull {
    fn check<const N: usize, const EXTRA: usize>(&self, spread: Spread) {
        let spares = EXTRA.min(8);
        let ledger = Ledger::default();
        let map = filled::<N, EXTRA>(spread, &ledger);
        let last = map.capacity() as u32 - 1;
        for round in 0..3 * spares as u32 {
            // Not held: each gives its spare cell back.
            let replaced = map.insert(last, ledger.counted(round));
            assert!(replaced.is_ok_and(|old| old.is_some()));
        }
        let mut held = Vec::new();
        for round in 0..spares as u32 {
            match map.insert(last, ledger.counted(1000 + round)) {
                Ok(Some(old)) => held.push(old),
                _ => panic!("there are {spares} spares, {round} are held"),
            }
        }
        let refused = map.insert(last, ledger.counted(77));
        assert!(refused.is_err_and(|Full((key, value))| (key, value.number) == (last, 77)));
        let refused = map.update(&last, |_| unreachable!("no cell: not called"));
        assert!(refused.is_err_and(|Full(())| true));
        if spares > 0 {
            assert!(
                map.get(&last)
                    .is_some_and(|now| now.number == 999 + spares as u32)
            );
            held.swap_remove(spares / 2);
            let updated = map.update(&last, |old| ledger.counted(old.number + 1));
            assert!(updated.is_ok_and(|old| old.is_some()));
        }
        drop(held);
        assert_eq!(ledger.alive(), map.capacity());
        drop(map);
        ledger.assert_closed();
    }
}

#[test]
fn a_full_map_replaces_with_its_spares_only() {
    every_size(ReplacesWhenFull);
}

/// How many ordinary cells there are: always as many as the capacity says.
fn ordinary<V, const N: usize, const EXTRA: usize>(map: &Small<V, N, EXTRA>) -> usize {
    let layout = Cells::<(), N, EXTRA>::LAYOUT;
    let cells = map.table.arena.cells();
    (0..N + EXTRA)
        .filter(|&index| {
            let own = cells.cell(index).own.peek();
            layout.class(index, own) == Class::Ordinary
        })
        .count()
}

struct ClassesAreConserved;

impl Check for ClassesAreConserved {
    fn check<const N: usize, const EXTRA: usize>(&self, spread: Spread) {
        let map = Small::<u64, N, EXTRA>::with_hasher(spread);
        let capacity = map.capacity();
        for round in 0..scaled(40, 12) {
            let key = round % capacity as u32;
            let inserted = map.insert(key, 1).is_ok();
            assert!(inserted || (EXTRA == 0 && map.is_full()));
            if round % 7 == 3 {
                map.remove(&key);
            }
            if round % 3 == 0 {
                let held = map.get(&(round / 2 % capacity as u32));
                let replaced = map.insert(key, 2);
                drop((held, replaced));
            }
            assert_eq!(ordinary(&map), capacity, "round {round}");
        }
    }
}

#[test]
fn spare_and_ordinary_cells_keep_their_numbers() {
    every_size(ClassesAreConserved);
}

#[test]
fn a_replacement_in_a_map_without_spares_needs_a_free_cell() {
    let map: Map<u32, u32, 2, 0, Spread> = Map::default();
    map.insert(1, 10).unwrap();
    assert_eq!(*map.insert(1, 11).unwrap().unwrap(), 10);
    map.insert(2, 20).unwrap();
    assert!(matches!(map.insert(1, 12), Err(Full((1, 12)))));
    assert!(matches!(map.update(&2, |n| n + 1), Err(Full(()))));
    map.remove(&2);
    assert_eq!(*map.insert(1, 12).unwrap().unwrap(), 11);
}

#[test]
fn more_cells_than_spares_count_as_capacity() {
    assert_eq!(Map::<u8, u8, 4, 0, Spread>::default().capacity(), 4);
    assert_eq!(Map::<u8, u8, 4, 7, Spread>::default().capacity(), 4);
    assert_eq!(Map::<u8, u8, 4, 8, Spread>::default().capacity(), 4);
    assert_eq!(Map::<u8, u8, 4, 9, Spread>::default().capacity(), 5);
    assert_eq!(Map::<u8, u8, 4>::new().capacity(), 4);
    assert_eq!(Map::<u8, u8, 4>::new().stats().cells, 12);
}
