//! Random operations on a cache, beside what should be in it.

use super::cache::keys;
use super::config::{SPREADS, Spread, for_all, scaled};
use super::ledger::{Counted, Ledger};
use crate::Cache;
use proptest::prelude::*;
use std::collections::HashMap;
use std::vec::Vec;

#[derive(Clone, Debug)]
enum Step {
    Insert(u32),
    InsertAt(u32, u32),
    Get(u32),
    Pin(u32),
    Unpin(u32),
    Renew(u32, u32),
    Remove(u32),
    Expire,
    Tick(u32),
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = 0..12u32;
    prop::collection::vec(
        prop_oneof![
            6 => key.clone().prop_map(Step::Insert),
            4 => (key.clone(), 0..9u32).prop_map(|(key, ttl)| Step::InsertAt(key, ttl)),
            6 => key.clone().prop_map(Step::Get),
            1 => key.clone().prop_map(Step::Pin),
            2 => key.clone().prop_map(Step::Unpin),
            1 => (key.clone(), 0..9u32).prop_map(|(key, ttl)| Step::Renew(key, ttl)),
            1 => key.prop_map(Step::Remove),
            1 => Just(Step::Expire),
            2 => (0..5u32).prop_map(Step::Tick),
            1 => prop_oneof![9 => Just(Step::Tick(0)), 1 => Just(Step::Clear)],
        ],
        0..if cfg!(miri) { 24 } else { 120 },
    )
}

/// What should be known of an entry.
#[derive(Clone, Copy, Debug)]
struct Entry {
    number: u32,
    deadline: Option<u32>,
    pinned: bool,
}

/// A cache beside what should be in it. What is evicted is not foretold, but must be what may go.
struct Pair {
    cache: Cache<u32, Counted, 4, 2, Spread>,
    should: HashMap<u32, Entry>,
    ledger: Ledger,
    now: u32,
    number: u32,
}

impl Pair {
    fn insert(&mut self, key: u32, ttl: Option<u32>) {
        self.number += 1;
        let value = self.ledger.counted(self.number);
        let done = match ttl {
            Some(ttl) => self.cache.insert_at(key, value, self.now, ttl),
            None => self.cache.insert(key, value),
        };
        let before = self.should.get(&key).copied();
        match done {
            Ok(done) => {
                let replaced = done.replaced.as_ref().map(|old| old.number);
                assert_eq!(replaced, before.map(|entry| entry.number));
                let full = self.should.len() == 4 && before.is_none();
                assert_eq!(done.evicted.is_some(), full);
                if let Some(out) = done.evicted {
                    let entry = self.should.remove(out.key()).expect("it was there");
                    assert!(!entry.pinned && entry.number == out.number);
                }
                let entry = Entry {
                    number: self.number,
                    deadline: ttl.map(|ttl| self.now.wrapping_add(ttl)),
                    pinned: before.is_some_and(|entry| entry.pinned),
                };
                self.should.insert(key, entry);
            }
            Err(crate::Full((back, value))) => {
                assert_eq!((back, value.number), (key, self.number));
                assert!(before.is_none() && self.should.len() == 4);
                assert!(self.should.values().all(|entry| entry.pinned));
            }
        }
    }

    fn is_over(&self, entry: &Entry) -> bool {
        let left = |deadline: u32| deadline.wrapping_sub(self.now) as i32;
        entry.deadline.is_some_and(|deadline| left(deadline) <= 0)
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Insert(key) => self.insert(key, None),
            Step::InsertAt(key, ttl) => self.insert(key, Some(ttl)),
            Step::Get(key) => {
                let should = self.should.get(&key);
                let found = self.cache.get(&key).map(|entry| entry.number);
                assert_eq!(found, should.map(|entry| entry.number));
                let found = self.cache.get_at(&key, self.now);
                let found = found.map(|entry| entry.number);
                let should = should.filter(|entry| !self.is_over(entry));
                assert_eq!(found, should.map(|entry| entry.number));
            }
            Step::Pin(key) | Step::Unpin(key) => {
                let pin = matches!(step, Step::Pin(_));
                let there = if pin {
                    self.cache.pin(&key)
                } else {
                    self.cache.unpin(&key)
                };
                let should = self.should.get_mut(&key).map(|entry| entry.pinned = pin);
                assert_eq!(there, should.is_some());
                assert_eq!(self.cache.is_pinned(&key), there && pin);
            }
            Step::Renew(key, ttl) => {
                let there = self.cache.renew(&key, self.now, ttl);
                let deadline = Some(self.now.wrapping_add(ttl));
                let should = self.should.get_mut(&key);
                assert_eq!(
                    there,
                    should.map(|entry| entry.deadline = deadline).is_some()
                );
            }
            Step::Remove(key) => {
                let removed = self.cache.remove(&key).map(|entry| entry.number);
                assert_eq!(removed, self.should.remove(&key).map(|entry| entry.number));
            }
            Step::Expire => {
                let over: Vec<_> = self.cache.expire(self.now).map(|old| *old.key()).collect();
                for key in over {
                    let entry = self.should.remove(&key).expect("it was there");
                    assert!(self.is_over(&entry) && !entry.pinned);
                }
                let left = |entry: &Entry| self.is_over(entry) && !entry.pinned;
                assert!(!self.should.values().any(left));
            }
            Step::Tick(by) => self.now = self.now.wrapping_add(by),
            Step::Clear => {
                self.cache.clear();
                self.should.clear();
            }
        }
    }

    fn check(&self) {
        let mut should: Vec<_> = self.should.keys().copied().collect();
        should.sort_unstable();
        assert_eq!(keys(&self.cache), should);
        for (key, entry) in &self.should {
            assert_eq!(self.cache.peek(key).expect("there").number, entry.number);
            assert_eq!(self.cache.expires_at(key), entry.deadline);
            assert_eq!(self.cache.is_pinned(key), entry.pinned);
        }
        assert_eq!(self.ledger.alive(), self.should.len());
    }
}

#[test]
fn every_step_does_what_it_says() {
    let case = (0..SPREADS.len(), any::<u32>(), steps());
    for_all(scaled(500, 2), &case, |(spread, now, steps)| {
        let ledger = Ledger::default();
        let mut pair = Pair {
            cache: Cache::with_hasher(SPREADS[spread]),
            should: HashMap::new(),
            ledger: ledger.clone(),
            // Around the wrap, too.
            now: if now % 2 == 0 {
                now
            } else {
                0u32.wrapping_sub(now % 64)
            },
            number: 0,
        };
        for (at, step) in steps.into_iter().enumerate() {
            pair.step(step);
            if at % scaled(1, 8) as usize == 0 {
                pair.check();
            }
        }
        pair.check();
        drop(pair);
        ledger.assert_closed();
    });
}
