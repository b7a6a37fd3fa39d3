//! The cache against its contract, one thread: what comes back, what stays, what is refused, and time.

use super::config::{SPREADS, Spread, for_all, scaled};
use super::ledger::{Counted, Ledger};
use crate::Cache;
use proptest::prelude::*;
use std::collections::HashMap;
use std::vec::Vec;

type Small = Cache<u32, u32, 4, Spread, 2>;

fn keys<V, const N: usize, const EXTRA: usize>(
    cache: &Cache<u32, V, N, Spread, EXTRA>,
) -> Vec<u32> {
    let mut keys: Vec<_> = cache.iter().map(|entry| *entry.key()).collect();
    keys.sort_unstable();
    keys
}

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
        0..120,
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
    cache: Cache<u32, Counted, 4, Spread, 2>,
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
    for_all(scaled(500, 3), &case, |(spread, now, steps)| {
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
        for step in steps {
            pair.step(step);
            pair.check();
        }
        drop(pair);
        ledger.assert_closed();
    });
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
    let cache: Cache<u32, u32, 1> = Cache::new();
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
    let cache: Cache<u32, u32, 20> = Cache::new();
    for round in 0..10u32 {
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
    let cache: Cache<u32, u32, 10, Spread, 2> = Cache::default();
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

/// The policy as it was simulated, entry by entry, for one context: see the text of `cache::policy`.
struct Simulation {
    at: HashMap<u64, usize>,
    keys: Vec<u64>,
    uses: Vec<u8>,
    probation: Vec<bool>,
    ring: Vec<Option<usize>>,
    ghosts: Vec<u64>,
    hand: usize,
    arrivals: usize,
}

impl Simulation {
    fn new(entries: usize) -> Self {
        Self {
            at: HashMap::new(),
            keys: Vec::new(),
            uses: Vec::new(),
            probation: Vec::new(),
            ring: std::vec![None; entries / 5],
            ghosts: std::vec![0; entries],
            hand: 0,
            arrivals: 0,
        }
    }

    /// Whether it is a hit; else it is put in.
    fn request(&mut self, key: u64) -> bool {
        if let Some(&cell) = self.at.get(&key) {
            self.uses[cell] = 2.min(self.uses[cell] + 1);
            return true;
        }
        let entries = self.ghosts.len();
        let ghost = |key: u64| key.wrapping_mul(0x9E37_79B9_7F4A_7C15) as usize % entries;
        let returns = self.ghosts[ghost(key)] == key;
        if returns {
            self.ghosts[ghost(key)] = 0;
        }
        let mut cell = None;
        if self.keys.len() < entries {
            cell = Some(self.keys.len());
            self.keys.push(key);
            self.uses.push(0);
            self.probation.push(false);
        }
        let place = self.arrivals % self.ring.len();
        if !returns {
            if let Some(old) = self.ring[place] {
                self.probation[old] = false;
                if self.uses[old] > 0 {
                    self.uses[old] = 0;
                } else if cell.is_none() {
                    self.ghosts[ghost(self.keys[old])] = self.keys[old];
                    cell = Some(old);
                }
            }
        }
        let cell = cell.unwrap_or_else(|| {
            loop {
                let cell = self.hand % entries;
                self.hand += 1;
                if self.probation[cell] {
                } else if self.uses[cell] > 0 {
                    self.uses[cell] -= 1;
                } else {
                    return cell;
                }
            }
        });
        self.at.remove(&self.keys[cell]);
        self.at.insert(key, cell);
        (self.keys[cell], self.uses[cell]) = (key, 0);
        self.probation[cell] = !returns;
        if !returns {
            self.ring[place] = Some(cell);
            self.arrivals += 1;
        }
        false
    }
}

/// A skewed choice, with runs of keys that come once.
fn requests(many: usize) -> impl Iterator<Item = u64> {
    let mut state = 7u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut scan = 1_000_000;
    (0..many).map(move |number| {
        if number % 1_000 < 300 {
            scan += 1;
            return scan;
        }
        // Squared, then squared again: small numbers are frequent.
        let one = (random() % 1_000) as f64 / 1_000.0;
        1 + (one * one * one * 3_000.0) as u64
    })
}

#[test]
#[cfg_attr(miri, ignore = "nothing new, and many requests")]
fn hit_ratios_are_those_of_the_simulation() {
    fn compare<const N: usize, const EXTRA: usize>() {
        let cache: std::boxed::Box<Cache<u64, u64, N, crate::DefaultHashBuilder, EXTRA>> =
            std::boxed::Box::default();
        let mut simulation = Simulation::new(N);
        let (mut hits, mut should) = (0, 0);
        let many = 200_000;
        for key in requests(many) {
            should += u32::from(simulation.request(key));
            match cache.get(&key) {
                Some(_) => hits += 1,
                None => assert!(cache.insert(key, key).is_ok()),
            }
        }
        assert_eq!(cache.len(), N);
        assert_eq!(cache.stats().hits, hits as usize);
        let percent = |hits: u32| 100.0 * f64::from(hits) / many as f64;
        assert!(
            percent(hits) > percent(should) - 0.5,
            "{N}: {} but {} are simulated",
            percent(hits),
            percent(should)
        );
    }
    compare::<50, 8>();
    compare::<200, 50>();
    compare::<1_000, 8>();
}
