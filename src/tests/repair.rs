//! Maps whose users stopped in the middle of something: what was in the map stays, all else is free.
//!
//! (What is left at each access of each operation is repaired by `cargo qemu verify stops`.)

use super::config::Spread;
use super::faces::{CHAINED, Chained, Face, SEATS};
use super::suspended::chain;
use crate::Map;
use crate::table::Table;
use core::cell::Cell;
use core::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Vec;
use tagged_arena::cells::Want;
use tagged_arena::word::State;

fn set_state<T: Table>(table: &T, index: usize, state: State) {
    let own = table.own(index).link();
    // SAFETY: nobody else is there, and what is in the cell stays.
    unsafe { own.restore(T::OWN.bump(own.read()).with_state(state)) };
}

/// Takes as many as it should, no more, and replaces in a full map.
fn assert_whole(map: &impl Face, ordinary: usize) {
    map.check();
    map.clear();
    for key in 0..ordinary as u32 {
        assert_eq!(map.insert(key, key), Ok(None));
    }
    assert!(map.insert(1000, 0).is_err());
    for round in 1..4 {
        for key in 0..ordinary as u32 {
            assert_eq!(map.insert(key, key + round), Ok(Some(key + round - 1)));
        }
    }
    map.clear();
    map.check();
}

#[test]
fn what_was_held_claimed_and_leaked_is_free_again() {
    for spread in [Spread::Even, Spread::OneChain] {
        let mut map = Chained::new(spread);
        for key in 0..CHAINED as u32 {
            assert_eq!(map.insert(key, 10 * key), Ok(None));
        }
        // More than there are slots.
        for _ in 0..40 {
            forget(map.map.get(&0));
        }
        for key in [0, 3, CHAINED as u32 - 1] {
            forget(map.map.remove(&key));
        }
        forget(map.map.insert(4, map.ledger.counted(41)));
        for key in [5, 6] {
            assert_eq!(map.remove(key), Some(10 * key));
            let claim = map.map.table.arena.claim(0, Want::Any);
            forget(claim.expect("that cell"));
        }
        assert_eq!(map.map.stats().free, 0);
        let entries: Vec<_> = map.entries();
        map.map.repair();
        assert_eq!(map.entries(), entries);
        assert_whole(&map, CHAINED);
    }
}

#[test]
fn chains_are_linked_anew() {
    let of_each = [State::Live, State::Frozen, State::Sealed, State::Pending];
    for first in of_each {
        for second in of_each {
            for third in of_each {
                let mut map = Chained::with_chain(&[1, 2, 3]);
                let mut entries = map.entries();
                let cells = chain(&map.map.table);
                for (place, state) in [first, second, third].into_iter().enumerate() {
                    set_state(&map.map.table, cells[place], state);
                    if state == State::Sealed {
                        entries.retain(|entry| entry.0 != place as u32 + 1);
                    }
                }
                map.map.repair();
                assert_eq!(map.entries(), entries);
                assert_eq!(chain(&map.map.table).len(), entries.len() - SEATS);
                assert_whole(&map, CHAINED);
            }
        }
    }
}

/// An insert that had filled its cell, and a removal of a chain's first that had not sealed it.
#[test]
fn what_is_filled_and_in_no_place_is_dropped() {
    let mut map = Chained::with_chain(&[]);
    let entries: Vec<_> = map.entries();
    let pair = || (9, map.ledger.counted(0));
    let claim = || map.map.table.arena.claim(0, Want::Ordinary).expect("free");
    forget(claim().fill(pair(), None));
    forget(claim().seal(pair()));
    forget(claim().promise(pair(), None));
    let index = claim().claim().index;
    forget(
        map.map
            .table
            .arena
            .claim_at(index)
            .expect("free")
            .seal(pair()),
    );
    set_state(&map.map.table, index, State::Frozen);
    assert_eq!(map.ledger.alive(), entries.len() + 4);
    map.map.repair();
    assert_eq!(map.entries(), entries);
    assert_whole(&map, CHAINED);
}

#[test]
fn a_new_map_and_a_full_one_stay_what_they_are() {
    let mut map = Chained::new(Spread::Even);
    map.map.repair();
    assert_whole(&map, CHAINED);
    for key in 0..CHAINED as u32 {
        assert_eq!(map.insert(key, key), Ok(None));
    }
    map.map.repair();
    assert_eq!((map.len(), map.map.stats().free), (CHAINED, 1));
    assert_whole(&map, CHAINED);
}

/// Panics when it is dropped, as often as it is told to.
struct Touchy<'a>(&'a Cell<u32>, &'a Cell<u32>);

impl Drop for Touchy<'_> {
    fn drop(&mut self) {
        self.1.set(self.1.get() + 1);
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        assert!(left == 0, "dropped");
    }
}

#[test]
fn a_panic_in_a_drop_leaves_it_in_order() {
    let (panics, drops) = (Cell::new(0), Cell::new(0));
    let mut map = Map::<u32, Touchy, 4, Spread, 1>::default();
    for key in 0..3 {
        assert!(map.insert(key, Touchy(&panics, &drops)).is_ok());
        forget(map.remove(&key));
    }
    assert!(map.insert(3, Touchy(&panics, &drops)).is_ok());
    panics.set(1);
    assert!(catch_unwind(AssertUnwindSafe(|| map.repair())).is_err());
    assert_eq!(drops.get(), 3);
    let stats = map.stats();
    assert_eq!((stats.live, stats.removed, stats.free), (1, 0, 4));
    drop(map);
    assert_eq!(drops.get(), 4);
}
