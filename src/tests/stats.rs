//! Counts and the census: exact when nothing else is going on, and right beside changes.

use super::config::{Spread, scaled};
use crate::map::MapTable;
use crate::stats::{census, entries};
use crate::table::Table;
use crate::table::shape::Shape;
use crate::{Map, Stats, TryInsertError};
use core::cell::Cell;
use std::format;
use std::string::ToString;
use tagged_arena::cell::{LinkWord, Own};
use tagged_arena::sync::Init;
use tagged_arena::word::{Layout, State, Word};

/// As many cells as entries.
type Chain<const N: usize> = Map<u32, u32, N, 0, Spread>;

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
    const SHAPE: Shape = MapTable::<u32, u32, N, 0>::SHAPE;
    const OWN: Layout = MapTable::<u32, u32, N, 0>::OWN;

    fn bucket(&self, group: usize) -> &LinkWord {
        self.access();
        self.map.table.bucket(group)
    }

    fn own(&self, index: usize) -> &Own {
        self.access();
        self.map.table.own(index)
    }

    fn retire(&self, index: usize, sealed: Word) {
        self.map.table.retire(index, sealed);
    }
}

/// The first keys take the seats, these are in the chain.
const CHAINED: core::ops::Range<u32> = 8..12;

/// Counts beside two changes, at all places, of a map with keys 0 to 11; so many may be counted.
fn count_beside(change: impl Fn(&Chain<13>, usize) + Copy, possible: impl Fn(usize) -> bool) {
    let most = scaled(30, 3) as usize;
    for first in 0..most {
        for second in first + 1..most {
            let map = chain(0..CHAINED.end);
            assert!(map.stats().chained >= 4);
            let at = [first, second];
            let accesses = Cell::new(0);
            let beside = Beside {
                map: &map,
                accesses,
                at,
                change,
            };
            let counted = entries(&beside);
            assert!(possible(counted), "{counted}, changed before {at:?}");
        }
    }
}

#[test]
fn a_count_beside_changes_is_of_one_instant() {
    // A walk may miss one: the last entry goes to the front.
    let last_to_the_front = |map: &Chain<13>, change: usize| {
        let key = CHAINED.start + change as u32;
        drop(map.remove(&key));
        assert!(map.insert(key, 1).is_ok());
    };
    count_beside(last_to_the_front, |counted| counted == 12);
    // Always twelve, if between two accesses.
    for key in CHAINED.take(scaled(4, 1) as usize) {
        let to_the_front = move |map: &Chain<13>, _: usize| {
            drop(map.remove(&key));
            assert!(map.insert(key, 1).is_ok());
        };
        count_beside(to_the_front, |counted| counted == 12);
        let replaced = move |map: &Chain<13>, _: usize| assert!(map.insert(key, 1).is_ok());
        count_beside(replaced, |counted| counted == 12);
        let another = move |map: &Chain<13>, change: usize| {
            assert!(map.remove(&[key, 17][change]).is_some());
            assert!(map.insert([17, key][change], 1).is_ok());
        };
        count_beside(another, |counted| counted == 12);
        // One cell is free: each replacement takes the one that the last replacement has left, so a walk that
        // stands before the first one's old cell goes on behind the second one, and so does the next walk.
        for other in CHAINED.rev().take(scaled(4, 1) as usize) {
            if other == key {
                continue;
            }
            let cells_taken_over = move |map: &Chain<13>, _: usize| {
                assert!(map.insert(key, 1).is_ok());
                assert!(map.insert(other, 1).is_ok());
            };
            count_beside(cells_taken_over, |counted| counted == 12);
        }
        // Then one less for a while, or one more.
        let gone = move |map: &Chain<13>, change: usize| match change {
            0 => drop(map.remove(&key)),
            _ => assert!(map.insert(key, 1).is_ok()),
        };
        count_beside(gone, |counted| counted == 11 || counted == 12);
        let more = move |map: &Chain<13>, change: usize| match change {
            0 => assert!(map.insert(key + 4, 1).is_ok()),
            _ => drop(map.remove(&(key + 4))),
        };
        count_beside(more, |counted| counted == 12 || counted == 13);
    }
}

#[test]
fn a_census_beside_changes_ends() {
    for first in (0..30).step_by(scaled(1, 5) as usize) {
        let map = chain::<14>(0..CHAINED.end);
        let change = |map: &Chain<14>, change: usize| {
            let key = CHAINED.start + change as u32;
            drop(map.remove(&key));
            assert!(map.insert(key + 4, 1).is_ok());
        };
        let beside = Beside {
            map: &map,
            accesses: Cell::new(0),
            at: [first, first + 2],
            change,
        };
        let stats = census(&beside);
        assert!(stats.fullest_bucket <= 14 && stats.live <= 14);
    }
}

#[test]
fn a_full_chain_of_all_cells_is_counted() {
    for keys in 0..=5 {
        let map = chain::<5>(0..keys);
        let stats = map.stats();
        let keys = keys as usize;
        assert_eq!((map.len(), map.is_empty()), (keys, keys == 0));
        assert_eq!((stats.live, stats.fullest_bucket), (keys, keys));
        assert_eq!(stats.buckets_used, usize::from(keys > 0));
    }
}

#[test]
fn each_cell_is_counted_once() {
    let map: Map<u32, u32, 8, 3, Spread> = Map::with_hasher(Spread::OneChain);
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
    assert_eq!((capacity, cells, buckets), (8, 11, 2));
    assert_eq!((seen.live, seen.removed), (3, 2));
    assert_eq!(seen.live + seen.removed + seen.in_progress + seen.free, 11);
    assert_eq!((seen.buckets_used, seen.fullest_bucket), (1, 3));
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
    assert!(full.to_string().starts_with("no room: "));
}

#[test]
fn an_entry_shows_its_key_and_its_value() {
    let map = chain::<2>(4..5);
    assert_eq!(format!("{:?}", map.get(&4).unwrap()), "Ref(4, 0)");
}

/// Two cells that link to each other: what an unvalidated walk sees while entries keep moving to the end.
struct Round([Own; 2], LinkWord);

impl Table for Round {
    const SHAPE: Shape = Shape::new(2);
    const OWN: Layout = Layout::new(2, 2);

    fn bucket(&self, _: usize) -> &LinkWord {
        &self.1
    }

    fn own(&self, index: usize) -> &Own {
        &self.0[index]
    }

    fn retire(&self, _: usize, _: Word) {}
}

#[test]
fn a_census_of_a_chain_that_leads_round_ends() {
    let round = Round(Init::INIT, Init::INIT);
    let first = Round::SHAPE.link.link(Word(0), Some(0));
    // SAFETY: there are no payloads.
    unsafe {
        round.own(0).fill(Round::OWN, 0, Some(1), State::Live);
        round.own(1).fill(Round::OWN, 1, Some(0), State::Live);
        assert!(round.bucket(0).decide(Word(0), first));
    }
    let stats = census(&round);
    assert_eq!((stats.live, stats.buckets_used), (2, 1));
}

/// The bits of several buckets are counted at once: of as many as fit into a word.
#[test]
fn every_entry_of_a_full_map_is_counted() {
    fn full<const N: usize>() {
        let (copies, guarded) = (
            crate::CopyMap::<u32, u64, N>::new(),
            Map::<u32, (), N>::new(),
        );
        for key in 0..N as u32 {
            assert_eq!((copies.len(), guarded.len()), (key as usize, key as usize));
            assert!(copies.insert(key, 0).is_ok() && guarded.insert(key, ()).is_ok());
        }
        assert_eq!((copies.len(), guarded.len()), (N, N));
    }
    full::<1>();
    full::<30>();
    if !cfg!(miri) {
        full::<100>();
        full::<250>();
    }
}
