//! Claiming under threads: no cell twice, and no false `None`.

use super::config::{free, scaled};
use crate::cells::{Cells, Want};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::vec::Vec;

fn cells<const N: usize, const EXTRA: usize>() -> Cells<(), N, EXTRA> {
    // SAFETY: the tests below free what they claimed, once.
    unsafe { Cells::new() }
}

/// Threads claim and free; each keeps up to `keep` cells. Returns how many claims were refused.
fn churn<const N: usize, const EXTRA: usize>(threads: usize, keep: usize, want: Want) -> usize {
    let cells = cells::<N, EXTRA>();
    // Relaxed, so that the marks add no order that the cells do not give.
    let taken: Vec<AtomicBool> = (0..N + EXTRA).map(|_| AtomicBool::new(false)).collect();
    let refused = AtomicUsize::new(0);
    thread::scope(|scope| {
        for id in 0..threads {
            let (cells, taken, refused) = (&cells, &taken, &refused);
            scope.spawn(move || {
                let mut held = Vec::new();
                for round in 0..scaled(30_000, 40) as usize {
                    if held.len() == keep {
                        let claim: crate::cells::Claim = held.swap_remove(round % keep);
                        assert!(taken[claim.index].swap(false, Relaxed));
                        free(cells, claim);
                    }
                    match cells.claim((round * 7 + id) % (N + EXTRA), want) {
                        Some(claim) => {
                            let before = taken[claim.index].swap(true, Relaxed);
                            assert!(!before, "cell {} was claimed twice", claim.index);
                            held.push(claim);
                        }
                        None => {
                            refused.fetch_add(1, Relaxed);
                        }
                    }
                }
                for claim in held {
                    assert!(taken[claim.index].swap(false, Relaxed));
                    free(cells, claim);
                }
            });
        }
    });
    // Everything is to be had again.
    let all = (0..N + EXTRA).filter_map(|home| cells.claim(home, Want::Any));
    assert_eq!(all.count(), N + EXTRA);
    refused.into_inner()
}

#[test]
fn no_cell_is_claimed_twice() {
    churn::<1, 0>(3, 1, Want::Ordinary);
    churn::<2, 0>(3, 1, Want::Ordinary);
    churn::<3, 0>(3, 2, Want::Ordinary);
    churn::<3, 2>(3, 3, Want::Any);
}

/// With a cell for each, there is never an instant at which all are taken when one asks. (With a
/// two-bit generation a refusal may be false: a cell seen twice may have been freed and claimed four
/// times in between.)
#[test]
#[cfg(not(tagged_arena_tiny))]
fn no_claim_is_refused_while_a_cell_is_free() {
    assert_eq!(churn::<2, 0>(2, 1, Want::Ordinary), 0);
    assert_eq!(churn::<3, 0>(3, 1, Want::Ordinary), 0);
    assert_eq!(churn::<6, 0>(3, 2, Want::Ordinary), 0);
    assert_eq!(churn::<2, 1>(3, 1, Want::Any), 0);
    assert_eq!(churn::<3, 3>(3, 2, Want::Any), 0);
    assert_eq!(churn::<3, 3>(3, 1, Want::Ordinary), 0);
}

#[test]
fn three_fill_exactly_all_cells() {
    for _ in 0..scaled(300, 4) {
        let cells = cells::<5, 2>();
        let got: usize = thread::scope(|scope| {
            let work = [0, 1, 2].map(|home| {
                let claim = {
                    let cells = &cells;
                    move || cells.claim(home, Want::Ordinary).is_some()
                };
                scope.spawn(move || (0..4).filter(|_| claim()).count())
            });
            work.map(|thread| thread.join().unwrap()).iter().sum()
        });
        assert_eq!(got, 5);
    }
}
