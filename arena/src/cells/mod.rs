//! The cells: one array, each with an own word, claimed and freed one by one.
//!
//! A cell is claimed by a compare-and-swap on its **own** word and freed by one store to it: there is no
//! free list, no single head on which all writers meet, and nothing whose corruption could hand out a cell
//! twice. Exclusive ownership always comes from a successful compare-and-swap out of `Free`,
//! whatever the generation says, so claiming is exact at any counter width.
//!
//! # Ordinary and spare cells
//!
//! Of the `N + EXTRA` cells a few are *spare*: at most [`SPARES`], taken out of `EXTRA`. A new entry may
//! only be put in an ordinary cell, a replacement in any. Spares are counted, not fixed: each cell's own
//! word has a class bit. A live entry always has the ordinary class; when a replacement filled a spare
//! cell, the new entry's cell becomes ordinary and the replaced one's cell is freed as spare. So replacing
//! works in a full map, without a shared counter.
//!
//! A replacement takes a near ordinary cell if there is one, then a spare one. Where the spares are is
//! remembered: eight places, each followed by the one replacement that took its cell
//! ([`Cells::expect_spare`]). Like all hints they may be wrong, and then cost a search.
//!
//! # Exact `Full`
//!
//! A claim that fails has looked at every cell and found none that it may take. That alone proves little:
//! one cell may have been freed behind it while another was taken in front of it. So the failing claim (and
//! only it) announces itself in `seekers` and reads the number of `claims` before and after its pass. A
//! claimer that sees a seeker counts its claim *before* it makes the cell look like anything but `Claimed`.
//! If the count did not change, and the cells seen as `Claimed` are the same ones with the same generations
//! as in the pass before (by a checksum), then no cell went from free to taken during the pass: every cell
//! seen as taken was taken at the start of the pass already. That is the instant at which all were taken.
//! Each further pass is caused by another claim that succeeded; updates in place or elsewhere do not
//! disturb it. After eight passes it gives up: then each cell was taken when it was looked at, eight times,
//! or lost to another claim, and in each pass another operation claimed a cell or filled one. (Without that
//! bound a handler that frees and claims a cell during each pass could keep an insert searching for as long
//! as it likes.)
//!
//! A retired cell that a look-up holds for a moment, having come by a stale link, counts as taken all the
//! while that the look-up is in progress: it began before the cell was detached. Whoever comes by a cell's
//! number, which may be stale for long, looks first whether something is in it, and holds it only then.

mod claim;
mod restart;

use crate::cell::Cell;
use crate::sync::{AtomicUsize, Init, Ordering, Padded};
use crate::word::{Class, Layout, Word};
use crate::{const_new, impl_init, init};

/// At most so many of the `EXTRA` cells are kept for replacements; what goes beyond is capacity.
pub const SPARES: usize = 8;

/// How many just-freed indices are remembered while cells are scarce.
const HINTS: usize = if usize::BITS == 64 { 8 } else { 4 };

/// Words that only claims in trouble write, so that they stay shared in every core's cache.
#[derive(Debug)]
#[repr(C)]
struct Control {
    /// How many claims are on their last, exact pass.
    seekers: AtomicUsize,
    /// Claims of an ordinary / a spare cell while there were seekers.
    claims: [AtomicUsize; 2],
    /// Not zero while near probes fail: then freed cells are remembered in `hints`.
    pressure: AtomicUsize,
}

impl_init!([] Control = Control {
    seekers: init!(AtomicUsize),
    claims: init!([AtomicUsize; 2]),
    pressure: init!(AtomicUsize),
});

/// `N + EXTRA` cells with header `H`, all in place, all zero bits when new.
#[cfg_attr(target_pointer_width = "64", repr(C, align(64)))]
#[cfg_attr(not(target_pointer_width = "64"), repr(C))]
#[derive(Debug)]
pub struct Cells<H, const N: usize, const EXTRA: usize> {
    /// INVARIANT `I-ARRAY`: `main` and `extra` have the same element type and follow each other
    /// without a gap (`repr(C)`), so together they are one array of `N + EXTRA` cells.
    main: [Cell<H>; N],
    extra: [Cell<H>; EXTRA],
    control: Padded<Control>,
    hints: Padded<[AtomicUsize; HINTS]>,
    /// Where each spare is: index + 1, or zero for its place at the start.
    spares: Padded<[AtomicUsize; SPARES]>,
}

/// A claimed cell: exclusively the claimer's until it gives it a state other than `Claimed`.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct Claim {
    /// Which cell.
    pub index: usize,
    /// Its class, which must be kept when it is freed again.
    pub class: Class,
}

/// What a claim may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Want {
    /// An ordinary cell: for a new entry.
    Ordinary,
    /// A spare cell, and nothing else.
    Spare,
    /// Any: for a replacement.
    Any,
}

impl Want {
    #[inline(always)]
    fn takes(self, class: Class) -> bool {
        match self {
            Want::Ordinary => class == Class::Ordinary,
            Want::Spare => class == Class::Spare,
            Want::Any => true,
        }
    }
}

/// What a claim does about a retired cell that it meets: [`NoReclaim`] where cells are freed at
/// once.
///
/// # Safety
/// What `take_over` says is true, of the cells that a claim looks for.
pub(crate) unsafe trait Reclaim {
    /// Tries to take the retired cell over. `true`: it is empty, `Claimed` and the caller's, and a
    /// `fence(SeqCst)` followed the compare-and-swap.
    fn take_over(&self, index: usize) -> bool;

    /// Whether somebody holds the retired cell, by a look alone: `take_over` claims the cell for a
    /// moment, and two last passes that did so with held cells could disturb each other for ever.
    fn held(&self, index: usize) -> bool;
}

/// For arenas whose cells never retire.
struct NoReclaim;

// SAFETY: it takes nothing over.
unsafe impl Reclaim for NoReclaim {
    #[inline(always)]
    fn take_over(&self, _: usize) -> bool {
        false
    }

    fn held(&self, _: usize) -> bool {
        false
    }
}

impl<H: Init, const N: usize, const EXTRA: usize> Cells<H, N, EXTRA> {
    const_new! {
        /// All cells free; all zero bits.
        ///
        /// # Safety
        /// `I-INDEX`: every index that anybody who can reach the cells passes to a method comes from a claim
        /// or a link of these cells, or is below [`COUNT`](Self::COUNT).
        pub unsafe fn new() -> Self {
            Self {
                main: init!([Cell<H>; N]),
                extra: init!([Cell<H>; EXTRA]),
                control: init!(Padded<Control>),
                hints: init!(Padded<[AtomicUsize; HINTS]>),
                spares: init!(Padded<[AtomicUsize; SPARES]>),
            }
        }
    }
}

impl<H, const N: usize, const EXTRA: usize> Cells<H, N, EXTRA> {
    /// The number of cells.
    pub const COUNT: usize = N + EXTRA;

    /// How many cells are spare.
    const SPARE_CELLS: usize = Self::COUNT - Self::CAPACITY;

    /// The exact number of ordinary cells.
    pub const CAPACITY: usize = N + EXTRA - if EXTRA < SPARES { EXTRA } else { SPARES };

    /// Where the fields of the own words and links lie.
    ///
    /// Fewer than [`Layout::FEWEST_BITS`] bits of generation do not compile.
    pub const LAYOUT: Layout = Layout::new(Self::COUNT, Self::CAPACITY).with_enough_bits();

    /// The cell at `index`, which came out of a link word or a claim of this array.
    #[inline(always)]
    pub fn cell(&self, index: usize) -> &Cell<H> {
        debug_assert!(index < Self::COUNT);
        // The pointer is made from the whole of `self`, so it may reach both arrays.
        let first = core::ptr::from_ref(self).cast::<Cell<H>>();
        // SAFETY: I-ARRAY; and `index < COUNT` by I-INDEX (`new`): only indices of claims of this
        // array are ever written into a word that is linkable or marked (`Layout::link` asserts it in
        // debug builds), only such words are followed, and the index field of an all-zero word is
        // "none". No generation enters into it.
        unsafe { &*first.add(index) }
    }

    /// The own word of a claimed cell, for its owner to build the next one from.
    #[inline(always)]
    pub fn claimed_word(&self, claim: Claim) -> Word {
        self.cell(claim.index).own.peek()
    }

    /// Gives an exclusively owned cell back. One store, plus a hint while cells are scarce.
    ///
    /// # Safety
    /// The cell is the caller's, with its class: claimed, or taken out of a structure without guards. No
    /// payload in it is needed any more.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline)]
    pub unsafe fn free(&self, claim: Claim) {
        let own = &self.cell(claim.index).own;
        let free = Self::LAYOUT.link(own.peek(), None);
        let free = Self::LAYOUT.with_class(claim.index, free, claim.class);
        // SAFETY: the caller's promise.
        unsafe { own.free(free) };
        self.hint(claim.index);
    }

    /// While cells are scarce: this one is free, or will be when its holds have ended.
    #[inline(always)]
    pub fn hint(&self, index: usize) {
        if self.control.0.pressure.load(Ordering::Relaxed) != 0 {
            self.leave_hint(index);
        }
    }

    #[cold]
    #[inline(never)]
    fn leave_hint(&self, index: usize) {
        self.hints.0[index % HINTS].store(index + 1, Ordering::Relaxed);
        // Pressure ends by itself: claims in trouble set it again.
        if index % 64 == 0 {
            self.control.0.pressure.store(0, Ordering::Relaxed);
        }
    }
}
