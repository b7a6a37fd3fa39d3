//! A `Map` whose entries are found and removed by their identifiers, as a map like any other; and
//! identifiers that outlive their entries.

use crate::content::{Stamp, Tokens, Value, Witness};
use crate::env::{Core, Env};
use crate::failure::{Failure, ensure};
use crate::rest;
use crate::subject::{Subject, Tried, with};
use arenamap::{
    Compute, Computed, DefaultHashBuilder, EntryId, Full, Map, Ref, Stats, TryInsertError, WithId,
};
use core::hash::BuildHasher;

type Narrow = Stamp<2>;
type Entry<'a, V> = Ref<'a, u32, WithId<V>>;

/// A map that is asked for a key's identifier first and then for what that names. If that is gone by then,
/// it is asked for the key again.
pub struct ById<V, const N: usize, const EXTRA: usize = 8, S = DefaultHashBuilder>(
    pub Map<u32, WithId<V>, N, EXTRA, S>,
);

impl<V, const N: usize, const EXTRA: usize, S: Default> Default for ById<V, N, EXTRA, S> {
    fn default() -> Self {
        Self(Map::default())
    }
}

impl<V: Value, const N: usize, const EXTRA: usize, S: BuildHasher + Sync> ById<V, N, EXTRA, S> {
    fn by_id<'a>(
        &'a self,
        key: u32,
        what: impl Fn(EntryId) -> Option<Entry<'a, V>>,
    ) -> Option<Entry<'a, V>> {
        loop {
            let id = self.0.entry_id(&key)?;
            let entry = what(id);
            if entry.is_some() {
                return entry;
            }
        }
    }

    fn pair(entry: &Entry<'_, V>) -> (u32, V) {
        (*entry.key(), ***entry)
    }
}

impl<V: Value, const N: usize, const EXTRA: usize, S: BuildHasher + Sync> Subject
    for ById<V, N, EXTRA, S>
{
    type K = u32;
    type V = V;

    type Guard<'a>
        = Entry<'a, V>
    where
        Self: 'a;

    const LAZY: bool = true;

    fn get(&self, key: u32) -> Option<(u32, V)> {
        self.hold(key).as_ref().map(Self::pair)
    }

    fn get_copied(&self, key: u32) -> Option<V> {
        self.get(key).map(|pair| pair.1)
    }

    fn contains_key(&self, key: u32) -> bool {
        self.hold(key).is_some()
    }

    fn hold(&self, key: u32) -> Option<Entry<'_, V>> {
        self.by_id(key, |id| self.0.get_by_id(id))
    }

    fn insert(&self, key: u32, value: V) -> Result<Option<(u32, V)>, Full<(u32, V)>> {
        let (_, replaced) = self.0.insert_with_id(key, value)?;
        Ok(replaced.as_ref().map(Self::pair))
    }

    fn try_insert(&self, key: u32, value: V) -> Tried<u32, V> {
        match self.0.try_insert(key, WithId::new(value)) {
            Ok(entry) if *entry.key() == key => Tried::Inserted,
            Ok(entry) => Tried::Occupied(Self::pair(&entry), (key, value)),
            Err(TryInsertError::Occupied { existing, key, .. }) => {
                Tried::Occupied(Self::pair(&existing), (key, value))
            }
            Err(TryInsertError::Full((key, back))) => Tried::Full((key, back.into_inner())),
        }
    }

    fn remove(&self, key: u32) -> Option<(u32, V)> {
        let removed = self.by_id(key, |id| self.0.remove_by_id(id));
        removed.as_ref().map(Self::pair)
    }

    fn get_or_insert_with(
        &self,
        key: u32,
        make: impl FnOnce() -> V,
    ) -> Result<(u32, V), Full<u32>> {
        let make = || WithId::new(make());
        self.0
            .get_or_insert_with(key, make)
            .map(|entry| Self::pair(&entry))
    }

    fn update(
        &self,
        key: u32,
        mut change: impl FnMut(&V) -> V,
    ) -> Result<Option<(u32, V)>, Full<()>> {
        let replaced = self.0.update(&key, |old| WithId::new(change(old)))?;
        Ok(replaced.as_ref().map(Self::pair))
    }

    fn upsert(
        &self,
        key: u32,
        init: impl FnOnce() -> V,
        mut change: impl FnMut(&V) -> V,
    ) -> Result<Option<(u32, V)>, Full<(u32, V)>> {
        let init = || WithId::new(init());
        match self.0.upsert(key, init, |old| WithId::new(change(old))) {
            Ok(replaced) => Ok(replaced.as_ref().map(Self::pair)),
            Err(Full((key, value))) => Err(Full((key, value.into_inner()))),
        }
    }

    fn compute(
        &self,
        key: u32,
        mut decide: impl FnMut(Option<&V>) -> Compute<V>,
    ) -> Result<Computed<(u32, V)>, Full<(u32, V)>> {
        let done = self
            .0
            .compute(key, |old| match decide(old.map(|old| &**old)) {
                Compute::Put(value) => Compute::Put(WithId::new(value)),
                Compute::Remove => Compute::Remove,
                Compute::Keep => Compute::Keep,
            });
        match done {
            Ok(done) => Ok(with(done, |entry| Self::pair(&entry))),
            Err(Full((key, value))) => Err(Full((key, value.into_inner()))),
        }
    }

    fn remove_if(&self, key: u32, mut wanted: impl FnMut(&V) -> bool) -> Option<(u32, V)> {
        let removed = self.0.remove_if(&key, |_, value| wanted(value));
        removed.as_ref().map(Self::pair)
    }

    fn entries(&self) -> impl Iterator<Item = (u32, V)> {
        self.0.iter().map(|entry| Self::pair(&entry))
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn is_full(&self) -> bool {
        self.0.is_full()
    }

    fn stats(&self) -> Stats {
        self.0.stats()
    }
}

/// So few that each cell is used again at once.
const PLACES: usize = 3;
/// So many stale identifiers each core keeps.
const KEPT: usize = 8;

static STALE_MAP: ById<Narrow, PLACES, 2> = ById(Map::new());

/// Each core puts an entry of its own in, replaces it, takes it out, and asks for those that it took out
/// earlier: they name nothing any more, however often their cells were used again.
pub fn stale(env: &Env<'_>) -> Result<(), Failure> {
    rest::must_be_empty(&STALE_MAP)?;
    env.on_all_cores(|core| {
        let mut kept = [None; KEPT];
        let mut tokens = Tokens::of(core.index);
        for _ in core.steps(env.steps(100_000)) {
            let gone = there_and_gone(core, &mut tokens)?;
            for id in gone.into_iter().flatten() {
                ensure(
                    !kept.contains(&Some(id)),
                    format_args!("{id:?} was the name of an earlier entry, too"),
                )?;
                kept.rotate_left(1);
                kept[KEPT - 1] = Some(id);
            }
            let map = &STALE_MAP.0;
            for id in kept.into_iter().flatten() {
                ensure(
                    map.get_by_id(id).is_none() && map.remove_by_id(id).is_none(),
                    format_args!("{id:?} has outlived its entry and names another one"),
                )?;
            }
        }
        Ok(())
    })?;
    rest::refill(&STALE_MAP)
}

/// The identifiers of an entry and of the one that replaced it, if there was room. Nobody else knows the
/// key.
fn there_and_gone(core: &Core<'_>, tokens: &mut Tokens) -> Result<[Option<EntryId>; 2], Failure> {
    let map = &STALE_MAP.0;
    let key = core.index as u32;
    let mut there = |expected: Option<EntryId>| {
        let token = tokens.next();
        let Ok((id, old)) = map.insert_with_id(key, Narrow::new(key, token)) else {
            return Ok(None);
        };
        let found = map.get_by_id(id).and_then(|entry| entry.token(key));
        ensure(
            found == Some(token) && old.map(|old| old.id()) == expected,
            format_args!("{id:?} of key {key} names {found:?}, not {token}"),
        )?;
        Ok(Some(id))
    };
    let Some(first) = there(None)? else {
        return Ok([None; 2]);
    };
    let second = there(Some(first))?;
    let last = second.unwrap_or(first);
    if second.is_some() {
        ensure(
            map.get_by_id(first).is_none() && map.remove_by_id(first).is_none(),
            format_args!("{first:?} of key {key} was replaced and names something"),
        )?;
    }
    ensure(
        map.remove_by_id(last)
            .is_some_and(|entry| entry.id() == last)
            && !map.contains_key(&key),
        format_args!("{last:?} of key {key} is not removed"),
    )?;
    Ok([Some(first), second])
}
