//! Models of an eviction alone, beside whoever holds or pins its entry: small, so that all moments of both
//! are tried. (With the insert that it is for: `cache`.)
//!
//! What is held stays so to the end, so that it can be seen there that it was not evicted.

use super::chained::SEATS;
use super::support::{OneChain, TwoChains, model_of};
use super::{over, together};
use crate::{Cache, Ref};
use core::mem::forget;
use loom::sync::Arc;
use std::vec;

/// One entry, in a seat.
type One = Cache<usize, usize, 1, 1, TwoChains>;

/// Two seats at home and two at the neighbour's, where there are guests; the last two entries are in a chain.
type Chained = Cache<usize, usize, ENTRIES, 1, OneChain>;

const ENTRIES: usize = SEATS + 2;

/// The last one is the chain's first.
fn chained() -> Chained {
    let cache = Chained::default();
    for key in 0..ENTRIES {
        assert!(cache.insert(key, key).is_ok());
    }
    assert_eq!(cache.map.stats().chained, 2);
    cache
}

/// An entry with a deadline, in the first cell.
fn one() -> Arc<One> {
    let cache = One::default();
    assert!(cache.insert_at(0, 10, 0, 5).is_ok());
    assert!(cache.map.held_at(0).is_some());
    Arc::new(cache)
}

fn holds(entry: Option<Ref<'_, usize, usize>>) -> bool {
    entry.map(forget).is_some()
}

fn evicts(cache: &One) -> bool {
    cache.evicts(0, None)
}

/// Whoever has found the entry keeps it; else it was evicted.
fn held_or_evicted(hold: fn(&One) -> bool, condemned: bool) {
    model_of(3, move || {
        let cache = one();
        if condemned {
            cache.condemn_in_vain(&0);
        }
        let got = on!(cache; hold, evicts);
        assert_ne!(got[0], got[1], "held and evicted");
        assert_eq!(cache.map.get(&0).is_some(), got[0]);
    });
}

#[test]
fn what_is_looked_up() {
    held_or_evicted(|cache| holds(cache.get(&0)), false);
}

#[test]
fn what_is_looked_up_and_was_condemned_in_vain() {
    held_or_evicted(|cache| holds(cache.get(&0)), true);
}

/// It was not there at the look-up before, and is when the new one is to be put in.
#[test]
fn what_a_fill_finds() {
    held_or_evicted(
        |cache| {
            // Refused while the other one is on its way out: not found.
            let Ok((found, _)) = cache.put_if_absent(0, 11, None, None) else {
                return false;
            };
            let there = *found == 10;
            if there {
                forget(found);
            } else {
                // As if it had only looked.
                drop(found);
                drop(cache.remove(&0));
            }
            there
        },
        false,
    );
}

#[test]
fn what_is_peeked_at() {
    held_or_evicted(|cache| holds(cache.peek(&0)), false);
}

#[test]
fn what_is_iterated_over() {
    held_or_evicted(|cache| holds(cache.iter().next()), false);
}

#[test]
fn what_is_pinned() {
    held_or_evicted(|cache| cache.pin(&0), false);
}

#[test]
fn what_is_pinned_and_was_condemned_in_vain() {
    held_or_evicted(|cache| cache.pin(&0), true);
}

/// One has rescued a condemned entry, and then another one finds it: not condemned, although an eviction that
/// has condemned it anew is on its way. (The eviction has seen the first one's hold, or its end.)
#[test]
fn what_is_held_again_and_was_condemned_in_vain() {
    model_of(3, || {
        let cache = one();
        cache.condemn_in_vain(&0);
        let hold_twice = |cache: &One| {
            drop(cache.peek(&0));
            holds(cache.peek(&0))
        };
        let got = on!(cache; hold_twice, evicts);
        assert_ne!(got[0], got[1], "held and evicted");
    });
}

/// The same of two, the one of which may have rescued it for the other.
#[test]
fn what_two_hold_and_was_condemned_in_vain() {
    model_of(2, || {
        let cache = one();
        cache.condemn_in_vain(&0);
        let hold = |cache: &One| holds(cache.peek(&0));
        let got = on!(cache; hold, hold, evicts);
        assert_eq!(got[0], got[1]);
        assert_ne!(got[0], got[2], "held and evicted");
    });
}

/// No eviction that had seen the old deadline takes the entry out after it.
#[test]
fn what_is_renewed() {
    model_of(3, || {
        let cache = one();
        let got = on!(cache;
            |cache: &One| cache.renew(&0, 5, 5),
            |cache: &One| cache.evicts(0, Some(5)));
        assert_ne!(got[0], got[1], "renewed and evicted");
        assert_eq!(cache.peek(&0).is_some(), got[0]);
    });
}

/// The same of the chain's first, and of the one behind it.
fn in_a_chain(hold: fn(&Chained, usize) -> bool, condemned: bool) {
    for key in [ENTRIES - 1, ENTRIES - 2] {
        model_of(2, move || {
            let cache = chained();
            if condemned {
                cache.condemn_in_vain(&key);
            }
            let index = cache.map.get(&key).map(|entry| entry.guard().index());
            let index = index.expect("it is there");
            let cache = Arc::new(cache);
            let got = on!(cache;
                move |cache: &Chained| hold(cache, key),
                move |cache: &Chained| cache.evicts(index, None));
            assert_ne!(got[0], got[1], "held and evicted");
            assert_eq!(cache.map.get(&key).is_some(), got[0]);
        });
    }
}

#[test]
fn what_is_looked_up_in_a_chain() {
    in_a_chain(|cache, key| holds(cache.get(&key)), false);
}

#[test]
fn what_is_looked_up_in_a_chain_and_was_condemned_in_vain() {
    in_a_chain(|cache, key| holds(cache.get(&key)), true);
}

#[test]
fn what_is_pinned_in_a_chain() {
    in_a_chain(|cache, key| cache.pin(&key), false);
}

/// The eviction has seen it behind the first, which has left since.
#[test]
fn what_has_become_the_first_and_is_pinned() {
    let (first, second) = (ENTRIES - 1, ENTRIES - 2);
    model_of(2, move || {
        let cache = chained();
        let index = cache.map.get(&second).map(|entry| entry.guard().index());
        let index = index.expect("it is there");
        let cache = Arc::new(cache);
        let got = on!(cache;
            move |cache: &Chained| {
                drop(cache.remove(&first));
                cache.pin(&second)
            },
            move |cache: &Chained| cache.evicts(index, None));
        assert_ne!(got[0], got[1], "pinned and evicted");
        assert_eq!(cache.map.get(&second).is_some(), got[0]);
    });
}

/// A pin goes with a replacement, wherever the entry is.
#[test]
fn what_is_pinned_in_a_chain_and_replaced() {
    for key in [0, ENTRIES - 1, ENTRIES - 2] {
        model_of(1, move || {
            let cache = Arc::new(chained());
            on!(cache;
            move |cache: &Chained| assert!(cache.pin(&key)),
            move |cache: &Chained| {
                let done = cache.insert(key, 9);
                assert!(done.is_ok_and(|done| done.replaced.is_some()));
            });
            assert!(cache.is_pinned(&key));
        });
    }
}
