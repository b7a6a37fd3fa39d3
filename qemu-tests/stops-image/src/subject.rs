//! What is looked at: the public face of both maps and of the pool.

use core::hash::BuildHasher;
use core::mem;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use arenamap::{Compute, Computed, CopyMap, Map, Plain, Ref, TryInsertError};
use stops_image::{KEYS, answer, changed, kind, wanted};
use tagged_arena::{Id, Pool};

use crate::words::{Answer, Call, Room};

/// A map of numbers, whatever is behind it.
pub trait Subject: Sync {
    /// Performs an operation that needs no preparation.
    fn call(&self, call: Call, room: &mut Room) -> Answer;
    /// Holds the key's entry for ever.
    fn hold(&self, _key: u64) {}
    /// Holds the key's entry, removes it, and ends the hold after `begin`.
    fn end_hold(&self, _key: u64, _begin: &dyn Fn()) {}
}

/// Values of a [`CopyMap`].
pub trait Number: Plain + PartialEq {
    /// The low bits.
    fn cut(value: u64) -> Self;
    /// As a number.
    fn number(self) -> u64;
}

impl Number for u64 {
    fn cut(value: u64) -> Self {
        value
    }

    fn number(self) -> u64 {
        self
    }
}

impl Number for u32 {
    fn cut(value: u64) -> Self {
        value as u32
    }

    fn number(self) -> u64 {
        self.into()
    }
}

/// A value that shows when it is read after its drop, or dropped twice.
#[derive(Debug)]
pub struct Tracked(u64);

/// What a dropped [`Tracked`] holds.
const DROPPED: u64 = 0xDEAD_DEAD_DEAD_DEAD;

impl Drop for Tracked {
    fn drop(&mut self) {
        let twice = self.0 == DROPPED;
        // SAFETY: a reference to an own field. Volatile: a later, wrong read must see it.
        unsafe { ptr::write_volatile(&mut self.0, DROPPED) };
        assert!(!twice, "a value was dropped twice");
    }
}

/// Values of a [`Map`].
pub trait Content: Send + Sync + Sized {
    /// Holds that number.
    fn new(value: u64) -> Self;
    /// The number.
    fn number(&self) -> u64;
    /// The copy that a map gives, of values that can be copied.
    fn copied<const N: usize, const EXTRA: usize, S: BuildHasher>(
        _: &Map<u64, Self, N, EXTRA, S>,
        _: u64,
    ) -> Answer {
        [answer::UNKNOWN, 0]
    }
}

impl Content for u64 {
    fn new(value: u64) -> Self {
        value
    }

    fn number(&self) -> u64 {
        *self
    }

    fn copied<const N: usize, const EXTRA: usize, S: BuildHasher>(
        map: &Map<u64, Self, N, EXTRA, S>,
        key: u64,
    ) -> Answer {
        number(map.get_copied(&key))
    }
}

impl Content for Tracked {
    fn new(value: u64) -> Self {
        Self(value)
    }

    fn number(&self) -> u64 {
        self.0
    }
}

/// A value, or none.
pub fn number(value: Option<u64>) -> Answer {
    value.map_or([answer::NONE, 0], |value| [answer::SOME, value])
}

/// What `compute` is to do.
fn decided<V>(
    old: Option<&V>,
    number: impl Fn(&V) -> u64,
    value: u64,
    new: impl Fn(u64) -> V,
) -> Compute<V> {
    match old.map(number) {
        Some(old) if wanted(old, value) => Compute::Remove,
        Some(old) => Compute::Put(new(changed(old, value))),
        None => Compute::Put(new(value)),
    }
}

/// What was removed, taken out of the map unless somebody else holds it.
fn unwrapped<V: Content>(entry: Ref<'_, u64, V>) -> u64 {
    match Ref::try_unwrap(entry) {
        Ok((_, value)) => value.number(),
        Err(entry) => entry.value().number(),
    }
}

/// What was there, as `compute` tells it.
fn told<R>(done: Computed<R>) -> Option<R> {
    match done {
        Computed::Replaced(old) | Computed::Removed(old) | Computed::Kept(old) => Some(old),
        Computed::Inserted | Computed::Absent => None,
    }
}

/// What a list of entries comes to.
fn listed(room: &mut Room, entries: impl Iterator<Item = (u64, u64)>) -> Answer {
    let start = room.used();
    entries.for_each(|(key, value)| room.push(key, value));
    let count = room.used() - start;
    [answer::LIST, start as u64 | (count as u64) << 32]
}

impl<V, const N: usize, const EXTRA: usize, S> Subject for CopyMap<u64, V, N, EXTRA, S>
where
    V: Number + Send + Sync,
    S: BuildHasher + Sync,
{
    fn call(&self, Call { kind, key, value }: Call, room: &mut Room) -> Answer {
        const FULL: Answer = [answer::FULL, 0];
        let value = V::cut(value);
        let found = |found: Option<V>| number(found.map(V::number));
        match kind {
            kind::GET => found(self.get(&key)),
            kind::CONTAINS => [answer::BOOL, self.contains_key(&key).into()],
            kind::INSERT => self.insert(key, value).map_or(FULL, found),
            kind::TRY_INSERT => match self.try_insert(key, value) {
                Ok(()) => [answer::INSERTED, 0],
                Err(TryInsertError::Occupied { existing, .. }) => {
                    [answer::OCCUPIED, existing.number()]
                }
                Err(TryInsertError::Full(_)) => FULL,
            },
            kind::GET_OR_INSERT => {
                let there = self.get_or_insert_with(key, || value);
                there.map_or(FULL, |there| found(Some(there)))
            }
            kind::UPDATE => {
                let change = |old: &V| V::cut(changed(old.number(), value.number()));
                self.update(&key, change).map_or(FULL, found)
            }
            kind::UPSERT => {
                let change = |old: &V| V::cut(changed(old.number(), value.number()));
                self.upsert(key, || value, change).map_or(FULL, found)
            }
            kind::COMPUTE => {
                let done = self.compute(key, |old| {
                    decided(old, |old| old.number(), value.number(), V::cut)
                });
                done.map_or(FULL, |done| found(told(done)))
            }
            kind::REMOVE => found(self.remove(&key)),
            kind::REMOVE_IF => {
                let wanted = |_: &u64, old: &V| wanted(old.number(), value.number());
                found(self.remove_if(&key, wanted))
            }
            kind::LEN => [answer::COUNT, self.len() as u64],
            kind::IS_EMPTY => [answer::BOOL, self.is_empty().into()],
            kind::IS_FULL => [answer::BOOL, self.is_full().into()],
            kind::FREE => [answer::COUNT, self.stats().free as u64],
            kind::ITERATE => listed(room, self.iter().map(|(key, value)| (key, value.number()))),
            _ => [answer::UNKNOWN, 0],
        }
    }
}

impl<V, const N: usize, const EXTRA: usize, S> Subject for Map<u64, V, N, EXTRA, S>
where
    V: Content,
    S: BuildHasher + Sync,
{
    fn call(&self, Call { kind, key, value }: Call, room: &mut Room) -> Answer {
        const FULL: Answer = [answer::FULL, 0];
        let found = |entry: Option<Ref<'_, u64, V>>| {
            number(entry.as_ref().map(|entry| entry.value().number()))
        };
        match kind {
            kind::GET => found(self.get(&key)),
            kind::CONTAINS => [answer::BOOL, self.contains_key(&key).into()],
            kind::INSERT => self.insert(key, V::new(value)).map_or(FULL, found),
            kind::TRY_INSERT => match self.try_insert(key, V::new(value)) {
                Ok(_) => [answer::INSERTED, 0],
                Err(TryInsertError::Occupied { existing, .. }) => {
                    [answer::OCCUPIED, existing.value().number()]
                }
                Err(TryInsertError::Full(_)) => FULL,
            },
            kind::GET_OR_INSERT => {
                let there = self.get_or_insert_with(key, || V::new(value));
                there.map_or(FULL, |there| found(Some(there)))
            }
            kind::UPDATE => {
                let change = |old: &V| V::new(changed(old.number(), value));
                self.update(&key, change).map_or(FULL, found)
            }
            kind::UPSERT => {
                let change = |old: &V| V::new(changed(old.number(), value));
                self.upsert(key, || V::new(value), change)
                    .map_or(FULL, found)
            }
            kind::COMPUTE => {
                let done = self.compute(key, |old| decided(old, V::number, value, V::new));
                done.map_or(FULL, |done| found(told(done)))
            }
            kind::REMOVE => number(self.remove(&key).map(unwrapped)),
            kind::REMOVE_IF => found(self.remove_if(&key, |_, old| wanted(old.number(), value))),
            kind::LEN => [answer::COUNT, self.len() as u64],
            kind::IS_EMPTY => [answer::BOOL, self.is_empty().into()],
            kind::IS_FULL => [answer::BOOL, self.is_full().into()],
            kind::GET_COPIED => V::copied(self, key),
            kind::FREE => [answer::COUNT, self.stats().free as u64],
            kind::ITERATE => {
                let entries = self.iter();
                listed(
                    room,
                    entries.map(|entry| (*entry.key(), entry.value().number())),
                )
            }
            _ => [answer::UNKNOWN, 0],
        }
    }

    fn hold(&self, key: u64) {
        mem::forget(self.get(&key));
    }

    fn end_hold(&self, key: u64, begin: &dyn Fn()) {
        let hold = self.get(&key);
        drop(self.remove(&key));
        begin();
        drop(hold);
    }
}

/// A pool, with a table in which each key's identifier stands: an entry is a value that is in the pool.
pub struct Pooled<T, const N: usize> {
    pool: Pool<T, N>,
    ids: [AtomicUsize; KEYS],
}

impl<T, const N: usize> Pooled<T, N> {
    /// An empty one.
    pub const fn new() -> Self {
        Self {
            pool: Pool::new(),
            ids: [const { AtomicUsize::new(0) }; KEYS],
        }
    }

    fn id(&self, key: u64) -> Option<Id> {
        Id::from_bits(self.ids[key as usize].load(Ordering::Acquire))
    }
}

impl<T: Content, const N: usize> Pooled<T, N> {
    fn found(&self, id: Option<Id>) -> Option<u64> {
        let guard = self.pool.get(id?)?;
        Some(guard.number())
    }

    /// Puts the identifier in place of the one that was there; who comes too late takes its value back.
    fn try_insert(&self, key: u64, value: u64) -> Answer {
        let place = &self.ids[key as usize];
        loop {
            let old = place.load(Ordering::Acquire);
            if let Some(there) = self.found(Id::from_bits(old)) {
                return [answer::OCCUPIED, there];
            }
            let Ok(id) = self.pool.insert(T::new(value)) else {
                // Only if the key was absent all the while was it so when all cells were taken.
                if place.load(Ordering::Acquire) == old {
                    return [answer::FULL, 0];
                }
                continue;
            };
            let (new, order, other) = (id.to_bits(), Ordering::AcqRel, Ordering::Acquire);
            if place.compare_exchange(old, new, order, other).is_ok() {
                return [answer::INSERTED, 0];
            }
            drop(self.pool.remove(id));
        }
    }
}

impl<T: Content, const N: usize> Subject for Pooled<T, N> {
    fn call(&self, Call { kind, key, value }: Call, _: &mut Room) -> Answer {
        match kind {
            kind::GET => number(self.found(self.id(key))),
            kind::CONTAINS => {
                let there = self.id(key).is_some_and(|id| self.pool.contains(id));
                [answer::BOOL, there.into()]
            }
            kind::TRY_INSERT => self.try_insert(key, value),
            kind::REMOVE => {
                let guard = self.id(key).and_then(|id| self.pool.remove(id));
                number(guard.map(|guard| guard.number()))
            }
            kind::LEN => [answer::COUNT, self.pool.len() as u64],
            kind::IS_EMPTY => [answer::BOOL, self.pool.is_empty().into()],
            _ => [answer::UNKNOWN, 0],
        }
    }

    fn hold(&self, key: u64) {
        mem::forget(self.id(key).and_then(|id| self.pool.get(id)));
    }

    fn end_hold(&self, key: u64, begin: &dyn Fn()) {
        let id = self.id(key);
        let hold = id.and_then(|id| self.pool.get(id));
        drop(id.and_then(|id| self.pool.remove(id)));
        begin();
        drop(hold);
    }
}
