//! Models of what a bucket's word passes on, and of counts.

use super::*;
use crate::placed;
use core::hash::{BuildHasher, Hasher};

/// A reader comes by an old bit to a cell whose entry has gone, as has the next one there.
#[test]
fn a_cell_that_was_used_twice_since_is_no_end() {
    type Two = CopyMap<usize, usize, 2, 0, TwoChains>;
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

/// Who is told of a live entry finds it.
#[test]
fn an_entry_that_is_counted_live_is_found() {
    type Two = Map<usize, usize, 2, 0, OneChain>;
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
    type Four = CopyMap<usize, usize, 4, 0, OneChain>;
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
    type Four = CopyMap<usize, usize, 4, 0, TwoChains>;
    model(|| {
        let map = Four::default();
        for key in [0, 2, 1, 3] {
            assert_eq!(map.insert(key, 10 * key), Ok(None));
        }
        let map = Arc::new(map);
        on!(map;
        |map: &Four| {
            assert_eq!(map.remove(&0), Some(0));
            // Its home is full: a guest in the cell of key 0.
            assert_eq!(map.insert(5, 50), Ok(None));
        },
        |map: &Four| {
            if map.get(&0).is_none() {
                assert!((3..=4).contains(&map.len()));
            }
        });
    });
}

/// Two keys are in each group: key and cell have one number.
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
        placed(self.0 << 60)
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
    type Sixteen = CopyMap<usize, usize, 16, 0, Spread>;
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
            // Another key of the first group, whose seats are full, as is its neighbour and what is probed
            // then.
            |map: &Sixteen| assert_eq!(map.insert(16, 1), Ok(None)));
    });
}

/// Who is told of an entry, by a count, sees what came before its insert.
fn a_count_tells<M: Default + Send + Sync + 'static>(
    before: fn(&M),
    insert: fn(&M),
    counted: fn(&M) -> bool,
) {
    model(move || {
        let map = M::default();
        before(&map);
        let both = Arc::new((map, AtomicUsize::new(0)));
        let seen = on!(both;
        move |both: &(M, AtomicUsize)| {
            both.1.store(1, Ordering::Relaxed);
            insert(&both.0);
            true
        },
        move |both: &(M, AtomicUsize)| {
            !counted(&both.0) || both.1.load(Ordering::Relaxed) == 1
        });
        assert!(
            seen[1],
            "the insert was counted, what came before it was not seen"
        );
    });
}

#[test]
fn a_length_tells_of_what_came_before() {
    a_count_tells::<Copies>(
        |_| (),
        |map| assert_eq!(map.insert(1, 10), Ok(None)),
        |map| map.len() == 1,
    );
}

#[test]
fn a_census_tells_of_what_came_before() {
    a_count_tells::<Copies>(
        |_| (),
        |map| assert_eq!(map.insert(1, 10), Ok(None)),
        |map| map.stats().live == 1,
    );
}

/// The same of an entry that finds no seat.
#[test]
fn a_census_of_a_chain_tells_of_what_came_before() {
    a_count_tells::<super::chained::Wide>(
        |map| (100..104).for_each(|key| assert_eq!(map.insert(key, 0), Ok(None))),
        |map| assert_eq!(map.insert(1, 10), Ok(None)),
        |map| map.stats().live == 5,
    );
}

/// Whoever removes an entry reads it before the last guard drops it.
#[test]
fn what_is_removed_is_read_before_it_is_dropped() {
    model(|| {
        let (map, drops) = guarded(&[(1, 10)]);
        on!(map;
        |map: &Guarded| drop(map.get(&1)),
        |map: &Guarded| {
            let removed = map.remove(&1).expect("nobody else removes it");
            assert_eq!(removed.content, 10);
        });
        dropped_exactly(map, &drops, 1);
    });
}
