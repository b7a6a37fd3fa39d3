//! Models of what a link passes on.

use super::*;

/// Whoever unlinks an entry for somebody else links to the next one, of which yet another context has told it.
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
