//! Models of iteration: an entry that moves to a seat that has been looked at.

use super::chained::Ends;
use super::reuse::OneBucket;
use super::*;
use core::hash::BuildHasher;

/// Key 2 is there all the while, but moves to the seat of 4, and 3 comes to its own.
fn a_key_that_moves_is_yielded_once<M: Default + Send + Sync + 'static>(
    insert: fn(&M, usize) -> bool,
    remove: fn(&M, usize),
    keys: fn(&M) -> std::vec::Vec<usize>,
) {
    large_model(move || {
        let map = M::default();
        // In this order: 4 gets the first seat, 2 the second.
        for key in [4, 2, 1] {
            assert!(insert(&map, key));
        }
        let map = Arc::new(map);
        let come = on!(map;
        move |map: &M| keys(map),
        move |map: &M| {
            remove(map, 4);
            insert(map, 2);
            insert(map, 3);
            std::vec::Vec::new()
        });
        let times = |key| come[0].iter().filter(|&&one| one == key).count();
        assert_eq!((times(1), times(2)), (1, 1), "{come:?}");
        assert!(times(3) < 2 && times(4) < 2, "{come:?}");
    });
}

fn guarded_keys<S: BuildHasher + Default + Send + Sync + 'static>() {
    a_key_that_moves_is_yielded_once::<Map<usize, (), 3, 1, S>>(
        |map, key| map.insert(key, ()).is_ok(),
        |map, key| assert!(map.remove(&key).is_some()),
        |map| map.iter().map(|entry| *entry.key()).collect(),
    );
}

#[test]
fn a_guarded_key_that_moves_is_yielded_once() {
    guarded_keys::<OneBucket>();
}

#[test]
fn a_guarded_key_with_a_label_that_others_have_is_yielded_once() {
    guarded_keys::<Ends>();
}

#[test]
fn a_copied_key_that_moves_is_yielded_once() {
    a_key_that_moves_is_yielded_once::<CopyMap<usize, usize, 3, 1, OneBucket>>(
        |map, key| map.insert(key, key).is_ok(),
        |map, key| assert!(map.remove(&key).is_some()),
        |map| map.iter().map(|(key, _)| key).collect(),
    );
}

/// The same once the bucket has changed: all that is there is looked at.
#[test]
fn a_copied_key_that_moves_is_yielded_once_though_the_bucket_has_changed() {
    type Four = CopyMap<usize, usize, 4, 0, OneBucket>;
    a_key_that_moves_is_yielded_once::<Four>(
        |map, key| map.insert(key, key).is_ok(),
        |map, key| assert!(map.remove(&key).is_some()),
        |map| {
            let mut entries = map.iter();
            let first = entries.next();
            assert_eq!(first, Some((1, 1)));
            assert_eq!(map.remove(&1), Some(1));
            first
                .into_iter()
                .chain(entries)
                .map(|(key, _)| key)
                .collect()
        },
    );
}
