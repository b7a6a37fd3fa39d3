//! Iteration beside changes, against the numbered caveats of `iter`.

use super::config::{SPREADS, Spread, for_all, scaled, spreads};
use super::fuse::{arm, burn};
use crate::{CopyMap, Map};
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Vec;

type SmallMap = Map<u8, u32, 6, 2, Spread>;
type SmallCopyMap = CopyMap<u8, u32, 6, 2, Spread>;

#[derive(Clone, Copy, Debug)]
enum Change {
    /// Insert or replace.
    Put(u8),
    Remove(u8),
    /// What the iterator yielded last.
    RemoveLast,
    ReplaceLast,
}

/// Before each step of the iterator, some changes.
fn schedules() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let change = (0..4u8, 0..9u8).prop_map(|(kind, key)| match kind {
        0 => Change::Put(key),
        1 => Change::Remove(key),
        2 => Change::RemoveLast,
        _ => Change::ReplaceLast,
    });
    let changes = prop::collection::vec(change, 0..3);
    prop::collection::vec(changes, 0..12)
}

/// The two maps, as far as iteration goes.
trait Subject: Sized {
    /// Whether caveats 1 and 2 hold without exception.
    fn strict(spread: Spread) -> bool;
    fn with(spread: Spread) -> Self;
    fn put(&self, key: u8, value: u32) -> bool;
    fn remove(&self, key: u8) -> bool;
    fn entries(&self) -> impl Iterator<Item = (u8, u32)>;
}

impl Subject for SmallMap {
    /// Caveat 3: not where hashes are equal.
    fn strict(spread: Spread) -> bool {
        matches!(spread, Spread::Even | Spread::OneBucket)
    }

    fn with(spread: Spread) -> Self {
        Map::with_hasher(spread)
    }

    fn put(&self, key: u8, value: u32) -> bool {
        self.insert(key, value).is_ok()
    }

    fn remove(&self, key: u8) -> bool {
        self.remove(&key).is_some()
    }

    fn entries(&self) -> impl Iterator<Item = (u8, u32)> {
        self.iter().map(|entry| (*entry.key(), *entry))
    }
}

impl Subject for SmallCopyMap {
    fn strict(_: Spread) -> bool {
        true
    }

    fn with(spread: Spread) -> Self {
        CopyMap::with_hasher(spread)
    }

    fn put(&self, key: u8, value: u32) -> bool {
        self.insert(key, value).is_ok()
    }

    fn remove(&self, key: u8) -> bool {
        self.remove(&key).is_some()
    }

    fn entries(&self) -> impl Iterator<Item = (u8, u32)> {
        self.iter()
    }
}

/// What the iteration may and must yield.
#[derive(Default)]
struct Witness {
    now: HashMap<u8, u32>,
    /// In the map during the whole iteration, replaced or not.
    always: HashSet<u8>,
    /// Every entry that was in the map at some instant of the iteration.
    ever: HashSet<(u8, u32)>,
    yielded: Vec<u8>,
    /// Keys that were replaced, or put back after they had been removed.
    moved: HashSet<u8>,
    removed: HashSet<u8>,
}

impl Witness {
    fn put(&mut self, key: u8, value: u32) {
        if self.now.insert(key, value).is_some() || self.removed.contains(&key) {
            self.moved.insert(key);
        }
        self.ever.insert((key, value));
    }

    fn remove(&mut self, key: u8) {
        self.now.remove(&key);
        self.always.remove(&key);
        self.removed.insert(key);
    }

    fn verdict(&self, strict: bool) {
        for key in 0..9 {
            let times = self.yielded.iter().filter(|&&other| other == key).count();
            if strict || !self.moved.contains(&key) {
                let least = usize::from(self.always.contains(&key));
                assert!(times >= least, "caveat 1: {key} was there all the while");
                assert!(times <= 1, "caveat 2: {key} was yielded {times} times");
            }
        }
    }
}

fn iterate_beside_changes<M: Subject>() {
    let start = prop::collection::btree_set(0u8..9, 0..=6);
    let cases = (spreads(), start, schedules());
    for_all(scaled(600, 6), &cases, |(spread, start, schedule)| {
        let map = M::with(spread);
        let mut witness = Witness::default();
        for &key in &start {
            assert!(map.put(key, u32::from(key)));
            witness.put(key, u32::from(key));
            witness.always.insert(key);
        }
        let mut value = 100;
        let mut schedule = schedule.into_iter();
        let mut entries = map.entries();
        for step in 0.. {
            assert!(step < 60, "the iteration does not end");
            let last = witness.yielded.last().copied();
            for change in schedule.next().unwrap_or_default() {
                value += 1;
                let (put, key) = match change {
                    Change::Put(key) => (true, Some(key)),
                    Change::Remove(key) => (false, Some(key)),
                    Change::RemoveLast => (false, last),
                    Change::ReplaceLast => (true, last),
                };
                let Some(key) = key else { continue };
                if put && map.put(key, value) {
                    witness.put(key, value);
                } else if !put && map.remove(key) {
                    witness.remove(key);
                }
            }
            let Some((key, value)) = entries.next() else {
                break;
            };
            let known = witness.ever.contains(&(key, value));
            assert!(known, "caveat 2: {key}: {value} was never there");
            witness.yielded.push(key);
        }
        witness.verdict(M::strict(spread));
    });
}

#[test]
fn the_caveats_hold_for_map() {
    iterate_beside_changes::<SmallMap>();
}

#[test]
fn the_caveats_hold_for_copy_map() {
    iterate_beside_changes::<SmallCopyMap>();
}

/// One chain 0, 1, 2, 3.
fn chain<M: Subject>(spread: Spread) -> M {
    let map = M::with(spread);
    for key in 0..4 {
        assert!(map.put(key, u32::from(key)));
    }
    map
}

/// The entry that the iterator stands at moves to the tail: nothing is jumped over or seen again.
fn put_back_while_the_iterator_stands_on_it<M: Subject>() {
    let map: M = chain(Spread::OneBucket);
    let mut seen = Vec::new();
    for (key, value) in map.entries() {
        seen.push(key);
        assert!(map.remove(key) && map.put(key, value));
    }
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2, 3]);

    let map: M = chain(Spread::OneChain);
    for (steps, (key, value)) in map.entries().enumerate() {
        assert!(steps < 9, "removing and putting back each entry must end");
        assert!(map.remove(key) && map.put(key, value));
    }
}

#[test]
fn a_key_put_back_while_the_iterator_of_map_stands_on_it() {
    put_back_while_the_iterator_stands_on_it::<SmallMap>();
}

#[test]
fn a_key_put_back_while_the_iterator_of_copy_map_stands_on_it() {
    put_back_while_the_iterator_stands_on_it::<SmallCopyMap>();
}

fn removing_each_entry_as_it_comes_empties_the_map<M: Subject>(spread: Spread) {
    let map = M::with(spread);
    assert!((0..6).all(|key| map.put(key, u32::from(key))));
    let mut seen = HashSet::new();
    for (key, value) in map.entries() {
        assert_eq!(u32::from(key), value);
        assert!(map.remove(key) && seen.insert(key));
    }
    assert_eq!((seen.len(), map.entries().count()), (6, 0));
}

fn replacing_each_entry_as_it_comes_ends<M: Subject>(spread: Spread) {
    let map = M::with(spread);
    assert!((0..6).all(|key| map.put(key, u32::from(key))));
    let mut seen = HashSet::new();
    for (steps, (key, value)) in map.entries().enumerate() {
        assert!(steps < 9, "replacing each entry must end");
        assert!(map.put(key, value + 100));
        assert!(seen.insert(key) || !M::strict(spread), "{key} came twice");
    }
    assert!(seen.len() == 6 || !M::strict(spread));
}

#[test]
fn removing_or_replacing_each_entry_as_it_comes() {
    for spread in SPREADS {
        removing_each_entry_as_it_comes_empties_the_map::<SmallMap>(spread);
        removing_each_entry_as_it_comes_empties_the_map::<SmallCopyMap>(spread);
        replacing_each_entry_as_it_comes_ends::<SmallMap>(spread);
        replacing_each_entry_as_it_comes_ends::<SmallCopyMap>(spread);
    }
}

#[test]
fn the_iterator_holds_its_last_entry_only() {
    use super::ledger::{Counted, Ledger};
    let ledger = Ledger::default();
    let map: Map<u8, Counted, 4, 0, Spread> = Map::with_hasher(Spread::OneChain);
    for key in 0..4 {
        map.insert(key, ledger.counted(key.into())).unwrap();
    }
    let mut entries = map.iter();
    let first = *entries.next().unwrap().key();
    drop(map.remove(&first));
    assert_eq!(ledger.alive(), 4, "the iterator stands there");
    let second = *entries.next().unwrap().key();
    assert_eq!(ledger.alive(), 3, "it has gone on");
    drop(map.remove(&second));
    assert_eq!(ledger.alive(), 3);
    drop(entries);
    assert_eq!(ledger.alive(), 2);
}

#[test]
fn an_exhausted_iterator_stays_so() {
    let map: SmallMap = chain(Spread::OneChain);
    let mut entries = map.iter();
    assert_eq!(entries.by_ref().count(), 4);
    assert!(entries.next().is_none() && entries.next().is_none());
    let copy: SmallCopyMap = chain(Spread::OneChain);
    let mut entries = copy.iter();
    assert_eq!(entries.by_ref().count(), 4);
    assert!(entries.next().is_none() && entries.next().is_none());
}

/// At its end each iterator stays there, whatever is put in; and each can be shown.
#[test]
fn iterators_stay_at_their_end() {
    fn ends<I: core::iter::FusedIterator + core::fmt::Debug>(
        mut all: I,
        name: &str,
        put: &dyn Fn(),
    ) {
        assert_eq!(std::format!("{all:?}"), std::format!("{name} {{ .. }}"));
        all.by_ref().for_each(drop);
        put();
        assert!(all.next().is_none() && all.next().is_none(), "{name}");
    }
    let key = core::cell::Cell::new(0);
    let next = || key.replace(key.get() + 1);
    for spread in super::config::SPREADS {
        let map: crate::CopyMap<u32, u32, 64, 8, _> = crate::CopyMap::with_hasher(spread);
        let put = || assert!((0..5).all(|_| map.insert(next(), 0).is_ok()));
        put();
        ends(map.iter(), "CopyIter", &put);
        ends(map.keys(), "CopyKeys", &put);
        ends(map.values(), "CopyValues", &put);
        let map: crate::Map<u32, u32, 64, 8, _> = crate::Map::with_hasher(spread);
        let put = || assert!((0..5).all(|_| map.insert(next(), 0).is_ok()));
        put();
        ends(map.iter(), "Iter", &put);
        ends(map.keys(), "Keys", &put);
        let cache: crate::Cache<u32, u32, 64, 8, _> = crate::Cache::with_hasher(spread);
        let put = || assert!((0..5).all(|_| cache.insert(next(), 0).is_ok()));
        put();
        ends(cache.iter(), "CacheIter", &put);
        ends(cache.expire(0), "Expire", &put);
    }
}

/// Its drop may panic.
struct Fused;

impl Drop for Fused {
    fn drop(&mut self) {
        burn();
    }
}

/// The iterator held the entry that it gave out last, and lets go of it when it goes on.
#[test]
fn a_panic_in_a_drop_does_not_make_it_begin_anew() {
    let map: Map<u32, Fused, 12, 2, Spread> = Map::with_hasher(Spread::OneChain);
    for key in 0..12 {
        assert!(map.insert(key, Fused).is_ok());
    }
    let mut entries = map.iter();
    let last = (0..12)
        .filter_map(|_| entries.next().map(|entry| *entry.key()))
        .last();
    drop(map.remove(&last.expect("there are twelve")));
    arm(1);
    let next = AssertUnwindSafe(|| entries.next().is_none());
    assert!(catch_unwind(next).is_err());
    assert!(entries.next().is_none());
}
