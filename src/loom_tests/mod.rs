//! Models of the map, run by loom over every interleaving of small cases.
//!
//! All work is done in spawned threads; the main thread only builds, spawns, joins and checks. Most hashers
//! are constant, so that all keys share one bucket. A group has two cells here, and a bucket four seats, so
//! that the small maps have no chains; those of `chained` have.

use crate::{CopyMap, Map};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use std::vec;

#[macro_use]
mod support;

mod at;
mod cache;
mod chain_firsts;
mod chain_guards;
mod chained;
mod chains;
mod change;
mod checked;
mod control;
mod evict;
mod ids;
mod in_place;
mod iterate;
mod links;
mod one_order;
mod races;
mod reuse;
mod seed;
mod steps;
mod unwrap;
mod watch;
#[cfg(tagged_arena_tiny)]
mod wraps;

use support::*;

#[test]
fn insert_insert_one_wins() {
    model(|| {
        let map = copies(&[]);
        let old = on!(map;
            |map: &Copies| map.insert(1, 10).unwrap(),
            |map: &Copies| map.insert(1, 20).unwrap());
        match old[..] {
            [None, Some(10)] => assert_eq!(map.get(&1), Some(20)),
            [Some(20), None] => assert_eq!(map.get(&1), Some(10)),
            _ => panic!("{old:?}"),
        }
        assert_eq!((map.len(), map.stats().free), (1, 2));
    });
}

#[test]
fn try_insert_exactly_one_winner() {
    model(|| {
        let map = copies(&[]);
        let won = on!(map;
            |map: &Copies| map.try_insert(1, 10).is_ok(),
            |map: &Copies| map.try_insert(1, 20).is_ok());
        assert_ne!(won[0], won[1]);
        assert_eq!(map.get(&1), Some(if won[0] { 10 } else { 20 }));
        assert_eq!(map.stats().free, 2);
    });
}

#[test]
fn different_keys_of_one_bucket_both_go_in() {
    model(|| {
        let map = copies(&[]);
        on!(map;
            |map: &Copies| assert_eq!(map.insert(1, 10), Ok(None)),
            |map: &Copies| assert_eq!(map.insert(2, 20), Ok(None)));
        assert_eq!((map.get(&1), map.get(&2)), (Some(10), Some(20)));
    });
}

#[test]
fn insert_remove_get() {
    model(|| {
        let map = copies(&[(1, 10)]);
        on!(map;
        |map: &Copies| assert_eq!(map.remove(&1), Some(10)),
        // Reuses the cell that the removal frees, or another.
        |map: &Copies| assert_eq!(map.insert(2, 20), Ok(None)),
        |map: &Copies| {
            let one = map.get(&1);
            assert!(one.is_none_or(|value| value == 10), "{one:?}");
        });
        assert_eq!((map.get(&1), map.get(&2)), (None, Some(20)));
        assert_eq!(map.stats().free, 2);
    });
}

/// The reader looks at a seat whose entry is removed, and whose cell is reused for another key, under it.
#[test]
fn reader_against_reuse() {
    model(|| {
        let map = copies(&[(1, 10), (2, 20)]);
        on!(map;
            |map: &Copies| {
                assert_eq!(map.remove(&1), Some(10));
                assert_eq!(map.insert(3, 30), Ok(None));
            },
            |map: &Copies| assert_eq!(map.get(&2), Some(20), "in the map all the while"),
        );
        assert_eq!((map.get(&2), map.get(&3)), (Some(20), Some(30)));
    });
}

#[test]
fn replaced_is_never_absent() {
    model(|| {
        let map = copies(&[(1, 10)]);
        on!(map;
        |map: &Copies| {
            assert_eq!(map.insert(1, 11), Ok(Some(10)));
            assert_eq!(map.insert(1, 12), Ok(Some(11)));
        },
        |map: &Copies| {
            let first = map.get(&1).expect("never absent");
            let second = map.get(&1).expect("never absent");
            assert!((10..=12).contains(&first) && (first..=12).contains(&second));
        });
        assert_eq!(map.stats().free, 2);
    });
}

#[test]
fn updates_are_not_lost() {
    model(|| {
        let map = copies(&[(1, 0)]);
        on!(map;
            |map: &Copies| map.update(&1, |n| n + 1).unwrap().unwrap(),
            |map: &Copies| map.update(&1, |n| n + 1).unwrap().unwrap());
        assert_eq!(map.get(&1), Some(2));
        assert_eq!(map.stats().free, 2);
    });
}

#[test]
fn remove_remove_one_wins() {
    model(|| {
        let map = copies(&[(1, 10), (2, 20)]);
        let got = on!(map;
            |map: &Copies| map.remove(&1),
            |map: &Copies| map.remove(&1));
        assert!(matches!(got[..], [Some(10), None] | [None, Some(10)]));
        assert_eq!(map.get(&2), Some(20));
        assert_eq!(map.stats().free, 2);
    });
}

/// Neighbours in one bucket: taking one out must not bring the other back.
#[test]
fn remove_neighbours() {
    model(|| {
        let map = copies(&[(1, 10), (2, 20)]);
        on!(map;
            |map: &Copies| assert_eq!(map.remove(&1), Some(10)),
            |map: &Copies| assert_eq!(map.remove(&2), Some(20)));
        assert_eq!((map.get(&1), map.get(&2)), (None, None));
        assert_eq!(map.stats().free, 3);
    });
}

/// A replacement must not bring a removed key back, nor lose a cell.
#[test]
fn replace_against_remove() {
    model(|| {
        let map = copies(&[(1, 10)]);
        let got = on!(map;
            |map: &Copies| map.update(&1, |n| n + 1).unwrap(),
            |map: &Copies| map.remove(&1));
        match got[..] {
            [Some(10), Some(11)] | [None, Some(10)] => {}
            _ => panic!("{got:?}"),
        }
        assert_eq!(map.stats().free, 3);
    });
}

/// There is a free cell at every instant, so nobody may be told that the map is full.
#[test]
fn full_is_exact_while_an_entry_moves() {
    type Two = CopyMap<usize, usize, 2, 0, TwoChains>;
    model(|| {
        let map = Two::default();
        // In the cell that both look at first.
        assert_eq!(map.insert(0, 0), Ok(None));
        assert_eq!(map.insert(2, 10), Ok(None));
        assert_eq!(map.remove(&0), Some(0));
        let map = Arc::new(map);
        on!(map;
            |map: &Two| {
                assert_eq!(map.remove(&2), Some(10));
                assert_eq!(map.insert(4, 20), Ok(None));
            },
            |map: &Two| assert_eq!(map.insert(3, 30), Ok(None)));
        assert!(map.is_full());
        assert!(map.insert(5, 40).is_err());
    });
}

#[test]
fn full_is_exact_while_a_guarded_entry_moves() {
    type Two = Map<usize, usize, 2, 0, TwoChains>;
    model(|| {
        let map = Two::default();
        assert!(map.insert(0, 0).is_ok());
        assert!(map.insert(2, 10).is_ok());
        assert!(map.remove(&0).is_some());
        let map = Arc::new(map);
        on!(map;
            |map: &Two| {
                assert!(map.remove(&2).is_some_and(|old| *old == 10));
                assert!(map.insert(4, 20).is_ok());
            },
            |map: &Two| assert!(map.insert(3, 30).is_ok()));
        assert!(map.is_full());
    });
}

#[test]
fn guard_against_remove_and_reuse() {
    model(|| {
        let (map, drops) = guarded(&[(1, 10)]);
        let token = Token {
            content: 20,
            drops: drops.clone(),
        };
        on!(map;
        |map: &Guarded| {
            if let Some(one) = map.get(&1) {
                assert_eq!((*one.key(), one.content), (1, 10));
                thread::yield_now();
                assert_eq!((*one.key(), one.content), (1, 10));
            }
        },
        move |map: &Guarded| {
            drop(map.remove(&1).expect("only we remove"));
            assert!(map.insert(2, token).is_ok(), "two cells, one guard");
        });
        assert!(map.get(&1).is_none());
        assert_eq!(map.get(&2).unwrap().content, 20);
        dropped_exactly(map, &drops, 2);
    });
}

#[test]
fn guard_against_replace() {
    model(|| {
        let (map, drops) = guarded(&[(1, 10)]);
        let token = Token {
            content: 11,
            drops: drops.clone(),
        };
        on!(map;
        |map: &Guarded| {
            let one = map.get(&1).expect("never absent");
            let content = one.content;
            assert!(content == 10 || content == 11);
            assert_eq!(one.content, content);
        },
        move |map: &Guarded| {
            let old = map.insert(1, token).unwrap().expect("it was there");
            assert_eq!(old.content, 10);
        });
        assert_eq!(drops.load(Ordering::Relaxed), 1, "the old one, promptly");
        dropped_exactly(map, &drops, 2);
    });
}

#[test]
fn guarded_remove_remove_one_wins() {
    model(|| {
        let (map, drops) = guarded(&[(1, 10)]);
        let got = on!(map;
            |map: &Guarded| map.remove(&1).is_some(),
            |map: &Guarded| map.remove(&1).is_some());
        assert_ne!(got[0], got[1]);
        assert_eq!(drops.load(Ordering::Relaxed), 1, "with the last guard");
        dropped_exactly(map, &drops, 1);
    });
}

/// A value made for nothing is dropped, and both get the same entry.
#[test]
fn get_or_insert_with_makes_one_entry() {
    model(|| {
        let (map, drops) = guarded(&[]);
        let made = Arc::new(AtomicUsize::new(0));
        let one = |content| {
            let (drops, made) = (drops.clone(), made.clone());
            move |map: &Guarded| {
                let entry = map.get_or_insert_with(1, || {
                    made.fetch_add(1, Ordering::Relaxed);
                    Token { content, drops }
                });
                entry.unwrap().content
            }
        };
        let got = on!(map; one(10), one(20));
        assert_eq!(got[0], got[1]);
        assert_eq!(map.len(), 1);
        dropped_exactly(map, &drops, made.load(Ordering::Relaxed));
    });
}

/// An entry is removed and let go of by another as soon as it is in the map, while its inserter holds it.
#[test]
fn remove_of_an_entry_just_put_in() {
    model(|| {
        let (map, drops) = guarded(&[]);
        let token = Token {
            content: 10,
            drops: drops.clone(),
        };
        on!(map;
        move |map: &Guarded| assert!(map.try_insert(1, token).is_ok_and(|e| e.content == 10)),
        |map: &Guarded| {
            if let Some(one) = map.remove(&1) {
                assert_eq!(one.content, 10);
            }
        });
        dropped_exactly(map, &drops, 1);
    });
}

/// A cell is filled before its bit is set, and a look-up may still come by the bit of its last entry: what
/// is found once must be found again, until it is removed.
#[test]
fn an_entry_is_not_found_before_it_is_put_in() {
    model(|| {
        let (map, drops) = guarded(&[(1, 10)]);
        let token = Token {
            content: 20,
            drops: drops.clone(),
        };
        on!(map;
        move |map: &Guarded| {
            drop(map.remove(&1));
            assert!(map.insert(1, token).is_ok());
        },
        |map: &Guarded| {
            let seen = |map: &Guarded| map.get(&1).map(|entry| entry.content);
            if seen(map) == Some(20) {
                assert_eq!(seen(map), Some(20));
            }
        });
        dropped_exactly(map, &drops, 2);
    });
}

/// The iterator's hold on the entry that it yielded last must outlive the `Ref` that it gave out, even
/// if a reclaimer is half way through the slots when the one hold begins and the other ends.
#[test]
fn iterator_holds_its_last_entry() {
    model(|| {
        let (map, drops) = guarded(&[(1, 10), (2, 20)]);
        // Key 3 lies in the lower cell: both are looked at for each step.
        drop(map.remove(&1));
        let token = Token {
            content: 30,
            drops: drops.clone(),
        };
        assert!(map.insert(3, token).is_ok());
        on!(map;
        |map: &Guarded| drop(map.remove(&3)),
        |map: &Guarded| {
            let mut entries = map.iter();
            drop(entries.next());
            if let Some(entry) = entries.next() {
                assert_eq!(entry.content, entry.key() * 10);
            }
        });
        dropped_exactly(map, &drops, 3);
    });
}
