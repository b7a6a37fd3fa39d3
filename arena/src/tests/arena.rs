//! Owned cells, one thread: filled, taken back, committed, retired; nothing lost on any way.

use super::config::{Census, Counted};
use crate::arena::{Arena, Owned, commit};
use crate::cells::{Claim, Reclaim, Want};
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
    let mut owned = claim(arena)?;
    owned.fill(value, None);
    let Claim { index, .. } = owned.claim();
    owned.commit();
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
        let mut owned = claim(&arena).unwrap();
        assert!(claim(&arena).is_none());
        assert!(!owned.filled() && owned.payload().is_none() && owned.take().is_none());
        if number % 2 == 0 {
            owned.fill(census.counted(number), None);
            assert_eq!(owned.payload().map(|value| value.number), Some(number));
            assert!(owned.filled() && state(&arena, 0).is(State::Pending));
        }
        drop(owned);
        assert_eq!((census.alive(), state(&arena, 0).state()), (0, State::Free));
    }
}

#[test]
fn a_payload_can_be_taken_out_and_put_in_again() {
    let census = Census::default();
    let arena = arena::<Counted, 2>();
    let mut owned = claim(&arena).unwrap();
    owned.fill(census.counted(1), Some(1));
    let value = owned.take().unwrap();
    assert!(!owned.filled() && state(&arena, owned.claim().index).is(State::Claimed));
    assert_eq!((value.number, census.alive()), (1, 1));
    owned.fill(value, None);
    owned.set_next(Some(1));
    assert_eq!(owned.payload().map(|value| value.number), Some(1));
    drop(owned);
    assert_eq!(census.alive(), 0);
}

#[test]
fn filling_twice_panics_and_loses_nothing() {
    let census = Census::default();
    let arena = arena::<Counted, 1>();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut owned = claim(&arena).unwrap();
        owned.fill(census.counted(1), None);
        owned.fill(census.counted(2), None);
    }));
    assert!(outcome.is_err());
    assert_eq!(census.alive(), 0);
    assert!(put(&arena, census.counted(3)).is_some());
}

#[test]
fn committing_again_changes_nothing() {
    let arena = arena::<u32, 1>();
    let index = put(&arena, 5).unwrap();
    let live = state(&arena, index);
    assert_eq!(commit::<(), u32, 1, 0>(arena.cells().cell(index)), live);
    let marked = mark(&arena, index);
    assert_eq!(commit::<(), u32, 1, 0>(arena.cells().cell(index)), marked);
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
    let mut pending = claim(&arena).unwrap();
    pending.fill(census.counted(9), None);
    core::mem::forget(pending);
    core::mem::forget(claim(&arena));
    assert_eq!(census.alive(), 4);
    drop(arena);
    assert_eq!(census.alive(), 0);
}

/// What follows when a generation goes round exactly: somebody believes that a cell is linked which is
/// not, commits it, removes it and has it reclaimed. The owner must not touch the payload again.
#[test]
fn a_cell_committed_by_mistake_is_not_taken_back() {
    use crate::arena::{Loaded, commit};
    use crate::cells::Cells;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    // SAFETY: single-threaded; what breaks the protocol is what is tested.
    let arena: Arena<(), Rc<()>, 2, 0> = unsafe { Arena::new() };
    let payload = Rc::new(());
    let mut owned = arena.claim(0, Want::Ordinary).unwrap();
    owned.fill(payload.clone(), None);
    let guard = arena.hold(0);
    let live = commit::<(), Rc<()>, 2, 0>(guard.cell());
    let layout = Cells::<Loaded<(), Rc<()>>, 2, 0>::LAYOUT;
    let marked = layout.bump(live).with_state(State::Marked);
    guard.cell().own.store(marked.0, Ordering::Release);
    arena.retire(0, marked);
    drop(guard);
    assert_eq!(
        Rc::strong_count(&payload),
        1,
        "dropped by the one who removed it"
    );
    let taken = catch_unwind(AssertUnwindSafe(|| owned.take()));
    assert!(taken.is_err(), "not ours any more");
    drop(owned);
    assert_eq!(Rc::strong_count(&payload), 1, "and not dropped again");
}
