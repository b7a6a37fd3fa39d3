//! Owned cells, one thread: filled, taken back, linked, retired; nothing lost on any way.

use super::config::{Census, Counted};
use crate::arena::Arena;
use crate::cells::{Claim, Want};
use crate::owned::Owned;
use crate::sync::Ordering;
use crate::word::{State, Word};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Vec;

type Small<T, const N: usize> = Arena<(), T, N, 0>;
type SmallOwned<'a, T, const N: usize> = Owned<'a, (), T, N, 0>;

pub(super) fn arena<T, const N: usize>() -> Small<T, N> {
    // SAFETY: the tests retire only what `put` made live and `mark` marked, once.
    unsafe { Arena::new() }
}

pub(super) fn claim<T, const N: usize>(arena: &Small<T, N>) -> Option<SmallOwned<'_, T, N>> {
    arena.claim(0, Want::Ordinary)
}

/// A live cell with `value`; its index.
pub(super) fn put<T, const N: usize>(arena: &Small<T, N>, value: T) -> Option<usize> {
    let filled = claim(arena)?.fill(value, None);
    let Claim { index, .. } = filled.claim();
    filled.linked();
    assert!(state(arena, index).is(State::Live));
    Some(index)
}

pub(super) fn state<T, const N: usize>(arena: &Small<T, N>, index: usize) -> Word {
    Word(arena.cells().cell(index).own.load(Ordering::Relaxed))
}

/// Marks a live cell and returns the word that says so.
pub(super) fn mark<T, const N: usize>(arena: &Small<T, N>, index: usize) -> Word {
    let live = state(arena, index);
    assert!(live.is(State::Live));
    let marked = live.with_state(State::Marked);
    arena
        .cells()
        .cell(index)
        .own
        .store(marked.0, Ordering::Release);
    marked
}

#[test]
fn an_owned_cell_goes_back_with_what_is_in_it() {
    let census = Census::default();
    let arena = arena::<Counted, 1>();
    for number in 0..10 {
        let owned = claim(&arena).unwrap();
        assert!(claim(&arena).is_none());
        if number % 2 == 0 {
            let filled = owned.fill(census.counted(number), None);
            assert_eq!(census.alive(), 1);
            assert!(filled.word().live() && state(&arena, 0) == filled.word());
            drop(filled);
        } else {
            drop(owned);
        }
        assert_eq!((census.alive(), state(&arena, 0).state()), (0, State::Free));
    }
}

#[test]
fn a_payload_can_be_taken_out_and_put_in_again() {
    let census = Census::default();
    let arena = arena::<Counted, 2>();
    let filled = claim(&arena).unwrap().fill(census.counted(1), Some(1));
    let (value, owned) = filled.take();
    assert!(state(&arena, owned.claim().index).is(State::Claimed));
    assert_eq!((value.number, census.alive()), (1, 1));
    drop(owned.fill(value, None));
    assert_eq!(census.alive(), 0);
}

#[test]
fn a_filled_cell_without_drop_glue_goes_back_when_it_is_wanted() {
    let arena = arena::<u64, 1>();
    drop(claim(&arena).unwrap().fill(1, None));
    assert_eq!(claim(&arena).unwrap().fill(2, None).take().0, 2);
    assert!(put(&arena, 3).is_some());
}

#[test]
fn a_retired_payload_with_drop_glue_goes_at_once() {
    let census = Census::default();
    let arena = arena::<Counted, 2>();
    for number in 0..20 {
        let index = put(&arena, census.counted(number)).unwrap();
        let marked = mark(&arena, index);
        assert_eq!(census.alive(), 1);
        arena.retire(index, marked);
        assert_eq!(
            (census.alive(), state(&arena, index).state()),
            (0, State::Free)
        );
        assert!(!arena.reclaim(index), "not twice");
        arena.retire(index, marked);
        assert_eq!(
            state(&arena, index).state(),
            State::Free,
            "a stale retire is refused"
        );
    }
}

#[test]
fn a_retired_payload_without_drop_glue_waits_until_its_cell_is_wanted() {
    let arena = arena::<u64, 3>();
    let indices: Vec<_> = (0..3).filter_map(|n| put(&arena, n)).collect();
    assert_eq!(indices.len(), 3);
    assert!(claim(&arena).is_none());
    for index in indices {
        let marked = mark(&arena, index);
        assert!(claim(&arena).is_none(), "marked is not retired");
        arena.retire(index, marked);
        assert!(state(&arena, index).is(State::Retired));
        let owned = claim(&arena).unwrap();
        assert_eq!(owned.claim().index, index);
        core::mem::forget(owned);
    }
    assert!(claim(&arena).is_none());
}

#[test]
fn a_panic_in_a_payloads_drop_frees_the_cell_all_the_same() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("bomb");
        }
    }
    let arena = arena::<Bomb, 1>();
    for _ in 0..3 {
        let index = put(&arena, Bomb).unwrap();
        let marked = mark(&arena, index);
        let outcome = catch_unwind(AssertUnwindSafe(|| arena.retire(index, marked)));
        assert!(outcome.is_err() && state(&arena, index).is(State::Free));
    }
}

#[test]
fn the_arena_drops_what_is_in_it_in_every_state() {
    let census = Census::default();
    let arena = arena::<Counted, 6>();
    let live: Vec<_> = (0..4)
        .filter_map(|n| put(&arena, census.counted(n)))
        .collect();
    mark(&arena, live[1]);
    // Held for ever.
    core::mem::forget(arena.hold(live[2]));
    arena.retire(live[2], mark(&arena, live[2]));
    arena.retire(live[3], mark(&arena, live[3]));
    core::mem::forget(claim(&arena).unwrap().fill(census.counted(9), None));
    core::mem::forget(claim(&arena));
    assert_eq!(census.alive(), 4);
    drop(arena);
    assert_eq!(census.alive(), 0);
}

/// What follows when a generation goes round exactly: somebody believes that a cell is linked which is
/// not, and holds it or removes it. The owner must not touch the payload again.
mod believed_to_be_linked {
    use super::*;
    use std::rc::Rc;

    fn filled<const N: usize>(arena: &Small<Rc<()>, N>, payload: &Rc<()>) -> impl FnOnce() {
        let filled = claim(arena).unwrap().fill(payload.clone(), None);
        move || drop(filled.take())
    }

    #[test]
    fn and_removed() {
        let arena = arena::<Rc<()>, 2>();
        let payload = Rc::new(());
        let take = filled(&arena, &payload);
        let guard = arena.hold(0);
        arena.retire(0, mark(&arena, 0));
        drop(guard);
        assert_eq!(Rc::strong_count(&payload), 1, "dropped by who removed it");
        let taken = catch_unwind(AssertUnwindSafe(take));
        assert!(taken.is_err(), "not ours any more");
        // Dropping says nothing, but drops nothing twice either.
        let again = claim(&arena).unwrap().fill(payload.clone(), None);
        let index = again.claim().index;
        arena.retire(index, mark(&arena, index));
        drop(again);
        assert_eq!(Rc::strong_count(&payload), 1);
        assert!(state(&arena, 0).is(State::Free) && state(&arena, 1).is(State::Free));
    }

    #[test]
    fn and_held() {
        let arena = arena::<Rc<()>, 1>();
        let payload = Rc::new(());
        let take = filled(&arena, &payload);
        let guard = arena.hold(0);
        assert!(guard.own().live());
        let taken = catch_unwind(AssertUnwindSafe(take));
        assert!(taken.is_err(), "may not be moved out while it is held");
        assert_eq!(Rc::strong_count(&payload), 2, "the guard still reads it");
        drop(guard);
        assert_eq!(Rc::strong_count(&payload), 1, "dropped with the guard");
        assert!(
            put(&arena, payload.clone()).is_some(),
            "the cell is free again"
        );
    }

    #[test]
    fn and_held_while_it_is_dropped() {
        let arena = arena::<Rc<()>, 1>();
        let payload = Rc::new(());
        let filled = claim(&arena).unwrap().fill(payload.clone(), None);
        let guard = arena.hold(0);
        drop(filled);
        assert_eq!(Rc::strong_count(&payload), 2);
        drop(guard);
        assert_eq!(Rc::strong_count(&payload), 1);
    }
}
