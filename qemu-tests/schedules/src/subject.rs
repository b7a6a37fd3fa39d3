//! The maps, as a program sees them.

use arenamap::{CopyMap, Map, Plain, Ref, TryInsertError};

use history::decision::Decision;
use history::subjects::{to_do, told};
use history::{Answer, Kind};

use crate::program::{OF_MAPS, OF_SMALL_VALUES};

/// A `CopyMap` whose values are changed in place.
pub type Narrow<const N: usize> = CopyMap<u16, u32, N>;
/// A `CopyMap` whose values are replaced.
pub type Wide<const N: usize> = CopyMap<u16, [u64; 2], N>;
/// A `Map`, whose guards are held now and then.
pub type Held<const N: usize> = Map<u16, u64, N>;

/// Of the cells beyond `N`, those that are kept for replacements: all that a map has by default.
const SPARES: usize = 8;

/// Makes a value.
pub type Init<'a> = &'a mut dyn FnMut() -> u64;
/// Changes a value.
pub type Change<'a> = &'a mut dyn FnMut(u64) -> u64;
/// Decides about a key.
pub type Decide<'a> = &'a mut dyn FnMut(Option<u64>) -> Decision;
/// Says whether a value is wanted.
pub type Wanted<'a> = &'a mut dyn FnMut(u64) -> bool;

/// A map of small numbers. `pause` is called in the middle of operations that run a closure.
#[allow(missing_docs)]
pub trait Subject: Send + Sync {
    fn name(&self) -> &'static str;
    fn room(&self) -> usize;
    /// Cells beyond these, kept for replacements; none if a replacement needs no cell.
    fn spares(&self) -> Option<usize>;
    /// How many guards each thread may hold between its operations; none if there are no guards.
    fn guards(&self) -> Option<usize> {
        None
    }
    /// The operations that programs of it have.
    fn kinds(&self) -> &'static [Kind];
    /// What the insert of this value has evicted. To be asked once.
    fn evicted(&self, _value: u64) -> Option<(u16, u64)> {
        None
    }
    fn get(&self, key: u16) -> Answer;
    fn contains(&self, key: u16) -> Answer;
    fn insert(&self, key: u16, value: u64) -> Answer;
    fn try_insert(&self, key: u16, value: u64) -> Answer;
    fn get_or_insert(&self, key: u16, value: u64, pause: &mut dyn FnMut()) -> Answer;
    fn remove(&self, key: u16) -> Answer;
    /// `change` is called with the old value.
    fn update(&self, key: u16, change: Change<'_>) -> Answer;
    /// One of both is called, or `change` more often.
    fn upsert(&self, key: u16, init: Init<'_>, change: Change<'_>) -> Answer;
    /// `decide` is called with the old value.
    fn compute(&self, key: u16, decide: Decide<'_>) -> Answer;
    /// `wanted` is called with the old value.
    fn remove_if(&self, key: u16, wanted: Wanted<'_>) -> Answer;
    /// `wanted` is called with each value.
    fn retain(&self, wanted: Wanted<'_>) -> Answer;
    fn clear(&self) -> Answer;
    /// Reads through a guard, calls `meanwhile` and reads again: both must be the same.
    fn get_held(&self, key: u16, meanwhile: &mut dyn FnMut()) -> Answer {
        let answer = self.get(key);
        meanwhile();
        answer
    }
}

pub(crate) fn there(value: Option<u64>) -> Answer {
    value.map_or(Answer::Absent, Answer::There)
}

/// Values of a `CopyMap`.
trait Number: Plain + Send + Sync {
    const NAME: &'static str;
    const KINDS: &'static [Kind];
    fn of(number: u64) -> Self;
    fn number(&self) -> u64;
}

impl Number for u32 {
    const NAME: &'static str = "copy_map::narrow";
    const KINDS: &'static [Kind] = OF_SMALL_VALUES;

    fn of(number: u64) -> Self {
        number as u32
    }

    fn number(&self) -> u64 {
        u64::from(*self)
    }
}

impl Number for [u64; 2] {
    const NAME: &'static str = "copy_map::wide";
    const KINDS: &'static [Kind] = OF_MAPS;

    fn of(number: u64) -> Self {
        [number; 2]
    }

    fn number(&self) -> u64 {
        assert_eq!(self[0], self[1], "torn");
        self[0]
    }
}

impl<V: Number, const N: usize> Subject for CopyMap<u16, V, N> {
    fn name(&self) -> &'static str {
        V::NAME
    }

    fn kinds(&self) -> &'static [Kind] {
        V::KINDS
    }

    fn room(&self) -> usize {
        self.capacity()
    }

    fn spares(&self) -> Option<usize> {
        // Values of at most half a word are changed in place.
        (2 * size_of::<V>() > size_of::<usize>()).then_some(SPARES)
    }

    fn get(&self, key: u16) -> Answer {
        there(self.get(&key).map(|value| value.number()))
    }

    fn contains(&self, key: u16) -> Answer {
        Answer::Is(self.contains_key(&key))
    }

    fn insert(&self, key: u16, value: u64) -> Answer {
        let old = self.insert(key, V::of(value));
        old.map_or(Answer::Full, |old| there(old.map(|old| old.number())))
    }

    fn try_insert(&self, key: u16, value: u64) -> Answer {
        match self.try_insert(key, V::of(value)) {
            Ok(()) => Answer::Absent,
            Err(TryInsertError::Occupied { existing, .. }) => Answer::There(existing.number()),
            Err(TryInsertError::Full(_)) => Answer::Full,
        }
    }

    fn get_or_insert(&self, key: u16, value: u64, pause: &mut dyn FnMut()) -> Answer {
        let now = self.get_or_insert_with(key, || {
            pause();
            V::of(value)
        });
        now.map_or(Answer::Full, |now| Answer::There(now.number()))
    }

    fn remove(&self, key: u16) -> Answer {
        there(self.remove(&key).map(|value| value.number()))
    }

    fn update(&self, key: u16, change: Change<'_>) -> Answer {
        let old = self.update(&key, |old| V::of(change(old.number())));
        old.map_or(Answer::Full, |old| there(old.map(|old| old.number())))
    }

    fn upsert(&self, key: u16, init: Init<'_>, change: Change<'_>) -> Answer {
        let old = self.upsert(key, || V::of(init()), |old| V::of(change(old.number())));
        old.map_or(Answer::Full, |old| there(old.map(|old| old.number())))
    }

    fn compute(&self, key: u16, decide: Decide<'_>) -> Answer {
        let mut last = None;
        let done = self.compute(key, |old| {
            let decided = *last.insert(decide(old.map(V::number)));
            to_do(decided, V::of)
        });
        done.map_or(Answer::Full, |done| told(done, last, |old| old.number()))
    }

    fn remove_if(&self, key: u16, wanted: Wanted<'_>) -> Answer {
        let old = self.remove_if(&key, |_, old| wanted(old.number()));
        there(old.map(|old| old.number()))
    }

    fn retain(&self, wanted: Wanted<'_>) -> Answer {
        self.retain(|_, value| wanted(value.number()));
        Answer::Done
    }

    fn clear(&self) -> Answer {
        self.clear();
        Answer::Done
    }
}

/// What the guard reads, before and after.
pub(crate) fn read_twice(guard: Option<Ref<'_, u16, u64>>, meanwhile: &mut dyn FnMut()) -> Answer {
    let before = guard.as_ref().map(read);
    meanwhile();
    assert_eq!(
        guard.as_ref().map(read),
        before,
        "what a guard reads has changed"
    );
    there(before)
}

/// What a guard reads.
pub(crate) fn read(guard: &Ref<'_, u16, u64>) -> u64 {
    **guard
}

impl<const N: usize> Subject for Held<N> {
    fn name(&self) -> &'static str {
        "map"
    }

    fn kinds(&self) -> &'static [Kind] {
        OF_MAPS
    }

    fn spares(&self) -> Option<usize> {
        Some(SPARES)
    }

    fn guards(&self) -> Option<usize> {
        Some(1)
    }

    fn room(&self) -> usize {
        self.capacity()
    }

    fn get(&self, key: u16) -> Answer {
        there(self.get(&key).as_ref().map(read))
    }

    fn contains(&self, key: u16) -> Answer {
        Answer::Is(self.contains_key(&key))
    }

    fn insert(&self, key: u16, value: u64) -> Answer {
        let old = self.insert(key, value);
        old.map_or(Answer::Full, |old| there(old.as_ref().map(read)))
    }

    fn try_insert(&self, key: u16, value: u64) -> Answer {
        match self.try_insert(key, value) {
            Ok(guard) => {
                assert_eq!(
                    (*guard.key(), read(&guard)),
                    (key, value),
                    "what was put in"
                );
                Answer::Absent
            }
            Err(TryInsertError::Occupied { existing, .. }) => Answer::There(read(&existing)),
            Err(TryInsertError::Full(_)) => Answer::Full,
        }
    }

    fn get_or_insert(&self, key: u16, value: u64, pause: &mut dyn FnMut()) -> Answer {
        let now = self.get_or_insert_with(key, || {
            pause();
            value
        });
        now.map_or(Answer::Full, |now| Answer::There(read(&now)))
    }

    fn remove(&self, key: u16) -> Answer {
        there(self.remove(&key).as_ref().map(read))
    }

    fn update(&self, key: u16, change: Change<'_>) -> Answer {
        let old = self.update(&key, |old| change(*old));
        old.map_or(Answer::Full, |old| there(old.as_ref().map(read)))
    }

    fn upsert(&self, key: u16, init: Init<'_>, change: Change<'_>) -> Answer {
        let old = self.upsert(key, init, |old| change(*old));
        old.map_or(Answer::Full, |old| there(old.as_ref().map(read)))
    }

    fn compute(&self, key: u16, decide: Decide<'_>) -> Answer {
        let mut last = None;
        let done = self.compute(key, |old| {
            let decided = *last.insert(decide(old.copied()));
            to_do(decided, |value| value)
        });
        done.map_or(Answer::Full, |done| told(done, last, |old| read(&old)))
    }

    fn remove_if(&self, key: u16, wanted: Wanted<'_>) -> Answer {
        let old = self.remove_if(&key, |_, old| wanted(*old));
        there(old.as_ref().map(read))
    }

    fn retain(&self, wanted: Wanted<'_>) -> Answer {
        self.retain(|_, value| wanted(*value));
        Answer::Done
    }

    fn clear(&self) -> Answer {
        self.clear();
        Answer::Done
    }

    fn get_held(&self, key: u16, meanwhile: &mut dyn FnMut()) -> Answer {
        read_twice(self.get(&key), meanwhile)
    }
}

/// A planted race: `try_insert` looks, and then puts in what may have come meanwhile.
pub struct CheckThenAct<T>(pub T);

impl<T: Subject> Subject for CheckThenAct<T> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn kinds(&self) -> &'static [Kind] {
        self.0.kinds()
    }

    fn room(&self) -> usize {
        self.0.room()
    }

    fn spares(&self) -> Option<usize> {
        self.0.spares()
    }

    fn guards(&self) -> Option<usize> {
        self.0.guards()
    }

    fn get(&self, key: u16) -> Answer {
        self.0.get(key)
    }

    fn contains(&self, key: u16) -> Answer {
        self.0.contains(key)
    }

    fn insert(&self, key: u16, value: u64) -> Answer {
        self.0.insert(key, value)
    }

    fn try_insert(&self, key: u16, value: u64) -> Answer {
        match self.0.get(key) {
            there @ Answer::There(_) => there,
            _ => {
                #[cfg(not(tagged_arena_shuttle))]
                std::thread::yield_now();
                match self.0.insert(key, value) {
                    Answer::Full => Answer::Full,
                    _ => Answer::Absent,
                }
            }
        }
    }

    fn get_or_insert(&self, key: u16, value: u64, pause: &mut dyn FnMut()) -> Answer {
        self.0.get_or_insert(key, value, pause)
    }

    fn remove(&self, key: u16) -> Answer {
        self.0.remove(key)
    }

    fn update(&self, key: u16, change: Change<'_>) -> Answer {
        self.0.update(key, change)
    }

    fn upsert(&self, key: u16, init: Init<'_>, change: Change<'_>) -> Answer {
        self.0.upsert(key, init, change)
    }

    fn compute(&self, key: u16, decide: Decide<'_>) -> Answer {
        self.0.compute(key, decide)
    }

    fn remove_if(&self, key: u16, wanted: Wanted<'_>) -> Answer {
        self.0.remove_if(key, wanted)
    }

    fn retain(&self, wanted: Wanted<'_>) -> Answer {
        self.0.retain(wanted)
    }

    fn clear(&self) -> Answer {
        self.0.clear()
    }
}
