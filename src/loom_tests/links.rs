//! Models of what a link passes on.

use super::*;

/// Whoever unlinks an entry links to the next one, of which another context has told it.
#[test]
fn unlinking_passes_the_next_entry_on() {
    model(|| {
        let map = CopyMap::<usize, usize, 4, OneChain, 0>::default();
        assert_eq!(map.insert(1, 10), Ok(None));
        let map = Arc::new(map);
        type Four = CopyMap<usize, usize, 4, OneChain, 0>;
        on!(map;
        |map: &Four| assert_eq!(map.insert(2, 20), Ok(None)),
        |map: &Four| assert_eq!(map.remove(&1), Some(10)),
        |map: &Four| {
            if map.contains_key(&2) {
                assert_eq!(map.get(&2), Some(20));
            }
        });
    });
}

/// One key comes before another one goes: a count sees one of them at least.
#[test]
fn a_count_misses_no_key_that_came_before_another_went() {
    model(|| {
        let map = CopyMap::<usize, usize, 4, OneChain, 0>::default();
        assert_eq!(map.insert(1, 10), Ok(None));
        assert_eq!(map.insert(2, 20), Ok(None));
        let map = Arc::new(map);
        type Four = CopyMap<usize, usize, 4, OneChain, 0>;
        on!(map;
            |map: &Four| {
                assert_eq!(map.insert(3, 30), Ok(None));
                assert_eq!(map.remove(&1), Some(10));
            },
            |map: &Four| assert!((2..=3).contains(&map.len())));
    });
}
