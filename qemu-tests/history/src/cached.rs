//! A [`Cache`] as a map: what an insert evicts it removes, at some instant of it.

use std::cell::Cell;
use std::hash::BuildHasher;

use arenamap::{Cache, Inserted, Ref};

use crate::decision::{clears, kept, wanted};
use crate::subjects::{Subject, there};
use crate::{Answer, Kind};

thread_local! {
    /// What this thread's last operation has evicted.
    static EVICTED: Cell<Option<(u64, u64)>> = const { Cell::new(None) };
}

/// A `Cache`. There are more keys than it keeps, so that inserts evict.
pub struct Cached<const N: usize, const EXTRA: usize, S> {
    cache: Cache<u64, u64, N, EXTRA, S>,
    /// A planted fault: it does not say what it has evicted.
    silent: bool,
}

impl<const N: usize, const EXTRA: usize, S: BuildHasher + Default> Cached<N, EXTRA, S> {
    /// An empty one.
    pub fn new(silent: bool) -> Self {
        let cache = Cache::default();
        Self { cache, silent }
    }

    /// What was replaced; what was evicted is remembered.
    fn inserted(&self, inserted: Inserted<'_, u64, u64>) -> Answer {
        let evicted = inserted.evicted.filter(|_| !self.silent);
        EVICTED.set(evicted.map(|entry| (*entry.key(), *entry)));
        old(inserted.replaced)
    }
}

fn old(entry: Option<Ref<'_, u64, u64>>) -> Answer {
    there(entry.map(|entry| *entry))
}

impl<const N: usize, const EXTRA: usize, S: BuildHasher + Default + Sync> Subject
    for Cached<N, EXTRA, S>
{
    fn capacity(&self) -> usize {
        self.cache.capacity()
    }

    fn spares(&self) -> Option<usize> {
        Some(EXTRA)
    }

    fn has_guards(&self) -> bool {
        true
    }

    fn has(&self, kind: Kind) -> bool {
        use Kind::{
            Contains, Get, GetOrInsert, Insert, IsEmpty, Len, Remove, RemoveIf, Retain, Walk,
        };
        matches!(
            kind,
            Get | Contains
                | Insert
                | GetOrInsert
                | Remove
                | RemoveIf
                | Retain
                | Len
                | IsEmpty
                | Walk
        )
    }

    fn evicted(&self) -> Option<(u64, u64)> {
        EVICTED.take()
    }

    fn run(&self, kind: Kind, key: u64, argument: u64) -> Answer {
        let cache = &self.cache;
        match kind {
            Kind::Get => old(cache.get(&key)),
            Kind::Contains => Answer::Is(cache.contains_key(&key)),
            Kind::Insert => match cache.insert(key, argument) {
                Ok(inserted) => self.inserted(inserted),
                Err(_) => Answer::Full,
            },
            Kind::GetOrInsert => match cache.get_or_insert_with(key, || argument) {
                Ok((entry, inserted)) => {
                    let replaced = self.inserted(inserted);
                    assert_eq!(
                        replaced,
                        Answer::Absent,
                        "it replaces what is over, and nothing is"
                    );
                    there(Some(*entry))
                }
                Err(_) => Answer::Full,
            },
            Kind::Remove => old(cache.remove(&key)),
            Kind::RemoveIf => old(cache.remove_if(&key, |_, old| wanted(*old, argument))),
            Kind::Retain if clears(argument) => {
                cache.clear();
                Answer::Done
            }
            Kind::Retain => {
                cache.retain(|_, old| kept(*old, argument));
                Answer::Done
            }
            Kind::Len => Answer::Number(cache.len() as u64),
            Kind::IsEmpty => Answer::Is(cache.is_empty()),
            Kind::Walk => {
                let entries = cache.iter().map(|entry| (*entry.key(), *entry));
                Answer::Entries(entries.collect())
            }
            _ => unreachable!("it has no such operation"),
        }
    }
}
