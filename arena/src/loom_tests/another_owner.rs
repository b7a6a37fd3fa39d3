//! Models of cells in which another owner's payload is by the time that somebody acts on an old word: what is
//! left of the protocol when a generation wrapped exactly. No payload is read that was not acquired.

use crate::arena::{Arena, Node};
use crate::cells::{Cells, Want};
use crate::models::{model, together};
use crate::word::{Layout, State};
use loom::sync::Arc;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

type One = Arena<(), Box<usize>, 1, 0>;

const LAYOUT: Layout = Cells::<Node<(), Box<usize>>, 1, 0>::LAYOUT;

/// Somebody takes a pending cell for linked (its link word wrapped), and another incarnation is in it by
/// then.
#[test]
fn commit_of_another_incarnation() {
    model(|| {
        // SAFETY: each thread owns what it claimed; the cell is retired by who marked it.
        let arena: Arc<One> = Arc::new(unsafe { Arena::new() });
        let (owner, helper) = (arena.clone(), arena.clone());
        let work: Vec<Box<dyn FnOnce()>> = vec![
            Box::new(move || {
                let filled = owner
                    .claim(0, Want::Ordinary)
                    .unwrap()
                    .fill(Box::new(1), None);
                // Its link lost a race.
                drop(filled);
                if let Some(owned) = owner.claim(0, Want::Ordinary) {
                    let _ = owned.fill(Box::new(2), None).linked();
                }
            }),
            Box::new(move || {
                let guard = helper.hold(0);
                let mut own = guard.own();
                // `place.unchanged()` is true: its word wrapped.
                if own.is_pending() {
                    // SAFETY: it is held, and pending.
                    own = unsafe { guard.cell().own.commit(LAYOUT) };
                }
                if own.is(State::Live) {
                    // SAFETY: I-LIVE.
                    let value = unsafe { **guard.payload() };
                    assert!((1..=2).contains(&value));
                }
            }),
        ];
        together(work);
    });
}

/// Somebody takes a promised cell for linked and removes it at once: who promised it reads it all the same.
#[test]
fn a_promised_payload_is_held_from_the_start() {
    model(|| {
        // SAFETY: each thread owns what it claimed; the cell is retired by who marked it.
        let arena: Arc<One> = Arc::new(unsafe { Arena::new() });
        let (owner, other) = (arena.clone(), arena.clone());
        let work: Vec<Box<dyn FnOnce()>> = vec![
            Box::new(move || {
                let owned = owner.claim(0, Want::Ordinary).unwrap();
                let guard = owned.promise(Box::new(1), None).linked();
                assert!(!guard.own().is(State::Free), "reclaimed under the promise");
                // SAFETY: I-LIVE.
                assert_eq!(unsafe { **guard.payload() }, 1);
            }),
            Box::new(move || {
                let guard = other.hold(0);
                if !guard.own().is_pending() {
                    return;
                }
                // SAFETY: it is held, and pending.
                let live = unsafe { guard.cell().own.commit(LAYOUT) };
                let sealed = LAYOUT.bump(live).with_state(State::Sealed);
                // SAFETY: it is live, and retired below.
                if live.is(State::Live) && unsafe { guard.cell().own.seal(live, sealed) } {
                    drop(guard);
                    // SAFETY: sealed above.
                    unsafe { other.retire(0, sealed) };
                }
            }),
        ];
        together(work);
    });
}
