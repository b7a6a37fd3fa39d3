//! Cells with a payload of any type, guards that keep it alive, and reclamation.
//!
//! # The life of a payload
//!
//! ```text
//!  Free ──claim──► Claimed ──fill──► Pending ──commit──► Live ──seal──► Sealed ──retire──► Retired
//!   ▲                │ ▲                 │                                                     │ ▲
//!   ├──────free──────┘ └────take back────┘                                                     │ │
//!   └──────free────── Claimed ◄────────────────────────────take over───────────────────────────┘ │
//!                        └──────────────────────────── still held: put back ─────────────────────┘
//! ```
//!
//! That is the life of what lies in a chain. What is said to be there by a word elsewhere (a bit in a
//! bucket's word) is `Sealed` from when it is filled until its owner, who has cleared the bit, lets go of it.
//!
//! A payload is *pending* until it is linked, so that its owner can take it back: a guard on a pending cell
//! is no good, and look-ups at a stale link may hold any cell for a moment. (*Promised* is pending, too, in
//! a cell that its owner holds itself: [`crate::owned`].)
//!
//! # Invariants that the `unsafe` code rests on
//!
//! * `I-OWNER` While a cell is `Claimed`, exactly one operation owns it: the one whose compare-and-swap
//!   made it so. It alone touches the payload.
//! * `I-FULL` The payload is initialised in `Pending`, `Promised`, `Live`, `Frozen`, `Sealed` and `Retired`.
//! * `I-LIVE` A reference to a payload is given out only by a guard that, after its hold became visible
//!   (12), read the cell's own word as live, or the bit that says that it is there as set, or whose hold was
//!   visible before the entry was put in and outlives that ([`crate::owned::Promised`]).
//! * `I-DROP` A payload that was ever in the structure is dropped only by the owner of a `Claimed` cell that
//!   came from `Retired`, or by the one that took it out (`retire_own`), when no hold named the cell after
//!   the fence (14), or (22), behind the compare-and-swap that ended its being live.
//!
//! `I-LIVE` and `I-DROP` together: a guard that saw the entry live fenced before the reclaimer did, so the
//! reclaimer sees the hold (and one from before the fill was there before all that). A hold is copied only
//! to the count, which is read after all slots ([`Guard::again`]). None of this looks at a generation:
//! **memory safety does not rest on a counter not wrapping.**

use crate::cells::{Cell, Cells, Reclaim, Want};
use crate::guard::Guard;
use crate::owned::Owned;
use crate::slots::Slots;
use crate::sync::{AtomicU16, Init, Ordering, UnsafeCell, fence_after_rmw};
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
    pub pins: AtomicU16,
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
        /// Whoever can reach the arena, its guards or its owned cells keeps to the protocol (their
        /// methods are safe to call because of it): that of [`Cells::new`], and a cell is retired
        /// only by whoever detached it, after its own word was `Sealed`.
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
        let claim = self.cells.claim(home, want, self)?;
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

    /// Where the payload of cell `index` lies. It is initialised as `I-FULL` says; who may touch it is settled by
    /// `I-OWNER`, `I-LIVE` and `I-DROP`, and by an exclusive borrow of the whole arena: no guard can be used then.
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
    #[inline(always)]
    pub fn retire(&self, index: usize, sealed: Word) {
        debug_assert!(sealed.is(State::Sealed));
        if Cells::<Node<H, T>, N, EXTRA>::LAYOUT.index(sealed) == Some(index) {
            // A counter has wrapped: it is in no chain, but somebody's (`Layout::apart`).
            return;
        }
        let cell = self.cells.cell(index);
        // (16) Release: pairs with the taking over. A compare-and-swap and not a store: should a generation
        // have wrapped and two operations believe that they detached this cell, one of them fails here
        // (I-OWNER).
        let retired = cell.own.compare_exchange(
            sealed.0,
            sealed.with_state(State::Retired).0,
            Ordering::Release,
            Ordering::Relaxed,
        );
        if retired.is_ok() {
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

impl<H, T, const N: usize, const EXTRA: usize> Reclaim for Arena<H, T, N, EXTRA> {
    #[inline]
    fn take_over(&self, index: usize) -> bool {
        let emptied = take_over(self.cells.cell(index), &self.slots, index);
        emptied.map(core::mem::forget).is_some()
    }

    fn held(&self, index: usize) -> bool {
        let pins = &self.cells.cell(index).header.pins;
        self.slots.holds(index, pins)
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
        let word = Word(cell.own.load(Ordering::Relaxed));
        // (16) Release: pairs with the taking over.
        cell.own
            .store(word.with_state(State::Retired).0, Ordering::Release);
        // The last guard may have gone before it could see `Retired` (18): the taking over looks, behind a
        // fence.
        reclaim(cell, slots, index);
        return;
    }
    let _emptied = Emptied(cell);
    if needs_drop::<T>() {
        let word = Word(cell.own.load(Ordering::Relaxed));
        // Before it is dropped: what is `Sealed` is initialised (I-FULL). Relaxed: it is ours all the while.
        cell.own
            .store(word.with_state(State::Claimed).0, Ordering::Relaxed);
    }
    cell.header.payload.0.with_mut(|payload| {
        if needs_drop::<T>() {
            // SAFETY: the caller's promise, I-OWNER; I-DROP (no hold after the fence).
            unsafe { (*payload).assume_init_drop() }
        }
    });
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
        let retired = Word(cell.own.load(Ordering::Relaxed));
        if !retired.is(State::Retired) {
            return None;
        }
        // Another word each time: should the cell be put back and taken over again, the last pass of a
        // claim (module `cells`) must see that it was not claimed all the while.
        let claimed = retired.counted_up().with_state(State::Claimed);
        // (3) Release, as in `Cells::try_claim`: who sees the cell `Claimed` (5) sees what we freed before.
        // That the retirer's view (16) comes before ours is the business of the fence.
        // kept: the twin of the one in `Cells::try_claim`; in no model does a claim take a retired cell over
        // while one that was freed before by the same context is free.
        cell.own
            .compare_exchange(retired.0, claimed.0, Ordering::Release, Ordering::Relaxed)
            .ok()?;
        // (14) Store→load: the own word is not live any more, then slots and count: see (12). It is
        // also the fence (9) of a claim: our claim, then `seekers`; and the acquire fence for (16).
        fence_after_rmw();
        if !slots.holds(index, &cell.header.pins) {
            let emptied = Emptied(cell);
            if needs_drop::<T>() {
                cell.header.payload.0.with_mut(|payload| {
                    // SAFETY: I-OWNER (we made the cell `Claimed`), I-FULL (it was `Retired`),
                    // I-DROP (no hold after the fence).
                    unsafe { (*payload).assume_init_drop() }
                });
            } else {
                // Tells loom that this is where the payload ends.
                cell.header.payload.0.with_mut(|_| ());
            }
            return Some(emptied);
        }
        // (17) Put it back, then look again: the last guard may have gone while the cell was ours,
        // have seen it `Claimed` and have left it to us. Store→load against (18): the same two
        // outcomes as at (12). Relaxed: a read-modify-write goes on with the release sequence of (16).
        cell.own
            .swap(claimed.with_state(State::Retired).0, Ordering::Relaxed);
        // (17) See above, and (18).
        fence_after_rmw();
        if slots.holds(index, &cell.header.pins) {
            return None;
        }
    }
}

/// A cell that was taken over. Dropped, it is free: also when dropping the payload panics.
struct Emptied<'a, H, T>(&'a NodeCell<H, T>);

impl<H, T> Drop for Emptied<'_, H, T> {
    fn drop(&mut self) {
        let word = Word(self.0.own.load(Ordering::Relaxed));
        // The generation went on when the cell was marked, and goes on with the next claim.
        // (4) Release: pairs with the fence (9) behind the next claim. The index is left: nothing reads
        // it in a free cell.
        self.0
            .own
            .store(word.with_state(State::Free).0, Ordering::Release);
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Drop for Arena<H, T, N, EXTRA> {
    fn drop(&mut self) {
        if needs_drop::<T>() {
            DropFrom(&self.cells, 0).run();
        }
    }
}

/// Drops the payloads from this index on, and goes on with the next when one of them panics.
struct DropFrom<'a, H, T, const N: usize, const EXTRA: usize>(
    &'a Cells<Node<H, T>, N, EXTRA>,
    usize,
);

impl<H, T, const N: usize, const EXTRA: usize> DropFrom<'_, H, T, N, EXTRA> {
    fn run(&mut self) {
        while self.1 < Cells::<Node<H, T>, N, EXTRA>::COUNT {
            let cell = self.0.cell(self.1);
            self.1 += 1;
            let word = Word(cell.own.load(Ordering::Relaxed));
            if matches!(
                word.state(),
                State::Pending
                    | State::Promised
                    | State::Live
                    | State::Frozen
                    | State::Sealed
                    | State::Retired
            ) {
                cell.header.payload.0.with_mut(|payload| {
                    // SAFETY: I-FULL; the arena is being dropped: no operation and no guard is
                    // left, and each index is visited once.
                    unsafe { (*payload).assume_init_drop() }
                });
            }
        }
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Drop for DropFrom<'_, H, T, N, EXTRA> {
    fn drop(&mut self) {
        self.run();
    }
}

/// Makes a linked cell `Live` if it is not yet; returns the own word after that. For a caller that
/// holds the cell.
#[inline(always)]
pub fn commit<H, T, const N: usize, const EXTRA: usize>(cell: &NodeCell<H, T>) -> Word {
    let layout = Cells::<Node<H, T>, N, EXTRA>::LAYOUT;
    // Acquire, here and below: pairs with the fill (6). Should a generation have wrapped, the cell is
    // not the one that the caller came to by a link (1), and only its own word tells of its payload.
    let mut word = Word(cell.own.load(Ordering::Acquire));
    while word.is_pending() {
        let live = layout.bump(word).with_state(State::Live);
        // (19) No Release: who sees `Live` (Acquire loads of own words) sees the payload by the release
        // sequence of (6), and that the cell is linked by the fence (12) of the caller's hold, which comes
        // behind the link (1).
        // kept: on success the load has seen all that counts, unless a generation wrapped in between.
        match cell
            .own
            .compare_exchange(word.0, live.0, Ordering::Acquire, Ordering::Acquire)
        {
            Ok(_) => return live,
            Err(now) => word = Word(now),
        }
    }
    word
}
