//! Models of eviction: against a look-up that holds the entry, and against a pin; of two that evict.
//!
//! Two places. The cells of the loom maps are few, and a spare one is always free.

use super::support::{OneChain, TwoChains, large_model as model};
use super::{over, together};
use crate::Cache;
use loom::sync::Arc;
use std::vec;
use std::vec::Vec;

/// Even keys in the first group, odd ones in the other.
type One = Cache<usize, usize, 1, TwoChains, 3>;

/// All in one bucket, of two seats and their neighbour's: with five of them there is a chain.
type Chained = Cache<usize, usize, 5, OneChain, 1>;

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

/// Who gives up leaves its mark: a look-up beside the next attempt must not be taken in by it.
#[test]
fn two_look_ups_beside_one_that_evicts() {
    model(|| {
        let cache = one();
        let hold = |cache: &One| {
            let entry = cache.get(&0);
            let there = entry.is_none() || cache.map.get(&0).is_some();
            assert!(there, "evicted while it was held");
        };
        on!(cache;
            |cache: &One| drop(evicting(cache, 1)),
            hold,
            hold);
        assert!(cache.insert(2, 30).is_ok());
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

/// Its new time is seen by who takes out what is over, or it is not renewed.
#[test]
fn what_was_renewed_does_not_expire() {
    model(|| {
        let cache = One::default();
        assert!(cache.insert_at(0, 10, 0, 5).is_ok());
        let cache = Arc::new(cache);
        let got = on!(cache;
            |cache: &One| cache.expire(5).count() == 1,
            |cache: &One| cache.renew(&0, 5, 5));
        assert_ne!(got[0], got[1], "expired or renewed");
        assert_eq!(cache.peek(&0).is_some(), got[1]);
    });
}

/// The same in a chain, at its head and behind.
#[test]
fn what_is_pinned_in_a_chain_is_not_evicted() {
    for key in 0..5 {
        model(move || {
            let cache = Chained::default();
            for key in 0..5 {
                assert!(cache.insert(key, key).is_ok());
            }
            // Only this one may go.
            for other in (0..5).filter(|other| *other != key) {
                assert!(cache.pin(&other));
            }
            let cache = Arc::new(cache);
            let got = on!(cache;
                |cache: &Chained| cache.insert(9, 9).is_ok_and(|done| done.evicted.is_some()),
                move |cache: &Chained| cache.pin(&key));
            assert_ne!(got[0], got[1], "evicted or pinned");
            assert_eq!(cache.peek(&key).is_some(), got[1]);
        });
    }
}
