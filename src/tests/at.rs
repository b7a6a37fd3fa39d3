//! Entries by their cells: each is where the map says, wherever it is, and is the one that is taken out.

use super::config::{SPREADS, Spread, for_all, scaled};
use super::faces::{CHAINED, SEATS};
use crate::Map;
use crate::table::{Bucket, Table};
use proptest::prelude::*;
use std::vec::Vec;
use tagged_arena::word::State;

type Subject = Map<u32, u32, CHAINED, 1, Spread>;

/// Full seats, then a chain of the keys 1, 2 and 3 in this order.
fn with_chain() -> Subject {
    let map = Subject::with_hasher(Spread::OneChain);
    for key in (100..100 + SEATS as u32).chain([3, 2, 1]) {
        assert!(map.insert(key, key).is_ok());
    }
    assert_eq!(map.stats().chained, 3);
    map
}

/// The cell of a key.
fn cell_of(map: &Subject, key: u32) -> usize {
    let entry = map.get(&key).expect("it is there");
    let here = |index: &usize| {
        map.held_at(*index)
            .is_some_and(|there| core::ptr::eq(there.value(), entry.value()))
    };
    let mut cells = (0..map.cells()).filter(here);
    let cell = cells.next().expect("every entry is in a cell");
    assert_eq!(cells.next(), None, "{key} is in one cell");
    cell
}

/// The cells have what the map has.
fn assert_cells(map: &Subject) {
    let mut there: Vec<_> = (0..map.cells())
        .filter_map(|index| map.held_at(index))
        .map(|entry| (*entry.key(), *entry))
        .collect();
    let mut expected: Vec<_> = map.iter().map(|entry| (*entry.key(), *entry)).collect();
    there.sort_unstable();
    expected.sort_unstable();
    assert_eq!(there, expected);
}

fn set_state(map: &Subject, index: usize, state: State) {
    fn set<T: Table>(table: &T, index: usize, state: State) {
        let own = table.own(index).link();
        // SAFETY: nobody else is there, and what is in the cell stays.
        unsafe { own.restore(T::OWN.bump(own.read()).with_state(state)) };
    }
    set(&map.table, index, state);
}

#[test]
fn every_entry_is_in_its_cell() {
    let keys = 2 * CHAINED as u32;
    let steps = prop::collection::vec((0..keys, 0..3u8), 0..scaled(60, 20) as usize);
    let case = (0..SPREADS.len(), steps);
    for_all(scaled(200, 1), &case, |(spread, steps)| {
        let map = Subject::with_hasher(SPREADS[spread]);
        for (number, (key, what)) in steps.into_iter().enumerate() {
            match what {
                0 => drop(map.insert(key, number as u32)),
                1 => drop(map.remove(&key)),
                _ => {
                    // The very entry.
                    let Some(entry) = map.get_copied(&key) else {
                        continue;
                    };
                    let index = cell_of(&map, key);
                    let removed = map.remove_held(map.held_at(index).expect("it is there"));
                    assert_eq!(removed.as_deref(), Some(&entry));
                    assert!(map.held_at(index).is_none());
                    assert!(!map.contains_key(&key));
                }
            }
            assert_cells(&map);
        }
    });
}

/// A removal of the first that was suspended, or that failed, has frozen its word.
#[test]
fn a_frozen_entry_is_there_until_it_has_left() {
    for key in [1, 2] {
        let map = with_chain();
        let index = cell_of(&map, key);
        set_state(&map, index, State::Frozen);
        assert_eq!(map.held_at(index).as_deref(), Some(&key));
        assert_cells(&map);
        let removed = map.remove_held(map.held_at(index).expect("it is there"));
        assert_eq!(removed.as_deref(), Some(&key));
        assert_eq!(map.get_copied(&key), None);
        assert_cells(&map);
    }
}

/// Decided, and not more: the bucket's word does not lead to it any more.
#[test]
fn a_frozen_entry_that_has_left_is_not_there() {
    fn take_first<T: Table>(table: &T, index: usize) {
        let bucket = Bucket::read(table, 0);
        let next = T::OWN.index(table.own(index).read());
        let without = T::SHAPE.link.link(bucket.word(), next);
        // SAFETY: the entry is ours then.
        assert!(unsafe { table.bucket(0).decide(bucket.word(), without) });
    }
    let map = with_chain();
    let index = cell_of(&map, 1);
    let held = map.held_at(index).expect("it is there");
    set_state(&map, index, State::Frozen);
    take_first(&map.table, index);
    assert!(map.held_at(index).is_none());
    assert!(map.remove_held(held).is_none());
    assert_eq!(map.len(), SEATS + 2);
}

/// Sealed, and still linked.
#[test]
fn a_sealed_entry_of_a_chain_is_not_there() {
    let map = with_chain();
    let index = cell_of(&map, 2);
    let held = map.held_at(index).expect("it is there");
    set_state(&map, index, State::Sealed);
    assert!(map.held_at(index).is_none());
    assert!(map.remove_held(held).is_none());
    assert_eq!(map.len(), SEATS + 2);
}

/// Its insert has linked it, and then was suspended.
#[test]
fn a_pending_entry_is_there_once_somebody_has_found_it() {
    let map = with_chain();
    let index = cell_of(&map, 2);
    set_state(&map, index, State::Pending);
    assert!(map.held_at(index).is_none());
    assert_eq!(map.get_copied(&2), Some(2));
    assert_eq!(map.held_at(index).as_deref(), Some(&2));
}

#[test]
fn a_replaced_entry_is_not_taken_out() {
    for key in [100, 1, 2] {
        let map = with_chain();
        let old = map.held_at(cell_of(&map, key)).expect("it is there");
        assert!(map.insert(key, 1000).is_ok());
        assert!(map.remove_held(old).is_none());
        assert_eq!(map.get_copied(&key), Some(1000));
        assert_cells(&map);
    }
}
