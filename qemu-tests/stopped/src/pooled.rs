//! What identifiers name: a pool, and a map whose entries are found by theirs.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arenamap::{EntryId, Map, Ref, TryInsertError, WithId};
use tagged_arena::{Id, Pool, PoolGuard};

use crate::call::{Answer, Call, Kind};
use crate::model::Rules;
use crate::subject::{Content, Held, KEYS, Subject};

/// Values that are named by numbers that are given when they are put in.
#[allow(missing_docs)]
pub trait Store: Default {
    /// Keeps a value readable.
    type Held<'a>
    where
        Self: 'a;

    fn capacity(&self) -> usize;
    fn insert(&self, value: u64) -> Option<usize>;
    fn get(&self, id: usize) -> Option<Self::Held<'_>>;
    fn contains(&self, id: usize) -> bool;
    fn remove(&self, id: usize) -> Option<Self::Held<'_>>;
    fn number<'a>(&'a self, held: &Self::Held<'a>) -> u64;
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool;
}

impl<T: Content, const N: usize> Store for Pool<T, N> {
    type Held<'a>
        = PoolGuard<'a, T>
    where
        Self: 'a;

    fn capacity(&self) -> usize {
        N
    }

    fn insert(&self, value: u64) -> Option<usize> {
        self.insert(T::new(value)).ok().map(Id::to_bits)
    }

    fn get(&self, id: usize) -> Option<Self::Held<'_>> {
        self.get(Id::from_bits(id)?)
    }

    fn contains(&self, id: usize) -> bool {
        Id::from_bits(id).is_some_and(|id| self.contains(id))
    }

    fn remove(&self, id: usize) -> Option<Self::Held<'_>> {
        self.remove(Id::from_bits(id)?)
    }

    fn number<'a>(&'a self, held: &Self::Held<'a>) -> u64 {
        held.number()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

/// A map in which each entry has a key that is free just then, and is found by its identifier.
#[derive(Default)]
pub struct ById<M> {
    map: M,
    /// Not an access of the map: no hook is called for it.
    keys: AtomicU64,
}

impl<T: Content, const N: usize, S: BuildHasher + Default> Store
    for ById<Map<u64, WithId<T>, N, 0, S>>
{
    type Held<'a>
        = Ref<'a, u64, WithId<T>>
    where
        Self: 'a;

    fn capacity(&self) -> usize {
        N
    }

    fn insert(&self, value: u64) -> Option<usize> {
        loop {
            let key = self.keys.fetch_add(1, Ordering::Relaxed) % KEYS as u64;
            match self.map.try_insert(key, T::new(value).into()) {
                Ok(entry) => return Some(entry.id().to_bits() as usize),
                Err(TryInsertError::Occupied { .. }) => {}
                Err(TryInsertError::Full(_)) => return None,
            }
        }
    }

    fn get(&self, id: usize) -> Option<Self::Held<'_>> {
        self.map.get_by_id(EntryId::from_bits(id as u64)?)
    }

    fn contains(&self, id: usize) -> bool {
        Store::get(self, id).is_some()
    }

    fn remove(&self, id: usize) -> Option<Self::Held<'_>> {
        self.map.remove_by_id(EntryId::from_bits(id as u64)?)
    }

    fn number<'a>(&'a self, held: &Self::Held<'a>) -> u64 {
        held.value().number()
    }

    fn len(&self) -> usize {
        self.map.len()
    }

    fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}

/// Such values, with a table in which each key's identifier stands: an entry is a value that is there.
pub struct Pooled<P> {
    values: P,
    /// Not accesses of the values: no hook is called for them.
    ids: [AtomicUsize; KEYS],
}

impl<P: Store> Default for Pooled<P> {
    fn default() -> Self {
        Self {
            values: P::default(),
            ids: [const { AtomicUsize::new(0) }; KEYS],
        }
    }
}

impl<P: Store> Pooled<P> {
    fn number<'a>(&'a self, held: Option<P::Held<'a>>) -> Option<u64> {
        held.map(|held| self.values.number(&held))
    }
}

impl<P: Store> Subject for Pooled<P> {
    fn rules(&self) -> Rules {
        Rules {
            capacity: self.values.capacity(),
            spares: Some(0),
            cells: None,
            silent_reads: false,
            // One that is put in, and not in the table yet, is counted.
            counts_cells: true,
            equal_hashes: false,
        }
    }

    fn has(&self, kind: Kind) -> bool {
        use Kind::{Contains, DropGuard, Get, IsEmpty, Len, Remove, TryInsert};
        matches!(
            kind,
            Get | Contains | TryInsert | Remove | Len | IsEmpty | DropGuard
        )
    }

    fn call(&self, Call { kind, key, value }: Call) -> Answer {
        let place = &self.ids[key as usize];
        let id = place.load(Ordering::Acquire);
        match kind {
            Kind::Get => Answer::Value(self.number(self.values.get(id))),
            Kind::Contains => Answer::Bool(self.values.contains(id)),
            Kind::TryInsert => {
                if let Some(there) = self.number(self.values.get(id)) {
                    return Answer::Occupied(there);
                }
                match self.values.insert(value) {
                    Some(id) => {
                        place.store(id, Ordering::Release);
                        Answer::Inserted
                    }
                    None => Answer::Full,
                }
            }
            Kind::Remove => Answer::Value(self.number(self.values.remove(id))),
            Kind::Len => Answer::Count(self.values.len()),
            Kind::IsEmpty => Answer::Bool(self.values.is_empty()),
            _ => unreachable!("it has no such operation"),
        }
    }

    fn hold(&self, key: u64) -> Option<Box<dyn Held + '_>> {
        let id = self.ids[key as usize].load(Ordering::Acquire);
        Some(Box::new(self.values.get(id)?))
    }
}
