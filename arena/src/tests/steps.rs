//! Entries whose owner took them out of the structure, and which cells a replacement takes.

use super::arena::{arena, claim, state};
use super::config::{Census, Counted};
use crate::arena::Node;
use crate::cells::{Cells, Want};
use crate::word::{Class, Layout, State};

const LAYOUT: Layout = Cells::<Node<(), Counted>, 1, 0>::LAYOUT;

#[test]
fn a_sealed_cell_that_is_given_up_is_free() {
    let census = Census::default();
    let arena = arena::<Counted, 1>();
    let sealed = claim(&arena).unwrap().seal(census.counted(1));
    assert!(state(&arena, 0).is(State::Sealed) && census.alive() == 1);
    drop(sealed);
    assert_eq!((census.alive(), state(&arena, 0).state()), (0, State::Free));
    let (value, owned) = claim(&arena).unwrap().seal(census.counted(2)).take();
    assert_eq!((value.number, census.alive()), (2, 1));
    assert!(state(&arena, 0).is(State::Claimed));
    drop((value, owned));
    assert_eq!((census.alive(), state(&arena, 0).state()), (0, State::Free));
}

/// Of what was in a chain no look-up may believe that it is there; its cell gets the class that it is to
/// have.
#[test]
fn an_entry_that_was_unlinked_by_its_owner_is_not_live() {
    for (frozen, class) in [(false, Class::Ordinary), (true, Class::Spare)] {
        let census = Census::default();
        let arena = arena::<Counted, 1>();
        let live = claim(&arena)
            .unwrap()
            .fill(census.counted(1), None)
            .linked();
        if frozen {
            // SAFETY: it is live.
            assert!(unsafe { arena.cells().cell(0).own.freeze(LAYOUT, live) }.is_some());
        }
        let guard = arena.hold(0);
        assert!(guard.own().is_live());
        // SAFETY: it is held, and was in no chain.
        let owner = unsafe { guard.own_unlinked(LAYOUT, class) };
        assert!(state(&arena, 0).is(State::Sealed));
        assert_eq!((LAYOUT.class(0, owner.own()), census.alive()), (class, 1));
        assert_eq!(arena.slots().taken(), 0);
        drop(owner);
        assert_eq!((census.alive(), state(&arena, 0).state()), (0, State::Free));
        assert_eq!(LAYOUT.class(0, state(&arena, 0)), class);
    }
}

#[test]
fn an_entry_whose_owner_cleared_its_bit_gets_its_class() {
    for class in [Class::Ordinary, Class::Spare] {
        for held in [false, true] {
            let census = Census::default();
            let arena = arena::<Counted, 1>();
            let owned = claim(&arena).unwrap();
            let guard = owned.hold();
            owned.seal(census.counted(1)).published();
            let other = held.then(|| arena.hold(0));
            // SAFETY: the guard is from before the entry was put in, and nobody else is told of it.
            let owner = unsafe { guard.own_unlisted(LAYOUT, class) };
            assert_eq!(LAYOUT.class(0, owner.own()), class);
            drop(owner);
            let left = if held { State::Retired } else { State::Free };
            assert_eq!(state(&arena, 0).state(), left);
            assert_eq!(census.alive(), usize::from(held));
            drop(other);
            assert_eq!((census.alive(), state(&arena, 0).state()), (0, State::Free));
            assert_eq!(LAYOUT.class(0, state(&arena, 0)), class);
        }
    }
}

/// A spare is for when nothing near is free.
#[test]
fn a_replacement_takes_what_is_near_before_a_spare() {
    // SAFETY: each cell is claimed once.
    let cells: Cells<(), 16, 8> = unsafe { Cells::new() };
    let claims: [_; 8] = core::array::from_fn(|_| cells.claim(0, Want::Any).unwrap());
    assert!(
        claims
            .iter()
            .all(|claim| claim.index < 8 && claim.class == Class::Ordinary)
    );
    let next = cells.claim(0, Want::Any).unwrap();
    assert_eq!(next.class, Class::Spare);
}
