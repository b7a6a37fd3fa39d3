//! Models of eviction: against a look-up that holds the entry, and against a pin; of two that evict.
//!
//! Two places. The cells of the loom maps are few, and a spare one is always free.

use super::support::{TwoChains, large_model as model};
use super::{over, together};
use crate::Cache;
use loom::sync::Arc;
use std::vec;
use std::vec::Vec;
use tagged_arena::sync::AtomicUsize;

/// Even keys in the first group, odd ones in the other.
type One = Cache<usize, usize, 1, 3, TwoChains>;

fn one() -> Arc<One> {
    let cache = One::default();
    assert!(cache.insert(0, 10).is_ok());
    Arc::new(cache)
}

/// The evicted key and the value, or that it was refused.
fn evicting(cache: &One, key: usize) -> Result<Vec<usize>, usize> {
    match cache.insert(key, 10 * key + 10) {
        Ok(done) => {
            let back = done.evicted.into_iter().chain(done.replaced);
            Ok(back.map(|entry| *entry).collect())
        }
        Err(crate::Full((_, value))) => Err(value),
    }
}

#[test]
fn what_a_look_up_holds_is_not_evicted() {
    model(|| {
        let cache = one();
        let got = on!(cache;
        |cache: &One| evicting(cache, 1),
        |cache: &One| {
            let Some(entry) = cache.get(&0) else { return Ok(vec![]) };
            // Held: it is there, and stays.
            let again = cache.map.get(&0);
            assert!(again.is_some(), "evicted while it was held");
            assert_eq!(*entry, 10);
            Ok(vec![])
        });
        match &got[0] {
            Ok(evicted) => assert_eq!(*evicted, [10]),
            Err(back) => assert_eq!(*back, 20),
        }
        assert_eq!(cache.peek(&1).is_some(), got[0].is_ok());
        assert_eq!(cache.peek(&0).is_some(), got[0].is_err());
        // Whatever was given up, it can be evicted now.
        assert!(cache.insert(2, 30).is_ok());
        assert_eq!(cache.len(), 1);
    });
}

#[test]
fn what_is_pinned_is_not_evicted() {
    model(|| {
        let cache = one();
        let got = on!(cache;
        |cache: &One| evicting(cache, 1).is_ok(),
        |cache: &One| {
            let pinned = cache.pin(&0);
            assert!(!pinned || cache.map.get(&0).is_some(), "evicted though it was pinned");
            pinned
        });
        assert_ne!(got[0], got[1], "evicted or pinned");
        assert_eq!(cache.peek(&0).is_some(), got[1]);
        assert_eq!(cache.insert(2, 30).is_ok(), got[0]);
    });
}

#[test]
fn of_two_that_evict_each_gets_its_own_back() {
    model(|| {
        let cache = one();
        let got = on!(cache;
            |cache: &One| evicting(cache, 1),
            |cache: &One| evicting(cache, 3));
        let mut back: Vec<usize> = Vec::new();
        for got in got {
            match got {
                Ok(mut evicted) => back.append(&mut evicted),
                Err(value) => back.push(value),
            }
        }
        back.extend(cache.iter().map(|entry| *entry));
        back.sort_unstable();
        assert_eq!(back, [10, 20, 40], "each pair exactly once");
        assert!(cache.len() <= 1);
    });
}

/// What it got or what was refused, and what it got back.
fn filling(cache: &One, value: usize) -> (Result<usize, usize>, Vec<usize>) {
    match cache.get_or_insert_with(1, || value) {
        Err(crate::Full((_, value))) => (Err(value), vec![]),
        Ok((entry, made_way)) => {
            let again = cache.map.get(&1).map(|entry| *entry);
            assert_eq!(again, Some(*entry), "held, and gone");
            let back = made_way.evicted.into_iter().chain(made_way.replaced);
            (Ok(*entry), back.map(|entry| *entry).collect())
        }
    }
}

/// Two that miss the same key: what was put in is there or came back, and what was not put in is neither. (The
/// one may evict what the other has put in, once nobody holds it.)
#[test]
fn of_two_that_fill_one_key_each_pair_is_there_or_came_back() {
    model(|| {
        let cache = one();
        let got = on!(cache; |cache: &One| filling(cache, 20), |cache: &One| filling(cache, 21));
        let mut put: Vec<usize> = got.iter().filter_map(|(got, _)| got.ok()).collect();
        put.dedup();
        assert!(!put.is_empty(), "both refused");
        put.push(10);
        put.sort_unstable();
        // What was put in is there, or came back.
        let mut now: Vec<usize> = cache.iter().map(|entry| *entry).collect();
        now.extend(got.iter().flat_map(|(_, back)| back));
        now.sort_unstable();
        assert_eq!(now, put);
    });
}

#[test]
fn a_pin_goes_with_a_replacement() {
    model(|| {
        let cache = one();
        on!(cache;
            |cache: &One| assert!(cache.pin(&0)),
            |cache: &One| assert!(cache.insert(0, 11).is_ok_and(|done| done.replaced.is_some())));
        assert!(cache.is_pinned(&0));
        assert_eq!(cache.peek(&0).as_deref(), Some(&11));
    });
}

/// One that was condemned in vain, and is replaced while a look-up is at it: the key is there all the while.
#[test]
fn a_replacement_of_a_condemned_entry_is_no_miss() {
    model(|| {
        let cache = one();
        cache.condemn_in_vain(&0);
        let got = on!(cache;
            |cache: &One| cache.get(&0).map(|entry| *entry),
            |cache: &One| cache.insert(0, 11).ok()?.replaced.map(|entry| *entry));
        assert!(matches!(got[0], Some(10 | 11)), "{got:?}");
        assert_eq!(got[1], Some(10));
    });
}

/// The same of an iteration: it yields the one entry or the other.
#[test]
fn a_replacement_of_a_condemned_entry_is_iterated_over() {
    model(|| {
        let cache = one();
        cache.condemn_in_vain(&0);
        let got = on!(cache;
            |cache: &One| cache.iter().next().map(|entry| *entry),
            |cache: &One| cache.insert(0, 11).ok()?.replaced.map(|entry| *entry));
        assert!(matches!(got[0], Some(10 | 11)), "{got:?}");
        assert_eq!(got[1], Some(10));
    });
}

/// The key is there, so it is removed; it is replaced before, or inserted anew if its place is free already.
#[test]
fn a_removal_beside_a_replacement() {
    model(|| {
        let cache = one();
        let got = on!(cache;
            |cache: &One| cache.remove(&0).map(|entry| *entry),
            |cache: &One| Some(cache.insert(0, 11).ok()?.replaced.map_or(0, |entry| *entry)));
        let left = match got[..] {
            [Some(10), Some(0)] => true,
            [Some(11), Some(10)] | [Some(10), None] => false,
            _ => panic!("{got:?}"),
        };
        assert_eq!(cache.peek(&0).is_some(), left);
        // No place is missing, and there is none too many.
        let done = cache.insert(2, 30);
        assert!(done.is_ok_and(|done| done.evicted.is_some() == left));
    });
}

/// Each may evict an entry; one of them replaces that of the other, and has its place to spare.
#[test]
fn of_two_that_insert_one_key_the_places_are_right() {
    type Two = Cache<usize, usize, 2, 2, TwoChains>;
    model(|| {
        let cache = Two::default();
        assert!(cache.insert(0, 10).is_ok() && cache.insert(2, 12).is_ok());
        let cache = Arc::new(cache);
        // By how many entries it has made the cache larger.
        let work = |value| {
            move |cache: &Two| match cache.insert(1, value) {
                Ok(done) => {
                    isize::from(done.replaced.is_none()) - isize::from(done.evicted.is_some())
                }
                Err(_) => 0,
            }
        };
        let got = on!(cache; work(20), work(30));
        assert_eq!(cache.len() as isize, 2 + got[0] + got[1]);
        // As many go in without an eviction as there is room for.
        for key in [4, 6] {
            let full = cache.len() == 2;
            let done = cache.insert(key, 0);
            assert!(done.is_ok_and(|done| done.evicted.is_some() == full));
        }
    });
}

/// An entry that had no deadline is over at no time but its own.
#[test]
fn a_first_deadline_is_seen_with_what_says_that_there_is_one() {
    model(|| {
        let cache = one();
        let got = on!(cache;
            |cache: &One| cache.get_at(&0, 1_000).is_some(),
            |cache: &One| cache.renew(&0, 1_000, 100));
        assert_eq!(got, [true, true]);
    });
}

/// Its new time is seen by who takes out what is over, or it is not renewed. Also if it has been over for so
/// long that its deadline seems to come after the new one.
#[test]
fn what_was_renewed_does_not_expire() {
    for (now, ttl) in [(5, 5), (3 << 29, 1 << 30)] {
        model(move || {
            let cache = One::default();
            assert!(cache.insert_at(0, 10, 0, 5).is_ok());
            let cache = Arc::new(cache);
            let got = on!(cache;
                move |cache: &One| cache.expire(now).count() == 1,
                move |cache: &One| cache.renew(&0, now, ttl));
            assert_ne!(got[0], got[1], "expired or renewed");
            assert_eq!(cache.peek(&0).is_some(), got[1]);
        });
    }
}

/// A thread and an interrupt handler of its, say, or two threads by chance.
#[test]
fn two_that_share_their_counters_come_to_places_of_their_own() {
    for used in [0, 1, 7] {
        model(move || {
            let next = AtomicUsize::new(0);
            let shared = Arc::new((One::default(), next));
            let arrive = |(cache, next): &(One, AtomicUsize)| cache.arrival(next);
            for arrival in 0..used {
                assert_eq!(arrive(&shared), arrival);
            }
            let twice = move |shared: &(One, AtomicUsize)| vec![arrive(shared), arrive(shared)];
            let mut got = on!(shared; twice, twice).concat();
            got.sort_unstable();
            got.dedup();
            assert!(got.len() == 4 && got[0] >= used, "{got:?}");
        });
    }
}
