//! Models of the arena, run by loom over every interleaving of small cases.
//!
//! All work is done in spawned threads; the main thread only builds, spawns, joins and checks.

use crate::arena::Arena;
use crate::cells::{Cells, Claim, Want};
use crate::models::{model, together};
use crate::sync::Init;
use crate::word::State;
use crate::{Full, Pool};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use std::vec::Vec;

mod another_owner;
mod control;
mod told;
mod torn;
mod unwrap;
#[cfg(tagged_arena_tiny)]
mod wraps;

type TwoCells<const EXTRA: usize> = Cells<(), 2, EXTRA>;

fn cells<const EXTRA: usize>() -> Arc<TwoCells<EXTRA>> {
    // SAFETY: the indices are of claims.
    Arc::new(unsafe { Cells::new() })
}

/// Gives a claimed cell back.
fn free<const N: usize, const EXTRA: usize>(cells: &Cells<(), N, EXTRA>, claim: Claim) {
    // SAFETY: the models free what they claimed, once.
    unsafe { cells.free(claim) };
}

#[test]
fn three_claims_of_two_cells_get_two() {
    model(|| {
        let cells = cells::<0>();
        let claim = |home| {
            let cells = cells.clone();
            std::boxed::Box::new(move || cells.claim(home, Want::Ordinary)) as _
        };
        let got = together::<Option<Claim>>(std::vec![claim(0), claim(0), claim(1)]);
        let mut indices: Vec<_> = got.iter().flatten().map(|claim| claim.index).collect();
        indices.sort_unstable();
        assert_eq!(indices, [0, 1], "each cell once, and a third is refused");
    });
}

/// One of two cells is always free: a claim may not be told that all are taken.
#[test]
fn full_is_exact_while_a_cell_moves() {
    model(|| {
        let cells = cells::<0>();
        let first = cells.claim(0, Want::Ordinary).unwrap();
        let (mover, claimer) = (cells.clone(), cells.clone());
        let work: Vec<std::boxed::Box<dyn FnOnce() -> bool>> = std::vec![
            std::boxed::Box::new(move || {
                // Frees its cell, then takes any: never holds more than one.
                free(&mover, first);
                let again = mover.claim(1, Want::Ordinary);
                again.is_some()
            }),
            std::boxed::Box::new(move || claimer.claim(0, Want::Ordinary).is_some()),
        ];
        assert_eq!(together(work), [true, true]);
    });
}

/// A spare cell is refused to new entries and given to replacements, which take an ordinary one if it is
/// near.
#[test]
fn classes_are_kept() {
    model(|| {
        let cells = Arc::new(unsafe_cells());
        let claim = |want| {
            let cells = cells.clone();
            std::boxed::Box::new(move || cells.claim(0, want).map(|c| c.index)) as _
        };
        let got = together::<Option<usize>>(std::vec![claim(Want::Ordinary), claim(Want::Any)]);
        assert!(
            matches!(got[..], [Some(0), Some(1)] | [None, Some(0)]),
            "{got:?}"
        );
    });
}

fn unsafe_cells() -> Cells<(), 1, 1> {
    // SAFETY: as in `cells`.
    unsafe { Cells::new() }
}

/// Counts its drops; its content is checked on every read.
struct Token {
    content: usize,
    drops: Arc<AtomicUsize>,
}

impl Drop for Token {
    fn drop(&mut self) {
        self.content = usize::MAX;
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

/// A guard against removal and reuse of the cell: reads its own value, and each value is dropped once.
#[test]
fn guard_against_remove_and_reuse() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let token = |content| Token {
            content,
            drops: drops.clone(),
        };
        let pool: Arc<Pool<Token, 1>> = Arc::new(Pool::new());
        let id = pool.insert(token(1)).unwrap();
        let (reader, remover) = (pool.clone(), pool.clone());
        let second = token(2);
        let work: Vec<std::boxed::Box<dyn FnOnce()>> = std::vec![
            std::boxed::Box::new(move || {
                if let Some(guard) = reader.get(id) {
                    assert_eq!(guard.content, 1);
                    thread::yield_now();
                    assert_eq!(guard.content, 1);
                }
            }),
            std::boxed::Box::new(move || {
                drop(remover.remove(id));
                // Full while the reader holds the cell.
                match remover.insert(second) {
                    Ok(id) => assert_eq!(remover.get(id).unwrap().content, 2),
                    Err(Full(back)) => assert_eq!(back.content, 2),
                }
            }),
        ];
        together(work);
        drop(pool);
        assert_eq!(
            drops.load(Ordering::Relaxed),
            2,
            "each dropped exactly once"
        );
    });
}

/// The same without drop glue: the cell is reclaimed by the insert that wants it, not by a guard.
#[test]
fn guard_of_plain_value_against_reuse() {
    model(|| {
        let pool: Arc<Pool<usize, 1>> = Arc::new(Pool::new());
        let id = pool.insert(1).unwrap();
        let (reader, remover) = (pool.clone(), pool.clone());
        let work: Vec<std::boxed::Box<dyn FnOnce()>> = std::vec![
            std::boxed::Box::new(move || {
                if let Some(guard) = reader.get(id) {
                    assert_eq!(*guard, 1);
                    thread::yield_now();
                    assert_eq!(*guard, 1);
                }
            }),
            std::boxed::Box::new(move || {
                drop(remover.remove(id));
                if let Ok(id) = remover.insert(2) {
                    assert_eq!(*remover.get(id).unwrap(), 2);
                }
            }),
        ];
        together(work);
    });
}

/// The last of two guards drops the removed value, whichever it is.
#[test]
fn last_guard_reclaims() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let pool: Arc<Pool<Token, 1>> = Arc::new(Pool::new());
        let id = pool
            .insert(Token {
                content: 7,
                drops: drops.clone(),
            })
            .unwrap();
        let remove = || {
            let pool = pool.clone();
            std::boxed::Box::new(move || match pool.remove(id) {
                Some(guard) => {
                    assert_eq!(guard.content, 7);
                    true
                }
                None => false,
            }) as _
        };
        let removed = together::<bool>(std::vec![remove(), remove()]);
        assert_eq!(removed.iter().filter(|&&won| won).count(), 1);
        // Promptly: no later operation was needed.
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        assert!(pool.insert(Token { content: 8, drops }).is_ok());
    });
}

/// More guards than slots (loom builds have two): the count protects, too.
#[test]
fn guard_by_count() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let pool: Arc<Pool<Token, 1>> = Arc::new(Pool::new());
        let id = pool
            .insert(Token {
                content: 3,
                drops: drops.clone(),
            })
            .unwrap();
        let (reader, remover) = (pool.clone(), pool.clone());
        let work: Vec<std::boxed::Box<dyn FnOnce()>> = std::vec![
            std::boxed::Box::new(move || {
                let guards = [reader.get(id), reader.get(id), reader.get(id)];
                for guard in guards.iter().flatten() {
                    assert_eq!(guard.content, 3);
                }
            }),
            std::boxed::Box::new(move || drop(remover.remove(id))),
        ];
        together(work);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

/// The same without drop glue, where no fence helps the count's own orderings.
#[test]
fn plain_guard_by_count() {
    model(|| {
        let pool: Arc<Pool<usize, 1>> = Arc::new(Pool::new());
        let id = pool.insert(3).unwrap();
        let (reader, remover) = (pool.clone(), pool.clone());
        let work: Vec<std::boxed::Box<dyn FnOnce()>> = std::vec![
            std::boxed::Box::new(move || {
                let slots = [reader.get(id), reader.get(id)];
                let counted = reader.get(id);
                drop(slots);
                if let Some(counted) = counted {
                    assert_eq!(*counted, 3);
                }
            }),
            std::boxed::Box::new(move || {
                drop(remover.remove(id));
                assert!(remover.insert(4).is_ok() || remover.is_empty());
            }),
        ];
        together(work);
    });
}

/// The zero state comes from one place in both builds.
#[test]
fn initial_words_are_zero() {
    model(|| {
        let word = <crate::sync::AtomicUsize as Init>::init();
        assert_eq!(word.load(Ordering::Relaxed), 0);
    });
}

/// An identifier that was guessed, so that nothing but the cell's own word tells that the value is there.
#[test]
fn a_value_is_there_for_whoever_sees_its_cell_live() {
    model(|| {
        let twin: Pool<usize, 1> = Pool::new();
        let id = twin.insert(7).unwrap();
        let pool: Arc<Pool<usize, 1>> = Arc::new(Pool::new());
        let (reader, writer) = (pool.clone(), pool.clone());
        let work: Vec<std::boxed::Box<dyn FnOnce()>> = std::vec![
            std::boxed::Box::new(move || assert!(writer.insert(7).is_ok())),
            std::boxed::Box::new(move || {
                if let Some(seven) = reader.get(id) {
                    assert_eq!(*seven, 7);
                }
            }),
        ];
        together(work);
    });
}

/// A look-up that stands at a link from before holds a cell for a moment, whatever is in it by then: a
/// payload that could not be linked is taken back all the same, and another one put in.
#[test]
fn a_pending_payload_is_taken_back_under_a_hold() {
    model(|| {
        // SAFETY: the model claims a cell, takes its payload back, and links it at last.
        let arena: Arc<Arena<(), usize, 1, 0>> = Arc::new(unsafe { Arena::new() });
        let (owner, reader) = (arena.clone(), arena.clone());
        let work: Vec<std::boxed::Box<dyn FnOnce()>> = std::vec![
            std::boxed::Box::new(move || {
                let owned = owner.claim(0, Want::Ordinary).unwrap();
                let (payload, owned) = owned.fill(7, None).take();
                assert_eq!(payload, 7);
                owned.fill(payload + 1, None).linked();
            }),
            std::boxed::Box::new(move || {
                let guard = reader.hold(0);
                if guard.own().is(State::Live) {
                    // SAFETY: I-LIVE.
                    assert_eq!(unsafe { *guard.payload() }, 8);
                }
            }),
        ];
        together(work);
    });
}

/// The first hold ever by a slot, against a reclaimer that holds nothing itself.
#[test]
fn first_hold_by_slot() {
    model(|| {
        // SAFETY: the model keeps to the protocol.
        let arena: Arc<Arena<(), Token, 1, 0>> = Arc::new(unsafe { Arena::new() });
        let drops = Arc::new(AtomicUsize::new(0));
        let live = arena
            .claim(0, Want::Ordinary)
            .unwrap()
            .fill(Token { content: 1, drops }, None)
            .linked();
        let (reader, remover) = (arena.clone(), arena.clone());
        let work: Vec<std::boxed::Box<dyn FnOnce()>> = std::vec![
            std::boxed::Box::new(move || {
                let guard = reader.hold(0);
                if guard.own().is(State::Live) {
                    // SAFETY: I-LIVE.
                    assert_eq!(unsafe { guard.payload() }.content, 1);
                    thread::yield_now();
                    // SAFETY: as above.
                    assert_eq!(unsafe { guard.payload() }.content, 1);
                }
            }),
            std::boxed::Box::new(move || {
                let sealed = live.with_state(State::Sealed);
                let own = &remover.cells().cell(0).own;
                // SAFETY: it is live, in no chain, and nobody else's. No function of `Own`: each has a fence.
                assert!(unsafe { own.link().relink(live, sealed) });
                // SAFETY: as above.
                unsafe { remover.retire(0, sealed) };
            }),
        ];
        together(work);
    });
}
