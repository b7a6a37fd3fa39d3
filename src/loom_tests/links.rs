//! Models of what a link passes on.

use super::reuse::OneBucket;
use super::*;
use core::hash::{BuildHasher, Hasher};

/// Whoever unlinks an entry for somebody else links to the next one, of which yet another context has told
/// it.
#[test]
fn helping_passes_the_next_entry_on() {
    type Four = CopyMap<usize, usize, 4, OneChain, 0>;
    model(|| {
        let map = Four::default();
        assert_eq!(map.insert(1, 10), Ok(None));
        let map = Arc::new(map);
        on!(map;
            |map: &Four| {
                assert_eq!(map.insert(2, 20), Ok(None));
                assert_eq!(map.remove(&1), Some(10));
            },
            // It helps.
            |map: &Four| assert_eq!(map.remove(&9), None),
            |map: &Four| assert!(matches!(map.get(&2), None | Some(20))));
    });
}

/// A reader comes by an old link to a cell that is marked by now, but in another chain.
#[test]
fn a_marked_cell_of_another_chain_is_no_end() {
    type Two = CopyMap<usize, usize, 2, TwoChains, 0>;
    model(|| {
        let map = Two::default();
        assert_eq!(map.insert(0, 0), Ok(None));
        assert_eq!(map.insert(2, 20), Ok(None));
        let map = Arc::new(map);
        on!(map;
            |map: &Two| {
                assert_eq!(map.remove(&0), Some(0));
                assert_eq!(map.insert(1, 10), Ok(None));
                assert_eq!(map.remove(&1), Some(10));
            },
            |map: &Two| assert_eq!(map.get(&2), Some(20)));
    });
}

/// An entry behind which another one is linked is live, whoever gets on first: the other key's hash tells
/// that it need not be looked at, so nobody makes it live on the way.
#[test]
fn an_entry_is_live_once_another_one_is_behind_it() {
    type Two = Map<usize, usize, 2, OneBucket, 0>;
    model(|| {
        let map = Arc::new(Two::default());
        on!(map;
            |map: &Two| assert!(map.insert(1, 10).is_ok()),
            |map: &Two| assert!(map.insert(2, 20).is_ok()));
        assert_eq!((map.stats().live, map.len()), (2, 2));
    });
}

/// Who is told of a live entry finds it.
#[test]
fn an_entry_that_is_counted_live_is_found() {
    type Two = Map<usize, usize, 2, OneChain, 0>;
    model(|| {
        let map = Arc::new(Two::default());
        on!(map;
            |map: &Two| assert!(map.insert(1, 10).is_ok()),
            |map: &Two| assert!(map.stats().live == 0 || map.get(&1).is_some()));
    });
}

/// One key comes before another one goes: a count sees one of them at least.
#[test]
fn a_count_misses_no_key_that_came_before_another_went() {
    type Four = CopyMap<usize, usize, 4, OneChain, 0>;
    model(|| {
        let map = Four::default();
        assert_eq!(map.insert(1, 10), Ok(None));
        assert_eq!(map.insert(2, 20), Ok(None));
        let map = Arc::new(map);
        on!(map;
            |map: &Four| {
                assert_eq!(map.insert(3, 30), Ok(None));
                assert_eq!(map.remove(&1), Some(10));
            },
            |map: &Four| assert!((2..=3).contains(&map.len())));
    });
}

/// The cell of a removed entry is another bucket's when the count comes to it: it counts there only.
#[test]
fn a_count_takes_no_entry_of_another_bucket() {
    type Two = CopyMap<usize, usize, 2, TwoChains, 0>;
    model(|| {
        let map = Two::default();
        assert_eq!((map.insert(0, 0), map.insert(1, 10)), (Ok(None), Ok(None)));
        let map = Arc::new(map);
        on!(map;
        |map: &Two| {
            assert_eq!(map.remove(&0), Some(0));
            assert_eq!(map.insert(3, 30), Ok(None));
        },
        |map: &Two| {
            if map.get(&0).is_none() {
                assert!((1..=2).contains(&map.len()));
            }
        });
    });
}

/// A key is its bucket, and its home the cell of that number.
#[derive(Default)]
struct Spread(u64);

impl BuildHasher for Spread {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0 << 60
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_usize(&mut self, key: usize) {
        self.0 = key as u64;
    }
}

/// A search for a free cell is told of an insert in front of it: see the arena's
/// `full_is_exact_beside_a_claim_of_a_cell_not_tried_before`.
#[test]
fn full_is_exact_beside_an_insert_into_a_cell_not_tried_before() {
    const FREED: usize = 5;
    const FREE: usize = 9;
    type Sixteen = CopyMap<usize, usize, 16, Spread, 0>;
    model(|| {
        let map = Sixteen::default();
        for key in (0..16).filter(|key| *key != FREE) {
            assert_eq!(map.insert(key, key), Ok(None));
        }
        let map = Arc::new(map);
        on!(map;
            |map: &Sixteen| {
                assert_eq!(map.remove(&FREED), Some(FREED));
                assert_eq!(map.insert(FREE, 1), Ok(None));
            },
            // Another key of bucket 0.
            |map: &Sixteen| assert_eq!(map.insert(16, 1), Ok(None)));
    });
}
