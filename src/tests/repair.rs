//! Maps whose users stopped in the middle of something: what was in the map stays, all else is free.
//!
//! (What is left at each access of each operation is repaired by `cargo qemu verify stops`.)

use super::config::{Spread, scaled};
use super::faces::{CHAINED, Chained, Face, Narrow, Number, SEATS, Wide};
use super::suspended::chain;
use crate::table::Table;
use crate::table::exclusive::is_seated;
use crate::{CopyMap, Map};
use core::cell::Cell;
use core::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Vec;
use tagged_arena::cells::Want;
use tagged_arena::word::{Class, State};

pub(super) fn set_state<T: Table>(table: &T, index: usize, state: State) {
    let own = table.own(index).link();
    // SAFETY: nobody else is there, and what is in the cell stays.
    unsafe { own.restore(T::OWN.bump(own.read()).with_state(state)) };
}

fn link<T: Table>(table: &T, index: usize, next: usize) {
    let own = table.own(index).link();
    // SAFETY: nobody else is there, and what is in the cell stays.
    unsafe { own.restore(T::OWN.link(own.read(), Some(next))) };
}

fn seat<T: Table>(table: &T) -> usize {
    let mut cells = 0..T::OWN.cells();
    let seat = cells.find(|&index| is_seated(table, index));
    seat.expect("the seats are taken")
}

/// What can be repaired.
trait Subject: Face {
    /// Links the cell to one that is in a seat.
    fn link_to_a_seat(&self, index: usize);
    fn repair(&mut self);
    /// The cells of the chain.
    fn cells(&self) -> Vec<usize>;
    fn set(&self, index: usize, state: State);
}

impl Subject for Chained {
    fn link_to_a_seat(&self, index: usize) {
        link(&self.map.table, index, seat(&self.map.table));
    }
    fn repair(&mut self) {
        self.map.repair();
    }
    fn cells(&self) -> Vec<usize> {
        chain(&self.map.table)
    }
    fn set(&self, index: usize, state: State) {
        set_state(&self.map.table, index, state);
    }
}

impl<V: Number, const N: usize> Subject for CopyMap<u32, V, N, 1, Spread> {
    fn link_to_a_seat(&self, index: usize) {
        link(&self.table, index, seat(&self.table));
    }
    fn repair(&mut self) {
        self.repair();
    }
    fn cells(&self) -> Vec<usize> {
        chain(&self.table)
    }
    fn set(&self, index: usize, state: State) {
        set_state(&self.table, index, state);
    }
}

/// Takes as many as it should, no more, and replaces in a full map.
fn assert_whole(map: &impl Face, ordinary: usize) {
    map.check();
    map.clear();
    for key in 0..ordinary as u32 {
        assert_eq!(map.insert(key, key), Ok(None));
    }
    assert!(map.insert(1000, 0).is_err());
    for round in 1..scaled(4, 2) {
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
        // Not by whoever removed it.
        let held = map.map.get(&7);
        drop(map.map.remove(&7));
        forget(held);
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

fn chain_is_linked_anew<M: Subject>() {
    let of_each = [State::Live, State::Frozen, State::Sealed, State::Pending];
    // Each of them in each of three places; under Miri two of these.
    for which in (0..64).step_by(scaled(1, 45) as usize) {
        let mut map = M::with_chain(&[1, 2, 3]);
        let mut entries = map.entries();
        let cells = map.cells();
        for (place, cell) in cells.into_iter().enumerate() {
            let state = of_each[which >> (2 * place) & 3];
            map.set(cell, state);
            if state == State::Sealed {
                entries.retain(|entry| entry.0 != place as u32 + 1);
            }
        }
        map.repair();
        assert_eq!(map.entries(), entries);
        assert_eq!(map.cells().len(), entries.len() - SEATS);
        assert_whole(&map, CHAINED);
    }
}

#[test]
fn chains_are_linked_anew() {
    chain_is_linked_anew::<Chained>();
    chain_is_linked_anew::<Narrow>();
    chain_is_linked_anew::<Wide>();
}

/// The insert of the chain's first has stopped before it said that it had put it in.
#[test]
fn what_is_drained_without_a_repair_is_all_that_is_linked() {
    for state in [State::Pending, State::Promised] {
        let mut map = Chained::with_chain(&[1, 2, 3]);
        let entries = map.entries().len();
        map.set(map.cells()[0], state);
        assert_eq!(map.map.drain().count(), entries);
        assert_whole(&map, CHAINED);
    }
}

/// As it may be where a counter has wrapped: the chain leads to a cell that is in a seat.
fn chain_ends_at_a_seat<M: Subject>() {
    for repaired in [false, true] {
        let mut map = M::with_chain(&[1, 2, 3]);
        let entries = map.entries();
        map.link_to_a_seat(map.cells()[2]);
        assert_eq!((map.len(), map.get(50)), (entries.len(), None));
        assert_eq!(map.entries(), entries);
        if repaired {
            map.repair();
        } else {
            // A writer cuts it off.
            assert_eq!(map.insert(50, 500), Ok(None));
            assert_eq!(map.remove(50), Some(500));
        }
        assert_eq!(map.entries(), entries);
        assert_eq!(map.cells().len(), 3);
        assert_whole(&map, CHAINED);
    }
}

#[test]
fn a_chain_ends_at_a_seat() {
    chain_ends_at_a_seat::<Chained>();
    chain_ends_at_a_seat::<Narrow>();
    chain_ends_at_a_seat::<Wide>();
}

/// As above: it leads back to its first cell. No reference to a value may be given out twice.
#[test]
fn no_entry_comes_twice_whatever_links_say() {
    let mut map = Chained::with_chain(&[1, 2, 3]);
    let (cells, entries) = (map.cells(), map.entries().len());
    link(&map.map.table, cells[2], cells[0]);
    assert_eq!(map.map.iter_mut().count(), entries);
    link(&map.map.table, cells[2], cells[2] ^ 1);
    assert_eq!(map.map.iter_mut().count(), entries);
}

/// An insert stopped before it put its entry in, or a removal of a chain's first behind the step that took it out.
#[test]
fn what_was_not_put_in_or_was_taken_out_is_not_given_out() {
    let mut map = Chained::with_chain(&[1, 2]);
    let entries = map.entries();
    let claim = map.map.table.arena.claim(0, Want::Ordinary).expect("free");
    let index = claim.claim().index;
    forget(claim.fill((9, map.ledger.counted(0)), None));
    assert_eq!(map.map.iter_mut().count(), entries.len());
    set_state(&map.map.table, index, State::Frozen);
    assert_eq!(map.map.iter_mut().count(), entries.len());
    map.map.repair();
    assert_eq!(map.entries(), entries);
    assert_whole(&map, CHAINED);
}

/// As it may be where a counter has wrapped. (What is in such a cell is not dropped.)
fn chain_ends_at_what_is_no_entry<M: Subject>() {
    let mut map = M::with_chain(&[1, 2, 3]);
    map.set(map.cells()[1], State::Free);
    map.repair();
    assert_eq!(map.cells().len(), 1);
    assert_eq!(map.entries().len(), SEATS + 1);
    assert_whole(&map, CHAINED);
}

#[test]
fn a_chain_ends_at_what_is_no_entry() {
    chain_ends_at_what_is_no_entry::<Narrow>();
    chain_ends_at_what_is_no_entry::<Wide>();
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

/// A replacement that has put its entry into a spare cell, and not made the old one's spare.
#[test]
fn as_many_cells_are_spare_as_there_should_be() {
    fn class<T: Table>(table: &T, index: usize, class: Class) {
        let own = table.own(index).link();
        // SAFETY: nobody else is there, and the word says the same of the cell's entry.
        unsafe { own.restore(T::OWN.with_class(index, own.read(), class)) };
    }
    for spread in [Spread::Even, Spread::OneChain] {
        let mut map = Chained::new(spread);
        for key in 0..CHAINED as u32 {
            assert_eq!(map.insert(key, 10 * key), Ok(None));
        }
        let entries = map.entries();
        let table = &map.map.table;
        let free = (0..=CHAINED).find(|&index| table.own(index).peek().is(State::Free));
        class(table, free.expect("the spare one"), Class::Ordinary);
        let index = map.map.get(&0).expect("it is there").guard().index();
        class(table, index, Class::Spare);
        map.map.repair();
        assert_eq!(
            map.insert(1000, 0),
            Err((1000, 0)),
            "the free cell is spare"
        );
        assert_eq!(map.entries(), entries);
        assert_whole(&map, CHAINED);
    }
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
    let mut map = Map::<u32, Touchy, 4, 1, Spread>::default();
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
