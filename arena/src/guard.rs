//! A guard: a cell that is not reclaimed while the guard lives.

use crate::arena::{NodeCell, reclaim, retire_own};
use crate::slots::{Pin, Slots};
use crate::sync::{Ordering, fence};
use crate::word::{Class, Layout, State, Word};
use core::mem::{forget, needs_drop};

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
    /// (`I-LIVE`). `layout` is that of the cells.
    #[inline(always)]
    pub unsafe fn own_unlisted(self, layout: Layout, class: Class) -> Self {
        // What was filled is ordinary.
        if class != Class::Ordinary {
            // SAFETY: the caller's promise.
            unsafe { self.cell.own.reclass(layout, self.index, class) };
        }
        self.into_owner()
    }

    /// The same of whoever has taken a live entry out of a chain: if the own word is still live, so that
    /// nobody else owns it, should a counter have wrapped. Lock-free: it tries again only if another
    /// operation tried in vain to take the entry out.
    ///
    /// # Safety
    /// The caller holds the cell by `self` and has taken the entry out; `layout` is that of the cells.
    pub unsafe fn own_unlinked(self, layout: Layout, class: Class) -> Self {
        // SAFETY: the caller's promise.
        if unsafe { self.cell.own.seal_apart(layout, self.index, class) } {
            self.into_owner()
        } else {
            self
        }
    }

    #[inline(always)]
    fn into_owner(mut self) -> Self {
        // SAFETY: the hold is the guard's, which goes on without it: the entry is its own.
        unsafe { self.pin.release() };
        self.pin = Pin::Owner;
        self
    }

    /// The number of the slot that the guard has, which is nobody else's until it is dropped: between its
    /// owner and the next are the end of the hold (15) and the fence of the next one (12). `None`: it holds
    /// by count, or needs no hold.
    #[inline(always)]
    pub fn slot(&self) -> Option<usize> {
        match self.pin {
            Pin::Slot(slot) => Some(self.slots.number_of(slot)),
            _ => None,
        }
    }

    /// Whether another guard holds the cell, too: see [`Slots::holds_besides`].
    pub fn is_shared(&self) -> bool {
        self.slots
            .holds_besides(&self.pin, self.index, &self.cell.header.pins)
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
        // (1) With what is in the cell (6).
        self.cell.own.read()
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

impl<H, T> Guard<'_, H, T> {
    /// Takes the payload out, if the entry was taken out of the structure and nobody else holds its cell,
    /// which is free then; otherwise the guard comes back. Who just looks whether an entry is there holds its
    /// cell, too, for a moment. Wait-free, unless it holds by count (lock-free).
    pub fn try_take(self) -> Result<T, Self> {
        if !self.own_cell() {
            return Err(self);
        }
        let payload = self.cell.header.payload.0.with_mut(|payload| {
            // SAFETY: I-OWNER; I-DROP: the payload is still there, and nobody else holds its cell.
            unsafe { (*payload).assume_init_read() }
        });
        // Before the cell is free: what is free must not be held.
        // SAFETY: the hold is the guard's, which ends; it is not dropped.
        unsafe { self.pin.release() };
        // SAFETY: I-OWNER; the payload was taken out.
        unsafe { self.cell.own.free(self.cell.own.peek()) };
        forget(self);
        Ok(payload)
    }

    /// Makes the cell the caller's (`I-OWNER`), with the payload still in it, if the entry was taken out and
    /// nobody else holds the cell; whether it is.
    fn own_cell(&self) -> bool {
        if matches!(self.pin, Pin::Owner) {
            // A fence (14, 22) followed what took the entry out.
            let alone = !self.is_shared();
            if alone {
                // Before the payload is taken out: what is `Sealed` is initialised (I-FULL).
                // SAFETY: the entry is the guard's, and nobody else holds it.
                unsafe { self.cell.own.empty(self.cell.own.peek()) };
            }
            return alone;
        }
        // Behind its fence (14).
        let Some(claimed) = self.cell.own.take_over() else {
            return false;
        };
        if self.is_shared() {
            // Who leaves meanwhile leaves the cell to this guard.
            // SAFETY: I-OWNER, I-FULL: taken over above, and the payload is in it.
            unsafe { self.cell.own.put_back(claimed) };
            return false;
        }
        true
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
        // SAFETY: the hold is the guard's, which ends.
        unsafe { self.pin.release() };
        if needs_drop::<T>() {
            // (18) Store→load: the hold ends, then the own word: see (17). A load of the word alone
            // could miss a cell that is being retired, and its payload would wait for a later claim.
            fence(Ordering::SeqCst);
            if self.cell.own.peek().is(State::Retired) {
                reclaim(self.cell, self.slots, self.index);
            }
        }
    }
}
