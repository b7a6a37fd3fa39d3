//! What needs an exclusive borrow, and maps made of arrays.

use super::config::{Spread, scaled};
use super::faces::{CHAINED, Chained, Face, Wide, each_kind};
use super::ledger::{Counted, Ledger};
use super::suspended::seal;
use crate::{CopyMap, Full, Map};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec;
use std::vec::Vec;

#[test]
fn values_are_changed_where_they_are() {
    let mut subject = Chained::with_chain(&[1, 2, 3]);
    for key in [100, 1, 2, 3] {
        subject.map.get_mut(&key).unwrap().number += 1;
        assert_eq!(subject.get(key), Some(10 * key + 1));
    }
    assert!(subject.map.get_mut(&4).is_none());
    let mut seen = vec![];
    for (key, value) in &mut subject.map {
        seen.push(*key);
        value.number = 7 + key;
    }
    seen.sort_unstable();
    let keys: Vec<_> = subject.entries().iter().map(|(key, _)| *key).collect();
    assert_eq!(seen, keys);
    assert!(
        subject
            .entries()
            .iter()
            .all(|(key, number)| *number == 7 + key)
    );
    subject.check();
}

#[test]
fn references_of_an_exclusive_iteration_live_side_by_side() {
    let mut subject = Chained::with_chain(&[1, 2, 3]);
    let mut values: Vec<_> = subject.map.iter_mut().map(|(_, value)| value).collect();
    let (first, others) = values.split_first_mut().unwrap();
    for other in others {
        core::mem::swap(&mut first.number, &mut other.number);
    }
    let sum = |subject: &Chained| subject.values().iter().sum::<u32>();
    assert_eq!(sum(&subject), sum(&Chained::with_chain(&[1, 2, 3])));
}

#[test]
fn what_was_removed_but_is_still_linked_is_passed() {
    for place in 1..3 {
        let mut subject = Chained::with_chain(&[1, 2, 3]);
        seal(&subject.map.table, place);
        let removed = [1, 2, 3][place];
        assert!(subject.map.iter_mut().all(|(key, _)| *key != removed));
        let count = subject.map.iter_mut().count();
        let drained = subject.drain(usize::MAX, false);
        assert!(drained.iter().all(|(key, _)| *key != removed));
        assert_eq!(drained.len(), count);
        subject.check();

        let mut map = Wide::with_chain(&[1, 2, 3]);
        seal(&map.table, place);
        assert!(map.drain().all(|(key, _)| key != removed));
        map.check();
    }
}

/// The reference is gone with the borrow; the guard still costs its cell.
#[test]
fn a_leaked_guard_is_in_no_way() {
    for key in [100, 1, 2, 3] {
        let mut subject = Chained::with_chain(&[1, 2, 3]);
        core::mem::forget(subject.map.get(&key));
        subject.map.get_mut(&key).unwrap().number = 5;
        let drained = subject.map.drain();
        let value = drained
            .filter(|(there, _)| *there == key)
            .map(|(_, value)| value);
        assert_eq!(value.map(|value| value.number).collect::<Vec<_>>(), [5]);
        assert_eq!((subject.len(), subject.ledger.alive()), (0, 0));
        for key in 0..CHAINED as u32 {
            assert_eq!(subject.insert(key, key), Ok(None));
        }
    }
}

fn leaked<M: Face>() {
    for most in (0..CHAINED).step_by(scaled(1, 7) as usize) {
        let mut map = M::with_chain(&[1, 2, 3]);
        let mut all = map.entries();
        let drained = map.drain(most, true);
        all.retain(|pair| !drained.contains(pair));
        assert_eq!(map.entries(), all, "what was not yielded stays");
        map.check();
        let mut rest = map.drain(usize::MAX, false);
        rest.sort_unstable();
        assert_eq!((rest, map.len()), (all, 0));
        map.check();
    }
}

#[test]
fn what_a_leaked_drain_has_not_yielded_stays() {
    each_kind!(leaked);
}

/// Panics when it is dropped, if it is to.
struct Bomb(Counted);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(self.0.number != 2, "a panic in user code");
    }
}

#[test]
fn a_panic_in_a_drain_loses_no_other_entry() {
    for spread in [Spread::Even, Spread::OneChain] {
        let ledger = Ledger::default();
        let mut map: Map<u32, Bomb, CHAINED, 1, Spread> = Map::with_hasher(spread);
        for key in 0..CHAINED as u32 {
            assert!(map.insert(key, Bomb(ledger.counted(key))).is_ok());
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| drop(map.drain())));
        assert!(outcome.is_err());
        assert_eq!((map.len(), ledger.alive()), (0, 0));
        ledger.assert_closed();
        assert_eq!(map.stats().free, CHAINED + 1);
    }
}

#[test]
fn a_map_of_an_array() {
    type Copies = CopyMap<u32, u64, 4, 0, Spread>;
    type Refs = Map<u32, u64, 4, 0, Spread>;
    let pairs = [(1, 1), (2, 2), (1, 3), (4, 4)];
    let copies = Copies::try_from(pairs).unwrap();
    assert_eq!((copies.get(&1), copies.len()), (Some(3), 3));
    let refs = Refs::try_from(pairs).unwrap();
    assert_eq!((refs.get_copied(&1), refs.len()), (Some(3), 3));
    // All four cells are needed, one after the other for one key.
    assert!(Copies::try_from([(1, 1), (2, 2), (3, 3), (4, 4)]).is_ok());
    assert!(Refs::try_from([(1, 1), (2, 2), (3, 3), (3, 4)]).is_ok());
    let pairs = [(1, 1), (2, 2), (1, 3), (4, 4), (5, 5)];
    assert_eq!(Copies::try_from(pairs).err(), Some(Full(pairs)));
    assert_eq!(Refs::try_from(pairs).err(), Some(Full(pairs)));
}
