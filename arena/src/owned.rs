//! Cells on their way into a structure: claimed and empty, or filled and not linked yet.

use crate::arena::{Arena, Node, NodeCell};
use crate::cells::{Cells, Claim};
use crate::guard::Guard;
use crate::word::{State, Word};
use core::mem::forget;

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
    pub fn cell(&self) -> &'a NodeCell<H, T> {
        self.arena.cells.cell(self.claim.index)
    }

    /// Puts the payload in and sets the own word to `Pending`, linking to `next`.
    #[inline(always)]
    pub fn fill(self, payload: T, next: Option<usize>) -> Filled<'a, H, T, N, EXTRA> {
        self.fill_as(State::Pending, payload, next)
    }

    /// The same with a hold on the cell, and with the own word set to `Promised`: for whoever reads the
    /// payload once it is linked.
    #[inline(always)]
    pub fn promise(self, payload: T, next: Option<usize>) -> Promised<'a, H, T, N, EXTRA> {
        // Before the fill: see I-PROMISED.
        let guard = self.arena.hold(self.claim.index);
        let filled = self.fill_as(State::Promised, payload, next);
        Promised { filled, guard }
    }

    /// Puts the payload in and sets the own word to `Sealed`: for what a word elsewhere will say to be there.
    #[inline(always)]
    pub fn seal(self, payload: T) -> Sealed<'a, H, T, N, EXTRA> {
        let index = self.claim.index;
        // To itself: see `Layout::apart`.
        let filled = self.fill_as(State::Sealed, payload, Some(index));
        let Filled { arena, claim, .. } = filled;
        forget(filled);
        Sealed { arena, claim }
    }

    /// Holds the cell before it is filled: the guard is good once the entry is in the structure (`I-LIVE`).
    #[inline(always)]
    pub fn hold(&self) -> Guard<'a, H, T> {
        self.arena.hold(self.claim.index)
    }

    #[inline(always)]
    fn fill_as(self, state: State, payload: T, next: Option<usize>) -> Filled<'a, H, T, N, EXTRA> {
        let Self { arena, claim } = self;
        let cell = self.cell();
        forget(self);
        cell.header.payload.0.with_mut(|place| {
            // SAFETY: I-OWNER: the cell is `Claimed` by us and no guard sees it live.
            unsafe { (*place).write(payload) };
        });
        let layout = Cells::<Node<H, T>, N, EXTRA>::LAYOUT;
        // SAFETY: I-OWNER, as above; I-FULL.
        let word = unsafe { cell.own.fill(layout, claim.index, next, state) };
        Filled { arena, claim, word }
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Drop for Owned<'_, H, T, N, EXTRA> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: I-OWNER.
        unsafe { self.arena.cells.free(self.claim) };
    }
}

/// A filled cell that is not linked yet. Dropped, it drops what is in it and gives the cell back.
///
/// `I-FILLED`: its own word is `word`, unless a generation wrapped exactly and an operation that was
/// stopped meanwhile believes that the cell is linked, and makes it live. So the payload is reached again
/// only by a compare-and-swap from `word`. Others may *hold* the cell at any time, having come by a stale
/// link; they do not touch the payload of a pending cell.
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

    #[inline(always)]
    fn cell(&self) -> &'a NodeCell<H, T> {
        self.arena.cells.cell(self.claim.index)
    }

    /// The cell is linked: it is the structure's from now on. Makes it `Live`, unless somebody did so
    /// already; returns the word that does. Wait-free.
    #[inline(always)]
    pub fn linked(self) -> Word {
        let layout = Cells::<Node<H, T>, N, EXTRA>::LAYOUT;
        let (cell, word) = (self.cell(), self.word);
        forget(self);
        // SAFETY: `word` is what the fill has left there.
        unsafe { cell.own.publish(layout, word) }
    }

    /// From pending to `Claimed`, with the class that the cell had, and the payload out of it: if the
    /// cell is still ours.
    fn reach(&self) -> Option<T> {
        let layout = Cells::<Node<H, T>, N, EXTRA>::LAYOUT;
        let Claim { index, class } = self.claim;
        let cell = self.cell();
        // SAFETY: `self.word` is what the fill has left there, and it was not linked.
        if !unsafe { cell.own.take_back(layout, index, self.word, class) } {
            return None;
        }
        Some(cell.header.payload.0.with_mut(|payload| {
            // SAFETY: I-OWNER and I-FULL: the state was still pending. No guard is good in it (I-LIVE) but
            // that of a promise; and if it was `Promised`, the promise is ours (I-PROMISED).
            unsafe { (*payload).assume_init_read() }
        }))
    }

    /// Takes the payload out again, of a cell that was never linked; the empty cell comes back, too.
    ///
    /// # Panics
    /// If a generation wrapped exactly and the cell is not ours any more: the payload is dropped
    /// by whoever took it for linked.
    #[cold]
    #[inline(never)]
    pub fn take(self) -> (T, Owned<'a, H, T, N, EXTRA>) {
        let payload = self.reach();
        let Self { arena, claim, .. } = self;
        forget(self);
        match payload {
            Some(payload) => (payload, Owned { arena, claim }),
            None => wrapped(),
        }
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Drop for Filled<'_, H, T, N, EXTRA> {
    #[cold]
    fn drop(&mut self) {
        let payload = self.reach();
        if payload.is_some() {
            // SAFETY: I-OWNER: it was taken back.
            unsafe { self.arena.cells.free(self.claim) };
        }
        drop(payload);
    }
}

/// A cell that is filled and that no word says to be there yet: exclusively owned, for no chain leads to it,
/// and no guard is good in it. Dropped, it drops what is in it and gives the cell back.
#[derive(Debug)]
#[must_use]
pub struct Sealed<'a, H, T, const N: usize, const EXTRA: usize> {
    arena: &'a Arena<H, T, N, EXTRA>,
    claim: Claim,
}

impl<'a, H, T, const N: usize, const EXTRA: usize> Sealed<'a, H, T, N, EXTRA> {
    /// Which cell it is, and the class that it had.
    #[inline(always)]
    pub fn claim(&self) -> Claim {
        self.claim
    }

    /// The entry is in the structure, whose it is from now on.
    #[inline(always)]
    pub fn published(self) {
        forget(self);
    }

    /// Takes the payload out again, of an entry that was never in the structure; the empty cell comes back,
    /// too.
    #[cold]
    pub fn take(self) -> (T, Owned<'a, H, T, N, EXTRA>) {
        let payload = self.empty();
        let Self { arena, claim } = self;
        forget(self);
        (payload, Owned { arena, claim })
    }

    fn empty(&self) -> T {
        let layout = Cells::<Node<H, T>, N, EXTRA>::LAYOUT;
        let cell = self.arena.cells.cell(self.claim.index);
        let payload = cell.header.payload.0.with_mut(|payload| {
            // SAFETY: I-OWNER and I-FULL: we filled it, and nobody else was told of it.
            unsafe { (*payload).assume_init_read() }
        });
        let word = self.arena.cells.claimed_word(self.claim);
        let word = layout.with_class(self.claim.index, layout.bump(word), self.claim.class);
        // SAFETY: I-OWNER, as above.
        unsafe { cell.own.empty(word) };
        payload
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Drop for Sealed<'_, H, T, N, EXTRA> {
    #[cold]
    fn drop(&mut self) {
        let payload = self.empty();
        // SAFETY: I-OWNER.
        unsafe { self.arena.cells.free(self.claim) };
        drop(payload);
    }
}

/// A [`Filled`] cell that its owner holds, to read the payload once it is linked.
///
/// `I-PROMISED`: the hold began while the cell was `Claimed`, so before its own word could become anything
/// that leads to a reclaimer, and it ends after the promise. So while the promise lasts its cell is not
/// reclaimed, whatever becomes of the word; nobody else's promise is in it; and nobody but the promise's
/// owner reaches for the payload by a compare-and-swap from `Promised`.
///
/// `Pending` would not do: an owner that was stopped with a pending cell, while somebody took it for linked
/// and removed it, may find the very same word in the cell once a generation wrapped. It then takes the
/// payload of whoever owns the cell by now: only an entry that is lost, but not if that one reads it.
#[derive(Debug)]
#[must_use]
pub struct Promised<'a, H, T, const N: usize, const EXTRA: usize> {
    /// Dropped first: before the hold ends.
    filled: Filled<'a, H, T, N, EXTRA>,
    guard: Guard<'a, H, T>,
}

impl<'a, H, T, const N: usize, const EXTRA: usize> Promised<'a, H, T, N, EXTRA> {
    /// Which cell it is, and the class that it had.
    #[inline(always)]
    pub fn claim(&self) -> Claim {
        self.filled.claim()
    }

    /// The cell is linked: see [`Filled::linked`]. The guard is good from now on.
    #[inline(always)]
    pub fn linked(self) -> Guard<'a, H, T> {
        let Self { filled, guard } = self;
        filled.linked();
        guard
    }

    /// Takes the payload out again: see [`Filled::take`].
    ///
    /// # Panics
    /// As [`Filled::take`].
    #[cold]
    #[inline(never)]
    pub fn take(self) -> (T, Owned<'a, H, T, N, EXTRA>) {
        let Self { filled, guard } = self;
        let back = filled.take();
        drop(guard);
        back
    }
}

/// A generation wrapped exactly and somebody took a cell for linked that was not.
#[cold]
#[inline(never)]
fn wrapped() -> ! {
    panic!("a generation wrapped exactly while an operation was stopped: its entry is lost")
}
