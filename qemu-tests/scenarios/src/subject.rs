//! Both maps behind one face, so that a scenario is written once.

use crate::content::{Key, Value};
use arenamap::{Compute, Computed, CopyMap, Full, Map, Ref, Stats, TryInsertError};
use core::hash::BuildHasher;
use tagged_arena::Plain;

/// What [`Subject::try_insert`] says.
pub enum Tried<K, V> {
    /// It went in.
    Inserted,
    /// This entry is there; key and value came back.
    Occupied((K, V), (K, V)),
    /// The map is full; key and value came back.
    Full((K, V)),
}

/// A map of either type. Entries are copied out with the key that is beside the value, where the map
/// tells it.
pub trait Subject: Sync {
    /// The key.
    type K: Key;
    /// The value.
    type V: Value;

    /// What keeps an entry readable, if the map gives out such a thing.
    type Guard<'a>: Send
    where
        Self: 'a;

    /// Whether removed entries may lie in their cells until these are wanted.
    const LAZY: bool;

    /// As the map's.
    fn get(&self, key: Self::K) -> Option<(Self::K, Self::V)>;
    /// As the map's: the value only.
    fn get_copied(&self, key: Self::K) -> Option<Self::V>;
    /// As the map's.
    fn contains_key(&self, key: Self::K) -> bool;
    /// A guard on the key's entry.
    fn hold(&self, key: Self::K) -> Option<Self::Guard<'_>>;
    /// As the map's.
    fn insert(
        &self,
        key: Self::K,
        value: Self::V,
    ) -> Result<Option<(Self::K, Self::V)>, Full<(Self::K, Self::V)>>;
    /// As the map's.
    fn try_insert(&self, key: Self::K, value: Self::V) -> Tried<Self::K, Self::V>;
    /// As the map's.
    fn remove(&self, key: Self::K) -> Option<(Self::K, Self::V)>;
    /// As the map's.
    fn get_or_insert_with(
        &self,
        key: Self::K,
        make: impl FnOnce() -> Self::V,
    ) -> Result<(Self::K, Self::V), Full<Self::K>>;
    /// As the map's.
    fn update(
        &self,
        key: Self::K,
        change: impl FnMut(&Self::V) -> Self::V,
    ) -> Result<Option<(Self::K, Self::V)>, Full<()>>;
    /// As the map's.
    fn upsert(
        &self,
        key: Self::K,
        init: impl FnOnce() -> Self::V,
        change: impl FnMut(&Self::V) -> Self::V,
    ) -> Result<Option<(Self::K, Self::V)>, Full<(Self::K, Self::V)>>;
    /// As the map's.
    fn compute(
        &self,
        key: Self::K,
        decide: impl FnMut(Option<&Self::V>) -> Compute<Self::V>,
    ) -> Result<Computed<(Self::K, Self::V)>, Full<(Self::K, Self::V)>>;
    /// As the map's.
    fn remove_if(
        &self,
        key: Self::K,
        wanted: impl FnMut(&Self::V) -> bool,
    ) -> Option<(Self::K, Self::V)>;
    /// As the map's.
    fn entries(&self) -> impl Iterator<Item = (Self::K, Self::V)>;
    /// As the map's.
    fn capacity(&self) -> usize;
    /// As the map's.
    fn len(&self) -> usize;
    /// As the map's.
    fn is_empty(&self) -> bool;
    /// As the map's.
    fn is_full(&self) -> bool;
    /// As the map's.
    fn stats(&self) -> Stats;
}

/// The same with what this makes of what was there.
pub fn with<A, B>(done: Computed<A>, made: impl FnOnce(A) -> B) -> Computed<B> {
    match done {
        Computed::Inserted => Computed::Inserted,
        Computed::Replaced(old) => Computed::Replaced(made(old)),
        Computed::Removed(old) => Computed::Removed(made(old)),
        Computed::Kept(old) => Computed::Kept(made(old)),
        Computed::Absent => Computed::Absent,
    }
}

impl<K: Key, V: Value + Plain, const N: usize, const EXTRA: usize, S: BuildHasher + Sync> Subject
    for CopyMap<K, V, N, EXTRA, S>
{
    type K = K;
    type V = V;

    /// It copies values out.
    type Guard<'a>
        = ()
    where
        Self: 'a;

    const LAZY: bool = false;

    fn get_copied(&self, key: K) -> Option<V> {
        self.get(&key)
    }

    fn contains_key(&self, key: K) -> bool {
        self.contains_key(&key)
    }

    fn hold(&self, _: K) -> Option<()> {
        None
    }

    fn get(&self, key: K) -> Option<(K, V)> {
        self.get(&key).map(|value| (key, value))
    }

    fn insert(&self, key: K, value: V) -> Result<Option<(K, V)>, Full<(K, V)>> {
        Ok(self.insert(key, value)?.map(|old| (key, old)))
    }

    fn try_insert(&self, key: K, value: V) -> Tried<K, V> {
        match self.try_insert(key, value) {
            Ok(()) => Tried::Inserted,
            Err(TryInsertError::Occupied {
                existing,
                key: back,
                value,
            }) => Tried::Occupied((key, existing), (back, value)),
            Err(TryInsertError::Full(back)) => Tried::Full(back),
        }
    }

    fn remove(&self, key: K) -> Option<(K, V)> {
        self.remove(&key).map(|value| (key, value))
    }

    fn get_or_insert_with(&self, key: K, make: impl FnOnce() -> V) -> Result<(K, V), Full<K>> {
        Ok((key, self.get_or_insert_with(key, make)?))
    }

    fn update(&self, key: K, change: impl FnMut(&V) -> V) -> Result<Option<(K, V)>, Full<()>> {
        Ok(self.update(&key, change)?.map(|old| (key, old)))
    }

    fn upsert(
        &self,
        key: K,
        init: impl FnOnce() -> V,
        change: impl FnMut(&V) -> V,
    ) -> Result<Option<(K, V)>, Full<(K, V)>> {
        Ok(self.upsert(key, init, change)?.map(|old| (key, old)))
    }

    fn compute(
        &self,
        key: K,
        decide: impl FnMut(Option<&V>) -> Compute<V>,
    ) -> Result<Computed<(K, V)>, Full<(K, V)>> {
        let done = self.compute(key, decide)?;
        Ok(with(done, |old| (key, old)))
    }

    fn remove_if(&self, key: K, mut wanted: impl FnMut(&V) -> bool) -> Option<(K, V)> {
        let removed = self.remove_if(&key, |_, value| wanted(value))?;
        Some((key, removed))
    }

    fn entries(&self) -> impl Iterator<Item = (K, V)> {
        self.iter()
    }

    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn is_full(&self) -> bool {
        self.is_full()
    }

    fn stats(&self) -> Stats {
        self.stats()
    }
}

impl<K: Key, V: Value, const N: usize, const EXTRA: usize, S: BuildHasher + Sync> Subject
    for Map<K, V, N, EXTRA, S>
{
    type K = K;
    type V = V;

    type Guard<'a>
        = Ref<'a, K, V>
    where
        Self: 'a;

    const LAZY: bool = true;

    fn get_copied(&self, key: K) -> Option<V> {
        self.get_copied(&key)
    }

    fn contains_key(&self, key: K) -> bool {
        self.contains_key(&key)
    }

    fn hold(&self, key: K) -> Option<Ref<'_, K, V>> {
        self.get(&key)
    }

    fn get(&self, key: K) -> Option<(K, V)> {
        self.get(&key).map(|entry| (*entry.key(), *entry))
    }

    fn insert(&self, key: K, value: V) -> Result<Option<(K, V)>, Full<(K, V)>> {
        let replaced = self.insert(key, value)?;
        Ok(replaced.map(|entry| (*entry.key(), *entry)))
    }

    fn try_insert(&self, key: K, value: V) -> Tried<K, V> {
        match self.try_insert(key, value) {
            Ok(entry) if *entry.key() == key => Tried::Inserted,
            // Not what was put in: told as an entry that is in the way.
            Ok(entry) => Tried::Occupied((*entry.key(), *entry), (key, value)),
            Err(TryInsertError::Occupied {
                existing,
                key,
                value,
            }) => Tried::Occupied((*existing.key(), *existing), (key, value)),
            Err(TryInsertError::Full(back)) => Tried::Full(back),
        }
    }

    fn remove(&self, key: K) -> Option<(K, V)> {
        // Taken out, unless somebody else holds it.
        let pair = Ref::try_unwrap(self.remove(&key)?);
        Some(pair.unwrap_or_else(|entry| (*entry.key(), *entry)))
    }

    fn get_or_insert_with(&self, key: K, make: impl FnOnce() -> V) -> Result<(K, V), Full<K>> {
        let entry = self.get_or_insert_with(key, make)?;
        Ok((*entry.key(), *entry))
    }

    fn update(&self, key: K, change: impl FnMut(&V) -> V) -> Result<Option<(K, V)>, Full<()>> {
        let replaced = self.update(&key, change)?;
        Ok(replaced.map(|entry| (*entry.key(), *entry)))
    }

    fn upsert(
        &self,
        key: K,
        init: impl FnOnce() -> V,
        change: impl FnMut(&V) -> V,
    ) -> Result<Option<(K, V)>, Full<(K, V)>> {
        let replaced = self.upsert(key, init, change)?;
        Ok(replaced.map(|entry| (*entry.key(), *entry)))
    }

    fn compute(
        &self,
        key: K,
        decide: impl FnMut(Option<&V>) -> Compute<V>,
    ) -> Result<Computed<(K, V)>, Full<(K, V)>> {
        let done = self.compute(key, decide)?;
        Ok(with(done, |entry| (*entry.key(), *entry)))
    }

    fn remove_if(&self, key: K, mut wanted: impl FnMut(&V) -> bool) -> Option<(K, V)> {
        let removed = self.remove_if(&key, |_, value| wanted(value))?;
        Some((*removed.key(), *removed))
    }

    fn entries(&self) -> impl Iterator<Item = (K, V)> {
        self.iter().map(|entry| (*entry.key(), *entry))
    }

    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn is_full(&self) -> bool {
        self.is_full()
    }

    fn stats(&self) -> Stats {
        self.stats()
    }
}
