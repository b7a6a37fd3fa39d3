//! A held retired cell that is taken over, put back, let go of and taken over again was not claimed all the
//! while: a last pass must not take it for one that was.
//!
//! The real arena is used; `Hooked` only gives the points of the pass at which other contexts run. What a
//! suspended context has done so far are the first steps of `arena.rs::take_over` and of
//! `cells/claim.rs::try_claim`, between which it may be suspended.

use super::config::free;
use crate::arena::Arena;
use crate::cell::Own;
use crate::cells::{Claim, Reclaim, Want};
use crate::guard::Guard;
use crate::word::{Class, State, Word};
use core::cell::Cell;

const N: usize = 64;
type A = Arena<(), u64, N, 0>;

const D: usize = 0; // home: looked at first; freed behind the seeker in its second pass
const P: usize = 1; // a removed entry, held for good: gives a hook before C
const C: usize = 2; // a removed entry, held at first
const Q: usize = 3; // as P: a hook between C and E
const E: usize = 9; // free at the start; out of the near probes' way

fn word(arena: &A, at: usize) -> &Own {
    &arena.cells().cell(at).own
}

fn own(arena: &A, at: usize) -> Word {
    word(arena, at).read()
}

fn remove(arena: &A, at: usize) {
    let live = own(arena, at);
    assert!(live.is(State::Live));
    let sealed = LAYOUT.bump(live).with_state(State::Sealed);
    // SAFETY: it is live and in no chain, and handed over by whoever sealed it.
    unsafe {
        assert!(word(arena, at).seal(live, sealed));
        arena.retire(at, sealed);
    }
}

/// Begins to take the cell over, and is suspended: it has not looked at the holds yet.
fn begin_to_take_over(arena: &A, at: usize) -> Word {
    word(arena, at).take_over().expect("it is retired")
}

const LAYOUT: crate::word::Layout =
    crate::cells::Cells::<crate::arena::Node<(), u64>, N, 0>::LAYOUT;

/// Whether an insert would get this cell now.
fn takeable(arena: &A, at: usize) -> bool {
    match own(arena, at).state() {
        State::Free => true,
        State::Retired => !Reclaim::held(arena, at),
        _ => false,
    }
}

struct Hooked<'a> {
    arena: &'a A,
    seeking: Cell<bool>,
    asked: Cell<u32>,
    hold_c: Cell<Option<Guard<'a, (), u64>>>,
    put_back: Cell<Word>,
    always_free: Cell<bool>,
}

impl Hooked<'_> {
    fn step(&self) {
        if !(0..N).any(|at| takeable(self.arena, at)) {
            self.always_free.set(false);
        }
    }
}

// SAFETY: as that of the arena.
unsafe impl Reclaim for Hooked<'_> {
    fn take_over(&self, index: usize) -> bool {
        self.arena.take_over(index)
    }

    /// Asked by the last pass only.
    fn held(&self, index: usize) -> bool {
        let arena = self.arena;
        self.seeking.set(true);
        if index == P || index == Q {
            self.asked.set(self.asked.get() + 1);
            self.step();
            match self.asked.get() {
                1 => {
                    // X, which looks for a cell near C, begins to take C over, and is stopped.
                    self.put_back.set(begin_to_take_over(arena, C));
                    self.step();
                }
                2 => {
                    // The seeker has seen C `Claimed`. X finds it held and puts it back.
                    assert!(Reclaim::held(arena, C));
                    // SAFETY: X took it over, and it is full.
                    unsafe { word(arena, C).put_back(self.put_back.get()) };
                    self.step();
                    // The guard goes.
                    drop(self.hold_c.take());
                    self.step();
                    // Another insert claims E, and is stopped before it looks at `seekers`.
                    let free = own(arena, E);
                    assert!(free.is(State::Free));
                    assert!(word(arena, E).claim(LAYOUT, free));
                    self.step();
                }
                3 => {
                    // Second pass, between D and C: D is removed, so that it can be claimed ...
                    remove(arena, D);
                    self.step();
                    // ... then Y begins to take C over (nobody holds it: it will succeed), and is stopped
                    // before it looks at `seekers`.
                    assert!(!Reclaim::held(arena, C));
                    begin_to_take_over(arena, C);
                    self.step();
                }
                _ => {}
            }
        }
        self.arena.held(index)
    }
}

#[test]
fn not_full_while_a_cell_is_to_be_had_at_every_instant() {
    // SAFETY: the test keeps to the protocol.
    let arena: A = unsafe { Arena::new() };
    for at in 0..N {
        let owned = arena.claim(at, Want::Ordinary).unwrap();
        assert_eq!(owned.claim().index, at);
        owned.fill(at as u64, None).linked();
    }
    let _p = arena.hold(P);
    let _q = arena.hold(Q);
    let c = arena.hold(C);
    for at in [P, Q, C, E] {
        remove(&arena, at);
    }
    // E is reclaimed and free.
    assert!(arena.take_over(E));
    let class = Class::Ordinary;
    free(arena.cells(), Claim { index: E, class });

    let hooked = Hooked {
        arena: &arena,
        seeking: Cell::new(false),
        asked: Cell::new(0),
        hold_c: Cell::new(Some(c)),
        put_back: Cell::new(Word(0)),
        always_free: Cell::new(true),
    };
    let got = arena.cells().claim_with(D, Want::Ordinary, &hooked);
    if got.is_none() {
        hooked.step();
    }
    assert!(hooked.seeking.get(), "it came to the last pass");
    assert!(
        hooked.always_free.get(),
        "a cell was to be had at every instant"
    );
    assert!(
        got.is_some(),
        "refused, though a cell was to be had at every instant"
    );
}

#[test]
fn a_cell_that_is_put_back_has_another_word() {
    // SAFETY: the test keeps to the protocol.
    let arena: A = unsafe { Arena::new() };
    let owned = arena.claim(C, Want::Ordinary).unwrap();
    owned.fill(1, None).linked();
    let _held = arena.hold(C);
    remove(&arena, C);
    let retired = own(&arena, C);
    assert!(!arena.take_over(C));
    assert!(own(&arena, C).is(State::Retired));
    assert_ne!(own(&arena, C), retired);
}
