//! A guarded reader looks at a cell that is removed and reused for another key under it: as
//! `reader_against_reuse`, with the different ways of a reader that compares labels first.

use super::{OneChain, large_model, model, over, together};
use crate::{CopyMap, Map, TryInsertError, placed};
use core::hash::{BuildHasher, Hasher};
use loom::sync::Arc;
use std::vec;

/// The key is its own hash: one bucket, different labels.
#[derive(Default)]
pub(super) struct OneBucket(u64);

impl BuildHasher for OneBucket {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for OneBucket {
    fn finish(&self) -> u64 {
        placed(self.0)
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_usize(&mut self, key: usize) {
        self.0 = key as u64;
    }
}

/// Keys 1 and 2 are beside `first`; 1 is removed and its cell reused while 2 is looked up.
fn two_is_found<S: BuildHasher + Default + Send + Sync + 'static>(first: &'static [usize]) {
    type Three<S> = Map<usize, usize, 3, 0, S>;
    model(move || {
        let map: Three<S> = Map::default();
        for (key, value) in first.iter().map(|&key| (key, 0)).chain([(1, 10), (2, 20)]) {
            assert!(map.insert(key, value).is_ok());
        }
        let map = Arc::new(map);
        on!(map;
        |map: &Three<S>| {
            drop(map.remove(&1));
            assert!(map.insert(3, 30).is_ok());
        },
        |map: &Three<S>| {
            let two = map.get(&2).map(|two| *two);
            assert_eq!(two, Some(20), "in the map all the while");
        });
    });
}

/// Beside a cell that is not held because its label is another.
#[test]
fn guarded_reader_against_reuse() {
    two_is_found::<OneBucket>(&[]);
}

/// All keys have one label: the reader holds the reused cell, finds it live and sees another key in it.
#[test]
fn holding_reader_against_reuse() {
    two_is_found::<OneChain>(&[]);
}

/// The reader holds the first cell in vain, whose key is another one with the same label.
#[test]
fn reader_of_a_twin_against_reuse() {
    // The label is the hash's lowest bits, on 64-bit targets the bucket comes from the highest.
    const TWIN: usize = 2 | 1 << 32;
    two_is_found::<OneBucket>(&[TWIN]);
}

/// Both entries are counted.
#[test]
fn two_inserts_are_counted() {
    type Three = Map<usize, usize, 3, 0, OneBucket>;
    model(|| {
        let map = Arc::new(Three::default());
        on!(map;
            |map: &Three| assert!(map.insert(1, 10).is_ok()),
            |map: &Three| assert!(map.insert(2, 20).is_ok()));
        assert_eq!(map.len(), 2);
    });
}

/// A key moves to another seat, and another key into its old one, while it is removed.
#[test]
fn a_removal_finds_a_key_that_moves() {
    type Three = Map<usize, usize, 3, 0, OneBucket>;
    model(|| {
        let map = Three::default();
        assert!(map.insert(1, 10).is_ok());
        let map = Arc::new(map);
        on!(map;
        |map: &Three| {
            assert!(map.insert(1, 11).is_ok());
            assert!(map.insert(2, 20).is_ok());
        },
        |map: &Three| assert!(map.remove(&1).is_some(), "in the map all the while"));
    });
}

/// The same for an update of what is copied.
#[test]
fn an_update_finds_a_key_that_moves() {
    type Three = CopyMap<usize, usize, 3, 0, OneBucket>;
    model(|| {
        let map = Three::default();
        assert_eq!(map.insert(1, 10), Ok(None));
        let map = Arc::new(map);
        on!(map;
        |map: &Three| {
            assert!(map.insert(1, 11).is_ok());
            assert!(map.insert(2, 20).is_ok());
        },
        |map: &Three| assert!(map.update(&1, |n| n + 1).is_ok_and(|old| old.is_some())));
    });
}

/// A key moves from the last seat of its bucket to the first while it is looked for, and another key comes to
/// the last: it is found.
fn a_key_that_moves_is_found<M: Default + Send + Sync + 'static>(
    insert: fn(&M, usize) -> bool,
    remove: fn(&M, usize),
    find: fn(&M) -> bool,
) {
    large_model(move || key_moves(&[5, 6, 1], insert, remove, find));
}

/// One run of it, with these keys: the first of them goes, the last moves.
fn key_moves<M: Default + Send + Sync + 'static>(
    keys: &[usize],
    insert: fn(&M, usize) -> bool,
    remove: fn(&M, usize),
    find: fn(&M) -> bool,
) {
    let map = M::default();
    for &key in keys {
        assert!(insert(&map, key));
    }
    let map = Arc::new(map);
    let found = on!(map;
    move |map: &M| find(map),
    move |map: &M| {
        remove(map, 5);
        // Refused while a guard holds what was removed.
        insert(map, 1) && insert(map, 7)
    });
    assert!(found[0], "in the map all the while");
}

fn copied_key(find: fn(&CopiedFour) -> bool) {
    a_key_that_moves_is_found::<CopiedFour>(
        |map, key| map.insert(key, 10).is_ok(),
        |map, key| assert!(map.remove(&key).is_some()),
        find,
    );
}

fn guarded_key(find: fn(&GuardedFour) -> bool) {
    a_key_that_moves_is_found(insert_guarded, remove_guarded, find);
}

fn insert_guarded<const N: usize>(map: &Guarded<N>, key: usize) -> bool {
    map.insert(key, 10).is_ok()
}

fn remove_guarded<const N: usize>(map: &Guarded<N>, key: usize) {
    assert!(map.remove(&key).is_some());
}

type CopiedFour = CopyMap<usize, usize, 4, 0, OneBucket>;
type Guarded<const N: usize> = Map<usize, usize, N, 0, OneBucket>;
type GuardedFour = Guarded<4>;

#[test]
fn a_copied_key_that_moves_is_found() {
    copied_key(|map| map.get(&1).is_some());
}

#[test]
fn a_copied_key_that_moves_is_removed() {
    copied_key(|map| map.remove(&1).is_some());
}

#[test]
fn a_copied_key_that_moves_is_occupied() {
    copied_key(|map| matches!(map.try_insert(1, 11), Err(TryInsertError::Occupied { .. })));
}

#[test]
fn a_guarded_key_that_moves_is_found() {
    guarded_key(|map| map.get(&1).is_some());
}

/// The same from one of two seats at home to the other: where there are no others, a third key is in a chain.
#[test]
fn a_guarded_key_that_moves_at_home_is_found() {
    let find = |map: &Guarded<2>| map.get(&1).is_some();
    model(move || key_moves(&[5, 1], insert_guarded, remove_guarded, find));
}

#[test]
fn a_guarded_key_that_moves_is_updated() {
    guarded_key(|map| !matches!(map.update(&1, |n| n + 1), Ok(None)));
}

#[test]
fn a_guarded_key_that_moves_is_occupied() {
    guarded_key(|map| matches!(map.try_insert(1, 11), Err(TryInsertError::Occupied { .. })));
}
