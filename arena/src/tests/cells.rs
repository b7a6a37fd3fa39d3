//! Claiming and freeing cells, one thread: each cell once, `None` exactly when there is none.

use super::config::{self, for_all, free, scaled};
use crate::cells::{Cells, Claim, Reclaim, SPARES, Want};
use crate::word::{Class, State, Word};
use proptest::prelude::*;
use std::vec::Vec;

fn cells<const N: usize, const EXTRA: usize>() -> Cells<(), N, EXTRA> {
    // SAFETY: the indices are of claims, or below `COUNT`.
    unsafe { Cells::new() }
}

fn class_now<const N: usize, const EXTRA: usize>(
    cells: &Cells<(), N, EXTRA>,
    index: usize,
) -> (State, Class) {
    let word = cells.cell(index).own.peek();
    (
        word.state(),
        Cells::<(), N, EXTRA>::LAYOUT.class(index, word),
    )
}

/// Claims all that `want` may take, from every home; then frees each in turn and gets it again.
fn takes_each_cell_once<const N: usize, const EXTRA: usize>(want: Want) {
    let count = Cells::<(), N, EXTRA>::COUNT;
    let expected = match want {
        Want::Ordinary => Cells::<(), N, EXTRA>::CAPACITY,
        Want::Spare => count - Cells::<(), N, EXTRA>::CAPACITY,
        Want::Any => count,
    };
    for home in 0..count {
        let cells = cells::<N, EXTRA>();
        let claim = |home| cells.claim(home, want);
        let claims: Vec<Claim> = (0..expected).filter_map(|_| claim(home)).collect();
        let mut indices: Vec<_> = claims.iter().map(|claim| claim.index).collect();
        let first = indices[0];
        match want {
            Want::Any => assert_eq!(first, home, "the home cell first"),
            _ => assert_eq!(
                first,
                home.min(first),
                "the home cell first, if it may be taken"
            ),
        }
        indices.sort_unstable();
        indices.dedup();
        assert_eq!(indices.len(), expected, "each once");
        for from in 0..count {
            assert!(claim(from).is_none(), "all {expected} are taken");
        }
        for &freed in &claims {
            for from in 0..count {
                free(&cells, freed);
                assert_eq!(class_now(&cells, freed.index), (State::Free, freed.class));
                let again = claim(from).map(|claim| (claim.index, claim.class));
                assert_eq!(again, Some((freed.index, freed.class)), "from {from}");
                assert!(claim(from).is_none());
            }
        }
    }
}

fn takes_each_cell_once_of_either_kind<const N: usize, const EXTRA: usize>() {
    takes_each_cell_once::<N, EXTRA>(Want::Ordinary);
    takes_each_cell_once::<N, EXTRA>(Want::Any);
}

#[test]
fn each_cell_is_claimed_once_and_then_there_is_none() {
    takes_each_cell_once_of_either_kind::<1, 0>();
    takes_each_cell_once_of_either_kind::<2, 0>();
    takes_each_cell_once_of_either_kind::<2, 1>();
    if cfg!(not(miri)) {
        takes_each_cell_once_of_either_kind::<3, 0>();
        takes_each_cell_once_of_either_kind::<1, 1>();
        takes_each_cell_once_of_either_kind::<3, 8>();
        takes_each_cell_once_of_either_kind::<1, 16>();
        takes_each_cell_once_of_either_kind::<37, 3>();
    }
}

#[test]
fn a_claimed_cell_goes_to_its_home_if_that_is_free() {
    for home in 0..5 {
        let cells = cells::<5, 0>();
        let claim = cells.claim(home, Want::Ordinary);
        assert_eq!(claim.map(|claim| claim.index), Some(home));
        let next = cells.claim(home, Want::Ordinary).unwrap().index;
        assert_eq!(
            next,
            if home == 4 { next } else { home ^ 1 },
            "then its neighbour"
        );
    }
}

#[test]
fn new_entries_never_take_a_spare() {
    let cells = cells::<2, 3>();
    assert_eq!(
        (Cells::<(), 2, 3>::CAPACITY, Cells::<(), 2, 3>::COUNT),
        (2, 5)
    );
    let ordinary = |home| cells.claim(home, Want::Ordinary);
    let any = |home| cells.claim(home, Want::Any);
    let spares = [2, 3, 4].map(|home| any(home).unwrap());
    assert!(
        spares
            .iter()
            .all(|claim| claim.class == Class::Spare && claim.index >= 2)
    );
    let first = ordinary(3).unwrap();
    assert_eq!(first.class, Class::Ordinary);
    let last = any(0).unwrap();
    assert_eq!(last.class, Class::Ordinary, "any takes what is left");
    assert!(ordinary(0).is_none() && any(0).is_none());
    free(&cells, spares[1]);
    assert!(ordinary(3).is_none());
    assert_eq!(any(0).map(|claim| claim.index), Some(spares[1].index));
    free(&cells, last);
    assert_eq!(ordinary(3).map(|claim| claim.index), Some(last.index));
}

#[test]
fn only_so_many_cells_are_spare() {
    assert_eq!(Cells::<(), 4, 0>::CAPACITY, 4);
    assert_eq!(Cells::<(), 4, 3>::CAPACITY, 4);
    assert_eq!(Cells::<(), 4, SPARES>::CAPACITY, 4);
    assert_eq!(Cells::<(), 4, { SPARES + 5 }>::CAPACITY, 9);
    assert_eq!(Cells::<(), 4, { SPARES + 5 }>::COUNT, 4 + SPARES + 5);
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Claim(usize, bool),
    Free(usize),
    /// Two owners exchange the classes of their cells, as a replacement does.
    Exchange(usize, usize),
}

fn claims_against_a_model<const N: usize, const EXTRA: usize>() {
    let count = N + EXTRA;
    let op = (0..8u8, 0..count, any::<usize>()).prop_map(|(kind, home, other)| match kind {
        0..=3 => Op::Claim(home, other % 2 == 0),
        4..=6 => Op::Free(other),
        _ => Op::Exchange(home, other),
    });
    let ops = prop::collection::vec(op, 0..scaled(120, 30) as usize);
    for_all(scaled(200, 2), &ops, |ops| {
        let cells = cells::<N, EXTRA>();
        let mut held: Vec<Claim> = Vec::new();
        let ordinary = Cells::<(), N, EXTRA>::CAPACITY;
        for op in ops {
            match op {
                Op::Claim(home, any) => {
                    let want = if any { Want::Any } else { Want::Ordinary };
                    let of = |class| held.iter().filter(|claim| claim.class == class).count();
                    let room = of(Class::Ordinary) < ordinary
                        || (any && of(Class::Spare) < count - ordinary);
                    let claim = cells.claim(home, want);
                    assert_eq!(claim.is_some(), room);
                    if let Some(claim) = claim {
                        assert!(held.iter().all(|other| other.index != claim.index));
                        assert!(any || claim.class == Class::Ordinary);
                        assert_eq!(cells.claimed_word(claim).state(), State::Claimed);
                        held.push(claim);
                    }
                }
                Op::Free(_) | Op::Exchange(..) if held.is_empty() => {}
                Op::Free(at) => free(&cells, held.swap_remove(at % held.len())),
                Op::Exchange(a, b) => {
                    let (a, b) = (a % held.len(), b % held.len());
                    let class = held[a].class;
                    held[a].class = held[b].class;
                    held[b].class = class;
                }
            }
        }
        held.into_iter().for_each(|claim| free(&cells, claim));
        let spare = |&index: &usize| class_now(&cells, index) == (State::Free, Class::Spare);
        assert_eq!((0..count).filter(spare).count(), count - ordinary);
    });
}

#[test]
fn any_sequence_of_claims_and_frees() {
    claims_against_a_model::<2, 0>();
    claims_against_a_model::<3, 2>();
    if cfg!(not(miri)) {
        claims_against_a_model::<1, 0>();
        claims_against_a_model::<5, 8>();
        claims_against_a_model::<20, 10>();
    }
}

#[test]
fn generations_go_round_and_the_cells_stay_exact() {
    let cells = cells::<2, 1>();
    for round in 0..scaled(50_000, 40) as usize {
        let first = cells.claim(round % 3, Want::Ordinary).unwrap();
        let second = cells.claim(round % 3, Want::Any).unwrap();
        let third = cells.claim(round % 3, Want::Any).unwrap();
        assert_eq!(first.index + second.index + third.index, 3);
        assert!(cells.claim(0, Want::Any).is_none());
        for claim in [second, third, first] {
            free(&cells, claim);
        }
    }
}

/// Does what a test wants at the points where a claim asks about retired cells.
struct Meanwhile<A, B>(A, B);

// SAFETY: what it takes over has no payload.
unsafe impl<A: Fn(usize) -> bool, B: Fn(usize) -> bool> Reclaim for Meanwhile<A, B> {
    fn take_over(&self, index: usize) -> bool {
        self.0(index)
    }
    fn held(&self, index: usize) -> bool {
        self.1(index)
    }
}

fn set<const N: usize, const EXTRA: usize>(
    cells: &Cells<(), N, EXTRA>,
    index: usize,
    state: State,
) {
    let own = &cells.cell(index).own;
    config::set(own, own.peek().with_state(state));
}

/// A retired cell that is taken over behind a claim's back counts as a claim: else the claim would not
/// know that the cell freed behind it was there all the while.
#[test]
fn taking_over_is_counted() {
    let cells = cells::<3, 0>();
    let claims: Vec<Claim> = (0..3)
        .filter_map(|home| cells.claim(home, Want::Ordinary))
        .collect();
    let in_two = claims.into_iter().find(|claim| claim.index == 2);
    set(&cells, 0, State::Retired);
    set(&cells, 1, State::Retired);
    set(&cells, 2, State::Live);
    let in_two = core::cell::Cell::new(in_two);
    let other = Meanwhile(
        |index| {
            set(&cells, index, State::Claimed);
            true
        },
        |_| false,
    );
    let seeker = Meanwhile(
        |_| false,
        |index| {
            // The claim has looked at cell 2, and will look at cell 1 after this one.
            if let (0, Some(claim)) = (index, in_two.take()) {
                free(&cells, claim);
                let moved = cells.claim_with(1, Want::Ordinary, &other);
                assert_eq!(moved.map(|claim| claim.index), Some(1));
                set(&cells, 1, State::Live);
            }
            true
        },
    );
    let claim = cells.claim_with(2, Want::Ordinary, &seeker);
    assert_eq!(claim.map(|claim| claim.index), Some(2));
}

/// So does one of a spare cell, for a claim that may take those: one was free all the while.
#[test]
fn a_claim_of_a_spare_is_counted() {
    for want in [Want::Spare, Want::Any] {
        let cells = cells::<1, 3>();
        let claims: Vec<Claim> = (0..4).filter_map(|_| cells.claim(0, Want::Any)).collect();
        let in_two = claims.into_iter().find(|claim| claim.index == 2);
        for (index, state) in [State::Live, State::Retired, State::Live, State::Retired]
            .into_iter()
            .enumerate()
        {
            set(&cells, index, state);
        }
        let in_two = core::cell::Cell::new(in_two);
        let other = Meanwhile(
            |index| {
                set(&cells, index, State::Claimed);
                true
            },
            |_| false,
        );
        let seeker = Meanwhile(
            |_| false,
            |index| {
                // The claim has looked at cell 2, and will look at cell 1 after this one.
                if let (3, Some(claim)) = (index, in_two.take()) {
                    free(&cells, claim);
                    let moved = cells.claim_with(1, Want::Spare, &other);
                    assert_eq!(moved.map(|claim| claim.index), Some(1));
                    set(&cells, 1, State::Live);
                }
                true
            },
        );
        let claim = cells.claim_with(2, want, &seeker);
        assert_eq!(claim.map(|claim| claim.index), Some(2), "{want:?}");
    }
}

/// A retired cell that another claim takes over just before this one is not counted yet, perhaps: a cell
/// freed before that is looked for.
#[test]
fn a_lost_race_for_a_retired_cell_is_no_end() {
    let cells = cells::<3, 0>();
    let claims: Vec<Claim> = (0..3)
        .filter_map(|home| cells.claim(home, Want::Ordinary))
        .collect();
    let in_two = claims.into_iter().find(|claim| claim.index == 2);
    set(&cells, 0, State::Live);
    set(&cells, 1, State::Retired);
    set(&cells, 2, State::Live);
    let in_two = core::cell::Cell::new(in_two);
    let last_pass = core::cell::Cell::new(false);
    let seeker = Meanwhile(
        |index| {
            // The claim has looked at cell 2. Another one takes cell 1 over, and is suspended there.
            let freed = last_pass.get().then(|| in_two.take());
            if let Some(claim) = freed.flatten() {
                free(&cells, claim);
                set(&cells, index, State::Claimed);
            }
            false
        },
        |_| {
            last_pass.set(true);
            false
        },
    );
    let claim = cells.claim_with(2, Want::Ordinary, &seeker);
    assert_eq!(claim.map(|claim| claim.index), Some(2));
}

/// A retired cell may be of another class by the time it is taken over.
#[test]
fn the_class_is_looked_at_again_after_taking_over() {
    let cells = cells::<1, 1>();
    let ordinary = cells.claim(0, Want::Ordinary);
    assert_eq!(ordinary.map(|claim| claim.index), Some(0));
    let own = &cells.cell(0).own;
    config::set(own, Word(State::Retired as usize));
    let reclaim = Meanwhile(
        |index| {
            // Another entry's since, which was replaced by one in the spare cell.
            let word = Word(State::Claimed as usize);
            let spare = Cells::<(), 1, 1>::LAYOUT.with_class(index, word, Class::Spare);
            config::set(own, spare);
            true
        },
        |_| true,
    );
    assert!(cells.claim_with(0, Want::Ordinary, &reclaim).is_none());
    assert_eq!(class_now(&cells, 0), (State::Free, Class::Spare));
}
