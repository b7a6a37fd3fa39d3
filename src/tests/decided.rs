//! A replacement that is decided stays, should user code panic in what it does after that.

use super::config::Spread;
use super::suspended::seal;
use crate::Map;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Vec;
use tagged_arena::sync::NARROW;

/// A number, and whether its drop panics.
struct Value(u32, bool);

impl Drop for Value {
    fn drop(&mut self) {
        assert!(!self.1, "the drop of {}", self.0);
    }
}

/// How many entries of a bucket are in seats.
const SEATS: usize = if NARROW { 4 } else { 8 };

type Chained = Map<u32, Value, { SEATS + 4 }, 1, Spread>;

/// Keys in all seats, then the keys 0 to 3 in a chain; the drop of key 1 panics.
fn chained() -> Chained {
    let map = Chained::with_hasher(Spread::OneChain);
    for key in (4..4 + SEATS as u32).chain([3, 2, 1, 0]) {
        assert!(map.insert(key, Value(key, key == 1)).is_ok());
    }
    assert_eq!(map.stats().chained, 4);
    map
}

fn all_is_there(map: &Chained, keys: &[(u32, u32)]) {
    // First: a look-up would look for ever for a cell that is linked and not there.
    assert_eq!(map.stats().live, SEATS + keys.len());
    for &(key, number) in keys {
        assert_eq!(map.get(&key).map(|value| value.0), Some(number));
    }
    assert_eq!(
        (map.len(), map.iter().count()),
        (SEATS + keys.len(), SEATS + keys.len())
    );
    let all: Vec<u32> = map.iter().map(|entry| *entry.key()).collect();
    for key in all {
        assert!(map.remove(&key).is_some());
    }
    let stats = map.stats();
    assert_eq!((stats.live, stats.free), (0, stats.cells), "{stats:?}");
}

#[test]
fn a_panic_while_helping_takes_no_replacement_back() {
    let map = chained();
    let update = AssertUnwindSafe(|| {
        let replaced = map.update(&3, |_| {
            // Key 3 is linked elsewhere from now on, so that its replacement walks the chain again.
            drop(map.remove(&2));
            // A removal of key 1 is suspended: the walk helps it, and drops the value.
            seal(&map.table, 1);
            Value(33, false)
        });
        drop(replaced);
    });
    assert!(catch_unwind(update).is_err(), "the drop of key 1 panics");
    all_is_there(&map, &[(0, 0), (3, 33)]);
}

#[test]
fn a_panic_while_helping_takes_no_insert_back() {
    let map = chained();
    seal(&map.table, 1);
    let insert = AssertUnwindSafe(|| drop(map.insert(3, Value(33, false))));
    let panicked = catch_unwind(insert).is_err();
    assert!(panicked, "the drop of key 1 panics");
    // Before the decision: nothing has happened.
    all_is_there(&map, &[(0, 0), (2, 2), (3, 3)]);
}

#[test]
fn a_panic_while_helping_leaves_nothing_that_was_removed() {
    let map = chained();
    let remove = AssertUnwindSafe(|| {
        map.remove_if(&2, |_, _| {
            // A removal of key 1 is suspended: this one helps it once it is decided, and drops the value.
            seal(&map.table, 1);
            true
        })
        .is_some()
    });
    assert!(catch_unwind(remove).is_err());
    let stats = map.stats();
    assert_eq!((stats.removed, stats.chained), (0, 2), "{stats:?}");
    all_is_there(&map, &[(0, 0), (3, 3)]);
}

#[test]
fn what_was_removed_and_is_linked_still_hides_nothing_from_the_figures() {
    let map = chained();
    seal(&map.table, 0);
    seal(&map.table, 2);
    let stats = map.stats();
    assert_eq!((stats.chained, stats.fullest_bucket), (2, SEATS + 2));
    assert_eq!(stats.live, map.len());
    // Without a panic.
    core::mem::forget(map);
}
