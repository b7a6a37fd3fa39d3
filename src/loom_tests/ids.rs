//! Models of identifiers: each names one entry, whatever becomes of its key and of its cell.

use super::chained::{CELLS, Ends, SEATED, SEATS};
use super::{OneChain, model, over, together};
use crate::{EntryId, Map, WithId};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
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

type Chained = Map<usize, WithId<usize>, CELLS, 0, Ends>;

/// All seats are taken, and nobody has been told of an identifier.
fn chained() -> Arc<(Chained, AtomicU64)> {
    let map = Chained::default();
    for key in SEATED..SEATED + SEATS {
        assert!(map.insert(key, WithId::new(0)).is_ok());
    }
    Arc::new((map, AtomicU64::new(0)))
}

fn tell(told: &AtomicU64, id: EntryId) {
    told.store(id.to_bits(), Ordering::Relaxed);
}

/// What whoever is told of does not find is an error.
fn find((map, told): &(Chained, AtomicU64)) {
    if let Some(id) = EntryId::from_bits(told.load(Ordering::Acquire)) {
        assert_eq!(map.get_by_id(id).map(|entry| **entry), Some(10));
    }
}

/// Also if the entry is in a chain, where others who look for its key may find it sooner.
#[test]
fn who_is_told_of_one_finds_its_entry() {
    model(|| {
        let shared = chained();
        on!(shared;
        |(map, told): &(Chained, AtomicU64)| {
            tell(told, map.insert_with_id(1, 10).unwrap().0);
        },
        find);
        assert_eq!(shared.0.stats().chained, 1);
    });
}

/// The same of who gets the entry from the insert, and so its identifier.
#[test]
fn who_is_told_of_one_that_is_held_finds_its_entry() {
    model(|| {
        let shared = chained();
        on!(shared;
        |(map, told): &(Chained, AtomicU64)| {
            let entry = map.try_insert(1, WithId::new(10)).unwrap();
            tell(told, entry.id());
        },
        find);
    });
}
