//! Models of what a context has to be told: claims, removals, and what came before them.

use super::free;
use crate::Pool;
use crate::cells::{Cells, Claim, Want};
use crate::models::{model, together};
use crate::word::State;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

/// One that looks at all cells is told of a claim in front of it, also of a cell that it has not tried
/// before: else the cell that was freed behind it would go unseen.
#[test]
fn full_is_exact_beside_a_claim_of_a_cell_not_tried_before() {
    /// In the order of a search that starts at cell 0, `FREED` comes before `FREE`; it tries neither before
    /// its last pass.
    const FREED: usize = 5;
    const FREE: usize = 9;
    model(|| {
        // SAFETY: the indices are of claims.
        let cells: Arc<Cells<(), 16, 0>> = Arc::new(unsafe { Cells::new() });
        let mut freed = None;
        for home in (0..16).filter(|home| *home != FREE) {
            let claim = cells.claim(home, Want::Ordinary).unwrap();
            assert_eq!(claim.index, home);
            publish(&cells, claim);
            if home == FREED {
                freed = Some(claim);
            }
        }
        let (mover, claimer) = (cells.clone(), cells.clone());
        let work: Vec<Box<dyn FnOnce()>> = vec![
            Box::new(move || {
                free(&mover, freed.unwrap());
                let claim = mover.claim(FREE, Want::Ordinary).unwrap();
                publish(&mover, claim);
            }),
            Box::new(move || {
                assert!(claimer.claim(0, Want::Ordinary).is_some());
            }),
        ];
        together(work);
    });
}

/// Makes a claimed cell look like an entry.
fn publish<const N: usize>(cells: &Cells<(), N, 0>, claim: Claim) {
    let layout = Cells::<(), N, 0>::LAYOUT;
    let own = &cells.cell(claim.index).own;
    // SAFETY: it is claimed, and there is no payload.
    unsafe { own.fill(layout, claim.index, None, State::Live) };
}

/// Whoever learns from `contains` that a value is gone sees what its remover did before.
#[test]
fn contains_sees_what_came_before_a_removal() {
    model(|| {
        let pool: Arc<Pool<usize, 1>> = Arc::new(Pool::new());
        let id = pool.insert(7).unwrap();
        let before = Arc::new(AtomicUsize::new(0));
        let (remover, reader, seen) = (pool.clone(), pool.clone(), before.clone());
        let work: Vec<Box<dyn FnOnce()>> = vec![
            Box::new(move || {
                before.store(1, Ordering::Relaxed);
                assert!(remover.remove(id).is_some());
            }),
            Box::new(move || {
                if !reader.contains(id) {
                    assert_eq!(seen.load(Ordering::Relaxed), 1);
                }
            }),
        ];
        together(work);
    });
}

/// Whoever counts the values is told of what came before those that it counts, and before the removal of
/// those that are gone.
#[test]
fn who_counts_the_values_knows_what_came_before() {
    model(|| {
        let pool: Arc<Pool<usize, 2>> = Arc::new(Pool::new());
        let (before, between) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (writer, reader) = (pool.clone(), pool.clone());
        let seen = (before.clone(), between.clone());
        let work: Vec<Box<dyn FnOnce()>> = vec![
            Box::new(move || {
                before.store(1, Ordering::Relaxed);
                let id = writer.insert(7).unwrap();
                between.store(1, Ordering::Relaxed);
                assert!(writer.remove(id).is_some());
            }),
            Box::new(move || {
                if !reader.is_empty() {
                    assert_eq!(seen.0.load(Ordering::Relaxed), 1);
                    if reader.is_empty() {
                        assert_eq!(seen.1.load(Ordering::Relaxed), 1);
                    }
                }
            }),
        ];
        together(work);
    });
}

/// A removal that another one forestalled says so after what the other one did before.
#[test]
fn a_removal_that_came_too_late_knows_what_came_before() {
    model(|| {
        let pool: Arc<Pool<usize, 2>> = Arc::new(Pool::new());
        let a = pool.insert(1).unwrap();
        let b = pool.insert(2).unwrap();
        let (first, second) = (pool.clone(), pool.clone());
        let work: Vec<Box<dyn FnOnce()>> = vec![
            Box::new(move || {
                assert!(first.remove(b).is_some());
                let _ = first.remove(a);
            }),
            Box::new(move || {
                if second.remove(a).is_none() {
                    assert!(!second.contains(b), "it was removed before a was");
                }
            }),
        ];
        together(work);
    });
}

/// A look-up by an identifier that has been stale for long keeps no insert from the cell.
#[test]
fn a_stale_identifier_takes_no_room() {
    model(|| {
        let pool: Arc<Pool<usize, 1>> = Arc::new(Pool::new());
        let stale = pool.insert(7).unwrap();
        drop(pool.remove(stale));
        let (reader, writer) = (pool.clone(), pool.clone());
        let work: Vec<Box<dyn FnOnce()>> = vec![
            Box::new(move || assert!(reader.get(stale).is_none())),
            Box::new(move || assert!(writer.insert(8).is_ok(), "nothing is in it")),
        ];
        together(work);
    });
}

/// Of two that put a value in and count then, one counts both.
#[test]
fn an_insert_comes_before_what_follows_it() {
    model(|| {
        let pool: Arc<Pool<usize, 2>> = Arc::new(Pool::new());
        let work = [1, 2].map(|value| {
            let pool = pool.clone();
            let count: Box<dyn FnOnce() -> usize> = Box::new(move || {
                assert!(pool.insert(value).is_ok());
                pool.len()
            });
            count
        });
        let counts = together(Vec::from(work));
        assert!(counts.contains(&2), "{counts:?}");
    });
}
