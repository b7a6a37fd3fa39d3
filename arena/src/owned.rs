//! Cells on their way into a structure: claimed and empty, or filled and not linked yet.

use crate::arena::{Arena, Loaded, LoadedCell};
use crate::cells::{Cells, Claim};
use crate::guard::Guard;
use crate::sync::{Ordering, fence_after_rmw};
use crate::word::{Class, State, Word};
use core::mem::{forget, needs_drop};

/// An exclusively owned, empty cell (`I-OWNER`). Dropped, it gives the cell back.
#[derive(Debug)]
pub struct Owned<'a, H, T, const N: usize, const EXTRA: usize> {
    arena: &'a Arena<H, T, N, EXTRA>,
    claim: Claim,
}

impl<'a, H, T, const N: usize, const EXTRA: usize> Owned<'a, H, T, N, EXTRA> {
    #[inline(always)]
    pub(crate) fn new(arena: &'a Arena<H, T, N, EXTRA>, claim: Claim) -> Self {
        Self { arena, claim }
    }

    /// Which cell it is, and its class.
    #[inline(always)]
    pub fn claim(&self) -> Claim {
        self.claim
    }

    /// The cell.
    #[inline(always)]
    pub fn cell(&self) -> &'a LoadedCell<H, T> {
        self.arena.cells.cell(self.claim.index)
    }

    /// Puts the payload in and makes the cell `Live`, linking to `next`.
    #[inline(always)]
    pub fn fill(self, payload: T, next: Option<usize>) -> Filled<'a, H, T, N, EXTRA> {
        let Self { arena, claim } = self;
        let cell = self.cell();
        forget(self);
        cell.header.payload.0.with_mut(|place| {
            // SAFETY: I-OWNER: the cell is `Claimed` by us and no guard sees it live.
            unsafe { (*place).write(payload) };
        });
        let layout = Cells::<Loaded<H, T>, N, EXTRA>::LAYOUT;
        let word = layout.link(arena.cells.claimed_word(claim), next);
        let word = layout.with_class(claim.index, word, Class::Ordinary);
        let word = word.with_state(State::Live);
        // (6) Release: the payload and a counted claim come before; pairs with (5) and with the
        // Acquire loads of own words.
        cell.own.store(word.0, Ordering::Release);
        Filled { arena, claim, word }
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Drop for Owned<'_, H, T, N, EXTRA> {
    #[inline(always)]
    fn drop(&mut self) {
        self.arena.cells.free(self.claim);
    }
}

/// A filled cell that is not linked yet. Dropped, it drops what is in it and gives the cell back.
///
/// `I-FILLED`: its own word is `word`, unless a generation went round exactly and an operation that
/// was stopped meanwhile believes that the cell is linked: that one may hold it, mark it and retire it.
/// So the payload is reached again only by a compare-and-swap from `word` that ends `Live`, and a look
/// at the slots.
#[derive(Debug)]
#[must_use]
pub struct Filled<'a, H, T, const N: usize, const EXTRA: usize> {
    arena: &'a Arena<H, T, N, EXTRA>,
    claim: Claim,
    word: Word,
}

impl<'a, H, T, const N: usize, const EXTRA: usize> Filled<'a, H, T, N, EXTRA> {
    /// Which cell it is, and the class that it had.
    #[inline(always)]
    pub fn claim(&self) -> Claim {
        self.claim
    }

    /// Its own word: `Live`.
    #[inline(always)]
    pub fn word(&self) -> Word {
        self.word
    }

    /// Holds the cell before it is linked.
    ///
    /// # Panics
    /// If a generation went round exactly and the cell is not ours any more.
    #[inline(always)]
    pub fn hold(&self) -> Guard<'a, H, T> {
        let guard = self.arena.hold(self.claim.index);
        if guard.own() != self.word {
            wrapped();
        }
        guard
    }

    /// The cell is linked: it is the structure's from now on.
    #[inline(always)]
    pub fn linked(self) {
        forget(self);
    }

    /// The own word for a cell that leaves `Live` unlinked: with the class that it had.
    fn left(&self, state: State) -> Word {
        let layout = Cells::<Loaded<H, T>, N, EXTRA>::LAYOUT;
        layout
            .with_class(self.claim.index, self.word, self.claim.class)
            .with_state(state)
    }

    /// From `Live` to another state, if the cell is still ours.
    fn leave(&self, state: State) -> bool {
        let own = &self.arena.cells.cell(self.claim.index).own;
        let left = self.left(state);
        // Release: what is in the cell is handed on; Acquire: as when a retired cell is taken over.
        own.compare_exchange(self.word.0, left.0, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// Takes the payload out again, of a cell that was never linked; the empty cell comes back, too.
    ///
    /// # Panics
    /// If a generation went round exactly and the cell is not ours any more: the payload is dropped
    /// by whoever took it for linked.
    #[cold]
    pub fn take(self) -> (T, Owned<'a, H, T, N, EXTRA>) {
        if !self.leave(State::Claimed) {
            forget(self);
            wrapped();
        }
        let Self { arena, claim, .. } = self;
        let cell = arena.cells.cell(claim.index);
        // (14) Store→load: the own word is not live any more, then slots and count: see (12).
        fence_after_rmw();
        if arena.slots.holds(claim.index, &cell.header.pins) {
            // (17) Given up: reclaimed when the hold ends.
            cell.own.swap(self.left(State::Retired).0, Ordering::AcqRel);
            forget(self);
            arena.reclaim(claim.index);
            wrapped();
        }
        forget(self);
        let payload = cell.header.payload.0.with_mut(|payload| {
            // SAFETY: I-OWNER (we made the cell `Claimed`), I-FULL (it was `Live`), I-DROP (no hold
            // after the fence).
            unsafe { (*payload).assume_init_read() }
        });
        (payload, Owned { arena, claim })
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Drop for Filled<'_, H, T, N, EXTRA> {
    #[cold]
    fn drop(&mut self) {
        if self.leave(State::Retired) && needs_drop::<T>() {
            self.arena.reclaim(self.claim.index);
        }
    }
}

/// A generation went round exactly and somebody took a cell for linked that was not.
#[cold]
#[inline(never)]
fn wrapped() -> ! {
    panic!("a generation went round exactly while an operation was stopped: its entry is lost")
}
