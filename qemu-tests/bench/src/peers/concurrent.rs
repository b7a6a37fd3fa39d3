//! Concurrent maps of the field that take any hasher.

use arenamap::DefaultHashBuilder;
use leapfrog::LeapMap;
use scc::hash_index::Entry;

use crate::subject::{Session, Subject};

type Hasher = DefaultHashBuilder;
/// A `DashMap`.
pub type Dash = dashmap::DashMap<u64, u64, Hasher>;
/// A `scc::HashMap`.
pub type SccMap = scc::HashMap<u64, u64, Hasher>;
/// A `scc::HashIndex`, made for reads.
pub type SccIndex = scc::HashIndex<u64, u64, Hasher>;
/// A `flurry::HashMap`, pinned for each operation.
pub type Flurry = flurry::HashMap<u64, u64, Hasher>;
/// A `LeapMap`.
pub type Leap = LeapMap<u64, u64, Hasher>;
/// A `papaya::HashMap`, pinned for each operation.
pub type Papaya = papaya::HashMap<u64, u64, Hasher>;

impl Subject for Dash {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, Hasher::new())
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &Dash {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        Dash::get(self, &key).map(|entry| *entry)
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        Dash::insert(self, key, value);
        true
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        Dash::remove(self, &key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        self.get_mut(&key).map(|mut value| *value += 1).is_some()
    }
}

impl Subject for SccMap {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, Hasher::new())
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &SccMap {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.read_sync(&key, |_, value| *value)
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        self.upsert_sync(key, value);
        true
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        self.remove_sync(&key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        self.update_sync(&key, |_, value| *value += 1).is_some()
    }
}

impl Subject for SccIndex {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, Hasher::new())
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &SccIndex {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.peek_with(&key, |_, value| *value)
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        match self.entry_sync(key) {
            Entry::Occupied(mut entry) => entry.update(value),
            Entry::Vacant(entry) => drop(entry.insert_entry(value)),
        }
        true
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        self.remove_sync(&key)
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        self.get_sync(&key)
            .map(|mut entry| {
                let value = *entry.get() + 1;
                entry.update(value);
            })
            .is_some()
    }
}

impl Subject for Flurry {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, Hasher::new())
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &Flurry {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.pin().get(&key).copied()
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        self.pin().insert(key, value);
        true
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        self.pin().remove(&key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        let map = self.pin();
        map.compute_if_present(&key, |_, value| Some(value + 1))
            .is_some()
    }
}

impl Subject for Leap {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, Hasher::new())
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &Leap {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        Leap::get(self, &key).and_then(|mut entry| entry.value())
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        Leap::insert(self, key, value);
        true
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        Leap::remove(self, &key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        self.get_mut(&key)
            .and_then(|mut entry| entry.update(|value| *value += 1))
            .is_some()
    }
}

impl Subject for Papaya {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, Hasher::new())
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &Papaya {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.pin().get(&key).copied()
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        self.pin().insert(key, value);
        true
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        self.pin().remove(&key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        self.pin().update(key, |value| value + 1).is_some()
    }
}

/// A `papaya::HashMap` with one pin for as many operations as a session lasts.
pub struct PapayaBatch(Papaya);

impl Subject for PapayaBatch {
    type Session<'a> = papaya::HashMapRef<'a, u64, u64, Hasher, papaya::LocalGuard<'a>>;

    fn with_capacity(capacity: usize) -> Self {
        Self(Papaya::with_capacity_and_hasher(capacity, Hasher::new()))
    }

    fn session(&self) -> Self::Session<'_> {
        self.0.pin()
    }
}

impl Session for papaya::HashMapRef<'_, u64, u64, Hasher, papaya::LocalGuard<'_>> {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        papaya::HashMapRef::get(self, &key).copied()
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        papaya::HashMapRef::insert(self, key, value);
        true
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        papaya::HashMapRef::remove(self, &key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        self.update(key, |value| value + 1).is_some()
    }
}
