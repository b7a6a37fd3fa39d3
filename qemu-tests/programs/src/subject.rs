//! The maps and the pool as a program sees them.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use arenamap::{Compute, Computed, CopyMap, Full, Map, Plain, Ref, TryInsertError};
use tagged_arena::{Id, Pool};

use crate::call::{Answer, Call, Decision, Key, Value, decided, wanted};
use crate::order::Rest;
use crate::program::{Case, Kind, Spread};

/// What a program runs on.
pub trait Subject {
    /// Does one operation of this context.
    fn call(&self, context: usize, call: Call) -> Answer;

    /// The context's program is over.
    fn end(&self, _context: usize) {}

    /// When nothing goes on any more: what is left of these keys. Fills the map up, to see its room.
    fn rest(&self, keys: &[Key]) -> Rest;
}

/// Values made and not dropped yet. No model checker sees this counter: it orders nothing.
pub type Alive = Arc<AtomicI64>;

/// Keys from here on fill the map up.
const FILL: Key = 1000;

/// Does this for the size that a case has.
macro_rules! by_size {
    ($case:expr, $n:ident, $extra:ident => $new:expr) => {
        by_size!($case, $n, $extra => $new; (1, 0) (1, 1) (2, 0) (2, 1) (3, 0) (3, 1))
    };
    ($case:expr, $n:ident, $extra:ident => $new:expr; $(($cells:literal, $more:literal))+) => {
        match ($case.n, $case.extra) {
            $(($cells, $more) => {
                const $n: usize = $cells;
                const $extra: usize = $more;
                Box::new($new)
            })+
            size => panic!("no map of size {size:?}"),
        }
    };
}

/// A new one of this kind and size.
pub fn make(case: &Case, alive: &Alive) -> Box<dyn Subject> {
    let hash = Hash {
        spread: case.spread,
        key: 0,
    };
    match case.kind {
        Kind::Narrow => by_size!(case, N, E => CopyMap::<Key, u32, N, E, _>::with_hasher(hash)),
        Kind::Wide => by_size!(case, N, E => CopyMap::<Key, u64, N, E, _>::with_hasher(hash)),
        Kind::Held => by_size!(case, N, E => Guarded {
            map: Map::<Key, Value, N, E, _>::with_hasher(hash),
            make: |value| value,
        }),
        Kind::Counted => {
            let alive = alive.clone();
            by_size!(case, N, E => Guarded {
                map: Map::<Key, Counted, N, E, _>::with_hasher(hash),
                make: move |value| Counted::new(value, &alive),
            })
        }
        Kind::Pool => match case.n {
            1 => Box::new(Identified::<1>::default()),
            2 => Box::new(Identified::<2>::default()),
            _ => Box::new(Identified::<3>::default()),
        },
    }
}

/// A key's hash.
#[derive(Clone, Copy)]
struct Hash {
    spread: Spread,
    key: u64,
}

impl BuildHasher for Hash {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        *self
    }
}

impl Hasher for Hash {
    fn finish(&self) -> u64 {
        match self.spread {
            Spread::OneHash => 0,
            Spread::OneChain => arenamap::placed(self.key),
            // The highest bits choose the bucket.
            Spread::Chains => arenamap::placed(self.key << 62 | self.key),
        }
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_usize(&mut self, key: usize) {
        self.key = key as u64;
    }
}

fn found(value: Option<Value>) -> Answer {
    value.map_or(Answer::Nothing, Answer::Found)
}

/// A decision, as a map takes it.
fn to_do<V>(decision: Decision, new: impl FnOnce(Value) -> V) -> Compute<V> {
    match decision {
        Decision::Put(value) => Compute::Put(new(value)),
        Decision::Remove => Compute::Remove,
        Decision::Keep => Compute::Keep,
    }
}

/// What `compute` tells, which must be what was decided last.
fn told<R>(done: Computed<R>, last: Option<Decision>, number: impl Fn(R) -> Value) -> Answer {
    let put = matches!(last, Some(Decision::Put(_)));
    let (right, old) = match done {
        Computed::Inserted => (put, None),
        Computed::Replaced(old) => (put, Some(old)),
        Computed::Removed(old) => (last == Some(Decision::Remove), Some(old)),
        Computed::Kept(old) => (last == Some(Decision::Keep), Some(old)),
        Computed::Absent => (false, None),
    };
    assert!(right, "compute tells another thing than was decided");
    found(old.map(number))
}

/// What is left, from an iteration, a look-up and an insert.
fn rest(
    keys: &[Key],
    entries: impl Iterator<Item = (Key, Value)>,
    get: impl Fn(Key) -> Option<Value>,
    fits: impl Fn(Key) -> bool,
) -> Rest {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_unstable();
    Rest {
        entries,
        found: keys.iter().map(|&key| (key, get(key))).collect(),
        room: (FILL..).take_while(|&key| fits(key)).count(),
        leaked: 0,
    }
}

/// Values of a `CopyMap`.
trait Number: Plain {
    fn of(value: Value) -> Self;
    fn value(self) -> Value;
}

impl Number for u32 {
    fn of(value: Value) -> Self {
        value
    }

    fn value(self) -> Value {
        self
    }
}

impl Number for u64 {
    fn of(value: Value) -> Self {
        value.into()
    }

    fn value(self) -> Value {
        self as Value
    }
}

impl<V: Number, const N: usize, const E: usize> Subject for CopyMap<Key, V, N, E, Hash> {
    fn call(&self, _context: usize, call: Call) -> Answer {
        let answer = |old: Option<V>| found(old.map(V::value));
        match call {
            Call::Get(key) => answer(self.get(&key)),
            Call::Contains(key) => Answer::Is(self.contains_key(&key)),
            Call::Insert(key, value) => {
                let old = self.insert(key, V::of(value));
                old.map_or(Answer::Full, answer)
            }
            Call::TryInsert(key, value) => match self.try_insert(key, V::of(value)) {
                Ok(()) => Answer::Nothing,
                Err(TryInsertError::Occupied { existing, .. }) => {
                    Answer::Occupied(existing.value())
                }
                Err(TryInsertError::Full(_)) => Answer::Full,
            },
            Call::GetOrInsert(key, value) => {
                let now = self.get_or_insert_with(key, || V::of(value));
                now.map_or(Answer::Full, |now| answer(Some(now)))
            }
            Call::Update(key, more) => {
                let old = self.update(&key, |old| V::of(old.value() + more));
                old.map_or(Answer::Full, answer)
            }
            Call::Upsert(key, value) => {
                let old = self.upsert(key, || V::of(value), |old| V::of(old.value() + value));
                old.map_or(Answer::Full, answer)
            }
            Call::Compute(key, value) => {
                let mut last = None;
                let done = self.compute(key, |old| {
                    let decided = decided(old.map(|old| old.value()), value);
                    to_do(*last.insert(decided), V::of)
                });
                done.map_or(Answer::Full, |done| told(done, last, V::value))
            }
            Call::Remove(key) => answer(self.remove(&key)),
            Call::RemoveIf(key, value) => {
                answer(self.remove_if(&key, |_, old| wanted(old.value(), value)))
            }
        }
    }

    fn rest(&self, keys: &[Key]) -> Rest {
        let entries = self.iter().map(|(key, value)| (key, value.value()));
        let get = |key| self.get(&key).map(V::value);
        let fits = |key| self.try_insert(key, V::of(0)).is_ok();
        rest(keys, entries, get, fits)
    }
}

/// A value that counts its drops, and is not what it was behind one.
struct Counted {
    value: Value,
    alive: Alive,
}

impl Counted {
    fn new(value: Value, alive: &Alive) -> Self {
        alive.fetch_add(1, Ordering::Relaxed);
        let alive = alive.clone();
        Self { value, alive }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.value = Value::MAX;
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Values of a `Map`.
trait Content {
    fn value(&self) -> Value;
}

impl Content for Value {
    fn value(&self) -> Value {
        *self
    }
}

impl Content for Counted {
    fn value(&self) -> Value {
        self.value
    }
}

struct Guarded<V, F, const N: usize, const E: usize> {
    map: Map<Key, V, N, E, Hash>,
    make: F,
}

/// What a guard reads, after a look at the key.
fn read<V: Content>(guard: &Ref<'_, Key, V>, key: Key) -> Value {
    assert_eq!(*guard.key(), key, "a guard of another key");
    guard.value().value()
}

impl<V: Content, F: Fn(Value) -> V, const N: usize, const E: usize> Subject
    for Guarded<V, F, N, E>
{
    fn call(&self, _context: usize, call: Call) -> Answer {
        let Self { map, make } = self;
        let key = call.key();
        let answer = |guard: Option<Ref<'_, Key, V>>| found(guard.map(|guard| read(&guard, key)));
        match call {
            Call::Get(key) => answer(map.get(&key)),
            Call::Contains(key) => Answer::Is(map.contains_key(&key)),
            Call::Insert(key, value) => {
                let old = map.insert(key, make(value));
                old.map_or_else(|_: Full<_>| Answer::Full, answer)
            }
            Call::TryInsert(key, value) => match map.try_insert(key, make(value)) {
                Ok(new) => {
                    assert_eq!(read(&new, key), value, "another value than was inserted");
                    Answer::Nothing
                }
                Err(TryInsertError::Occupied { existing, .. }) => {
                    Answer::Occupied(read(&existing, key))
                }
                Err(TryInsertError::Full(_)) => Answer::Full,
            },
            Call::GetOrInsert(key, value) => {
                let now = map.get_or_insert_with(key, || make(value));
                now.map_or(Answer::Full, |now| answer(Some(now)))
            }
            Call::Update(key, more) => {
                let old = map.update(&key, |old| make(old.value() + more));
                old.map_or(Answer::Full, answer)
            }
            Call::Upsert(key, value) => {
                let old = map.upsert(key, || make(value), |old| make(old.value() + value));
                old.map_or_else(|_: Full<_>| Answer::Full, answer)
            }
            Call::Compute(key, value) => {
                let mut last = None;
                let done = map.compute(key, |old| {
                    let decided = decided(old.map(V::value), value);
                    to_do(*last.insert(decided), make)
                });
                let number = |old| read(&old, key);
                done.map_or_else(|_: Full<_>| Answer::Full, |done| told(done, last, number))
            }
            Call::Remove(key) => answer(map.remove(&key)),
            Call::RemoveIf(key, value) => {
                answer(map.remove_if(&key, |_, old| wanted(old.value(), value)))
            }
        }
    }

    fn rest(&self, keys: &[Key]) -> Rest {
        let map = &self.map;
        let entries = map
            .iter()
            .map(|entry| (*entry.key(), entry.value().value()));
        let get = |key| map.get(&key).map(|entry| read(&entry, key));
        let fits = |key| map.try_insert(key, (self.make)(0)).is_ok();
        rest(keys, entries, get, fits)
    }
}

/// A pool, and which identifier each key of the program stands for.
#[derive(Default)]
struct Identified<const N: usize> {
    pool: Pool<Value, N>,
    /// A context asks only for what it has put in itself, or what was there before it: so no model checker
    /// need see this lock.
    ids: Mutex<HashMap<Key, Id>>,
}

impl<const N: usize> Identified<N> {
    fn id(&self, key: Key) -> Option<Id> {
        self.ids.lock().expect("no panic").get(&key).copied()
    }
}

impl<const N: usize> Subject for Identified<N> {
    fn call(&self, _context: usize, call: Call) -> Answer {
        let id = self.id(call.key());
        match call {
            Call::Get(_) => found(id.and_then(|id| self.pool.get(id)).map(|value| *value)),
            Call::Contains(_) => Answer::Is(id.is_some_and(|id| self.pool.contains(id))),
            Call::Remove(_) => found(id.and_then(|id| self.pool.remove(id)).map(|value| *value)),
            Call::Insert(key, value) => match self.pool.insert(value) {
                Ok(id) => {
                    self.ids.lock().expect("no panic").insert(key, id);
                    Answer::Nothing
                }
                Err(Full(back)) => {
                    assert_eq!(back, value, "another value came back");
                    Answer::Full
                }
            },
            other => panic!("a pool has no {other}"),
        }
    }

    fn rest(&self, keys: &[Key]) -> Rest {
        let get = |key| Some(*self.pool.get(self.id(key)?)?);
        let entries = keys.iter().filter_map(|&key| Some((key, get(key)?)));
        let fits = |_| self.pool.insert(0).is_ok();
        rest(keys, entries, get, fits)
    }
}
