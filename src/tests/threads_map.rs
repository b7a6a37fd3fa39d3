//! `Map` under a few threads: many rounds natively, few under Miri, which then also looks for data
//! races and stale reads.

use super::config::{Over, Spread, scaled};
use crate::{Map, TryInsertError};
use core::sync::atomic::{AtomicBool, AtomicIsize, AtomicU32, Ordering::Relaxed};
use std::boxed::Box;
use std::thread;
use std::vec::Vec;

const SPREADS: [Spread; 2] = [Spread::Even, Spread::OneChain];

/// A value with memory of its own, counted while it is alive.
struct Tracked<'a> {
    alive: &'a AtomicIsize,
    /// The same number twice: a half-made or dropped value shows.
    numbers: Box<[u32; 2]>,
}

impl<'a> Tracked<'a> {
    fn new(alive: &'a AtomicIsize, number: u32) -> Self {
        alive.fetch_add(1, Relaxed);
        Self {
            alive,
            numbers: Box::new([number; 2]),
        }
    }

    fn number(&self) -> u32 {
        assert_eq!(self.numbers[0], self.numbers[1]);
        self.numbers[0]
    }
}

impl Drop for Tracked<'_> {
    fn drop(&mut self) {
        self.number();
        *self.numbers = [0, u32::MAX];
        self.alive.fetch_sub(1, Relaxed);
    }
}

/// A small generator of its own for each thread, so that nothing synchronises them.
fn random(seed: u32) -> impl FnMut(u32) -> u32 {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state % below
    }
}

#[test]
fn everything_at_once_on_few_keys() {
    for spread in SPREADS {
        let alive = AtomicIsize::new(0);
        let map: Map<u32, Tracked, 3, 2, Spread> = Map::with_hasher(spread);
        thread::scope(|scope| {
            for id in 0..3 {
                let (map, alive) = (&map, &alive);
                scope.spawn(move || {
                    let mut random = random(id + 1);
                    for round in 0..scaled(20_000, 15) {
                        let key = random(4);
                        let fresh = Tracked::new(alive, round * 4 + key);
                        let guard = match random(6) {
                            0 => map.insert(key, fresh).unwrap_or(None),
                            1 => map.try_insert(key, fresh).ok(),
                            2 => map.get_or_insert_with(key, || fresh).ok(),
                            3 => {
                                let mut fresh = Some(fresh);
                                let change = |old: &Tracked| {
                                    old.number();
                                    let again = || Tracked::new(alive, key);
                                    fresh.take().unwrap_or_else(again)
                                };
                                map.update(&key, change).unwrap_or(None)
                            }
                            4 => map.remove(&key),
                            _ => map.get(&key),
                        };
                        if let Some(entry) = guard {
                            assert_eq!((*entry.key(), entry.number() % 4), (key, key));
                        }
                    }
                });
            }
        });
        // Nobody holds anything: what is alive is what is in the map.
        assert_eq!(alive.load(Relaxed), map.len() as isize);
        let stats = map.stats();
        assert_eq!((stats.removed, stats.in_progress), (0, 0));
        assert_eq!(map.table.arena.slots().taken(), 0);
        assert_eq!(map.iter().count(), map.len());
        drop(map);
        assert_eq!(alive.load(Relaxed), 0);
    }
}

#[test]
fn of_racing_insertions_exactly_one_succeeds() {
    for spread in SPREADS {
        let rounds = scaled(3_000, 8);
        let map: Map<u32, u32, 4, 1, Spread> = Map::with_hasher(spread);
        let wins = AtomicU32::new(0);
        let gone = AtomicU32::new(0);
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for id in 0..3u32 {
                let (map, wins, gone) = (&map, &wins, &gone);
                let done = &done;
                scope.spawn(move || {
                    let _over = Over(done);
                    let mut losses = 0;
                    while !done.load(Relaxed) && gone.load(Relaxed) < rounds {
                        match map.try_insert(7, id) {
                            Ok(entry) => {
                                assert_eq!(*entry, id, "nobody else may replace it");
                                wins.fetch_add(1, Relaxed);
                                // Only the winner removes, so each win has one removal.
                                assert_eq!(map.remove(&7).as_deref(), Some(&id));
                                gone.fetch_add(1, Relaxed);
                            }
                            Err(TryInsertError::Occupied {
                                existing,
                                key,
                                value,
                            }) => {
                                assert!(*existing < 3 && (key, value) == (7, id));
                                losses += 1;
                            }
                            Err(TryInsertError::Full(_)) => panic!("four cells, three threads"),
                        }
                    }
                    losses
                });
            }
        });
        assert_eq!(wins.load(Relaxed), gone.load(Relaxed));
        assert!(map.is_empty());
    }
}

#[test]
fn a_guard_outlives_removal_and_replacement() {
    for spread in SPREADS {
        let alive = AtomicIsize::new(0);
        let map: Map<u32, Tracked, 2, 2, Spread> = Map::with_hasher(spread);
        map.insert(1, Tracked::new(&alive, 0)).ok();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut last = 0;
                    for _ in 0..scaled(20_000, 25) {
                        // Absent for an instant after each removal.
                        let Some(entry) = map.get(&1) else { continue };
                        let number = entry.number();
                        assert!(number >= last, "time does not go back: {last} {number}");
                        last = number;
                        thread::yield_now();
                        assert_eq!(entry.number(), number);
                    }
                });
            }
            scope.spawn(|| {
                for number in 1..scaled(10_000, 15) {
                    if number % 3 == 0 {
                        drop(map.remove(&1));
                    }
                    // Full only if both readers hold entries that are gone.
                    while map.insert(1, Tracked::new(&alive, number)).is_err() {
                        thread::yield_now();
                    }
                }
            });
        });
        assert_eq!((alive.load(Relaxed), map.len()), (1, 1));
    }
}

#[test]
fn no_update_is_lost() {
    for spread in SPREADS {
        let each = scaled(5_000, 12);
        let map: Map<u32, u32, 2, 8, Spread> = Map::with_hasher(spread);
        map.insert(1, 0).unwrap();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..each {
                        // At most three replacements at a time, each with a draft and an old entry.
                        assert!(map.update(&1, |n| n + 1).is_ok_and(|old| old.is_some()));
                    }
                });
            }
        });
        assert_eq!(map.get_copied(&1), Some(3 * each));
    }
}

#[test]
fn all_get_the_value_that_was_inserted_first() {
    for round in 0..scaled(500, 4) {
        let map: Map<u32, u32, 3, 0, Spread> = Map::with_hasher(SPREADS[round as usize % 2]);
        let seen: Vec<u32> = thread::scope(|scope| {
            let threads = [1, 2, 3].map(|id| {
                let map = &map;
                scope.spawn(move || map.get_or_insert_with(9, || id).map(|value| *value))
            });
            let joined = threads.map(|thread| thread.join().unwrap().unwrap());
            joined.to_vec()
        });
        assert_eq!(seen, [seen[0]; 3]);
        assert_eq!((map.len(), map.get_copied(&9)), (1, Some(seen[0])));
    }
}

#[test]
fn a_full_map_took_exactly_its_capacity() {
    for round in 0..scaled(500, 3) {
        let map: Map<u32, u32, 5, 1, Spread> = Map::with_hasher(SPREADS[round as usize % 2]);
        let taken: u32 = thread::scope(|scope| {
            let threads = [0, 1, 2].map(|id| {
                let map = &map;
                let own = move |n| map.insert(id * 10 + n, n).is_ok();
                scope.spawn(move || (0..4).filter(|&n| own(n)).count() as u32)
            });
            threads.map(|thread| thread.join().unwrap()).iter().sum()
        });
        assert_eq!(
            (taken as usize, map.len()),
            (map.capacity(), map.capacity())
        );
    }
}

#[test]
fn the_promised_capacity_is_always_there() {
    // Two entries a thread, and the two cells that each of them may have in hand.
    const THREADS: u32 = 3;
    for spread in SPREADS {
        let map: Map<u32, Box<u32>, 12, 0, Spread> = Map::with_hasher(spread);
        thread::scope(|scope| {
            for id in 0..THREADS {
                let map = &map;
                scope.spawn(move || {
                    for round in 0..scaled(10_000, 8) {
                        let keys = [id * 100 + round % 50, id * 100 + 50 + round % 50];
                        for key in keys {
                            assert!(
                                map.insert(key, Box::new(key))
                                    .is_ok_and(|old| old.is_none())
                            );
                        }
                        for key in keys {
                            assert_eq!(map.get(&key).as_deref(), Some(&Box::new(key)));
                            assert!(map.remove(&key).is_some_and(|old| **old == key));
                            assert!(!map.contains_key(&key));
                        }
                    }
                });
            }
        });
        assert_eq!(map.stats().free, 12);
    }
}

#[test]
fn iteration_beside_writers_yields_whole_entries() {
    let map: Map<u32, Box<[u32; 2]>, 6, 2, Spread> = Map::with_hasher(Spread::Bad);
    map.insert(0, Box::new([0; 2])).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..scaled(3_000, 10) {
                let key = 1 + round % 5;
                map.insert(key, Box::new([key; 2])).ok();
                map.remove(&(1 + (round + 3) % 5));
            }
        });
        for _ in 0..scaled(1_000, 6) {
            let mut fixed = false;
            for entry in &map {
                assert_eq!(**entry, [*entry.key(); 2]);
                fixed |= *entry.key() == 0;
            }
            assert!(fixed, "it is there all the while");
        }
    });
}
