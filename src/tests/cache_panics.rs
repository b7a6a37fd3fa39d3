//! A panic at every single call of user code in the cache's operations: nothing is lost but what it
//! unwinds, no place and no cell is missing afterwards, and what is pinned is still there.

use super::config::scaled;
use super::fuse::{arm, burn, disarm};
use super::ledger::{Counted, Ledger};
use crate::Cache;
use core::hash::{BuildHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

struct Key(u32, #[allow(dead_code, reason = "dropped")] Counted);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        burn();
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        burn();
        self.0.hash(state);
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        burn();
    }
}

/// Eight keys to a hash, and all in one bucket: so there are chains, and equal labels.
#[derive(Default)]
struct Alike(u64);

impl BuildHasher for Alike {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Alike {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u32(&mut self, key: u32) {
        self.0 = u64::from(key / 8);
    }
}

const ENTRIES: usize = 12;

type Subject = Cache<Key, Counted, ENTRIES, 3, Alike>;

fn put(cache: &Subject, ledger: &Ledger, id: u32, ttl: Option<u32>) -> bool {
    let (key, value) = (Key(id, ledger.counted(0)), ledger.counted(id));
    match ttl {
        Some(ttl) => cache.insert_at(key, value, 0, ttl).is_ok(),
        None => cache.insert(key, value).is_ok(),
    }
}

fn has(cache: &Subject, ledger: &Ledger, id: u32) -> bool {
    cache.peek(&Key(id, ledger.counted(0))).is_some()
}

fn at_every_call(operation: impl Fn(&Subject, &Ledger)) {
    // Under Miri one of the calls.
    for fuse in scaled(1, 2) as usize.. {
        let ledger = Ledger::default();
        let cache = Subject::default();
        for id in 0..ENTRIES as u32 {
            assert!(put(&cache, &ledger, id, (id % 2 == 0).then_some(10)));
        }
        assert!(cache.pin(&Key(3, ledger.counted(0))));
        arm(fuse);
        let outcome = catch_unwind(AssertUnwindSafe(|| operation(&cache, &ledger)));
        disarm();
        assert_eq!(ledger.alive(), 2 * cache.len(), "call {fuse}");
        assert!(has(&cache, &ledger, 3), "call {fuse}: it is pinned");
        let stats = cache.map.stats();
        assert_eq!((stats.removed, stats.in_progress), (0, 0), "call {fuse}");
        assert_eq!(cache.map.table.arena.slots().taken(), 0, "call {fuse}");
        // No place is missing, and there is none too many.
        for id in 100..100 + ENTRIES as u32 + scaled(ENTRIES as u32, 2) {
            assert!(put(&cache, &ledger, id, None));
        }
        assert_eq!(cache.len(), ENTRIES, "call {fuse}");
        drop(cache);
        ledger.assert_closed();
        if outcome.is_ok() || cfg!(miri) {
            break;
        }
    }
}

#[test]
fn insert_that_evicts() {
    at_every_call(|cache, ledger| _ = put(cache, ledger, 50, None));
    at_every_call(|cache, ledger| _ = put(cache, ledger, 50, Some(10)));
}

#[test]
fn insert_that_replaces() {
    at_every_call(|cache, ledger| _ = put(cache, ledger, 5, None));
}

#[test]
fn insert_that_fills() {
    at_every_call(|cache, ledger| {
        assert!(cache.remove(&Key(7, ledger.counted(0))).is_some());
        put(cache, ledger, 50, None);
    });
}

#[test]
fn look_up_and_pin() {
    at_every_call(|cache, ledger| {
        let key = Key(5, ledger.counted(0));
        assert!(cache.get(&key).is_some() && cache.pin(&key) && cache.unpin(&key));
        assert!(cache.renew(&key, 0, 20));
    });
}

#[test]
fn expire() {
    at_every_call(|cache, _| cache.expire(10).for_each(drop));
}

#[test]
fn remove() {
    at_every_call(|cache, ledger| {
        for id in [0, 4, 11] {
            drop(cache.remove(&Key(id, ledger.counted(0))));
        }
    });
}

#[test]
fn remove_what_is_not_wanted() {
    at_every_call(|cache, ledger| {
        for id in [0, 4, 11] {
            let key = Key(id, ledger.counted(0));
            drop(cache.remove_if(&key, |_, _| {
                burn();
                true
            }));
        }
    });
    at_every_call(|cache, _| {
        cache.retain(|key, _| {
            burn();
            key.0 == 3
        });
    });
}

#[test]
fn get_or_insert() {
    for id in [5, 50] {
        at_every_call(|cache, ledger| {
            let make = || {
                burn();
                ledger.counted(id)
            };
            drop(cache.get_or_insert_with(Key(id, ledger.counted(0)), make));
        });
    }
}
