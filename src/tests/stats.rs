//! Counts and the census: exact when nothing else is going on, and right beside changes.

use super::config::{Spread, scaled};
use crate::chain::Table;
use crate::map::MapArena;
use crate::stats::{census, entries};
use crate::{Map, Stats, TryInsertError};
use core::cell::Cell;
use std::format;
use std::string::ToString;
use tagged_arena::sync::AtomicUsize;
use tagged_arena::word::{Layout, State, Word};

/// As many cells as entries.
type Chain<const N: usize> = Map<u32, u32, N, Spread, 0>;

fn chain<const N: usize>(keys: core::ops::Range<u32>) -> Chain<N> {
    let map = Chain::with_hasher(Spread::OneChain);
    for key in keys {
        assert!(map.insert(key, 0).is_ok());
    }
    map
}

/// Cells of which others change something just before these two accesses.
struct Beside<'a, const N: usize, F> {
    map: &'a Chain<N>,
    accesses: Cell<usize>,
    at: [usize; 2],
    change: F,
}

impl<const N: usize, F: Fn(&Chain<N>, usize)> Beside<'_, N, F> {
    fn access(&self) {
        let now = self.accesses.replace(self.accesses.get() + 1);
        if let Some(first) = self.at.iter().position(|&at| at == now) {
            (self.change)(self.map, first);
        }
    }
}

impl<const N: usize, F: Fn(&Chain<N>, usize)> Table for Beside<'_, N, F> {
    const LAYOUT: Layout = MapArena::<u32, u32, N, 0>::LAYOUT;

    fn head(&self, bucket: usize) -> &AtomicUsize {
        self.access();
        self.map.arena.head(bucket)
    }

    fn own(&self, index: usize) -> &AtomicUsize {
        self.access();
        self.map.arena.own(index)
    }

    fn retire(&self, index: usize, marked: Word) {
        self.map.arena.retire(index, marked);
    }
}

/// Counts beside two changes, at all places, of a map with keys 0 to 3; there are so many afterwards.
fn count_beside(change: impl Fn(&Chain<5>, usize) + Copy, possible: impl Fn(usize) -> bool) {
    let buckets = chain::<5>(0..0).stats().buckets;
    let most = scaled(30, 6) as usize;
    for first in 0..most {
        for second in first + 1..most {
            let map = chain(0..4);
            let at = [first, second];
            let accesses = Cell::new(0);
            let beside = Beside {
                map: &map,
                accesses,
                at,
                change,
            };
            let counted = entries(&beside, buckets);
            assert!(possible(counted), "{counted}, changed before {at:?}");
        }
    }
}

#[test]
fn a_count_beside_changes_is_of_one_instant() {
    // Two walks may see five: the first entry goes to the end behind each.
    let first_to_the_end = |map: &Chain<5>, change: usize| {
        drop(map.remove(&(change as u32)));
        assert!(map.insert(change as u32, 1).is_ok());
    };
    count_beside(first_to_the_end, |counted| counted == 4);
    // Always four, if between two accesses.
    for key in 0..4 {
        let to_the_end = move |map: &Chain<5>, _: usize| {
            drop(map.remove(&key));
            assert!(map.insert(key, 1).is_ok());
        };
        count_beside(to_the_end, |counted| counted == 4);
        let replaced = move |map: &Chain<5>, _: usize| assert!(map.insert(key, 1).is_ok());
        count_beside(replaced, |counted| counted == 4);
        let another = move |map: &Chain<5>, change: usize| {
            assert!(map.remove(&[key, 7][change]).is_some());
            assert!(map.insert([7, key][change], 1).is_ok());
        };
        count_beside(another, |counted| counted == 4);
        // One cell is free: each replacement takes the one that the last replacement has left, so a walk that
        // stands before the first one's old cell goes on behind the second one, and so does the next walk.
        for other in (0..4).filter(|other| *other != key) {
            let cells_taken_over = move |map: &Chain<5>, _: usize| {
                assert!(map.insert(key, 1).is_ok());
                assert!(map.insert(other, 1).is_ok());
            };
            count_beside(cells_taken_over, |counted| counted == 4);
        }
        // Then one less for a while, or one more.
        let gone = move |map: &Chain<5>, change: usize| match change {
            0 => drop(map.remove(&key)),
            _ => assert!(map.insert(key, 1).is_ok()),
        };
        count_beside(gone, |counted| counted == 3 || counted == 4);
        let more = move |map: &Chain<5>, change: usize| match change {
            0 => assert!(map.insert(key + 4, 1).is_ok()),
            _ => drop(map.remove(&(key + 4))),
        };
        count_beside(more, |counted| counted == 4 || counted == 5);
    }
}

#[test]
fn a_census_beside_changes_ends() {
    for first in 0..30 {
        let map = chain::<6>(0..4);
        let change = |map: &Chain<6>, key: usize| {
            drop(map.remove(&(key as u32)));
            assert!(map.insert(key as u32 + 4, 1).is_ok());
        };
        let beside = Beside {
            map: &map,
            accesses: Cell::new(0),
            at: [first, first + 2],
            change,
        };
        let stats = census(&beside, map.stats().buckets);
        assert!(stats.longest_chain <= 6 && stats.live <= 6);
    }
}

#[test]
fn a_full_chain_of_all_cells_is_counted() {
    for keys in 0..=5 {
        let map = chain::<5>(0..keys);
        let stats = map.stats();
        let keys = keys as usize;
        assert_eq!((map.len(), map.is_empty()), (keys, keys == 0));
        assert_eq!((stats.live, stats.longest_chain), (keys, keys));
        assert_eq!(stats.buckets_used, usize::from(keys > 0));
    }
}

#[test]
fn each_cell_is_counted_once() {
    let map: Map<u32, u32, 8, Spread, 3> = Map::with_hasher(Spread::OneChain);
    for key in 0..5 {
        assert!(map.insert(key, 0).is_ok());
    }
    let held = [map.remove(&1), map.remove(&3)];
    let mut seen = Stats::default();
    let made = map.get_or_insert_with(9, || {
        seen = map.stats();
        7
    });
    assert_eq!(made.map(|entry| *entry).ok(), Some(7));
    drop(held);
    let Stats {
        capacity,
        cells,
        buckets,
        ..
    } = seen;
    assert_eq!((capacity, cells, buckets), (8, 11, 11));
    assert_eq!((seen.live, seen.removed), (3, 2));
    assert_eq!(seen.live + seen.removed + seen.in_progress + seen.free, 11);
    assert_eq!((seen.buckets_used, seen.longest_chain), (1, 3));
}

#[test]
fn errors_say_what_they_are() {
    type Error = TryInsertError<u8, u8, u8>;
    let occupied = Error::Occupied {
        existing: 1,
        key: 2,
        value: 3,
    };
    assert_eq!(format!("{occupied:?}"), "Occupied { .. }");
    assert_eq!(occupied.to_string(), "the key is in the map already");
    let full = Error::Full((2, 3));
    assert_eq!(format!("{full:?}"), "Full(..)");
    assert!(full.to_string().starts_with("no free cell"));
}

#[test]
fn an_entry_shows_its_key_and_its_value() {
    let map = chain::<2>(4..5);
    assert_eq!(format!("{:?}", map.get(&4).unwrap()), "Ref(4, 0)");
}

/// Two cells that link to each other: what an unvalidated walk sees while entries keep moving to the end.
struct Round([AtomicUsize; 2]);

impl Table for Round {
    const LAYOUT: Layout = Layout::new(2, 2);

    fn head(&self, _: usize) -> &AtomicUsize {
        &self.0[0]
    }

    fn own(&self, index: usize) -> &AtomicUsize {
        &self.0[index]
    }

    fn retire(&self, _: usize, _: Word) {}
}

#[test]
fn a_census_of_a_chain_that_leads_round_ends() {
    let live = Word(0).with_state(State::Live);
    let link = |to| AtomicUsize::new(Round::LAYOUT.link(live, Some(to)).0);
    let stats = census(&Round([link(1), link(0)]), 1);
    assert_eq!((stats.live, stats.buckets_used), (2, 1));
}
