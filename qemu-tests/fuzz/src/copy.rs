//! `CopyMap` as a subject.

use arenamap::{Compute, Computed, CopyMap, Plain, TryInsertError};

use crate::drive::drive;
use crate::planted::with;
use crate::subject::{Census, Full, Spread, Subject, Tried, decided, told};
use crate::{Fault, Input, sized};

/// Plain data that carries a number in every part, so that a torn copy shows.
pub trait Number: Plain + PartialEq + std::fmt::Debug {
    /// The value of a number.
    fn of(number: u32) -> Self;
    /// The number of a value.
    fn number(&self) -> u32;
}

impl Number for u32 {
    fn of(number: u32) -> Self {
        number
    }

    fn number(&self) -> u32 {
        *self
    }
}

impl Number for [u8; 3] {
    fn of(number: u32) -> Self {
        let [a, b, c, _] = number.to_le_bytes();
        [a, b, c]
    }

    fn number(&self) -> u32 {
        u32::from_le_bytes([self[0], self[1], self[2], 0])
    }
}

impl<const WORDS: usize> Number for [u64; WORDS]
where
    [u64; WORDS]: Plain,
{
    fn of(number: u32) -> Self {
        [u64::from(number); WORDS]
    }

    fn number(&self) -> u32 {
        assert_eq!(*self, [self[0]; WORDS], "torn");
        self[0] as u32
    }
}

type Map<V, const N: usize, const EXTRA: usize> = CopyMap<u8, V, N, EXTRA, Spread>;

/// Runs an input on a map of these values.
pub fn run<V: Number>(task: (&Input, Option<Fault>)) {
    sized!(task.0.size, task, run_sized, V);
}

fn run_sized<V: Number, const N: usize, const EXTRA: usize>(
    (input, fault): (&Input, Option<Fault>),
) {
    let map: Map<V, N, EXTRA> = CopyMap::with_hasher(Spread::new(input.one_chain));
    with(fault, &map, |subject| drive(subject, &input.ops));
}

impl<V: Number, const N: usize, const EXTRA: usize> Subject for Map<V, N, EXTRA> {
    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn cells(&self) -> usize {
        self.cells()
    }

    fn in_place(&self) -> bool {
        // The documentation's promise: values of at most half a word.
        2 * size_of::<V>() <= size_of::<usize>()
    }

    fn holds(&self) -> bool {
        false
    }

    fn insert(&self, key: u8, value: u32, _: bool) -> Result<Option<u32>, Full> {
        match self.insert(key, V::of(value)) {
            Ok(old) => Ok(old.map(|old| old.number())),
            Err(arenamap::Full(back)) => {
                assert_eq!(back, (key, V::of(value)), "what comes back from a full map");
                Err(Full)
            }
        }
    }

    fn try_insert(&self, key: u8, value: u32, _: bool) -> Tried {
        let (tried, back) = match self.try_insert(key, V::of(value)) {
            Ok(()) => return Tried::Inserted,
            Err(TryInsertError::Occupied {
                existing,
                key,
                value,
            }) => (Tried::Occupied(existing.number()), (key, value)),
            Err(TryInsertError::Full(back)) => (Tried::Full, back),
        };
        assert_eq!(back, (key, V::of(value)), "what comes back");
        tried
    }

    fn get_or_insert(&self, key: u8, value: u32, _: bool) -> (Result<u32, Full>, bool) {
        let mut made = false;
        let result = self.get_or_insert_with(key, || {
            made = true;
            V::of(value)
        });
        let result = result.map(|value| value.number()).map_err(|back| {
            assert_eq!(back.0, key, "the key that comes back");
            Full
        });
        (result, made)
    }

    fn update(&self, key: u8, value: u32, _: bool) -> Result<Option<u32>, Full> {
        let mut seen = None;
        let result = self.update(&key, |old| {
            seen = Some(old.number());
            V::of(value)
        });
        let old = result.map_err(|_| Full)?.map(|old| old.number());
        assert_eq!(seen, old, "what the closure saw and what was replaced");
        Ok(old)
    }

    fn upsert(&self, key: u8, value: u32, _: bool) -> Result<Option<u32>, Full> {
        let (mut made, mut seen) = (false, None);
        let init = || {
            made = true;
            V::of(value)
        };
        let result = self.upsert(key, init, |old| {
            seen = Some(old.number());
            V::of(value)
        });
        let old = match result {
            Ok(old) => old.map(|old| old.number()),
            Err(arenamap::Full(back)) => {
                assert_eq!(back, (key, V::of(value)), "what comes back from a full map");
                return Err(Full);
            }
        };
        assert_eq!(
            (made, seen),
            (old.is_none(), old),
            "which closures were called"
        );
        Ok(old)
    }

    fn compute(&self, key: u8, what: Compute<u32>, _: bool) -> Result<Computed<u32>, Full> {
        let mut seen = None;
        let result = self.compute(key, |old| {
            seen = old.map(Number::number);
            decided(what, V::of)
        });
        let (done, old) = told(result.map_err(|_| Full)?, |old| old.number());
        assert_eq!(seen, old, "what the closure saw and what is returned");
        Ok(done)
    }

    fn remove_if(&self, key: u8, wanted: bool, _: bool) -> Option<u32> {
        let mut seen = None;
        let removed = self.remove_if(&key, |there, old| {
            assert_eq!(*there, key, "the entry of another key");
            seen = Some(old.number());
            wanted
        });
        let removed = removed.map(|old| old.number());
        assert_eq!(
            removed,
            seen.filter(|_| wanted),
            "what the closure saw and what was removed"
        );
        removed
    }

    fn retain(&self, wanted: &mut dyn FnMut(u8, u32) -> bool) {
        self.retain(|key, value| wanted(*key, value.number()));
    }

    fn clear(&self) {
        self.clear();
    }

    fn remove(&self, key: u8, _: bool) -> Option<u32> {
        self.remove(&key).map(|value| value.number())
    }

    fn get(&self, key: u8, _: bool) -> Option<u32> {
        self.get(&key).map(|value| value.number())
    }

    fn contains(&self, key: u8) -> bool {
        self.contains_key(&key)
    }

    fn iterate(&self, _: bool) -> Vec<(u8, u32)> {
        let pairs = self.iter();
        pairs.map(|(key, value)| (key, value.number())).collect()
    }

    fn census(&self) -> Census {
        let stats = self.stats();
        assert_eq!(
            (stats.capacity, stats.cells),
            (self.capacity(), self.cells())
        );
        Census {
            len: self.len(),
            is_empty: self.is_empty(),
            is_full: self.is_full(),
            live: stats.live,
            removed: stats.removed,
            in_progress: stats.in_progress,
            free: stats.free,
        }
    }

    fn held(&self, _: usize) -> (u8, u32) {
        unreachable!("there are no guards")
    }

    fn release(&self, _: usize) {
        unreachable!("there are no guards")
    }

    fn alive(&self) -> Option<usize> {
        None
    }
}
