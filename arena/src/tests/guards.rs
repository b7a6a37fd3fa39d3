//! Holds: by slot and by count, what they keep, and what a leaked one costs.

use super::arena::{arena, claim, mark, put, retire, state};
use super::config::{Census, Counted, scaled};
use crate::arena::{Arena, Node};
use crate::cells::Cells;
use crate::guard::Guard;
use crate::slots::{Pin, SLOTS, Slots};
use crate::sync::{AtomicU16, Init, Ordering};
use crate::word::State;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Vec;

/// A guard that saw its cell live.
fn hold<T, const N: usize>(arena: &Arena<(), T, N, 0>, index: usize) -> Guard<'_, (), T> {
    let guard = arena.hold(index);
    assert!(guard.own().is(State::Live) && guard.index() == index);
    guard
}

fn number(guard: &Guard<'_, (), Counted>) -> u32 {
    // SAFETY: I-LIVE: every guard of these tests comes from `hold`.
    unsafe { guard.payload() }.number
}

#[test]
fn a_held_payload_is_reclaimed_once_with_the_last_guard() {
    let all = 1..=2 * SLOTS + 1;
    for guards in all.step_by(scaled(1, 16) as usize) {
        let census = Census::default();
        let arena = arena::<Counted, 2>();
        let index = put(&arena, census.counted(7)).unwrap();
        let mut held: Vec<_> = (0..guards).map(|_| hold(&arena, index)).collect();
        retire(&arena, index, mark(&arena, index));
        while let Some(guard) = (!held.is_empty()).then(|| held.swap_remove(held.len() / 2)) {
            assert_eq!((number(&guard), census.alive()), (7, 1));
            assert!(!arena.reclaim(index), "held");
            assert!(state(&arena, index).is(State::Retired));
            drop(guard);
        }
        assert_eq!(
            (census.alive(), state(&arena, index).state()),
            (0, State::Free)
        );
        assert_eq!(arena.slots().taken(), 0);
    }
}

#[test]
fn a_hold_on_another_cell_keeps_nothing() {
    let census = Census::default();
    let arena = arena::<Counted, 3>();
    let first = put(&arena, census.counted(1)).unwrap();
    let second = put(&arena, census.counted(2)).unwrap();
    let guard = hold(&arena, first);
    retire(&arena, second, mark(&arena, second));
    assert_eq!((census.alive(), number(&guard)), (1, 1));
}

#[test]
fn a_guard_that_came_too_late_does_not_see_its_cell_live() {
    let census = Census::default();
    let arena = arena::<Counted, 1>();
    let index = put(&arena, census.counted(1)).unwrap();
    let marked = mark(&arena, index);
    let late = arena.hold(index);
    assert!(!late.own().is(State::Live));
    retire(&arena, index, marked);
    // It keeps the cell even so, and lets it go.
    assert_eq!(census.alive(), 1);
    drop(late);
    assert_eq!(
        (census.alive(), state(&arena, index).state()),
        (0, State::Free)
    );
}

#[test]
fn beyond_the_slots_guards_are_counted_in_the_cell() {
    let arena = arena::<u32, 1>();
    let index = put(&arena, 1).unwrap();
    let pins = || {
        arena
            .cells()
            .cell(index)
            .header
            .pins
            .load(Ordering::Relaxed)
    };
    let mut held = Vec::new();
    for taken in 1..=SLOTS {
        held.push(hold(&arena, index));
        assert_eq!((arena.slots().taken(), pins()), (taken, 0));
    }
    for counted in 1..=5 {
        held.push(hold(&arena, index));
        assert_eq!((arena.slots().taken(), pins()), (SLOTS, counted));
    }
    held.truncate(SLOTS);
    assert_eq!((arena.slots().taken(), pins()), (SLOTS, 0));
    held.remove(SLOTS / 2);
    assert_eq!(arena.slots().taken(), SLOTS - 1);
    held.push(hold(&arena, index));
    assert_eq!(
        (arena.slots().taken(), pins()),
        (SLOTS, 0),
        "the free slot is found"
    );
}

#[test]
fn a_cell_without_drop_glue_is_not_claimed_while_it_is_held() {
    let arena = arena::<u64, 2>();
    let indices = [put(&arena, 1).unwrap(), put(&arena, 2).unwrap()];
    for by_count in [false, true] {
        let others: Vec<_> = (0..SLOTS * usize::from(by_count))
            .map(|_| hold(&arena, indices[1]))
            .collect();
        let index = indices[0];
        let guard = hold(&arena, index);
        retire(&arena, index, mark(&arena, index));
        for _ in 0..3 {
            assert!(claim(&arena).is_none());
        }
        drop((guard, others));
        assert_eq!(put(&arena, 3), Some(index));
    }
}

#[test]
fn a_count_that_is_stuck_is_never_counted_down() {
    let census = Census::default();
    let arena = arena::<Counted, 2>();
    let index = put(&arena, census.counted(1)).unwrap();
    let other = put(&arena, census.counted(2)).unwrap();
    let slots: Vec<_> = (0..SLOTS).map(|_| hold(&arena, other)).collect();
    let pins = &arena.cells().cell(index).header.pins;
    // As many leaked guards as can be told apart.
    pins.store(u16::MAX - 1, Ordering::Relaxed);
    let last = hold(&arena, index);
    assert_eq!(pins.load(Ordering::Relaxed), u16::MAX);
    let beyond = hold(&arena, index);
    drop(last);
    drop(beyond);
    assert_eq!(pins.load(Ordering::Relaxed), u16::MAX);
    drop(slots);
    retire(&arena, index, mark(&arena, index));
    assert_eq!(
        (census.alive(), claim(&arena).is_none()),
        (2, true),
        "it costs its cell"
    );
    retire(&arena, other, mark(&arena, other));
    assert_eq!(put(&arena, census.counted(3)), Some(other), "and no other");
    drop(arena);
    assert_eq!(census.alive(), 0);
}

#[test]
fn a_leaked_guard_costs_one_cell() {
    let census = Census::default();
    let arena = arena::<Counted, 3>();
    let leaked = put(&arena, census.counted(0)).unwrap();
    for _ in 0..SLOTS + 2 {
        core::mem::forget(hold(&arena, leaked));
    }
    retire(&arena, leaked, mark(&arena, leaked));
    for round in 0..10 {
        let rest: Vec<_> = (0..3)
            .filter_map(|n| put(&arena, census.counted(n)))
            .collect();
        assert_eq!((rest.len(), census.alive()), (2, 3), "round {round}");
        for index in rest {
            retire(&arena, index, mark(&arena, index));
        }
    }
    drop(arena);
    assert_eq!(census.alive(), 0);
}

#[test]
fn slots_name_cells_and_nothing_else() {
    let slots = Slots::INIT;
    let pins: [AtomicU16; 3] = Init::INIT;
    let held: Vec<Pin> = (0..SLOTS + 3)
        .map(|i| slots.pin(i % 3, &pins[i % 3]))
        .collect();
    assert_eq!(slots.taken(), SLOTS);
    let counted = held
        .iter()
        .filter(|pin| matches!(pin, Pin::Count(_)))
        .count();
    assert_eq!(counted, 3);
    assert!((0..3).all(|index| slots.holds(index, &pins[index])));
    let unheld = AtomicU16::new(0);
    assert!(!slots.holds(3, &unheld));
    // SAFETY: each once.
    held.iter().for_each(|pin| unsafe { pin.release() });
    assert!((0..3).all(|index| !slots.holds(index, &pins[index])));
    assert_eq!(slots.taken(), 0);
}

/// Only the last guard of what was taken out gets it, whichever way it holds; the cell is free then.
#[test]
fn the_last_guard_takes_the_payload_out() {
    for by_count in [false, true] {
        let census = Census::default();
        let arena = arena::<Counted, 2>();
        let index = put(&arena, census.counted(7)).unwrap();
        let other = put(&arena, census.counted(8)).unwrap();
        let slots = SLOTS * usize::from(by_count);
        let slots: Vec<_> = (0..slots).map(|_| hold(&arena, other)).collect();
        let (first, second) = (hold(&arena, index), hold(&arena, index));
        let first = first.try_take().expect_err("it is live");
        assert!(state(&arena, index).is(State::Live));
        retire(&arena, index, mark(&arena, index));
        let first = first.try_take().expect_err("another holds it, too");
        let second = second.try_take().expect_err("another holds it, too");
        assert!(state(&arena, index).is(State::Retired));
        assert_eq!((number(&first), number(&second)), (7, 7));
        drop(first);
        let taken = second.try_take().expect("it is the last one");
        assert!(state(&arena, index).is(State::Free));
        drop(slots);
        assert_eq!(arena.slots().taken(), 0);
        assert_eq!((taken.number, census.alive()), (7, 2));
        assert_eq!(put(&arena, census.counted(9)), Some(index));
        drop(taken);
        assert_eq!(census.alive(), 2);
    }
}

#[test]
fn nobody_takes_what_is_held_for_ever() {
    let arena = arena::<u32, 1>();
    let index = put(&arena, 1).unwrap();
    let guard = hold(&arena, index);
    let pins = &arena.cells().cell(index).header.pins;
    pins.store(u16::MAX, Ordering::Relaxed);
    retire(&arena, index, mark(&arena, index));
    let guard = guard.try_take().expect_err("others hold it");
    let counted = guard.again();
    drop(guard);
    assert!(counted.try_take().is_err(), "of so many none is the last");
}

/// An owner is stopped with a pending cell; somebody takes it for linked and removes it; then another owns
/// the cell, and the generation is the same again. The first must not take back what the second gives out.
///
/// Only with a two-bit generation: four changes of the word, and it wrapped.
#[cfg(tagged_arena_tiny)]
#[test]
fn a_promised_payload_is_not_taken_back_by_the_owner_of_a_pending_one() {
    let census = Census::default();
    let arena = arena::<Counted, 3>();
    let stopped = claim(&arena).unwrap().fill(census.counted(1), None);
    let before = state(&arena, 0);
    take_for_linked(&arena);
    let promised = claim(&arena).unwrap().promise(census.counted(2), None);
    let generation = |word| Cells::<Node<(), Counted>, 3, 0>::LAYOUT.generation(word);
    assert_eq!(generation(before), generation(state(&arena, 0)));
    assert!(catch_unwind(AssertUnwindSafe(|| stopped.take())).is_err());
    let guard = promised.linked();
    assert!(guard.own().is(State::Live));
    assert_eq!((number(&guard), census.alive()), (2, 1));
}

/// And of two that give theirs out, the first keeps the second away.
#[test]
fn a_promise_holds_its_cell_whatever_becomes_of_it() {
    let census = Census::default();
    let arena = arena::<Counted, 1>();
    let stopped = claim(&arena).unwrap().promise(census.counted(1), None);
    take_for_linked(&arena);
    assert!(claim(&arena).is_none());
    assert_eq!(census.alive(), 1);
    assert!(catch_unwind(AssertUnwindSafe(|| stopped.take())).is_err());
    assert_eq!((census.alive(), state(&arena, 0).state()), (0, State::Free));
}

/// Makes a cell live that is not linked, removes what is in it and hands it over.
fn take_for_linked<const N: usize>(arena: &Arena<(), Counted, N, 0>) {
    let guard = arena.hold(0);
    let layout = Cells::<Node<(), Counted>, N, 0>::LAYOUT;
    // SAFETY: it is the cells'. That it is not linked is what is tested.
    let live = unsafe { guard.cell().own.commit(layout) };
    let marked = layout.bump(live).with_state(State::Sealed);
    // SAFETY: it is live, and retired below.
    assert!(unsafe { guard.cell().own.seal(live, marked) });
    retire(arena, 0, marked);
}
