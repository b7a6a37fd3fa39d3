//! A search for a cell that is interrupted in its middle, exactly where it would be fooled.
//!
//! The search asks its `Reclaim` about the retired cell 1 each time it passes it. That is where the
//! "interrupt" claims and frees: between the looks at cell 0 and at cell 2.

use super::config::{free, set};
use crate::cells::{Cells, Claim, Reclaim, Want};
use crate::word::State;
use core::cell::{Cell, RefCell};
use std::vec::Vec;

type Three = Cells<(), 3, 0>;

/// How often the search asks before its last pass: once in the home's group, once among the probes.
const NEAR: usize = 2;
/// The first question of the last pass.
const LAST: usize = NEAR + 1;

/// Moves between the cells 0 and 2 each time that it is asked about the retired cell 1.
struct Interrupt<'a, F: Fn(usize, &Three, &mut Vec<Claim>)> {
    cells: &'a Three,
    held: RefCell<Vec<Claim>>,
    asked: Cell<usize>,
    act: F,
}

// SAFETY: it takes nothing over.
unsafe impl<F: Fn(usize, &Three, &mut Vec<Claim>)> Reclaim for Interrupt<'_, F> {
    fn held(&self, _: usize) -> bool {
        false
    }

    fn take_over(&self, index: usize) -> bool {
        assert_eq!(index, 1);
        self.asked.set(self.asked.get() + 1);
        (self.act)(self.asked.get(), self.cells, &mut self.held.borrow_mut());
        // A guard holds it.
        false
    }
}

/// Claims cell `index` and fills it: it does not look like work in progress.
fn take(cells: &Three, index: usize) -> Claim {
    let claim = cells.claim(index, Want::Ordinary);
    let claim = claim.filter(|claim| claim.index == index);
    let claim = claim.expect("it is free");
    set(
        &cells.cell(index).own,
        cells.claimed_word(claim).with_state(State::Live),
    );
    claim
}

fn give(cells: &Three, held: &mut Vec<Claim>, index: usize) {
    let at = held.iter().position(|claim| claim.index == index);
    free(cells, held.swap_remove(at.expect("it is held")));
}

/// Claims with cells 0 and 2 taken, cell 1 retired, and `act` as the interrupt; returns what was
/// claimed and how often the interrupt came.
fn interrupted(act: impl Fn(usize, &Three, &mut Vec<Claim>)) -> (Option<usize>, usize) {
    // SAFETY: the indices are below three.
    let cells: Three = unsafe { Cells::new() };
    let held = [take(&cells, 0), take(&cells, 1), take(&cells, 2)];
    let own = &cells.cell(1).own;
    set(own, own.peek().with_state(State::Retired));
    let interrupt = Interrupt {
        cells: &cells,
        held: RefCell::new([held[0], held[2]].to_vec()),
        asked: Cell::new(0),
        act,
    };
    let claim = cells.claim_with(0, Want::Ordinary, &interrupt);
    (claim.map(|claim| claim.index), interrupt.asked.get())
}

#[test]
fn nothing_moves_and_nothing_is_free() {
    let (claimed, asked) = interrupted(|_, _, _| ());
    assert_eq!(claimed, None);
    assert_eq!(asked, LAST, "near, and once in the last pass");
}

/// Cell 2 is free when the pass starts. Behind the pass cell 0 is freed, in front of it cell 2 is
/// taken: one was free all the while.
#[test]
fn a_cell_that_moves_past_the_search_does_not_fool_it() {
    let (claimed, asked) = interrupted(|asked, cells, held| match asked {
        NEAR => give(cells, held, 2),
        LAST => {
            give(cells, held, 0);
            held.push(take(cells, 2));
        }
        _ => {}
    });
    assert_eq!((claimed, asked), (Some(0), LAST));
}

/// All were taken at one instant, in the middle of the pass, and the answer may say so; what was
/// freed after that is found by the next claim.
#[test]
fn an_instant_at_which_all_were_taken_is_enough() {
    let (claimed, asked) = interrupted(|asked, cells, held| {
        if asked == LAST {
            give(cells, held, 0);
            held.push(take(cells, 0));
        }
    });
    assert!(
        claimed.is_none() && asked > LAST,
        "looked again, for there was a claim"
    );
}

/// Another claim succeeds in each pass: the search gives up after eight of them.
#[test]
fn a_search_that_is_disturbed_in_each_pass_ends() {
    const PASSES: usize = 8;
    let (claimed, asked) = interrupted(|asked, cells, held| {
        // An end of the disturbance, so that a search without one fails and does not hang.
        if (LAST..LAST + 3 * PASSES).contains(&asked) {
            give(cells, held, 0);
            held.push(take(cells, 0));
        }
    });
    assert_eq!((claimed, asked), (None, NEAR + PASSES));
}
