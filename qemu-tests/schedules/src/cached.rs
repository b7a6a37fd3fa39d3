//! A `Cache`, as a program sees it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use arenamap::{Cache, Inserted};

use history::{Answer, Kind};

use crate::program::OF_CACHES;
use crate::subject::{Change, Decide, Init, Subject, Wanted, read, read_twice, there};

/// A `Cache`, and what its inserts have evicted, by the value that was inserted: no two are alike.
#[derive(Default)]
pub struct Kept<const N: usize> {
    cache: Cache<u16, u64, N>,
    evicted: Mutex<BTreeMap<u64, (u16, u64)>>,
    /// A planted fault: it does not say what it has evicted.
    silent: bool,
}

impl<const N: usize> Kept<N> {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that does not say what it has evicted.
    pub fn silent() -> Self {
        Self {
            silent: true,
            ..Self::default()
        }
    }

    /// What was replaced. The lock is held while no guard comes or goes, so that no schedule stops in it.
    fn inserted(&self, value: u64, inserted: Inserted<'_, u16, u64>) -> Answer {
        let evicted = inserted.evicted.as_ref();
        if let Some(evicted) = evicted.filter(|_| !self.silent) {
            let pair = (*evicted.key(), read(evicted));
            let mut all = self.evicted.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(value, pair);
        }
        there(inserted.replaced.as_ref().map(read))
    }
}

impl<const N: usize> Subject for Kept<N> {
    fn name(&self) -> &'static str {
        "cache"
    }

    fn kinds(&self) -> &'static [Kind] {
        OF_CACHES
    }

    fn room(&self) -> usize {
        self.cache.capacity()
    }

    fn spares(&self) -> Option<usize> {
        Some(self.cache.cells() - self.cache.capacity())
    }

    fn guards(&self) -> Option<usize> {
        Some(1)
    }

    fn evicted(&self, value: u64) -> Option<(u16, u64)> {
        let mut all = self.evicted.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&value)
    }

    fn get(&self, key: u16) -> Answer {
        there(self.cache.get(&key).as_ref().map(read))
    }

    fn contains(&self, key: u16) -> Answer {
        Answer::Is(self.cache.contains_key(&key))
    }

    fn insert(&self, key: u16, value: u64) -> Answer {
        let inserted = self.cache.insert(key, value);
        inserted.map_or(Answer::Full, |inserted| self.inserted(value, inserted))
    }

    fn get_or_insert(&self, key: u16, value: u64, pause: &mut dyn FnMut()) -> Answer {
        let make = || {
            pause();
            value
        };
        match self.cache.get_or_insert_with(key, make) {
            Ok((entry, inserted)) => {
                let replaced = self.inserted(value, inserted);
                assert_eq!(replaced, Answer::Absent, "nothing was over");
                Answer::There(read(&entry))
            }
            Err(_) => Answer::Full,
        }
    }

    fn remove(&self, key: u16) -> Answer {
        there(self.cache.remove(&key).as_ref().map(read))
    }

    fn remove_if(&self, key: u16, wanted: Wanted<'_>) -> Answer {
        let old = self.cache.remove_if(&key, |_, old| wanted(*old));
        there(old.as_ref().map(read))
    }

    fn retain(&self, wanted: Wanted<'_>) -> Answer {
        self.cache.retain(|_, value| wanted(*value));
        Answer::Done
    }

    fn clear(&self) -> Answer {
        self.cache.clear();
        Answer::Done
    }

    fn get_held(&self, key: u16, meanwhile: &mut dyn FnMut()) -> Answer {
        read_twice(self.cache.get(&key), meanwhile)
    }

    fn try_insert(&self, _: u16, _: u64) -> Answer {
        unreachable!("a cache has no such operation")
    }

    fn update(&self, _: u16, _: Change<'_>) -> Answer {
        unreachable!("a cache has no such operation")
    }

    fn upsert(&self, _: u16, _: Init<'_>, _: Change<'_>) -> Answer {
        unreachable!("a cache has no such operation")
    }

    fn compute(&self, _: u16, _: Decide<'_>) -> Answer {
        unreachable!("a cache has no such operation")
    }
}
