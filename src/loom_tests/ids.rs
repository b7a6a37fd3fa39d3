//! Models of identifiers: each names one entry, whatever becomes of its key and of its cell.

use super::{OneChain, model, over, together};
use crate::{EntryId, Map, WithId};
use loom::sync::Arc;
use std::vec;

type Subject = Map<usize, WithId<usize>, 2, 1, OneChain>;

fn subject() -> (Arc<Subject>, EntryId) {
    let map = Subject::default();
    let (id, _) = map.insert_with_id(1, 10).unwrap();
    (Arc::new(map), id)
}

fn named(map: &Subject, id: EntryId) -> Option<(usize, usize)> {
    map.get_by_id(id).map(|entry| (*entry.key(), **entry))
}

#[test]
fn one_removes_the_entry() {
    model(|| {
        let (map, id) = subject();
        let got = on!(map;
            move |map: &Subject| map.remove_by_id(id).map(|entry| **entry),
            |map: &Subject| map.remove(&1).map(|entry| **entry));
        assert!(
            matches!(got[..], [Some(10), None] | [None, Some(10)]),
            "{got:?}"
        );
        assert_eq!((map.len(), named(&map, id)), (0, None));
    });
}

/// A look-up by an identifier that has been stale for long keeps no insert from the cell.
#[test]
fn a_stale_one_takes_no_room() {
    type One = Map<usize, WithId<usize>, 1, 0, OneChain>;
    model(|| {
        let map = One::default();
        let (id, _) = map.insert_with_id(1, 10).unwrap();
        let held = map.get(&1);
        drop(map.remove(&1));
        drop(held);
        let map = Arc::new(map);
        on!(map;
            move |map: &One| assert!(map.get_by_id(id).is_none()),
            |map: &One| assert!(map.insert(2, WithId::new(20)).is_ok(), "nothing is in it"));
    });
}

#[test]
fn its_replacement_is_another_entry() {
    model(|| {
        let (map, id) = subject();
        let got = on!(map;
            move |map: &Subject| map.remove_by_id(id).map(|entry| **entry),
            |map: &Subject| map.insert(1, WithId::new(11)).unwrap().map(|entry| **entry));
        assert!(
            matches!(got[..], [Some(10), None] | [None, Some(10)]),
            "{got:?}"
        );
        assert_eq!(map.get(&1).map(|entry| **entry), Some(11));
    });
}

#[test]
fn what_is_inserted_again_is_another_entry() {
    model(|| {
        let (map, id) = subject();
        on!(map;
        move |map: &Subject| {
            let seen = named(map, id);
            assert!(seen.is_none_or(|seen| seen == (1, 10)), "{seen:?}");
            let removed = map.remove_by_id(id).map(|entry| **entry);
            assert!(removed.is_none_or(|removed| removed == 10 && seen.is_some()));
        },
        |map: &Subject| {
            map.remove(&1);
            map.insert(1, WithId::new(11)).unwrap();
        });
        assert_eq!(map.get(&1).map(|entry| **entry), Some(11));
    });
}

#[test]
fn its_cell_is_another_keys() {
    model(|| {
        let (map, id) = subject();
        on!(map;
        move |map: &Subject| {
            let seen = named(map, id);
            assert!(seen.is_none_or(|seen| seen == (1, 10)), "{seen:?}");
            let again = named(map, id);
            assert!(again.is_none() || again == seen);
        },
        move |map: &Subject| {
            assert!(map.remove(&1).is_some());
            assert_eq!(named(map, id), None);
            let (other, _) = map.insert_with_id(2, 20).unwrap();
            assert_eq!(named(map, other), Some((2, 20)));
        });
    });
}
