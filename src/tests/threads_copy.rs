//! `CopyMap` under a few threads: many rounds natively, few under Miri.

use super::config::{Over, Spread, scaled};
use crate::{CopyMap, TryInsertError};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;

const SPREADS: [Spread; 2] = [Spread::Even, Spread::OneChain];

/// Readers see each value whole, whatever its size.
fn values_are_never_torn<const WORDS: usize>(of: impl Fn(u64) -> [u64; WORDS] + Sync) {
    for spread in SPREADS {
        let map: CopyMap<u32, [u64; WORDS], 2, 1, Spread> = CopyMap::with_hasher(spread);
        let done = AtomicBool::new(false);
        let whole = |value: [u64; WORDS], key: u32| {
            assert_eq!(value, of(value[0]), "torn");
            assert_eq!(value[0] % 2, u64::from(key), "of another key");
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                let _over = Over(&done);
                for round in 0..scaled(20_000, 20) {
                    let key = round % 2;
                    if let Some(old) = map.insert(key, of(round.into())).unwrap() {
                        whole(old, key);
                    }
                    if round % 5 < 2 {
                        map.remove(&key).into_iter().for_each(|old| whole(old, key));
                    }
                }
            });
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut last = [0; 2];
                    while !done.load(Relaxed) {
                        for key in [0, 1] {
                            if let Some(value) = map.get(&key) {
                                whole(value, key);
                                let before = &mut last[key as usize];
                                assert!(value[0] >= *before, "time does not go back");
                                *before = value[0];
                            }
                        }
                        map.iter().for_each(|(key, value)| whole(value, key));
                    }
                });
            }
        });
    }
}

#[test]
fn small_values_are_never_torn() {
    values_are_never_torn::<2>(|n| [n, !n]);
}

#[test]
fn large_values_are_never_torn() {
    values_are_never_torn::<6>(|n| [n, !n, n * 3, n, n + 1, !n]);
    if cfg!(not(miri)) {
        values_are_never_torn::<64>(|n| core::array::from_fn(|i| n.wrapping_mul(2 * i as u64 + 1)));
    }
}

#[test]
fn no_update_is_lost() {
    for spread in SPREADS {
        let each = scaled(10_000, 15);
        let map: CopyMap<u32, u32, 2, 8, Spread> = CopyMap::with_hasher(spread);
        map.insert(1, 0).unwrap();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..each {
                        assert!(matches!(map.update(&1, |n| n + 1), Ok(Some(_))));
                    }
                });
            }
        });
        assert_eq!(map.get(&1), Some(3 * each));
        assert_eq!(map.stats().free, 9);
    }
}

#[test]
fn of_racing_insertions_exactly_one_succeeds() {
    for spread in SPREADS {
        let map: CopyMap<u32, u32, 4, 1, Spread> = CopyMap::with_hasher(spread);
        let gone = AtomicU32::new(0);
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for id in 0..3 {
                let (map, gone) = (&map, &gone);
                let done = &done;
                scope.spawn(move || {
                    let _over = Over(done);
                    while !done.load(Relaxed) && gone.load(Relaxed) < scaled(3_000, 8) {
                        match map.try_insert(7, id) {
                            Ok(()) => {
                                assert_eq!(map.get(&7), Some(id), "nobody else may replace it");
                                assert_eq!(map.remove(&7), Some(id));
                                gone.fetch_add(1, Relaxed);
                            }
                            Err(TryInsertError::Occupied { existing, .. }) => {
                                assert!(existing < 3);
                            }
                            Err(TryInsertError::Full(_)) => panic!("four cells, three threads"),
                        }
                    }
                });
            }
        });
        assert!(map.is_empty());
    }
}

#[test]
fn removals_and_insertions_of_one_key_balance() {
    for spread in SPREADS {
        let map: CopyMap<u32, u64, 8, 0, Spread> = CopyMap::with_hasher(spread);
        let balance: i64 = thread::scope(|scope| {
            let threads = [0u64, 1, 2].map(|id| {
                let map = &map;
                scope.spawn(move || {
                    let mut balance = 0;
                    for round in 0..scaled(20_000, 15) {
                        if (u64::from(round) + id) % 2 == 0 {
                            balance += i64::from(map.insert(3, id).unwrap().is_none());
                        } else {
                            balance -= i64::from(map.remove(&3).is_some());
                        }
                    }
                    balance
                })
            });
            threads.map(|thread| thread.join().unwrap()).iter().sum()
        });
        assert_eq!((balance, map.len()), (map.len() as i64, map.iter().count()));
        assert!(map.len() <= 1, "no duplicates");
        assert_eq!(map.stats().free, 8 - map.len());
    }
}

#[test]
fn a_full_map_took_exactly_its_capacity() {
    for round in 0..scaled(500, 4) {
        let map: CopyMap<u32, u32, 5, 1, Spread> =
            CopyMap::with_hasher(SPREADS[round as usize % 2]);
        let taken: u32 = thread::scope(|scope| {
            let threads = [0, 1, 2].map(|id| {
                let map = &map;
                let own = move |n| map.insert(id * 10 + n, n).is_ok();
                scope.spawn(move || (0..4).filter(|&n| own(n)).count() as u32)
            });
            threads.map(|thread| thread.join().unwrap()).iter().sum()
        });
        assert_eq!((taken as usize, map.len()), (5, 5));
    }
}

#[test]
fn the_promised_capacity_is_always_there() {
    for spread in SPREADS {
        // Two entries a thread, and the two cells that each of them may have in hand.
        let map: CopyMap<u32, u32, 12, 0, Spread> = CopyMap::with_hasher(spread);
        thread::scope(|scope| {
            for id in 0..3 {
                let map = &map;
                scope.spawn(move || {
                    for round in 0..scaled(10_000, 4) {
                        let keys = [id * 100 + round % 50, id * 100 + 50 + round % 50];
                        for key in keys {
                            assert_eq!(map.insert(key, key), Ok(None));
                        }
                        for key in keys {
                            assert_eq!(map.get(&key), Some(key));
                            assert_eq!(map.remove(&key), Some(key));
                            assert_eq!(map.get(&key), None);
                        }
                    }
                });
            }
        });
        assert_eq!(map.stats().free, 12);
    }
}

/// What follows an entry in its chain changes all the while: once it is removed it is gone all the same.
#[test]
fn a_removal_takes_out_what_it_has_frozen() {
    let map: CopyMap<u32, u32, 4, 8, Spread> = CopyMap::with_hasher(Spread::OneChain);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                map.insert(2, 0).unwrap();
                map.remove(&2);
            }
        });
        let there = (0..scaled(200_000, 20)).find(|&round| {
            let before = map.insert(1, round);
            (before, map.remove(&1), map.get(&1)) != (Ok(None), Some(round), None)
        });
        done.store(true, Relaxed);
        assert_eq!(there, None);
    });
}
