//! The cache under four threads: what is pinned or held stays, and every pair comes back exactly once.

use super::config::{Spread, scaled, some};
use crate::{Cache, Ref};
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::boxed::Box;
use std::thread;
use std::vec::Vec;

const SPREADS: [Spread; 2] = [Spread::Even, Spread::OneBucket];
const THREADS: u32 = 4;

fn random(seed: u32) -> impl FnMut(u32) -> u32 {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state % below
    }
}

/// Every value that was ever made, and whether it came back.
struct Book(Vec<AtomicBool>);

impl Book {
    fn comes_back(&self, entry: Option<Ref<'_, u32, Box<u32>>>) {
        if let Some(entry) = entry {
            let twice = self.0[**entry as usize].swap(true, Relaxed);
            assert!(!twice, "{} came back twice", **entry);
        }
    }
}

/// Every pair put in is still there, or came back once: evicted, replaced, removed, expired or refused.
#[test]
fn every_pair_comes_back_exactly_once() {
    for &spread in some(&SPREADS, 1) {
        let rounds = scaled(20_000, 3);
        let cache: Cache<u32, Box<u32>, 12, 12, Spread> = Cache::with_hasher(spread);
        let many = THREADS * rounds;
        let book = Book((0..many).map(|_| AtomicBool::new(false)).collect());
        let clock = AtomicU32::new(u32::MAX - 100);
        thread::scope(|scope| {
            for id in 0..THREADS {
                let (cache, book, clock) = (&cache, &book, &clock);
                scope.spawn(move || {
                    let mut random = random(id + 1);
                    for round in 0..rounds {
                        let value = id * rounds + round;
                        let key = random(24);
                        let now = clock.load(Relaxed);
                        let done = match random(4) {
                            0 => cache.insert_at(key, Box::new(value), now, random(50)),
                            1 => {
                                let mut made = false;
                                let make = || {
                                    made = true;
                                    Box::new(value)
                                };
                                let ttl = random(50);
                                let filled = cache.get_or_insert_with_at(key, now, ttl, make);
                                filled.map(|(entry, made_way)| {
                                    // Not wanted, it was dropped.
                                    let back = made && **entry != value;
                                    if back || !made {
                                        assert!(!book.0[value as usize].swap(true, Relaxed));
                                    }
                                    made_way
                                })
                            }
                            _ => cache.insert(key, Box::new(value)),
                        };
                        match done {
                            Ok(done) => {
                                book.comes_back(done.replaced);
                                book.comes_back(done.evicted);
                            }
                            Err(crate::Full((_, back))) => {
                                assert!(!book.0[*back as usize].swap(true, Relaxed));
                            }
                        }
                        match random(16) {
                            0 => book.comes_back(cache.remove(&random(24))),
                            6 => {
                                let removed =
                                    cache.remove_if(&random(24), |_, value| **value % 2 == 0);
                                book.comes_back(removed);
                            }
                            1 => cache.expire_some(now, 6).for_each(|old| {
                                book.comes_back(Some(old));
                            }),
                            2 => drop(cache.renew(&key, now, 9)),
                            3 => drop(clock.fetch_add(1, Relaxed)),
                            4 => drop(cache.pin(&key)),
                            5 => (0..24).for_each(|key| _ = cache.unpin(&key)),
                            _ => drop(cache.get(&random(24))),
                        }
                    }
                });
            }
        });
        assert!(cache.len() <= 12);
        for entry in &cache {
            assert!(!book.0[**entry as usize].swap(true, Relaxed));
        }
        let lost = book.0.iter().filter(|back| !back.load(Relaxed)).count();
        assert_eq!(lost, 0);
        let stats = cache.map.stats();
        assert_eq!((stats.removed, stats.in_progress), (0, 0));
        // No place is missing.
        for key in 0..24 {
            cache.unpin(&key);
        }
        for key in 100..124 {
            assert!(cache.insert(key, Box::new(0)).is_ok());
        }
        assert_eq!(cache.len(), 12);
    }
}

/// While all evict, each thread pins keys of its own, replaces them, and holds others.
#[test]
fn what_is_pinned_or_held_stays() {
    for &spread in some(&SPREADS, 1) {
        let cache: Cache<u32, u32, 16, 16, Spread> = Cache::with_hasher(spread);
        let evicted = AtomicUsize::new(0);
        thread::scope(|scope| {
            for id in 0..THREADS {
                let (cache, evicted) = (&cache, &evicted);
                scope.spawn(move || {
                    let mut random = random(id + 1);
                    let mine = 1_000 + id;
                    for round in 0..scaled(10_000, 2) {
                        assert!(cache.insert(mine, round).is_ok());
                        if !cache.pin(&mine) {
                            continue;
                        }
                        let other = 2_000 + id;
                        assert!(cache.insert(other, round).is_ok());
                        let held = cache.get(&other);
                        for _ in 0..random(8) {
                            let done = cache.insert(random(64), round).expect("some may go");
                            if let Some(out) = done.evicted {
                                assert_ne!(*out.key(), mine);
                                evicted.fetch_add(1, Relaxed);
                            }
                        }
                        assert_eq!(cache.get(&mine).as_deref(), Some(&round), "pinned");
                        let done = cache.insert(mine, round + 1).expect("it is replaced");
                        assert_eq!(done.replaced.as_deref(), Some(&round));
                        assert!(cache.is_pinned(&mine), "its pin goes on");
                        if let Some(held) = held {
                            let now = cache.peek(&other).expect("it was held");
                            assert!(core::ptr::eq(&*held, &*now));
                        }
                        assert!(cache.unpin(&mine));
                    }
                });
            }
        });
        assert!(cfg!(miri) || evicted.load(Relaxed) > 0);
    }
}
