//! A cache that is filled on demand, emptied by a condition, and by who has it exclusively.

use super::cache::keys;
use super::config::Spread;
use super::ledger::{Counted, Ledger};
use crate::{Cache, Full};
use core::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Vec;

type Small = Cache<u32, u32, 4, 2, Spread>;

fn small() -> Small {
    let cache = Small::default();
    for key in 0..4 {
        assert!(cache.insert(key, 10 * key).is_ok());
    }
    cache
}

#[test]
fn what_is_there_is_not_made_again() {
    let cache = small();
    let (entry, made_way) = cache
        .get_or_insert_with(2, || unreachable!("it is there"))
        .expect("it is there");
    assert_eq!((*entry.key(), *entry), (2, 20));
    assert!(made_way.replaced.is_none() && made_way.evicted.is_none());
    assert_eq!((cache.stats().hits, cache.stats().misses), (1, 0));
}

#[test]
fn what_is_not_there_is_made_once_and_another_makes_way() {
    let cache = small();
    let made = Cell::new(0);
    let make = || {
        made.set(made.get() + 1);
        90
    };
    let (entry, made_way) = cache.get_or_insert_with(9, make).expect("one may go");
    assert_eq!((*entry, made.get()), (90, 1));
    let evicted = made_way.evicted.expect("it was full");
    assert!(*evicted.key() < 4 && made_way.replaced.is_none());
    assert_eq!(cache.len(), 4);
    // It is held, so it stays.
    for key in 10..30 {
        assert!(cache.insert(key, key).is_ok());
    }
    assert_eq!(cache.peek(&9).as_deref(), Some(&90));
    assert_eq!((cache.stats().hits, cache.stats().misses), (0, 1));
}

#[test]
fn refused_it_gives_back_what_was_made() {
    let cache = small();
    for key in 0..4 {
        assert!(cache.pin(&key));
    }
    let refused = cache.get_or_insert_with(9, || 90).map(drop);
    assert_eq!(refused, Err(Full((9, 90))));
    let refused = cache.get_or_insert_with_at(9, 5, 5, || 91).map(drop);
    assert_eq!(refused, Err(Full((9, 91))));
    assert_eq!(keys(&cache), [0, 1, 2, 3]);
    cache.check_places();
}

#[test]
fn a_panic_of_make_changes_nothing() {
    let cache = small();
    let made = catch_unwind(AssertUnwindSafe(|| {
        cache.get_or_insert_with(9, || panic!("on purpose")).is_ok()
    }));
    assert!(made.is_err());
    assert_eq!(keys(&cache), [0, 1, 2, 3]);
    cache.check_places();
}

/// While it is made, somebody puts the key in.
#[test]
fn the_first_that_is_put_in_stays() {
    let ledger = Ledger::default();
    let cache: Cache<u32, Counted, 4, 2, Spread> = Cache::default();
    let made = cache.get_or_insert_with(1, || {
        assert!(cache.insert(1, ledger.counted(10)).is_ok());
        ledger.counted(11)
    });
    let (entry, made_way) = made.expect("it is there");
    assert_eq!(entry.number, 10);
    assert!(made_way.replaced.is_none() && made_way.evicted.is_none());
    assert_eq!(ledger.alive(), 1, "what is not wanted is dropped");
    drop((entry, made_way));
    drop(cache);
    ledger.assert_closed();
}

/// It was not there at the look-up, and is when the new one is to be put in.
#[test]
fn what_is_found_late_counts_as_used() {
    let cache = small();
    // It is the one on probation, and would go first.
    let (entry, _) = cache.put_if_absent(3, 99, None, None).expect("there");
    assert_eq!(*entry, 30);
    drop(entry);
    let done = cache.insert(9, 90).expect("one may go");
    assert_ne!(*done.evicted.expect("it was full").key(), 3);
}

#[test]
fn what_is_over_is_replaced_and_what_is_not_stays() {
    let cache = Small::default();
    let fill = |now, value| {
        let (entry, made_way) = cache
            .get_or_insert_with_at(1, now, 10, || value)
            .expect("there is room");
        (*entry, made_way.replaced.map(|entry| *entry))
    };
    assert_eq!(fill(0, 10), (10, None));
    assert_eq!(fill(9, 11), (10, None));
    assert_eq!(fill(10, 12), (12, Some(10)));
    assert_eq!(fill(19, 13), (12, None));
    assert_eq!(cache.expires_at(&1), Some(20));
    // Without a time what is there is there.
    let (entry, _) = cache
        .get_or_insert_with(1, || unreachable!("it is there"))
        .expect("it is there");
    assert_eq!(*entry, 12);
}

#[test]
fn a_removal_takes_what_it_was_shown() {
    let cache = small();
    assert!(cache.pin(&2));
    assert!(cache.remove_if(&2, |_, value| *value == 21).is_none());
    assert!(cache.remove_if(&9, |_, _| true).is_none());
    let mut shown = Vec::new();
    let removed = cache.remove_if(&2, |key, value| {
        shown.push((*key, *value));
        // The first one has gone when the answer comes.
        if *value == 20 {
            assert!(cache.insert(2, 22).is_ok());
        }
        true
    });
    assert_eq!(removed.as_deref(), Some(&22));
    assert_eq!(shown, [(2, 20), (2, 22)]);
    assert!(!cache.contains_key(&2) && cache.contains_key(&3));
    drop(removed);
    cache.check_places();
}

#[test]
fn what_is_not_retained_makes_room() {
    let cache = small();
    assert!(cache.pin(&1));
    cache.retain(|key, _| *key == 2);
    assert_eq!(keys(&cache), [2]);
    for key in 10..13 {
        let done = cache.insert(key, key).expect("there is room");
        assert!(done.evicted.is_none());
    }
    cache.clear();
    assert!(cache.is_empty());
    cache.check_places();
}

#[test]
fn drained_it_has_all_its_room() {
    let mut cache = small();
    assert!(cache.pin(&3));
    let mut drained: Vec<_> = cache.drain().collect();
    drained.sort_unstable();
    assert_eq!(drained, [(0, 0), (1, 10), (2, 20), (3, 30)]);
    cache.check_places();
    for key in 0..4 {
        let done = cache.insert(key, key).expect("there is room");
        assert!(done.evicted.is_none());
        assert!(!cache.is_pinned(&key), "the pin went with the entry");
    }
    // Leaked, it leaves the rest in.
    let mut drain = cache.drain();
    assert!(drain.next().is_some());
    core::mem::forget(drain);
    assert_eq!(cache.len(), 3);
    cache.check_places();
    // Dropped, it does not.
    drop(cache.drain());
    assert!(cache.is_empty());
    cache.check_places();
    let owned = small();
    assert_eq!(owned.into_iter().count(), 4);
}

#[test]
fn each_entry_is_dropped_once_however_the_cache_ends() {
    for taken in 0..3 {
        let ledger = Ledger::default();
        let mut cache: Cache<u32, Counted, 4, 2, Spread> = Cache::default();
        for key in 0..3 {
            assert!(cache.insert(key, ledger.counted(key)).is_ok());
        }
        assert_eq!(cache.drain().take(taken).count(), taken);
        assert_eq!(ledger.alive(), 0);
        assert!(cache.insert(7, ledger.counted(7)).is_ok());
        assert_eq!(cache.into_iter().take(taken).count(), taken.min(1));
        ledger.assert_closed();
    }
}

#[cfg(feature = "siphash")]
#[test]
fn a_static_cache_gets_its_seed() {
    use crate::SeededState;
    static PEERS: Cache<u32, u16, 4, 2, SeededState> = Cache::with_hasher(SeededState::new());
    assert!(PEERS.hasher().seed([1; 16]).is_ok());
    assert!(PEERS.hasher().is_seeded());
    assert!(PEERS.insert(1, 10).is_ok());
    assert_eq!(PEERS.get(&1).as_deref(), Some(&10));
}
