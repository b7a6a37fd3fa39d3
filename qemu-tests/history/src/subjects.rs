//! The maps whose operations are recorded.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::BuildHasher;

use arenamap::{Compute, Computed, CopyMap, EntryId, Map, Plain, Ref, TryInsertError, WithId};

use crate::decision::{Decision, clears, decided, kept, wanted};
use crate::{Answer, Kind};

/// What operations are recorded of.
pub trait Subject: Sync {
    /// How many entries it promises to hold.
    fn capacity(&self) -> usize;
    /// Cells beyond these, kept for replacements; none if a replacement needs no cell.
    fn spares(&self) -> Option<usize>;
    /// Whether it gives out guards.
    fn has_guards(&self) -> bool {
        false
    }
    /// Whether it has such an operation.
    fn has(&self, kind: Kind) -> bool {
        !matches!(kind, Kind::GetById | Kind::RemoveById)
    }
    /// The value of an entry whose identifier this thread knows, which had this key.
    fn named(&self, _key: u64) -> Option<u64> {
        None
    }
    /// An entry that this thread's last operation has taken out beside what it answers, of whatever key.
    fn evicted(&self) -> Option<(u64, u64)> {
        None
    }
    /// Runs one operation.
    fn run(&self, kind: Kind, key: u64, argument: u64) -> Answer;
}

/// The answer of what found this.
pub(crate) fn there(old: Option<u64>) -> Answer {
    old.map_or(Answer::Absent, Answer::There)
}

/// What `compute` tells, which must be what was decided last.
pub fn told<R>(done: Computed<R>, decision: Option<Decision>, number: impl Fn(R) -> u64) -> Answer {
    let put = matches!(decision, Some(Decision::Put(_)));
    let removed = decision == Some(Decision::Remove);
    let kept = decision == Some(Decision::Keep);
    let (right, old) = match done {
        Computed::Inserted => (put, None),
        Computed::Replaced(old) => (put, Some(number(old))),
        Computed::Removed(old) => (removed, Some(number(old))),
        Computed::Kept(old) => (kept, Some(number(old))),
        Computed::Absent => (kept || removed, None),
    };
    assert!(right, "compute tells another thing than was decided");
    there(old)
}

/// A decision, as a map takes it.
pub fn to_do<V>(decision: Decision, new: impl FnOnce(u64) -> V) -> Compute<V> {
    match decision {
        Decision::Put(value) => Compute::Put(new(value)),
        Decision::Remove => Compute::Remove,
        Decision::Keep => Compute::Keep,
    }
}

/// Of the cells beyond `N`, those that are kept for replacements.
const fn spares<const EXTRA: usize>() -> usize {
    if EXTRA < 8 { EXTRA } else { 8 }
}

/// A `CopyMap` of values of this type.
pub struct Copies<V: Plain, const N: usize, const EXTRA: usize, S>(
    pub CopyMap<u64, V, N, EXTRA, S>,
);

macro_rules! copies {
    ($value:ty) => {
        impl<const N: usize, const EXTRA: usize, S: BuildHasher + Sync> Subject
            for Copies<$value, N, EXTRA, S>
        {
            fn capacity(&self) -> usize {
                self.0.capacity()
            }

            fn spares(&self) -> Option<usize> {
                // Values of at most half a word are changed in place.
                (2 * size_of::<$value>() > size_of::<usize>()).then_some(spares::<EXTRA>())
            }

            fn run(&self, kind: Kind, key: u64, argument: u64) -> Answer {
                let map = &self.0;
                let value = argument as $value;
                let wide = |value: Option<$value>| there(value.map(u64::from));
                match kind {
                    Kind::Get => wide(map.get(&key)),
                    Kind::Contains => Answer::Is(map.contains_key(&key)),
                    Kind::Insert => map.insert(key, value).map_or(Answer::Full, wide),
                    Kind::TryInsert => match map.try_insert(key, value) {
                        Ok(()) => Answer::Absent,
                        Err(TryInsertError::Occupied { existing, .. }) => wide(Some(existing)),
                        Err(TryInsertError::Full(_)) => Answer::Full,
                    },
                    Kind::GetOrInsert => map
                        .get_or_insert_with(key, || value)
                        .map_or(Answer::Full, |value| wide(Some(value))),
                    Kind::Remove => wide(map.remove(&key)),
                    Kind::RemoveIf => {
                        wide(map.remove_if(&key, |_, old| wanted((*old).into(), argument)))
                    }
                    Kind::Retain if clears(argument) => {
                        map.clear();
                        Answer::Done
                    }
                    Kind::Retain => {
                        map.retain(|_, old| kept((*old).into(), argument));
                        Answer::Done
                    }
                    Kind::Set => map.update(&key, |_| value).map_or(Answer::Full, wide),
                    Kind::Add => map
                        .update(&key, |old| old.wrapping_add(value))
                        .map_or(Answer::Full, wide),
                    Kind::Upsert => map
                        .upsert(key, || value, |old| old ^ value)
                        .map_or(Answer::Full, wide),
                    Kind::Compute => {
                        let mut decision = None;
                        let done = map.compute(key, |old| {
                            let decided = decided(old.map(|old| u64::from(*old)), argument);
                            to_do(*decision.insert(decided), |value| value as $value)
                        });
                        done.map_or(Answer::Full, |done| told(done, decision, u64::from))
                    }
                    Kind::GetById | Kind::RemoveById => unreachable!("it has no identifiers"),
                    Kind::Len => Answer::Number(map.len() as u64),
                    Kind::IsEmpty => Answer::Is(map.is_empty()),
                    Kind::IsFull => Answer::Is(map.is_full()),
                    Kind::Walk => Answer::Entries(
                        map.iter()
                            .map(|(key, value)| (key, u64::from(value)))
                            .collect(),
                    ),
                }
            }
        }
    };
}

copies!(u64);
copies!(u32);

/// A `Map`, whose values are on the heap: a value read after its end would be seen.
pub struct Guarded<const N: usize, const EXTRA: usize, S>(pub Map<u64, Box<u64>, N, EXTRA, S>);

impl<const N: usize, const EXTRA: usize, S: BuildHasher + Sync> Subject for Guarded<N, EXTRA, S> {
    fn capacity(&self) -> usize {
        self.0.capacity()
    }

    fn spares(&self) -> Option<usize> {
        Some(spares::<EXTRA>())
    }

    fn has_guards(&self) -> bool {
        true
    }

    fn run(&self, kind: Kind, key: u64, argument: u64) -> Answer {
        guarded(&self.0, kind, key, argument, Box::new, |value| **value)
    }
}

/// Every operation that all `Map`s have.
fn guarded<V, const N: usize, const EXTRA: usize, S: BuildHasher>(
    map: &Map<u64, V, N, EXTRA, S>,
    kind: Kind,
    key: u64,
    argument: u64,
    new: impl Fn(u64) -> V,
    number: impl Fn(&V) -> u64,
) -> Answer {
    let read = |entry: &Ref<'_, u64, V>| {
        assert_eq!(*entry.key(), key, "the entry of another key");
        number(entry.value())
    };
    let old = |entry: Option<Ref<'_, u64, V>>| there(entry.as_ref().map(read));
    match kind {
        Kind::Get => old(map.get(&key)),
        Kind::Contains => Answer::Is(map.contains_key(&key)),
        Kind::Insert => map.insert(key, new(argument)).map_or(Answer::Full, old),
        Kind::TryInsert => match map.try_insert(key, new(argument)) {
            Ok(_) => Answer::Absent,
            Err(TryInsertError::Occupied { existing, .. }) => old(Some(existing)),
            Err(TryInsertError::Full(_)) => Answer::Full,
        },
        Kind::GetOrInsert => map
            .get_or_insert_with(key, || new(argument))
            .map_or(Answer::Full, |entry| old(Some(entry))),
        Kind::Remove => old(map.remove(&key)),
        Kind::RemoveIf => old(map.remove_if(&key, |_, old| wanted(number(old), argument))),
        Kind::Retain => {
            match clears(argument) {
                true => map.clear(),
                false => map.retain(|_, old| kept(number(old), argument)),
            }
            Answer::Done
        }
        Kind::Set => map
            .update(&key, |_| new(argument))
            .map_or(Answer::Full, old),
        Kind::Add => map
            .update(&key, |old| new(number(old).wrapping_add(argument)))
            .map_or(Answer::Full, old),
        Kind::Upsert => map
            .upsert(key, || new(argument), |old| new(number(old) ^ argument))
            .map_or(Answer::Full, old),
        Kind::Compute => {
            let mut decision = None;
            let done = map.compute(key, |old| {
                let decided = decided(old.map(&number), argument);
                to_do(*decision.insert(decided), &new)
            });
            done.map_or(Answer::Full, |done| {
                told(done, decision, |entry| read(&entry))
            })
        }
        Kind::GetById | Kind::RemoveById => unreachable!("it has no identifiers"),
        Kind::Len => Answer::Number(map.len() as u64),
        Kind::IsEmpty => Answer::Is(map.is_empty()),
        Kind::IsFull => Answer::Is(map.is_full()),
        Kind::Walk => {
            let entries = map.iter();
            let entries = entries.map(|entry| (*entry.key(), number(entry.value())));
            Answer::Entries(entries.collect())
        }
    }
}

thread_local! {
    /// Of each key the last entry that this thread has put in, and its value. Each recording has threads of
    /// its own.
    static NAMED: RefCell<HashMap<u64, (EntryId, u64)>> = RefCell::default();
}

/// A `Map` whose entries have identifiers. Each thread uses those of the entries that it has put in itself:
/// what tells of another's would order the threads. Values are written once, so that one stands for its
/// entry.
pub struct Identified<const N: usize, const EXTRA: usize, S>(
    pub Map<u64, WithId<u64>, N, EXTRA, S>,
);

impl<const N: usize, const EXTRA: usize, S: BuildHasher + Sync> Subject
    for Identified<N, EXTRA, S>
{
    fn capacity(&self) -> usize {
        self.0.capacity()
    }

    fn spares(&self) -> Option<usize> {
        Some(spares::<EXTRA>())
    }

    fn has_guards(&self) -> bool {
        true
    }

    fn has(&self, kind: Kind) -> bool {
        !matches!(kind, Kind::Add | Kind::Upsert | Kind::Compute)
    }

    fn named(&self, key: u64) -> Option<u64> {
        NAMED.with_borrow(|named| named.get(&key).map(|(_, value)| *value))
    }

    fn run(&self, kind: Kind, key: u64, argument: u64) -> Answer {
        let map = &self.0;
        let name = |id: EntryId| {
            NAMED.with_borrow_mut(|named| named.insert(key, (id, argument)));
        };
        let id = || NAMED.with_borrow(|named| named[&key].0);
        let old = |entry: Option<Ref<'_, u64, WithId<u64>>>| {
            there(entry.map(|entry| {
                assert_eq!(*entry.key(), key, "the entry of another key");
                **entry
            }))
        };
        match kind {
            Kind::Insert => match map.insert_with_id(key, argument) {
                Ok((id, replaced)) => {
                    name(id);
                    old(replaced)
                }
                Err(_) => Answer::Full,
            },
            Kind::TryInsert => match map.try_insert(key, argument.into()) {
                Ok(entry) => {
                    name(entry.id());
                    Answer::Absent
                }
                Err(TryInsertError::Occupied { existing, .. }) => old(Some(existing)),
                Err(TryInsertError::Full(_)) => Answer::Full,
            },
            Kind::GetById => old(map.get_by_id(id())),
            Kind::RemoveById => old(map.remove_by_id(id())),
            _ => guarded(map, kind, key, argument, WithId::from, |value| **value),
        }
    }
}
