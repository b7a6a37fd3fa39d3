//! Owned cells, one thread: filled, taken back, linked, retired; nothing lost on any way.

use super::config::{Census, Counted};
use crate::arena::{Arena, Node};
use crate::cells::{Cells, Claim, Want};
use crate::owned::Owned;
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
    arena.cells().cell(index).own.peek()
}

/// Marks a live cell and returns the word that says so.
pub(super) fn mark<T, const N: usize>(arena: &Small<T, N>, index: usize) -> Word {
    let live = state(arena, index);
    assert!(live.is(State::Live));
    let marked = live.with_state(State::Sealed);
    // SAFETY: nobody is beside the test.
    assert!(unsafe { arena.cells().cell(index).own.seal(live, marked) });
    marked
}

/// Hands a marked cell over.
pub(super) fn retire<T, const N: usize>(arena: &Small<T, N>, index: usize, marked: Word) {
    // SAFETY: it was in no chain. (One that was handed over already is refused.)
    unsafe { arena.retire(index, marked) };
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
            assert!(state(&arena, 0).is(State::Pending));
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

/// A look-up at a stale link holds a cell before it finds out that this is not what it wants.
#[test]
fn a_pending_payload_can_be_taken_out_while_the_cell_is_held() {
    let census = Census::default();
    let arena = arena::<Counted, 1>();
    let filled = claim(&arena).unwrap().fill(census.counted(1), None);
    let guard = arena.hold(0);
    assert!(!guard.own().is(State::Live), "no good");
    let (value, owned) = filled.take();
    assert_eq!((value.number, census.alive()), (1, 1));
    drop(owned.fill(value, None));
    drop(guard);
    assert_eq!((census.alive(), state(&arena, 0).state()), (0, State::Free));
}

#[test]
fn a_retired_payload_with_drop_glue_goes_at_once() {
    let census = Census::default();
    let arena = arena::<Counted, 2>();
    for number in 0..20 {
        let index = put(&arena, census.counted(number)).unwrap();
        let marked = mark(&arena, index);
        assert_eq!(census.alive(), 1);
        retire(&arena, index, marked);
        assert_eq!(
            (census.alive(), state(&arena, index).state()),
            (0, State::Free)
        );
        assert!(!arena.reclaim(index), "not twice");
        retire(&arena, index, marked);
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
        retire(&arena, index, marked);
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
        let outcome = catch_unwind(AssertUnwindSafe(|| retire(&arena, index, marked)));
        assert!(outcome.is_err() && state(&arena, index).is(State::Free));
        // Also of one that was never linked.
        let filled = claim(&arena).unwrap().fill(Bomb, None);
        let outcome = catch_unwind(AssertUnwindSafe(|| drop(filled)));
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
    retire(&arena, live[2], mark(&arena, live[2]));
    retire(&arena, live[3], mark(&arena, live[3]));
    core::mem::forget(claim(&arena).unwrap().fill(census.counted(9), None));
    core::mem::forget(claim(&arena));
    assert_eq!(census.alive(), 4);
    drop(arena);
    assert_eq!(census.alive(), 0);
}

/// What follows when a generation wraps exactly: somebody believes that a cell is linked which is
/// not, commits it, removes it and has it reclaimed. The owner must not touch the payload again.
#[test]
fn a_cell_committed_by_mistake_is_not_taken_back() {
    use std::rc::Rc;

    let arena = arena::<Rc<()>, 2>();
    let payload = Rc::new(());
    for drop_it in [false, true] {
        let filled = claim(&arena).unwrap().fill(payload.clone(), None);
        let index = filled.claim().index;
        let guard = arena.hold(index);
        let layout = Cells::<Node<(), Rc<()>>, 2, 0>::LAYOUT;
        // SAFETY: it is the cells'. That it is not linked is what is tested.
        unsafe { guard.cell().own.commit(layout) };
        retire(&arena, index, mark(&arena, index));
        drop(guard);
        assert_eq!(Rc::strong_count(&payload), 1, "dropped by who removed it");
        if drop_it {
            // Says nothing, and drops nothing twice.
            drop(filled);
        } else {
            let taken = catch_unwind(AssertUnwindSafe(|| drop(filled.take())));
            assert!(taken.is_err(), "not ours any more");
        }
        assert_eq!(Rc::strong_count(&payload), 1);
        assert!(state(&arena, index).is(State::Free));
    }
}
