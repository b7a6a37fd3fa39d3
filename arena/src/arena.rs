//! Cells with a payload of any type, guards that keep it alive, and reclamation.
//!
//! How a payload comes into a cell and out of it is drawn in [`crate::cell`].
//!
//! # Invariants that the `unsafe` code rests on
//!
//! * `I-OWNER` While a cell is `Claimed`, exactly one operation owns it: the one whose compare-and-swap
//!   made it so. It alone touches the payload.
//! * `I-FULL` The payload is initialised in `Pending`, `Promised`, `Live`, `Frozen`, `Sealed` and `Retired`.
//! * `I-LIVE` A reference to a payload is given out only by a guard that, after its hold became visible
//!   (12), read the cell's own word as live, or the bit that says that it is there as set, or whose hold was
//!   visible before the entry was put in and outlives that ([`crate::owned::Promised`]).
//! * `I-DROP` A payload that was ever in the structure is dropped, or taken out of its cell, only by the
//!   owner of a `Claimed` cell that came from `Retired`, or by the one that took the entry out
//!   (`retire_own`, [`Guard::try_take`]), when no hold but its own named the cell after the fence (14), or
//!   (22), behind the compare-and-swap that ended its being live.
//!
//! `I-LIVE` and `I-DROP` together: a guard that saw the entry live fenced before the reclaimer did, so the
//! reclaimer sees the hold (and one from before the fill was there before all that). A hold is copied only
//! to the count, which is read after all slots ([`Guard::again`]). None of this looks at a generation:
//! **memory safety does not rest on a counter not wrapping.**

use crate::cell::Cell;
use crate::cells::{Cells, Reclaim, Want};
use crate::exhaust::exhaust;
use crate::guard::Guard;
use crate::owned::Owned;
use crate::slots::{Pin, Slots};
use crate::sync::{AtomicU16, Init, UnsafeCell};
use crate::word::{State, Word};
use crate::{const_new, impl_init, init};
use core::mem::{MaybeUninit, needs_drop};

/// The header of a cell that carries a payload: guards by count, a label, the user's header, the
/// payload.
#[repr(C)]
#[derive(Debug)]
pub struct Node<H, T> {
    /// The user's part.
    pub header: H,
    /// How many guards hold the cell by count: see [`crate::slots`].
    pub(crate) pins: AtomicU16,
    /// Sixteen bits of the user's, always initialised (of a hash, for example).
    pub label: AtomicU16,
    pub(crate) payload: Payload<T>,
}

/// Initialised or not, as the cell's own word says (`I-FULL`).
#[repr(transparent)]
pub(crate) struct Payload<T>(pub(crate) UnsafeCell<MaybeUninit<T>>);

impl<T> core::fmt::Debug for Payload<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Payload")
    }
}

impl_init!([T] Payload<T> = Payload(UnsafeCell::new(MaybeUninit::zeroed())));
impl_init!([H: Init, T] Node<H, T> = Node {
    header: init!(H),
    pins: init!(AtomicU16),
    label: init!(AtomicU16),
    payload: init!(Payload<T>),
});

/// A cell with a payload.
pub type NodeCell<H, T> = Cell<Node<H, T>>;

/// `N + EXTRA` cells with a header `H` that is always initialised and a payload `T`.
///
/// The low-level face: links and states are the caller's business (the map is built on it). For a
/// safe pool see [`crate::Pool`].
#[repr(C)]
#[derive(Debug)]
pub struct Arena<H, T, const N: usize, const EXTRA: usize> {
    pub(crate) cells: Cells<Node<H, T>, N, EXTRA>,
    pub(crate) slots: Slots,
}

impl<H: Init, T, const N: usize, const EXTRA: usize> Arena<H, T, N, EXTRA> {
    const_new! {
        /// All cells free; all zero bits.
        ///
        /// # Safety
        /// That of [`Cells::new`].
        pub unsafe fn new() -> Self {
            Self {
                // SAFETY: the caller's promise.
                cells: unsafe { Cells::new() },
                slots: init!(Slots),
            }
        }
    }
}

// SAFETY: payloads move in and out of the arena with it.
unsafe impl<H: Send, T: Send, const N: usize, const EXTRA: usize> Send for Arena<H, T, N, EXTRA> {}
// SAFETY: a shared arena hands out `&T` (so `T: Sync`) and drops or returns payloads that another
// thread put in (so `T: Send`); who may touch a payload is settled by I-OWNER, I-LIVE and I-DROP.
unsafe impl<H: Sync, T: Send + Sync, const N: usize, const EXTRA: usize> Sync
    for Arena<H, T, N, EXTRA>
{
}

impl<H, T, const N: usize, const EXTRA: usize> Arena<H, T, N, EXTRA> {
    /// The cells.
    #[inline(always)]
    pub fn cells(&self) -> &Cells<Node<H, T>, N, EXTRA> {
        &self.cells
    }

    /// The hazard slots.
    #[inline(always)]
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Claims a cell near `home` and returns an owner for it, which gives the cell back when it is
    /// dropped. See [`Cells::claim`].
    #[inline(always)]
    pub fn claim(&self, home: usize, want: Want) -> Option<Owned<'_, H, T, N, EXTRA>> {
        let claim = self.cells.claim_with(home, want, self)?;
        Some(Owned::new(self, claim))
    }

    /// Claims this cell if it is free and ordinary at the first look. See [`Cells::claim_at`].
    #[inline(always)]
    pub fn claim_at(&self, index: usize) -> Option<Owned<'_, H, T, N, EXTRA>> {
        let claim = self.cells.claim_at(index)?;
        Some(Owned::new(self, claim))
    }

    /// Holds cell `index`, whatever is in it. Good only once its [`Guard::own`] says live.
    ///
    /// Progress: wait-free but for the count, which is lock-free.
    #[inline(always)]
    pub fn hold(&self, index: usize) -> Guard<'_, H, T> {
        let cell = self.cells.cell(index);
        let pin = self.slots.pin(index, &cell.header.pins);
        Guard::new(cell, &self.slots, index, pin)
    }

    /// Whether any guard holds cell `index`: see [`Slots::holds`].
    #[inline]
    pub fn is_held(&self, index: usize) -> bool {
        let pins = &self.cells.cell(index).header.pins;
        self.slots.holds(index, pins)
    }

    /// The guard of whoever has taken an entry out that a word elsewhere said to be in cell `index` (its
    /// bit), without having held it: as [`Guard::own_unlisted`], but that the cell keeps its class.
    ///
    /// # Safety
    /// A compare-and-swap of the caller's own cleared the bit, with a fence (22) behind it: so the entry is
    /// its alone, and no look-up that begins to hold the cell after that takes the entry for live
    /// (`I-LIVE`).
    #[inline]
    pub unsafe fn own_unlisted(&self, index: usize) -> Guard<'_, H, T> {
        Guard::new(self.cells.cell(index), &self.slots, index, Pin::Owner)
    }

    /// Where the payload of cell `index` lies. It is initialised as `I-FULL` says; who may touch it is
    /// settled by `I-OWNER`, `I-LIVE` and `I-DROP`, and by an exclusive borrow of the whole arena: no guard
    /// can be used then.
    #[inline(always)]
    pub fn payload(&self, index: usize) -> *mut T {
        self.cells
            .cell(index)
            .header
            .payload
            .0
            .with_mut(|payload| payload.cast())
    }

    /// Hands over cell `index`, which the caller has just detached, and whose own word it had seen
    /// as `sealed`. Payloads with drop glue are reclaimed at once if no guard holds them.
    ///
    /// # Safety
    /// The caller has detached the cell from its chain, and `sealed` says `Sealed`.
    #[inline(always)]
    pub unsafe fn retire(&self, index: usize, sealed: Word) {
        if Cells::<Node<H, T>, N, EXTRA>::LAYOUT.index(sealed) == Some(index) {
            // A counter has wrapped: it is in no chain, but somebody's (`Layout::apart`).
            return;
        }
        // SAFETY: the caller's promise.
        if unsafe { self.cells.cell(index).own.retire(sealed) } {
            self.cells.hint(index);
            if needs_drop::<T>() {
                self.reclaim(index);
            }
        }
    }

    /// Makes the retired cell free unless a guard holds it.
    pub(crate) fn reclaim(&self, index: usize) -> bool {
        reclaim(self.cells.cell(index), &self.slots, index)
    }
}

// SAFETY: `take_over`, the function, leaves such a cell, behind the fence (14).
unsafe impl<H, T, const N: usize, const EXTRA: usize> Reclaim for Arena<H, T, N, EXTRA> {
    #[inline]
    fn take_over(&self, index: usize) -> bool {
        let emptied = take_over(self.cells.cell(index), &self.slots, index);
        emptied.map(core::mem::forget).is_some()
    }

    fn held(&self, index: usize) -> bool {
        self.is_held(index)
    }
}

/// Lets go of an entry that the caller has taken out: its cell is free, unless a guard holds it, which then
/// frees it.
///
/// # Safety
/// The entry is the caller's alone, the cell `Sealed`, and a fence (14, 22) followed what took it out.
#[inline(never)]
pub(crate) unsafe fn retire_own<H, T>(cell: &NodeCell<H, T>, slots: &Slots, index: usize) {
    if slots.holds(index, &cell.header.pins) {
        // SAFETY: the caller's promise.
        unsafe { cell.own.retire_own() };
        // The last guard may have gone before it could see `Retired` (18): the taking over looks, behind a
        // fence.
        reclaim(cell, slots, index);
        return;
    }
    if needs_drop::<T>() {
        // Before it is dropped: what is `Sealed` is initialised (I-FULL).
        // SAFETY: the caller's promise, and I-DROP: no hold after the fence.
        unsafe { cell.own.empty(cell.own.peek()) };
    }
    // SAFETY: as above.
    unsafe { Emptied::new(cell) };
}

/// Makes a retired cell free unless a guard holds it; drops its payload exactly once.
pub(crate) fn reclaim<H, T>(cell: &NodeCell<H, T>, slots: &Slots, index: usize) -> bool {
    take_over(cell, slots, index).is_some()
}

/// Makes a retired cell `Claimed` and the caller's, unless a guard holds it; drops its payload exactly
/// once.
///
/// Lock-free: it starts again only if a guard came or went meanwhile.
#[inline]
fn take_over<'a, H, T>(
    cell: &'a NodeCell<H, T>,
    slots: &Slots,
    index: usize,
) -> Option<Emptied<'a, H, T>> {
    loop {
        let claimed = cell.own.take_over()?;
        if !slots.holds(index, &cell.header.pins) {
            // SAFETY: I-OWNER (we made the cell `Claimed`), I-FULL (it was `Retired`), I-DROP (no hold after
            // the fence).
            return Some(unsafe { Emptied::new(cell) });
        }
        // SAFETY: I-OWNER, I-FULL: as above.
        unsafe { cell.own.put_back(claimed) };
        if slots.holds(index, &cell.header.pins) {
            return None;
        }
    }
}

/// A cell without its payload, and its owner's. Dropped, it is free.
struct Emptied<'a, H, T>(&'a NodeCell<H, T>);

impl<'a, H, T> Emptied<'a, H, T> {
    /// Drops the payload. Should that panic, the cell is free all the same.
    ///
    /// # Safety
    /// The payload is initialised and the caller's: nobody holds the cell (`I-DROP`).
    #[inline(always)]
    unsafe fn new(cell: &'a NodeCell<H, T>) -> Self {
        let emptied = Self(cell);
        // Without drop glue, too: it tells loom that this is where the payload ends.
        cell.header.payload.0.with_mut(|payload| {
            if needs_drop::<T>() {
                // SAFETY: the caller's promise.
                unsafe { (*payload).assume_init_drop() }
            }
        });
        emptied
    }
}

impl<H, T> Drop for Emptied<'_, H, T> {
    fn drop(&mut self) {
        let own = &self.0.own;
        // The generation went on when the cell was sealed, and goes on with the next claim. The index is
        // left: nothing reads it in a free cell.
        // SAFETY: it is ours, and empty.
        unsafe { own.free(own.peek()) };
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Drop for Arena<H, T, N, EXTRA> {
    fn drop(&mut self) {
        if needs_drop::<T>() {
            // The others are dropped, too, when one of them panics.
            let cells = (0..N + EXTRA).map(|index| self.cells.cell(index));
            exhaust(cells.map(drop_payload));
        }
    }
}

/// Drops what is in a cell of an arena that is being dropped.
fn drop_payload<H, T>(cell: &NodeCell<H, T>) {
    if matches!(
        cell.own.peek().state(),
        State::Pending
            | State::Promised
            | State::Live
            | State::Frozen
            | State::Sealed
            | State::Retired
    ) {
        cell.header.payload.0.with_mut(|payload| {
            // SAFETY: I-FULL; the arena is being dropped: no operation and no guard is left, and each cell is
            // visited once.
            unsafe { (*payload).assume_init_drop() }
        });
    }
}
