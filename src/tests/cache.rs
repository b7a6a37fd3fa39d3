//! The cache against its contract, one thread: what comes back, what stays, what is refused, and time.

use super::config::{Spread, scaled};
use crate::Cache;
use std::vec::Vec;

type Small = Cache<u32, u32, 4, 2, Spread>;

pub(super) fn keys<V, const N: usize, const EXTRA: usize>(
    cache: &Cache<u32, V, N, EXTRA, Spread>,
) -> Vec<u32> {
    let mut keys: Vec<_> = cache.iter().map(|entry| *entry.key()).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn what_is_held_is_not_evicted() {
    let cache = Small::default();
    for key in 0..4 {
        cache.insert(key, key).expect("there is room");
    }
    let held: Vec<_> = (0..3).map(|key| cache.get(&key).expect("there")).collect();
    for key in 10..30 {
        let inserted = cache.insert(key, key).expect("one may go");
        let evicted = inserted.evicted.expect("it is full");
        assert_eq!(*evicted, if key == 10 { 3 } else { key - 1 });
    }
    let last = cache.peek(&29);
    assert!(cache.insert(30, 30).is_err(), "all are held");
    assert_eq!(keys(&cache), [0, 1, 2, 29]);
    drop(held);
    drop(last);
    assert!(cache.insert(30, 30).is_ok());
}

#[test]
fn an_iterator_holds_what_it_yields() {
    let cache: Cache<u32, u32, 1, 8> = Cache::new();
    cache.insert(1, 1).expect("there is room");
    let entry = cache.iter().next().expect("there");
    assert!(cache.insert(2, 2).is_err());
    drop(entry);
    assert!(cache.insert(2, 2).is_ok());
}

#[test]
fn what_is_refused_comes_back_and_nothing_has_changed() {
    let cache = Small::default();
    for key in 0..4 {
        cache.insert(key, key).expect("there is room");
        assert!(cache.pin(&key));
    }
    for _ in 0..10 {
        let crate::Full(back) = cache.insert(9, 90).expect_err("all are pinned");
        assert_eq!(back, (9, 90));
        // Replacing works.
        let done = cache.insert(2, 2).expect("a spare cell is there");
        assert!(done.replaced.is_some() && done.evicted.is_none());
    }
    assert_eq!(keys(&cache), [0, 1, 2, 3]);
    assert!(cache.is_pinned(&2), "a replacement keeps the pin");
    assert!(cache.unpin(&1));
    let evicted = cache.insert(9, 90).expect("one may go").evicted;
    assert_eq!(evicted.as_deref(), Some(&1));
}

#[test]
fn evicted_entries_that_are_held_take_the_spare_cells() {
    let cache = Small::default();
    for key in 0..4 {
        cache.insert(key, key).expect("there is room");
    }
    let first = cache.insert(4, 4).expect("a spare cell").evicted;
    let second = cache.insert(5, 5).expect("a spare cell").evicted;
    assert!(first.is_some() && second.is_some());
    assert!(cache.insert(6, 6).is_err(), "no cell is free");
    assert_eq!(cache.len(), 4, "nothing was evicted in vain");
    drop(first);
    assert!(cache.insert(6, 6).is_ok());
}

#[test]
fn removed_places_are_filled_before_anything_is_evicted() {
    let cache: Cache<u32, u32, 20, 8> = Cache::new();
    for round in 0..scaled(10, 2) {
        for key in 0..20 {
            let done = cache.insert(100 * round + key, 0).expect("there is room");
            assert_eq!(done.evicted.is_some(), round > 0 && key >= 7);
        }
        let some: Vec<_> = cache.iter().take(7).map(|entry| *entry.key()).collect();
        assert!(some.iter().all(|key| cache.remove(key).is_some()));
    }
}

#[test]
fn time_wraps() {
    for start in [0, 1_000, u32::MAX - 5, i32::MAX as u32 - 3] {
        let cache = Small::default();
        let at = |ticks: u32| start.wrapping_add(ticks);
        cache.insert_at(1, 1, start, 10).expect("there is room");
        cache
            .insert_at(2, 2, start, u32::MAX)
            .expect("there is room");
        cache.insert(3, 3).expect("there is room");
        assert!(cache.get_at(&1, at(9)).is_some() && cache.get_at(&1, at(10)).is_none());
        // A longer time is cut.
        let most = 1 << 30;
        assert_eq!(cache.expires_at(&2), Some(at(most)));
        assert!(cache.get_at(&2, at(most - 1)).is_some() && cache.get_at(&2, at(most)).is_none());
        assert_eq!(cache.expire(at(9)).count(), 0);
        assert_eq!(cache.expire(at(10)).count(), 1);
        assert_eq!(cache.expire(at(most)).count(), 1);
        assert_eq!(keys(&cache), [3]);
        assert_eq!(cache.stats().expirations, 2);
    }
}

#[test]
fn what_is_over_goes_first() {
    for over in 0..4 {
        let cache = Small::default();
        for key in 0..4 {
            let ttl = if key == over { 10 } else { 11 };
            cache.insert_at(key, key, 0, ttl).expect("there is room");
        }
        // Nobody would go by use.
        for key in (0..4).chain(0..4) {
            assert!(cache.get(&key).is_some());
        }
        let done = cache.insert_at(10, 0, 10, 1_000).expect("one is over");
        assert_eq!(done.evicted.as_deref(), Some(&over));
    }
}

#[test]
fn expire_some_goes_round() {
    let cache: Cache<u32, u32, 10, 2, Spread> = Cache::default();
    for key in 0..10 {
        cache.insert_at(key, key, 0, 1).expect("there is room");
    }
    let expired: usize = (0..4).map(|_| cache.expire_some(1, 3).count()).sum();
    assert_eq!(expired, 10);
    assert_eq!(cache.expire_some(1, usize::MAX).count(), 0);
}

#[test]
fn hits_misses_and_the_rest_are_counted() {
    let cache = Small::default();
    assert!(cache.get(&1).is_none());
    cache.insert_at(1, 1, 0, 5).expect("there is room");
    assert!(cache.get(&1).is_some() && cache.get_at(&1, 4).is_some());
    assert!(cache.get_at(&1, 5).is_none());
    assert!(cache.peek(&1).is_some() && cache.peek(&2).is_none());
    for key in 10..20 {
        cache.insert(key, key).expect("one may go");
    }
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses), (2, 2));
    assert_eq!((stats.evictions, stats.expirations), (7, 0));
}

/// More hits at a time than there are slots: each holds its entry.
#[test]
fn hits_are_counted_with_and_without_a_slot() {
    let cache = Small::default();
    cache.insert(1, 1).expect("there is room");
    let held: Vec<_> = (0..100).map(|_| cache.get(&1).expect("there")).collect();
    assert!(held.iter().any(|entry| entry.guard().slot().is_none()));
    assert_eq!(cache.stats().hits, 100);
}
