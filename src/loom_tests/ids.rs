//! Models of identifiers: each names one entry, whatever becomes of its key and of its cell.

use super::{OneChain, model, over, together};
use crate::{EntryId, Map, WithId};
use loom::sync::Arc;
use std::vec;

type Subject = Map<usize, WithId<usize>, 2, OneChain, 1>;

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
