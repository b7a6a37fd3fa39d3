//! Identifiers: each names its entry for as long as that is in the map, and nothing after that.

use super::config::Spread;
use super::faces::{CHAINED, SEATS};
use crate::{EntryId, Map, WithId};
use core::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Vec;

type Subject = Map<u32, WithId<u32>, CHAINED, 1, Spread>;

/// What an identifier names.
fn named(map: &Subject, id: EntryId) -> Option<(u32, u32)> {
    map.get_by_id(id).map(|entry| (*entry.key(), **entry))
}

#[cfg(not(tagged_arena_tiny))]
mod model {
    use super::super::config::{SPREADS, for_all, scaled};
    use super::*;
    use crate::Computed;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// The map, what must be in it, and every identifier that there ever was.
    struct Bench {
        map: Subject,
        there: There,
    }

    #[derive(Default)]
    struct There {
        entries: HashMap<u32, (EntryId, u32)>,
        ids: Vec<EntryId>,
    }

    impl There {
        fn put(&mut self, key: u32, id: EntryId, value: u32) -> Option<u32> {
            assert!(!self.ids.contains(&id), "{id:?} was given before");
            self.ids.push(id);
            self.entries.insert(key, (id, value)).map(|old| old.1)
        }
    }

    impl Bench {
        /// Does one step. Values are the numbers of the steps.
        fn step(&mut self, value: u32, key: u32, what: u8, which: usize) {
            let Self { map, there } = self;
            match what {
                0 => match map.insert_with_id(key, value) {
                    Ok((id, old)) => {
                        let was = there.entries.get(&key).copied();
                        assert_eq!(old.map(|old| (old.id(), **old)), was);
                        there.put(key, id, value);
                    }
                    Err(full) => {
                        assert_eq!(full.0, (key, value));
                        assert_eq!(there.entries.len(), map.capacity());
                    }
                },
                1 => {
                    let put = map.try_insert(key, value.into());
                    if let Ok(id) = put.map(|entry| entry.id()) {
                        assert_eq!(there.put(key, id, value), None);
                    }
                }
                2 => {
                    let removed = map.remove(&key).map(|entry| (entry.id(), **entry));
                    assert_eq!(removed, there.entries.remove(&key));
                }
                3 => {
                    let changed = map.update(&key, |_| value.into());
                    if changed.is_ok_and(|old| old.is_some()) {
                        let id = map.entry_id(&key).expect("it is there");
                        there.put(key, id, value);
                    }
                }
                4 => {
                    let computed = map.compute(key, |old| match old {
                        Some(_) => crate::Compute::Remove,
                        None => crate::Compute::Keep,
                    });
                    let removed = matches!(computed, Ok(Computed::Removed(_)));
                    assert_eq!(there.entries.remove(&key).is_some(), removed);
                }
                _ if there.ids.is_empty() => {}
                _ => {
                    let id = there.ids[which % there.ids.len()];
                    let removed = map.remove_by_id(id);
                    let removed = removed.map(|entry| (entry.id(), *entry.key(), **entry));
                    let was = there.entries.iter().find(|(_, entry)| entry.0 == id);
                    let was = was.map(|(&key, &(id, value))| (id, key, value));
                    assert_eq!(removed, was);
                    was.map(|(_, key, _)| there.entries.remove(&key));
                }
            }
        }

        fn check(&self) {
            assert_eq!(self.map.len(), self.there.entries.len());
            for &id in &self.there.ids {
                let entry = self.there.entries.iter().find(|(_, entry)| entry.0 == id);
                assert_eq!(
                    named(&self.map, id),
                    entry.map(|(&key, &(_, value))| (key, value))
                );
            }
            for (key, &(id, _)) in &self.there.entries {
                assert_eq!(self.map.entry_id(key), Some(id));
            }
        }
    }

    #[test]
    fn identifiers_against_a_model() {
        let step = (0..2 * CHAINED as u32, 0..7u8, any::<usize>());
        let steps = prop::collection::vec(step, 0..scaled(80, 12) as usize);
        for_all(
            scaled(200, 2),
            &(0..SPREADS.len(), steps),
            |(spread, steps)| {
                let mut bench = Bench {
                    map: Subject::with_hasher(SPREADS[spread]),
                    there: There::default(),
                };
                for (value, (key, what, which)) in steps.into_iter().enumerate() {
                    bench.step(value as u32, key, what, which);
                    bench.check();
                }
            },
        );
    }

    /// A chain's first, which is frozen by each removal of it that fails, and one behind it.
    #[test]
    fn an_entry_of_a_chain_keeps_its_identifier() {
        let map = Subject::with_hasher(Spread::OneChain);
        for key in 100..100 + SEATS as u32 {
            assert!(map.insert_with_id(key, 0).is_ok());
        }
        let ids: Vec<_> = [3, 2, 1]
            .map(|key| map.insert_with_id(key, 10 * key).expect("there is room").0)
            .into();
        assert_eq!(map.stats().chained, 3);
        // Its link changes.
        assert!(
            map.remove_by_id(ids[1])
                .is_some_and(|entry| *entry.key() == 2)
        );
        assert_eq!(named(&map, ids[2]), Some((1, 10)));
        assert!(map.insert_with_id(4, 40).is_ok());
        assert_eq!(named(&map, ids[2]), Some((1, 10)));
        // It becomes the first.
        map.remove(&4);
        map.remove(&1);
        assert_eq!(
            [named(&map, ids[0]), named(&map, ids[2])],
            [Some((3, 30)), None]
        );
        assert!(map.remove_by_id(ids[0]).is_some());
        assert_eq!(map.stats().chained, 0);
    }

    #[test]
    fn a_value_that_is_changed_where_it_is_keeps_its_entry() {
        let mut map = Subject::default();
        let (id, _) = map.insert_with_id(5, 50).expect("there is room");
        **map.get_mut(&5).expect("it is there") = 51;
        assert_eq!(named(&map, id), Some((5, 51)));
        // Another value is another entry.
        *map.get_mut(&5).expect("it is there") = WithId::new(51);
        assert_eq!(named(&map, id), None);
        assert_ne!(map.entry_id(&5), Some(id));
    }

    #[test]
    fn a_clone_and_another_map_know_nothing_of_it() {
        let (map, other) = (Subject::default(), Subject::default());
        let (id, _) = map.insert_with_id(5, 50).expect("there is room");
        let copy = map.get(&5).expect("it is there").clone();
        assert_eq!(*map.get(&5).expect("it is there"), copy);
        assert!(other.insert(5, copy).is_ok());
        assert_eq!(
            (named(&other, id), other.remove_by_id(id).is_some()),
            (None, false)
        );
        assert!(
            map.insert(5, map.get(&5).expect("it is there").clone())
                .is_ok()
        );
        assert_eq!(named(&map, id), None);
    }

    #[test]
    fn threads_find_what_they_were_told_and_nothing_else() {
        use core::sync::atomic::{AtomicU64, Ordering};
        for spread in [Spread::Even, Spread::OneChain] {
            let map = Map::<u32, WithId<u64>, 3, 2, Spread>::with_hasher(spread);
            // Of one entry for each key: identifier and value, which are the same number at its end.
            let told = [const { AtomicU64::new(0) }; 4];
            std::thread::scope(|scope| {
                for thread in 0..3u32 {
                    let (map, told) = (&map, &told);
                    scope.spawn(move || {
                        let mut taken = Vec::new();
                        for round in 0..scaled(20_000, 15) {
                            let key = (round * 7 + thread * 5) % 4;
                            let number = u64::from(round) << 8 | u64::from(thread << 4 | key);
                            match round % 5 {
                                0 => drop(map.remove(&key)),
                                1 => drop(map.insert(key, number.into())),
                                2 => {
                                    if let Ok(entry) = map.try_insert(key, number.into()) {
                                        assert_eq!(**entry, number);
                                        let id = entry.id().to_bits();
                                        told[key as usize].store(id, Ordering::Relaxed);
                                    }
                                }
                                _ => {
                                    let id = told[key as usize].load(Ordering::Relaxed);
                                    let Some(id) = EntryId::from_bits(id) else {
                                        continue;
                                    };
                                    let entry = if round % 5 == 3 {
                                        map.get_by_id(id)
                                    } else {
                                        map.remove_by_id(id)
                                    };
                                    let Some(entry) = entry else {
                                        continue;
                                    };
                                    assert_eq!((*entry.key(), entry.id()), (key, id));
                                    assert_eq!(**entry & 15, u64::from(key));
                                    if round % 5 == 4 {
                                        assert!(map.get_by_id(id).is_none(), "removed by us");
                                        taken.push(id);
                                    }
                                }
                            }
                        }
                        for id in taken {
                            assert!(map.get_by_id(id).is_none() && map.remove_by_id(id).is_none());
                        }
                    });
                }
            });
            let stats = map.stats();
            assert_eq!((stats.live, stats.in_progress), (map.len(), 0));
        }
    }
}

#[test]
fn numbers_go_there_and_back() {
    let map = Subject::default();
    let (id, _) = map.insert_with_id(5, 50).expect("there is room");
    let bits = id.to_bits();
    assert_eq!(EntryId::from_bits(bits), Some(id));
    assert_eq!(EntryId::from_bits(0), None);
    assert_eq!(size_of::<Option<EntryId>>(), 8);
}

/// Whatever the number: no cell, no entry, or the one that it names.
#[test]
fn any_number_is_answered() {
    let map = Subject::default();
    let (id, _) = map.insert_with_id(5, 50).expect("there is room");
    let bits = id.to_bits();
    for other in (0..64)
        .map(|bit| bits ^ 1 << bit)
        .chain([1, 1 << 24, u64::MAX, CHAINED as u64])
    {
        if let Some(other) = EntryId::from_bits(other) {
            assert_eq!(named(&map, other), None, "{other:?}");
            assert!(map.remove_by_id(other).is_none());
        }
    }
    assert_eq!(named(&map, id), Some((5, 50)));
}

#[test]
fn a_stamp_costs_a_word_a_cell() {
    let without = size_of::<Map<usize, usize, 64>>();
    let with = size_of::<Map<usize, WithId<usize>, 64>>();
    assert_eq!(with - without, (64 + 8) * size_of::<usize>());
}

/// Panics when it is hashed, from the time on at which it is told to.
struct Touchy<'a>(&'a core::cell::Cell<bool>, u32);

impl PartialEq for Touchy<'_> {
    fn eq(&self, other: &Self) -> bool {
        assert!(!self.0.get(), "no key is compared by identifiers");
        self.1 == other.1
    }
}

impl Eq for Touchy<'_> {}

impl Hash for Touchy<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        assert!(!self.0.get(), "touched");
        self.1.hash(state);
    }
}

/// A seat's entry is found and removed without its hash; that of a chain is found without it, and is still
/// there, and held by nobody, when its hash panics.
#[test]
fn a_panic_in_a_hash_changes_nothing() {
    let touchy = core::cell::Cell::new(false);
    let map = Map::<Touchy, WithId<u32>, CHAINED, 1, Spread>::with_hasher(Spread::OneChain);
    let ids: Vec<_> = (0..SEATS as u32 + 3)
        .map(|key| map.insert_with_id(Touchy(&touchy, key), key))
        .map(|put| put.expect("there is room").0)
        .collect();
    touchy.set(true);
    for (key, &id) in ids.iter().enumerate() {
        assert_eq!(map.get_by_id(id).map(|entry| **entry), Some(key as u32));
    }
    let outcomes = ids
        .iter()
        .map(|&id| catch_unwind(AssertUnwindSafe(|| map.remove_by_id(id).is_some())).map_err(drop));
    let outcomes: Vec<_> = outcomes.collect();
    touchy.set(false);
    assert_eq!(
        outcomes
            .iter()
            .filter(|&&outcome| outcome == Ok(true))
            .count(),
        SEATS
    );
    assert_eq!((outcomes.last(), map.len()), (Some(&Err(())), 3));
    assert_eq!(map.table.arena.slots().taken(), 0);
    for &id in &ids[SEATS..] {
        assert!(map.remove_by_id(id).is_some());
    }
    assert!(map.is_empty());
}

/// With stamps of one or two bits they repeat soon: a stale identifier then names the next entry in its
/// cell, and nothing worse comes of it.
#[test]
#[cfg(tagged_arena_tiny)]
fn a_stamp_that_wrapped_names_the_next_entry() {
    let map = Map::<u32, WithId<std::string::String>, 1, 0, Spread>::default();
    let (id, _) = map.insert_with_id(0, "0".into()).expect("there is room");
    let mut wrapped = 0;
    for key in 1..100 {
        map.clear();
        assert!(map.insert_with_id(key, std::format!("{key}")).is_ok());
        if let Some(entry) = map.get_by_id(id) {
            assert_eq!((*entry.key(), &**entry), (key, &std::format!("{key}")));
            wrapped += 1;
        }
        if key % 2 == 0 {
            let removed = map.remove_by_id(id).map(|entry| *entry.key());
            assert_eq!(map.is_empty(), removed == Some(key));
        }
    }
    assert!(wrapped > 0);
}
