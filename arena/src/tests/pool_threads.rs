//! The pool under threads. With two-bit generations an identifier may name a newer value; that no
//! value is lost, dropped twice or read after its end must hold even then.

use super::config::scaled;
use crate::{Id, Pool};
use core::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};
use std::boxed::Box;
use std::thread;
use std::vec::Vec;

/// A value with memory of its own, counted while it is alive.
struct Tracked<'a> {
    alive: &'a AtomicIsize,
    numbers: Box<[usize; 2]>,
}

impl<'a> Tracked<'a> {
    fn new(alive: &'a AtomicIsize, number: usize) -> Self {
        alive.fetch_add(1, Relaxed);
        Self {
            alive,
            numbers: Box::new([number; 2]),
        }
    }

    fn number(&self) -> usize {
        assert_eq!(self.numbers[0], self.numbers[1]);
        self.numbers[0]
    }
}

impl Drop for Tracked<'_> {
    fn drop(&mut self) {
        self.number();
        *self.numbers = [0, usize::MAX];
        self.alive.fetch_sub(1, Relaxed);
    }
}

/// Threads put values in, read and remove each other's, by identifiers that they leave on a board.
fn churn<const N: usize>(threads: usize) {
    let alive = AtomicIsize::new(0);
    let pool = Pool::<Tracked, N>::new();
    let board: Vec<AtomicUsize> = (0..4).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for thread in 0..threads {
            let (pool, alive, board) = (&pool, &alive, &board);
            scope.spawn(move || {
                for round in 0..scaled(20_000, 40) as usize {
                    let place = &board[(round * 5 + thread) % 4];
                    if let Ok(id) = pool.insert(Tracked::new(alive, round)) {
                        if let Some(value) = pool.get(id) {
                            value.number();
                        }
                        let old = place.swap(id.to_bits(), Relaxed);
                        if let Some(value) = Id::from_bits(old).and_then(|old| pool.remove(old)) {
                            value.number();
                        }
                    } else if let Some(id) = Id::from_bits(place.load(Relaxed)) {
                        let guard = pool.get(id);
                        let removed = pool.remove(id);
                        if let Some(value) = removed {
                            value.number();
                        }
                        if let Some(value) = guard {
                            value.number();
                        }
                    }
                }
            });
        }
    });
    assert_eq!(alive.load(Relaxed), pool.len() as isize);
    drop(pool);
    assert_eq!(alive.load(Relaxed), 0);
}

#[test]
fn values_are_dropped_once_and_never_read_after() {
    churn::<1>(2);
    churn::<2>(3);
    churn::<5>(3);
}

#[test]
fn every_value_is_removed_by_one_thread_only() {
    for _ in 0..scaled(500, 6) {
        let alive = AtomicIsize::new(0);
        let pool = Pool::<Tracked, 2>::new();
        let id = pool.insert(Tracked::new(&alive, 1)).ok().unwrap();
        let removed: usize = thread::scope(|scope| {
            let work = [0, 1, 2].map(|_| {
                let pool = &pool;
                scope.spawn(move || usize::from(pool.remove(id).is_some()))
            });
            work.map(|thread| thread.join().unwrap()).iter().sum()
        });
        assert_eq!((removed, pool.len(), alive.load(Relaxed)), (1, 0, 0));
    }
}

/// Each thread keeps one value, and there is a cell for each of them.
#[test]
#[cfg(not(tagged_arena_tiny))]
fn it_is_never_full_while_there_is_a_cell_for_each() {
    let pool = Pool::<Box<usize>, 3>::new();
    thread::scope(|scope| {
        for thread in 0..3 {
            let pool = &pool;
            scope.spawn(move || {
                for round in 0..scaled(20_000, 40) as usize {
                    let id = pool.insert(Box::new(round + thread)).expect("three cells");
                    assert_eq!(pool.get(id).map(|value| **value), Some(round + thread));
                    assert_eq!(pool.remove(id).map(|value| **value), Some(round + thread));
                    // Not `get`, which would hold the cell for an instant.
                    assert!(!pool.contains(id));
                }
            });
        }
    });
    assert!(pool.is_empty());
}
