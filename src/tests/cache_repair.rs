//! Caches and sets whose users stopped in the middle of something. (Of the maps below them see `repair`.)

use super::config::{SPREADS, Spread, scaled, some};
use super::ledger::{Counted, Ledger};
use super::repair::set_state;
use super::suspended::chain;
use crate::table::Table;
use crate::{Cache, CopySet, Set};
use core::mem::forget;
use tagged_arena::word::State;

const N: usize = 5;
/// More than the seats of a bucket.
const LONG: usize = 12;

type Held = Cache<u32, Counted, N, 2, Spread>;

/// Keeps `N` entries, not more and not fewer, and gives each one back that it evicts.
fn assert_whole(cache: &Held, ledger: &Ledger) {
    cache.clear();
    for key in 0..N as u32 {
        let inserted = cache.insert(key, ledger.counted(key));
        assert!(inserted.is_ok_and(|inserted| inserted.evicted.is_none()));
    }
    for key in 100..100 + scaled(20, 4) {
        let inserted = cache.insert(key, ledger.counted(key));
        assert!(inserted.is_ok_and(|inserted| inserted.evicted.is_some()));
        assert_eq!(cache.len(), N);
    }
}

#[test]
fn places_that_stopped_contexts_had_taken_are_free_again() {
    for &spread in some(&SPREADS, 2) {
        let ledger = Ledger::default();
        let mut cache = Held::with_hasher(spread);
        for key in 0..3 {
            assert!(cache.insert(key, ledger.counted(key)).is_ok());
        }
        // Inserts that stopped before their entries were in, and guards that nobody drops.
        assert!(cache.lose_a_place() && cache.lose_a_place() && !cache.lose_a_place());
        forget(cache.get(&0));
        forget(cache.remove(&1));
        cache.repair();
        assert!(cache.peek(&0).is_some() && cache.peek(&1).is_none() && cache.peek(&2).is_some());
        assert_whole(&cache, &ledger);
        drop(cache);
        ledger.assert_closed();
    }
}

/// The guard that was leaked would hold what comes to its cell.
#[test]
fn a_drained_cache_evicts_again() {
    let mut cache: Cache<u32, u32, 1> = Cache::new();
    assert!(cache.insert(1, 10).is_ok());
    forget(cache.get(&1));
    assert!(cache.drain().eq([(1, 10)]));
    for key in 2..10 {
        assert!(cache.insert(key, key).is_ok(), "{key}");
    }
}

#[test]
fn pins_and_deadlines_stay() {
    let ledger = Ledger::default();
    let mut cache = Held::with_hasher(Spread::Even);
    assert!(cache.insert(1, ledger.counted(1)).is_ok() && cache.pin(&1));
    assert!(cache.insert_at(2, ledger.counted(2), 100, 10).is_ok());
    forget(cache.get(&1));
    cache.repair();
    assert!(cache.get_at(&2, 109).is_some() && cache.get_at(&2, 111).is_none());
    for key in 100..120 {
        assert!(cache.insert(key, ledger.counted(3)).is_ok());
    }
    assert!(cache.peek(&1).is_some());
    assert!(cache.unpin(&1));
    assert_whole(&cache, &ledger);
}

/// The last cell of the chain says that it is free, or links to the first.
fn spoil<T: Table>(table: &T, free: bool) {
    let cells = chain(table);
    let last = cells[cells.len() - 1];
    if free {
        return set_state(table, last, State::Free);
    }
    let own = table.own(last).link();
    // SAFETY: nobody else is there.
    unsafe { own.restore(T::OWN.link(own.read(), Some(cells[0]))) };
}

/// As it may be where a counter has wrapped.
#[test]
fn a_chain_that_has_no_end_gets_one() {
    for free in [true, false] {
        let mut cache: Cache<u32, u32, LONG, 1, Spread> = Cache::with_hasher(Spread::OneBucket);
        for key in 0..LONG as u32 {
            assert!(cache.insert(key, key).is_ok());
        }
        spoil(&cache.map.table, free);
        cache.repair();
        assert_eq!(cache.len(), if free { LONG - 1 } else { LONG });
        // As many go in without an eviction as there is room for.
        for key in 100..100 + 2 * LONG as u32 {
            let done = cache.insert(key, key).expect("one may go");
            assert_eq!(done.evicted.is_none(), free && key == 100, "{key}");
        }
        assert_eq!(cache.len(), LONG);
    }
}

#[test]
fn sets_are_repaired_too() {
    let mut names = Set::<u32, N, 1>::new();
    for name in 0..N as u32 {
        assert_eq!(names.insert(name), Ok(true));
    }
    forget(names.take(&1));
    assert!(names.insert(7).is_err());
    names.repair();
    assert_eq!(names.insert(7), Ok(true));
    assert!(names.contains(&0) && !names.contains(&1));

    let mut numbers = CopySet::<u32, N, 1>::new();
    assert_eq!(numbers.insert(3), Ok(true));
    numbers.repair();
    assert!(numbers.contains(&3) && numbers.remove(&3));
}
