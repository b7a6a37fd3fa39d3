//! A guard: a cell that is not reclaimed while the guard lives.

use crate::arena::{LoadedCell, reclaim};
use crate::slots::{Pin, Slots};
use crate::sync::{Ordering, fence};
use crate::word::{State, Word};
use core::mem::needs_drop;

/// Holds one cell. Leaking it costs that cell and at most one slot, nothing else.
///
/// Dropping it is one release store; if the payload has drop glue, also a fence and a look at the
/// cell, and the last guard of a retired cell drops the payload. Wait-free without drop glue, unless it
/// holds by count (lock-free).
#[derive(Debug)]
pub struct Guard<'a, H, T> {
    cell: &'a LoadedCell<H, T>,
    slots: &'a Slots,
    index: usize,
    pin: Pin<'a>,
}

// SAFETY: a guard gives `&T` and may drop the payload where it is dropped itself; a hold may be
// ended by any thread.
unsafe impl<H: Sync, T: Send + Sync> Send for Guard<'_, H, T> {}
// SAFETY: through a shared guard one gets `&T`, and by `again` a second guard, which may drop the payload
// where it is: so `T: Send`, too.
unsafe impl<H: Sync, T: Send + Sync> Sync for Guard<'_, H, T> {}

impl<'a, H, T> Guard<'a, H, T> {
    #[inline(always)]
    pub(crate) fn new(
        cell: &'a LoadedCell<H, T>,
        slots: &'a Slots,
        index: usize,
        pin: Pin<'a>,
    ) -> Self {
        Self {
            cell,
            slots,
            index,
            pin,
        }
    }

    /// A second guard of the same cell, as good as this one: see [`Slots::pin_by_count`].
    pub fn again(&self) -> Self {
        let pin = Slots::pin_by_count(&self.cell.header.pins);
        Self::new(self.cell, self.slots, self.index, pin)
    }

    /// The index of the cell.
    #[inline(always)]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The cell.
    #[inline(always)]
    pub fn cell(&self) -> &'a LoadedCell<H, T> {
        self.cell
    }

    /// The cell's own word, read after the hold became visible.
    #[inline(always)]
    pub fn own(&self) -> Word {
        // Acquire: pairs with the Release of the fill (6), whose release sequence the commit (19)
        // continues: the payload is visible.
        Word(self.cell.own.load(Ordering::Acquire))
    }

    /// The payload.
    ///
    /// # Safety
    /// [`Guard::own`] of this very guard was [`State::Live`] once, or it came from
    /// [`Promised::linked`](crate::owned::Promised::linked) and the cell was linked (`I-LIVE`).
    #[inline(always)]
    pub unsafe fn payload(&self) -> &T {
        self.cell.header.payload.0.with(|payload| {
            // SAFETY: I-LIVE by the caller, so I-FULL; I-DROP keeps it until the hold ends, and
            // nobody has `&mut` to it before.
            unsafe { (*payload).assume_init_ref() }
        })
    }
}

impl<H, T> Drop for Guard<'_, H, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.pin.release();
        if needs_drop::<T>() {
            // (18) Store→load: the hold ends, then the own word: see (17). A load of the word alone
            // could miss a cell that is being retired, and its payload would wait for a later claim.
            fence(Ordering::SeqCst);
            if Word(self.cell.own.load(Ordering::Relaxed)).is(State::Retired) {
                reclaim(self.cell, self.slots, self.index);
            }
        }
    }
}
