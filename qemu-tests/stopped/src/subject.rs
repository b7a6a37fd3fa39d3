//! What is looked at: the public face of both maps and of the pool.

use std::hash::BuildHasher;
use std::mem;
use std::ptr;

use arenamap::{
    Compute, Computed, CopyMap, DefaultHashBuilder, Map, Plain, Ref, TryInsertError, WithId,
};
use tagged_arena::Pool;

use crate::call::{Answer, Call, Kind, changed, wanted};
use crate::hashes::{Hashes, OneChain, OneHash};
use crate::model::Rules;
use crate::pooled::{ById, Pooled};

/// A map of numbers, whatever is behind it.
pub trait Subject {
    /// Its limits.
    fn rules(&self) -> Rules;
    /// Whether it has such an operation.
    fn has(&self, kind: Kind) -> bool;
    /// Performs an operation. (Not [`Kind::DropGuard`].)
    fn call(&self, call: Call) -> Answer;
    /// Holds the key's entry if it can be held; dropping what comes back ends the hold.
    fn hold(&self, key: u64) -> Option<Box<dyn Held + '_>>;
    /// Whether it can be repaired.
    fn has_repair(&self) -> bool {
        false
    }
    /// Brings it into order: nobody will go on with an operation or a hold.
    fn repair(&mut self) {}
}

/// A hold of an entry.
pub trait Held {}
impl<T> Held for T {}

/// Values of a [`CopyMap`].
pub trait Number: Plain + PartialEq {
    /// Whether it is changed in place, without a cell.
    const IN_PLACE: bool;
    /// The low bits.
    fn cut(value: u64) -> Self;
    /// As a number.
    fn number(self) -> u64;
}

impl Number for u64 {
    const IN_PLACE: bool = false;

    fn cut(value: u64) -> Self {
        value
    }

    fn number(self) -> u64 {
        self
    }
}

impl Number for u32 {
    const IN_PLACE: bool = true;

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
pub trait Content: Sized {
    /// Whether it can be copied.
    const COPIED: bool = false;
    /// Holds that number.
    fn new(value: u64) -> Self;
    /// The number.
    fn number(&self) -> u64;
    /// The copy that a map gives, of values that can be copied.
    fn copied<const N: usize, const EXTRA: usize, S: BuildHasher>(
        _: &Map<u64, Self, N, EXTRA, S>,
        _: u64,
    ) -> Option<u64> {
        unreachable!("it cannot be copied")
    }
}

impl Content for u64 {
    const COPIED: bool = true;

    fn new(value: u64) -> Self {
        value
    }

    fn number(&self) -> u64 {
        *self
    }

    fn copied<const N: usize, const EXTRA: usize, S: BuildHasher>(
        map: &Map<u64, Self, N, EXTRA, S>,
        key: u64,
    ) -> Option<u64> {
        map.get_copied(&key)
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

/// The spare cells that the documentation promises.
fn spares(extra: usize) -> usize {
    extra.min(8)
}

impl<V: Number, const N: usize, const EXTRA: usize, S: BuildHasher> Subject
    for CopyMap<u64, V, N, EXTRA, S>
{
    fn rules(&self) -> Rules {
        Rules {
            capacity: self.capacity(),
            spares: (!V::IN_PLACE).then_some(spares(EXTRA)),
            cells: Some(self.cells()),
            silent_reads: true,
            counts_cells: false,
            equal_hashes: false,
        }
    }

    fn has(&self, kind: Kind) -> bool {
        !matches!(kind, Kind::DropGuard | Kind::GetCopied)
    }

    fn call(&self, Call { kind, key, value }: Call) -> Answer {
        let number = |value: Option<V>| Answer::Value(value.map(V::number));
        match kind {
            Kind::Get => number(self.get(&key)),
            Kind::Contains => Answer::Bool(self.contains_key(&key)),
            Kind::Insert => self.insert(key, V::cut(value)).map_or(Answer::Full, number),
            Kind::TryInsert => match self.try_insert(key, V::cut(value)) {
                Ok(()) => Answer::Inserted,
                Err(TryInsertError::Occupied { existing, .. }) => {
                    Answer::Occupied(existing.number())
                }
                Err(TryInsertError::Full(_)) => Answer::Full,
            },
            Kind::GetOrInsert => match self.get_or_insert_with(key, || V::cut(value)) {
                Ok(value) => number(Some(value)),
                Err(_) => Answer::Full,
            },
            Kind::Update => match self.update(&key, |old| V::cut(changed(old.number(), value))) {
                Ok(old) => number(old),
                Err(_) => Answer::Full,
            },
            Kind::Upsert => {
                let change = |old: &V| V::cut(changed(old.number(), value));
                let old = self.upsert(key, || V::cut(value), change);
                old.map_or(Answer::Full, number)
            }
            Kind::Compute => {
                let decide = |old: Option<&V>| match old.map(|old| old.number()) {
                    Some(old) if wanted(old, value) => Compute::Remove,
                    Some(old) => Compute::Put(V::cut(changed(old, value))),
                    None => Compute::Put(V::cut(value)),
                };
                let done = self.compute(key, decide);
                done.map_or(Answer::Full, |done| number(told(done)))
            }
            Kind::Remove => number(self.remove(&key)),
            Kind::RemoveIf => number(self.remove_if(&key, |_, old| wanted(old.number(), value))),
            Kind::Len => Answer::Count(self.len()),
            Kind::IsEmpty => Answer::Bool(self.is_empty()),
            Kind::IsFull => Answer::Bool(self.is_full()),
            Kind::Iterate => listed(self.iter().map(|(key, value)| (key, value.number()))),
            Kind::Free => Answer::Count(self.stats().free),
            Kind::DropGuard | Kind::GetCopied => unreachable!("nothing is held"),
        }
    }

    fn hold(&self, _: u64) -> Option<Box<dyn Held + '_>> {
        None
    }

    fn has_repair(&self) -> bool {
        true
    }

    fn repair(&mut self) {
        self.repair();
    }
}

impl<V: Content, const N: usize, const EXTRA: usize, S: Hashes> Subject
    for Map<u64, V, N, EXTRA, S>
{
    fn rules(&self) -> Rules {
        Rules {
            capacity: self.capacity(),
            spares: Some(spares(EXTRA)),
            // Without a drop a removed entry stays where it is until its cell is needed.
            cells: mem::needs_drop::<V>().then_some(self.cells()),
            silent_reads: false,
            counts_cells: false,
            equal_hashes: S::EQUAL,
        }
    }

    fn has(&self, kind: Kind) -> bool {
        kind != Kind::GetCopied || V::COPIED
    }

    fn call(&self, Call { kind, key, value }: Call) -> Answer {
        let number =
            |entry: Option<Ref<'_, u64, V>>| Answer::Value(entry.map(|entry| entry.number()));
        match kind {
            Kind::Get => number(self.get(&key)),
            Kind::Contains => Answer::Bool(self.contains_key(&key)),
            Kind::Insert => match self.insert(key, V::new(value)) {
                Ok(old) => number(old),
                Err(_) => Answer::Full,
            },
            Kind::TryInsert => match self.try_insert(key, V::new(value)) {
                Ok(_) => Answer::Inserted,
                Err(TryInsertError::Occupied { existing, .. }) => {
                    Answer::Occupied(existing.number())
                }
                Err(TryInsertError::Full(_)) => Answer::Full,
            },
            Kind::GetOrInsert => match self.get_or_insert_with(key, || V::new(value)) {
                Ok(entry) => number(Some(entry)),
                Err(_) => Answer::Full,
            },
            Kind::Update => match self.update(&key, |old| V::new(changed(old.number(), value))) {
                Ok(old) => number(old),
                Err(_) => Answer::Full,
            },
            Kind::Upsert => {
                let change = |old: &V| V::new(changed(old.number(), value));
                let old = self.upsert(key, || V::new(value), change);
                old.map_or(Answer::Full, number)
            }
            Kind::Compute => {
                let decide = |old: Option<&V>| match old.map(V::number) {
                    Some(old) if wanted(old, value) => Compute::Remove,
                    Some(old) => Compute::Put(V::new(changed(old, value))),
                    None => Compute::Put(V::new(value)),
                };
                let done = self.compute(key, decide);
                done.map_or(Answer::Full, |done| number(told(done)))
            }
            Kind::Remove => Answer::Value(self.remove(&key).map(unwrapped)),
            Kind::RemoveIf => number(self.remove_if(&key, |_, old| wanted(old.number(), value))),
            Kind::Len => Answer::Count(self.len()),
            Kind::GetCopied => Answer::Value(V::copied(self, key)),
            Kind::IsEmpty => Answer::Bool(self.is_empty()),
            Kind::IsFull => Answer::Bool(self.is_full()),
            Kind::Iterate => listed(self.iter().map(|entry| (*entry.key(), entry.number()))),
            Kind::Free => Answer::Count(self.stats().free),
            Kind::DropGuard => unreachable!("the guard is dropped by who holds it"),
        }
    }

    fn hold(&self, key: u64) -> Option<Box<dyn Held + '_>> {
        Some(Box::new(self.get(&key)?))
    }

    fn has_repair(&self) -> bool {
        true
    }

    fn repair(&mut self) {
        self.repair();
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

fn listed(entries: impl Iterator<Item = (u64, u64)>) -> Answer {
    let mut list: Vec<_> = entries.collect();
    list.sort_unstable();
    Answer::List(list)
}

/// A subject by name.
pub struct Named {
    /// For reports.
    pub name: &'static str,
    /// A fresh one.
    pub new: fn() -> Box<dyn Subject>,
    /// The bytes that one takes. It holds no address, so that its bytes may be copied.
    pub size: usize,
    /// Makes a fresh one at an address that is aligned to a page and has that many bytes.
    pub place: fn(*mut u8),
    /// The one that is there.
    pub view: fn(*mut u8) -> *mut dyn Subject,
}

/// A name and a type.
macro_rules! named {
    ($name:literal, $type:ty) => {
        $crate::subject::Named {
            name: $name,
            new: || Box::new(<$type>::default()),
            size: size_of::<$type>(),
            // SAFETY: the caller's address has room for one and is aligned to more than any needs.
            place: |at| unsafe { at.cast::<$type>().write(Default::default()) },
            view: |at| at.cast::<$type>(),
        }
    };
}
pub(crate) use named;

/// What all instruments look at.
const SUBJECTS: &[Named] = &[
    named!("CopyMap wide", CopyMap<u64, u64, 8, 8>),
    named!("CopyMap wide, one chain", CopyMap<u64, u64, 8, 8, OneChain>),
    named!("CopyMap wide, no spares", CopyMap<u64, u64, 8, 0, OneChain>),
    named!("CopyMap narrow", CopyMap<u64, u32, 8, 8>),
    named!("CopyMap narrow, one chain", CopyMap<u64, u32, 8, 8, OneChain>),
    named!("CopyMap narrow, no spares", CopyMap<u64, u32, 8, 0, OneChain>),
    named!("Map", Map<u64, Tracked, 8, 8>),
    named!("Map, one chain", Map<u64, Tracked, 8, 8, OneChain>),
    named!("Map, no spares", Map<u64, Tracked, 8, 0, OneChain>),
    named!("Map, one hash", Map<u64, Tracked, 8, 8, OneHash>),
    named!("Map without drop, one chain", Map<u64, u64, 8, 8, OneChain>),
    named!("Map, more than spares", Map<u64, Tracked, 4, 12>),
    named!("Pool", Pooled<Pool<Tracked, 8>>),
];

type Identified<S> = Pooled<ById<Map<u64, WithId<Tracked>, 8, 0, S>>>;

/// What one process alone can look at: identifiers are counted in its own memory.
const OF_ONE_PROCESS: &[Named] = &[
    named!("Map by identifiers", Identified<DefaultHashBuilder>),
    named!("Map by identifiers, one chain", Identified<OneChain>),
];

/// All keys are below this.
pub const KEYS: usize = 128;

/// All subjects, or those that have `only` in their names.
pub fn subjects(only: Option<&str>) -> impl Iterator<Item = &'static Named> {
    named_so(SUBJECTS.iter(), only)
}

/// And those that one process alone can look at.
pub fn subjects_of_one_process(only: Option<&str>) -> impl Iterator<Item = &'static Named> {
    named_so(SUBJECTS.iter().chain(OF_ONE_PROCESS), only)
}

fn named_so(
    all: impl Iterator<Item = &'static Named>,
    only: Option<&str>,
) -> impl Iterator<Item = &'static Named> {
    all.filter(move |named| only.is_none_or(|only| named.name.contains(only)))
}
