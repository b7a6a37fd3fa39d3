//! Concurrent maps of the field with a hasher of their own (SipHash), which no caller can change.

use std::sync::{Mutex, PoisonError};

use chashmap::CHashMap;

use crate::subject::{Session, Subject};

/// A `CHashMap`.
pub type Chash = CHashMap<u64, u64>;
/// concache with crossbeam's epochs. It has no update and no guard to write through.
pub type ConcacheCrossbeam = concache::crossbeam::Map<u64, u64>;

impl Subject for Chash {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity(capacity)
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &Chash {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        Chash::get(self, &key).map(|value| *value)
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        Chash::insert(self, key, value);
        true
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        Chash::remove(self, &key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        self.get_mut(&key).map(|mut value| *value += 1).is_some()
    }
}

impl Subject for ConcacheCrossbeam {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity(capacity)
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &ConcacheCrossbeam {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        ConcacheCrossbeam::get(self, &key)
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        ConcacheCrossbeam::insert(self, key, value);
        true
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        ConcacheCrossbeam::remove(self, &key)
    }

    fn add_one(&mut self, _: u64) -> bool {
        false
    }
}

/// concache with its own reclamation: a thread has a handle, which it takes once for a round.
pub struct ConcacheManual(Mutex<concache::manual::MapHandle<u64, u64>>);

impl Subject for ConcacheManual {
    type Session<'a> = concache::manual::MapHandle<u64, u64>;

    const BATCH: usize = usize::MAX;

    fn with_capacity(capacity: usize) -> Self {
        Self(Mutex::new(concache::manual::Map::with_capacity(capacity)))
    }

    fn session(&self) -> Self::Session<'_> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Session for concache::manual::MapHandle<u64, u64> {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        Self::get(self, &key)
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        Self::insert(self, key, value);
        true
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        Self::remove(self, &key).is_some()
    }

    fn add_one(&mut self, _: u64) -> bool {
        false
    }
}
