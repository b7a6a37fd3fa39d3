//! Models of values that are changed in place: see `copy_map::in_place`.

use super::{OneChain, model, over, together};
use crate::{CopyMap, TryInsertError};
use loom::sync::Arc;
use std::vec;

type Narrow = CopyMap<usize, u32, 2, 1, OneChain>;

fn narrow(entries: &[(usize, u32)]) -> Arc<Narrow> {
    let map = Narrow::default();
    for &(key, value) in entries {
        assert_eq!(map.insert(key, value), Ok(None));
    }
    Arc::new(map)
}

#[test]
fn changes_are_not_lost() {
    model(|| {
        let map = narrow(&[(1, 10)]);
        on!(map;
            |map: &Narrow| assert!(map.update(&1, |n| n + 1).unwrap().is_some()),
            |map: &Narrow| assert!(map.update(&1, |n| n + 2).unwrap().is_some()));
        assert_eq!(map.get(&1), Some(13));
    });
}

/// Whatever was changed before the removal is in what the removal returns; nothing after it succeeds.
#[test]
fn a_removal_knows_every_change() {
    model(|| {
        let map = narrow(&[(1, 10)]);
        let seen = on!(map;
            |map: &Narrow| map.update(&1, |n| n + 1).unwrap(),
            |map: &Narrow| map.remove(&1));
        match seen[..] {
            [None, Some(10)] | [Some(10), Some(11)] => {}
            _ => panic!("{seen:?}"),
        }
        assert_eq!((map.get(&1), map.stats().free), (None, 3));
    });
}

#[test]
fn of_two_removals_one_wins() {
    model(|| {
        let map = narrow(&[(1, 10)]);
        let seen = on!(map;
            |map: &Narrow| map.remove(&1),
            |map: &Narrow| map.remove(&1));
        assert!(
            matches!(seen[..], [None, Some(10)] | [Some(10), None]),
            "{seen:?}"
        );
        assert_eq!((map.get(&1), map.stats().free), (None, 3));
    });
}

/// An entry is put in beside the one that is being removed: their bucket's word changes.
#[test]
fn a_removal_beside_an_insert() {
    model(|| {
        let map = narrow(&[(1, 10)]);
        let seen = on!(map;
            |map: &Narrow| map.remove(&1),
            |map: &Narrow| map.insert(2, 20).unwrap());
        assert_eq!(seen, [Some(10), None]);
        assert_eq!(
            (map.get(&1), map.get(&2), map.stats().free),
            (None, Some(20), 2)
        );
    });
}

/// The cell is another entry's, with the same value, when the change is tried.
#[test]
fn a_change_of_an_entry_whose_cell_is_reused() {
    model(|| {
        let map = narrow(&[(1, 10)]);
        let seen = on!(map;
        |map: &Narrow| map.update(&1, |n| n + 1).unwrap(),
        |map: &Narrow| {
            let removed = map.remove(&1);
            assert_eq!(map.insert(2, 10), Ok(None));
            removed
        });
        match seen[..] {
            [None, Some(10)] | [Some(10), Some(11)] => {}
            _ => panic!("{seen:?}"),
        }
        assert_eq!((map.get(&1), map.get(&2)), (None, Some(10)));
    });
}

/// The same for an insert, which changes the value that is there.
#[test]
fn an_insert_into_an_entry_whose_cell_is_reused() {
    model(|| {
        let map = narrow(&[(1, 10)]);
        on!(map;
        |map: &Narrow| assert!(map.insert(1, 11).is_ok()),
        |map: &Narrow| {
            map.remove(&1);
            assert_eq!(map.insert(2, 20), Ok(None));
        });
        assert_eq!(map.get(&2), Some(20));
        assert!(matches!(map.get(&1), None | Some(11)));
    });
}

/// And for a removal.
#[test]
fn a_removal_of_an_entry_whose_cell_is_reused() {
    model(|| {
        let map = narrow(&[(1, 10)]);
        let seen = on!(map;
        |map: &Narrow| map.remove(&1),
        |map: &Narrow| {
            let removed = map.remove(&1);
            assert_eq!(map.insert(2, 10), Ok(None));
            removed
        });
        assert!(
            matches!(seen[..], [None, Some(10)] | [Some(10), None]),
            "{seen:?}"
        );
        assert_eq!((map.get(&1), map.get(&2)), (None, Some(10)));
    });
}

/// What is told of an entry that is there already is its own value.
#[test]
fn what_is_kept_is_not_what_a_reused_cell_has() {
    type Two = CopyMap<usize, usize, 2, 0, OneChain>;
    model(|| {
        let map = Two::default();
        assert_eq!(map.insert(1, 10), Ok(None));
        let map = Arc::new(map);
        on!(map;
        |map: &Two| match map.try_insert(1, 11) {
            Err(TryInsertError::Occupied { existing, .. }) => assert_eq!(existing, 10),
            Err(TryInsertError::Full(_)) | Ok(()) => {}
        },
        |map: &Two| {
            assert_eq!(map.remove(&1), Some(10));
            let _ = map.insert(2, 20);
        });
    });
}

/// Replacing beside removing and inserting again: what was replaced or removed is seen once.
#[test]
fn a_replacement_beside_a_removal() {
    model(|| {
        let map = narrow(&[(1, 10)]);
        let seen = on!(map;
            |map: &Narrow| map.insert(1, 20).unwrap(),
            |map: &Narrow| map.remove(&1));
        let left = map.get(&1);
        match (&seen[..], left) {
            ([Some(10), Some(20)], None) | ([None, Some(10)], Some(20)) => {}
            _ => panic!("{seen:?} {left:?}"),
        }
    });
}

/// What one thread has seen changed stays changed.
#[test]
fn a_reader_sees_changes_in_order() {
    model(|| {
        let map = narrow(&[(1, 10)]);
        on!(map;
        |map: &Narrow| {
            map.update(&1, |n| n + 1).unwrap();
            map.remove(&1);
        },
        |map: &Narrow| {
            let (first, second) = (map.get(&1), map.get(&1));
            let age = |seen| match seen {
                Some(10) => 0,
                Some(11) => 1,
                None => 2,
                other => panic!("{other:?}"),
            };
            assert!(age(first) <= age(second), "{first:?} {second:?}");
        });
    });
}

/// What came before a change is seen by whoever sees the change.
#[test]
fn a_change_publishes() {
    use loom::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    model(|| {
        let map = narrow(&[(1, 0)]);
        let data = Arc::new(AtomicUsize::new(0));
        let written = data.clone();
        on!(map;
        move |map: &Narrow| {
            written.store(1, Relaxed);
            assert_eq!(map.update(&1, |n| n + 1), Ok(Some(0)));
        },
        move |map: &Narrow| {
            if map.get(&1) == Some(1) {
                assert_eq!(data.load(Relaxed), 1);
            }
        });
    });
}
