//! Models of entries that are found and taken out by their cells.

use super::chained::*;
use super::support::large_model as model;
use super::{over, together};
use crate::table::Table;
use std::vec;
use tagged_arena::word::Word;

/// The cell of the entry of a key, in the chain at this place or, without one, in the first seat.
fn cell_of(map: &Guarded, at: Option<usize>) -> usize {
    at.map_or(0, |at| chain(map.table())[at])
}

/// Reads the entry in a cell, twice.
fn read(map: &Guarded, index: usize) -> Option<(usize, usize)> {
    let entry = map.map.held_at(index)?;
    let read = (*entry.key(), entry.content);
    loom::thread::yield_now();
    assert_eq!((*entry.key(), entry.content), read);
    Some(read)
}

fn own(map: &Guarded, index: usize) -> Word {
    fn own<T: Table>(table: &T, index: usize) -> Word {
        table.own(index).peek()
    }
    own(map.table(), index)
}

/// What is held is not dropped, what has left is not found, and what comes into its cell is whole.
fn beside_removal_and_reuse(keys: &'static [usize], at: Option<usize>) {
    model(move || {
        let map = with_chain::<Guarded>(keys, 0);
        let key = at.map_or(1, |at| keys[at]);
        if at.is_none() {
            assert_eq!(map.put(key, 10 * key), None);
        }
        let index = cell_of(&map, at);
        assert_eq!(read(&map, index), Some((key, 10 * key)));
        on!(map;
        move |map: &Guarded| {
            let seen = read(map, index);
            assert!(matches!(seen, None | Some((4, 44))) || seen == Some((key, 10 * key)));
            // Nothing moves back.
            let again = read(map, index);
            assert!(seen.is_none_or(|seen| seen.0 != 4 || again == Some(seen)), "{seen:?} {again:?}");
            assert!(seen.is_some() || again.is_none_or(|again| again.0 == 4));
        },
        move |map: &Guarded| {
            assert_eq!(map.take(key), Some(10 * key));
            assert_ne!(read(map, index), Some((key, 10 * key)));
            assert_eq!(map.put(4, 44), None);
        });
        assert_eq!(map.find(4), Some(44));
        map.census();
    });
}

#[test]
fn a_seat_beside_removal_and_reuse() {
    beside_removal_and_reuse(&[], None);
}

#[test]
fn the_first_of_a_chain_beside_removal_and_reuse() {
    beside_removal_and_reuse(&[1], Some(0));
}

#[test]
fn one_behind_another_beside_removal_and_reuse() {
    beside_removal_and_reuse(&[2, 1], Some(1));
}

/// Who finds that the key is gone does not find its entry either, though its word may still be frozen.
#[test]
fn a_first_that_has_left_is_not_there() {
    model(|| {
        let map = with_chain::<Guarded>(&[1], 0);
        let index = cell_of(&map, Some(0));
        on!(map;
        |map: &Guarded| assert_eq!(map.take(1), Some(10)),
        move |map: &Guarded| {
            let before = map.find(1);
            let there = map.map.held_at(index).is_some();
            assert!(before.is_some() || !there, "{:?}", own(map, index));
        });
        has(&*map, &[]);
    });
}

/// It is in the map all the while, frozen in vain or not, with others coming and going around it.
fn there_all_the_while(keys: &'static [usize], at: usize, beside: fn(&Guarded)) {
    model(move || {
        let map = with_chain::<Guarded>(keys, 0);
        let (index, key) = (cell_of(&map, Some(at)), keys[at]);
        on!(map;
        beside,
        move |map: &Guarded| assert_eq!(read(map, index), Some((key, 10 * key))));
    });
}

#[test]
fn a_first_behind_which_one_is_removed_is_there() {
    there_all_the_while(&[1, 2], 0, |map| assert_eq!(map.take(2), Some(20)));
}

#[test]
fn one_that_becomes_the_first_is_there() {
    there_all_the_while(&[2, 1], 1, |map| assert_eq!(map.take(2), Some(20)));
}

/// Of two that take an entry out, by its cell and by its key, one gets it.
fn one_takes_it_out(keys: &'static [usize], at: Option<usize>) {
    model(move || {
        let map = with_chain::<Guarded>(keys, 0);
        if at.is_none() {
            assert_eq!(map.put(1, 10), None);
        }
        let index = cell_of(&map, at);
        let got = on!(map;
        move |map: &Guarded| {
            let removed = map.map.held_at(index).and_then(|entry| map.map.remove_held(entry));
            removed.map(|entry| entry.content)
        },
        |map: &Guarded| map.take(1));
        assert!(
            matches!(got[..], [Some(10), None] | [None, Some(10)]),
            "{got:?}"
        );
        assert_eq!(map.find(1), None);
        map.census();
    });
}

#[test]
fn one_takes_out_what_is_in_a_seat() {
    one_takes_it_out(&[], None);
}

#[test]
fn one_takes_out_the_first_of_a_chain() {
    one_takes_it_out(&[1, 2], Some(0));
}

#[test]
fn one_takes_out_what_is_behind_another() {
    one_takes_it_out(&[2, 1], Some(1));
}

/// A replacement is another entry: it stays when the old one is to be taken out.
fn beside_a_replacement(keys: &'static [usize], at: Option<usize>) {
    model(move || {
        let map = with_chain::<Guarded>(keys, 0);
        if at.is_none() {
            assert_eq!(map.put(1, 10), None);
        }
        let index = cell_of(&map, at);
        let got = on!(map;
        move |map: &Guarded| {
            let entry = map.map.held_at(index).filter(|entry| entry.content == 10);
            let removed = entry.and_then(|entry| map.map.remove_held(entry));
            removed.map(|entry| entry.content)
        },
        |map: &Guarded| map.put(1, 11));
        assert!(
            matches!(got[..], [Some(10), None] | [None, Some(10)]),
            "{got:?}"
        );
        assert_eq!(map.find(1), Some(11));
        map.census();
    });
}

#[test]
fn a_seats_entry_beside_its_replacement() {
    beside_a_replacement(&[], None);
}

#[test]
fn a_firsts_entry_beside_its_replacement() {
    beside_a_replacement(&[1], Some(0));
}
