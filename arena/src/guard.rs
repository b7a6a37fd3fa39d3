//! A guard: a cell that is not reclaimed while the guard lives.

use crate::arena::{NodeCell, reclaim, retire_own};
use crate::slots::{Pin, Slots};
use crate::sync::{Ordering, fence, fence_after_rmw};
use crate::word::{Class, Layout, State, Word};
use core::mem::needs_drop;

/// Holds one cell. Leaking it costs that cell and at most one slot, nothing else.
///
/// Dropping it is one release store; if the payload has drop glue, also a fence and a look at the
/// cell, and the last guard of a retired cell drops the payload. Wait-free without drop glue, unless it
/// holds by count (lock-free). The guard of whoever has taken an entry out looks at the slots, drops the
/// payload and frees the cell: lock-free.
#[derive(Debug)]
pub struct Guard<'a, H, T> {
    cell: &'a NodeCell<H, T>,
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
        cell: &'a NodeCell<H, T>,
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

    /// The guard of whoever has taken an entry out that a word elsewhere said to be there (its bit): the
    /// entry is its holder's, so that it needs no slot. When it is dropped, the cell is freed, with this
    /// class. Wait-free.
    ///
    /// # Safety
    /// The caller holds the cell by `self`, and a compare-and-swap of its own cleared the bit, with a fence
    /// (22) behind it: so no look-up that begins to hold the cell after that takes the entry for live
    /// (`I-LIVE`).
    #[inline(always)]
    pub unsafe fn own_unlisted(self, layout: Layout, class: Class) -> Self {
        let own = &self.cell.own;
        let word = Word(own.load(Ordering::Relaxed));
        let classed = layout.with_class(self.index, word, class);
        if classed != word {
            // Relaxed: nobody else changes it (it is in no chain), and who frees it publishes it (4, 16).
            own.store(classed.0, Ordering::Relaxed);
        }
        self.into_owner()
    }

    /// The same of whoever has taken a live entry out of a chain: if the own word is still live, so that
    /// nobody else owns it, should a counter have wrapped. Lock-free: it tries again only if another
    /// operation tried in vain to take the entry out.
    pub fn own_unlinked(self, layout: Layout, class: Class) -> Self {
        let own = &self.cell.own;
        let mut word = Word(own.load(Ordering::Relaxed));
        while word.is_live() {
            let owned = layout.with_class(self.index, layout.apart(word, self.index), class);
            // (2) Relaxed: it goes on with the release sequence of (6) for guards that read it.
            match own.compare_exchange(word.0, owned.0, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => {
                    // (14) Store→load: the own word is not live any more, then slots and count: see (12).
                    // kept: the map's readers look at their bucket's word, too: it changed before a
                    // fence (22).
                    fence_after_rmw();
                    return self.into_owner();
                }
                Err(now) => word = Word(now),
            }
        }
        self
    }

    #[inline(always)]
    fn into_owner(mut self) -> Self {
        self.pin.release();
        self.pin = Pin::Owner;
        self
    }

    /// The index of the cell.
    #[inline(always)]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The cell.
    #[inline(always)]
    pub fn cell(&self) -> &'a NodeCell<H, T> {
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
    /// `I-LIVE`: [`Guard::own`] of this very guard was live once; or the structure said that the entry is in
    /// it, after the hold had become visible; or the hold is from before the caller put the entry in
    /// ([`Promised::linked`](crate::owned::Promised::linked)).
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
        if matches!(self.pin, Pin::Owner) {
            // SAFETY: the entry was taken out and is ours (`own_unlisted`, `own_unlinked`).
            unsafe { retire_own(self.cell, self.slots, self.index) };
            return;
        }
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
