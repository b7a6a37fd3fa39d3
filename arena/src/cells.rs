//! The cells: one array, each with an own word, claimed and freed one by one.
//!
//! A cell is claimed by a compare-and-swap on its **own** word and freed by one store to it: there is
//! no free list, no single head on which all writers meet, and nothing whose corruption could hand
//! out a cell twice. Exclusive ownership always comes from a successful compare-and-swap out of
//! [`State::Free`], whatever the generation says, so claiming is exact at any counter width.
//!
//! # Ordinary and spare cells
//!
//! Of the `N + EXTRA` cells a few are *spare*: at most [`SPARES`], taken out of `EXTRA`. A new entry
//! may only be put in an ordinary cell, a replacement in any. Spares are counted, not fixed: each
//! cell's own word has a class bit. A live entry always has the ordinary class; when a replacement
//! filled a spare cell, the new entry's cell becomes ordinary and the replaced one's cell is freed as
//! spare. So replacing works in a full map, without a shared counter.
//!
//! A replacement takes a spare cell even where an ordinary one is nearer, so that it never stands in
//! the way of a new entry. Where the spares are is remembered: eight places, each followed by the one
//! replacement that took its cell ([`Cells::expect_spare`]). Like all hints they may be wrong, and then
//! cost a search.
//!
//! # Exact `Full`
//!
//! A claim that fails has looked at every cell and found none that it may take. That alone proves
//! little: one cell may have been freed behind it while another was taken in front of it. So the
//! failing claim (and only it) announces itself in `seekers` and reads the number of `claims` before
//! and after its pass. A claimer that sees a seeker counts its claim *before* it makes the cell look
//! like anything but `Claimed`. If the count did not change, and the cells seen as `Claimed` are the
//! same ones with the same generations as in the pass before (by a checksum), then no cell went from free to taken
//! during the pass: every cell seen as taken was taken at the start of the pass already. That is the
//! instant at which all were taken. Each further pass is caused by another claim that succeeded, so
//! the operation stays lock-free; updates in place or elsewhere do not disturb it.

use crate::sync::{AtomicUsize, Init, Ordering, Padded, fence_after_rmw};
use crate::word::{Class, Layout, State, Word};
use crate::{const_new, impl_init, init};

/// At most so many of the `EXTRA` cells are kept for replacements; what goes beyond is capacity.
pub const SPARES: usize = 8;

/// So many neighbouring cells are looked at together first.
const GROUP: usize = 4;

/// So many quadratic probes follow the home cell's group.
const PROBES: usize = 8;

/// How many just-freed indices are remembered while cells are scarce.
const HINTS: usize = if usize::BITS == 64 { 8 } else { 4 };

/// A cell: its own word, then the header, which is always initialised.
#[repr(C)]
#[derive(Debug)]
pub struct Cell<H> {
    /// State, class, generation and the link to the next cell.
    pub own: AtomicUsize,
    /// The user's part.
    pub header: H,
}

impl_init!([H: Init] Cell<H> = Cell { own: init!(AtomicUsize), header: init!(H) });

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
#[must_use]
pub struct Claim {
    /// Which cell.
    pub index: usize,
    /// Its class, which must be kept when it is freed again.
    pub class: Class,
}

/// What a claim may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Want {
    /// An ordinary cell: for a new entry.
    Ordinary,
    /// A spare cell, and nothing else.
    Spare,
    /// A spare cell if one is at hand, else any: for a replacement.
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
pub trait Reclaim {
    /// Whether cells retire at all.
    const RETIRES: bool = true;

    /// Tries to take the retired cell over. `true`: it is empty, `Claimed` and the caller's, and a
    /// `fence(SeqCst)` followed the compare-and-swap.
    fn take_over(&self, index: usize) -> bool;

    /// Whether somebody holds the retired cell, by a look alone: `take_over` claims the cell for a
    /// moment, and two last passes that did so with held cells could disturb each other for ever.
    fn held(&self, index: usize) -> bool;
}

/// For arenas whose cells never retire.
#[derive(Debug)]
pub struct NoReclaim;

impl Reclaim for NoReclaim {
    const RETIRES: bool = false;

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
        /// Whoever can reach the cells keeps to the protocol (the methods are safe to call because of
        /// it): every index comes from a claim or a link of these cells; a cell is freed once by
        /// whoever owns it; an own word is changed only along the arrows drawn in [`crate::arena`].
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
    pub const LAYOUT: Layout = Layout::new(Self::COUNT, Self::CAPACITY);

    /// The cell at `index`, which came out of a link word or a claim of this array.
    #[inline(always)]
    pub fn cell(&self, index: usize) -> &Cell<H> {
        debug_assert!(index < Self::COUNT);
        // The pointer is made from the whole of `self`, so it may reach both arrays.
        let first = core::ptr::from_ref(self).cast::<Cell<H>>();
        // SAFETY: I-ARRAY; and `index < COUNT` by INVARIANT I-INDEX: only indices of claims of this
        // array are ever written into a word (`Layout::link` asserts it in debug builds), and the
        // index field of an all-zero word is "none". No generation enters into it.
        unsafe { &*first.add(index) }
    }

    /// Claims a cell, as near to `home` as can be.
    ///
    /// Progress: lock-free; wait-free while a near cell is free. Complexity: constant while a near
    /// cell is free, else a pass over the cells. `None` means that all cells it may take were taken
    /// at one instant (see the module's text).
    #[inline(always)]
    pub fn claim(&self, home: usize, want: Want, reclaim: &impl Reclaim) -> Option<Claim> {
        if want == Want::Any {
            if let Some(claim) = self.claim_spare(reclaim) {
                return Some(claim);
            }
        } else if usize::BITS == 32 {
            // Code is dear, and a branch that goes the wrong way is cheap.
            let claim = self.claim_this(home, want, reclaim);
            if claim.is_some() {
                return claim;
            }
        } else if !cfg!(target_arch = "x86_64") {
            // Fewer instructions as long as one of the two is free.
            for index in [home, home ^ 1] {
                if index < Self::COUNT {
                    if let Attempt::Claimed(claim) = self.try_claim(index, want) {
                        return Some(claim);
                    }
                }
            }
        } else if let Some(index) = self.free_in_group(home) {
            if let Attempt::Claimed(claim) = self.try_claim(index, want) {
                return Some(claim);
            }
        }
        self.claim_near(home, want, reclaim)
    }

    /// A free ordinary cell among the four of `home`'s group (two lines of 32-byte cells): home, its
    /// neighbour, the other two.
    ///
    /// Which of them are free is as random as the hash, so the choice is made without a branch for
    /// each: only whether there is one at all is branched on.
    #[inline(always)]
    fn free_in_group(&self, home: usize) -> Option<usize> {
        let first = home & !(GROUP - 1);
        if first + GROUP > Self::CAPACITY {
            return None;
        }
        let free = |place: usize| {
            let word = Word(self.cell(first + place).own.load(Ordering::Relaxed));
            usize::from(word.is_free_as_at_start()) << place
        };
        let free = free(0) | free(1) | free(2) | free(3);
        if free == 0 {
            return None;
        }
        Some(first + nearest(home & (GROUP - 1), free))
    }

    /// A spare cell from one of the places that are remembered.
    #[inline(never)]
    fn claim_spare(&self, reclaim: &impl Reclaim) -> Option<Claim> {
        for place in 0..Self::SPARE_CELLS {
            let claim = self.claim_this(self.spare(place), Want::Spare, reclaim);
            if claim.is_some() {
                return claim;
            }
        }
        None
    }

    /// Where a spare was last known to be.
    fn spare(&self, place: usize) -> usize {
        let known = self.spares.0[place].load(Ordering::Relaxed);
        known.checked_sub(1).unwrap_or(Self::CAPACITY + place)
    }

    /// The spare that was claimed at `claimed` will come back at `replaced`. To be called once the
    /// entry in `replaced` is replaced by the one in `claimed`.
    #[inline(never)]
    pub fn expect_spare(&self, claimed: usize, replaced: usize) {
        // One replacement at a time follows a place: while it lasts, the cell there is not free, so
        // nobody else claims it from there.
        let place = (0..Self::SPARE_CELLS).find(|&place| self.spare(place) == claimed);
        if let Some(place) = place {
            self.spares.0[place].store(replaced + 1, Ordering::Relaxed);
        }
    }

    /// How many cells of `home`'s group `claim` has tried before it comes to `claim_near`, so that there
    /// is nothing more to be had of them.
    fn tried<R: Reclaim>(home: usize, want: Want) -> usize {
        if R::RETIRES || want != Want::Ordinary {
            0
        } else if usize::BITS == 32 {
            1
        } else if !cfg!(target_arch = "x86_64") {
            2
        } else if home | (GROUP - 1) < Self::CAPACITY {
            GROUP
        } else {
            0
        }
    }

    /// Home's group, also its retired cells; then the probes, then the slow ways.
    #[inline(never)]
    fn claim_near<R: Reclaim>(&self, home: usize, want: Want, reclaim: &R) -> Option<Claim> {
        for place in Self::tried::<R>(home, want)..GROUP {
            let index = home ^ place;
            if index < Self::COUNT {
                if let Some(claim) = self.claim_this(index, want, reclaim) {
                    return Some(claim);
                }
            }
        }
        let mut index = home;
        for step in 1..=PROBES.min(Self::COUNT) {
            index = (index + GROUP * step) % Self::COUNT;
            if let Some(claim) = self.claim_this(index, want, reclaim) {
                return Some(claim);
            }
        }
        if self.control.0.pressure.load(Ordering::Relaxed) == 0 {
            self.control.0.pressure.store(1, Ordering::Relaxed);
        }
        for hint in &self.hints.0 {
            // A hint is only a hint: an index, or zero. A lost or stale one costs a probe.
            if let Some(index) = hint.load(Ordering::Relaxed).checked_sub(1) {
                hint.store(0, Ordering::Relaxed);
                if let Some(claim) = self.claim_this(index, want, reclaim) {
                    return Some(claim);
                }
            }
        }
        self.claim_any(home, want, reclaim)
    }

    /// The last, exact pass over all cells.
    #[cold]
    fn claim_any(&self, home: usize, want: Want, reclaim: &impl Reclaim) -> Option<Claim> {
        let seeker = Seeker::new(&self.control.0.seekers);
        let mut before = None;
        loop {
            let claims = self.claims(want);
            let mut in_progress = 0usize;
            let mut raced = false;
            for step in 0..Self::COUNT {
                let index = (home + step) % Self::COUNT;
                // (5) Acquire: pairs with the Release stores that leave `Claimed` (6), so that a
                // claim counted before them is seen by `claims` below.
                let word = Word(self.cell(index).own.load(Ordering::Acquire));
                let mine = want.takes(Self::LAYOUT.class(index, word));
                match word.state() {
                    State::Free if mine => {
                        let claim = self.claim_this(index, want, reclaim);
                        if claim.is_some() {
                            return claim;
                        }
                        raced = true;
                    }
                    State::Retired if mine && !reclaim.held(index) => {
                        if let Some(claim) = self.claim_retired(index, want, reclaim) {
                            return Some(claim);
                        }
                        // Unchanged: a guard holds it. Changed: somebody is at it, look again.
                        raced |= self.cell(index).own.load(Ordering::Relaxed) != word.0;
                    }
                    State::Claimed if mine => {
                        // Order matters (a rotation), so that two cells cannot cancel out.
                        let one = (word.0 ^ index).wrapping_mul(0x9E37_79B1);
                        in_progress = in_progress.rotate_left(5).wrapping_add(one);
                    }
                    _ => {}
                }
            }
            let pass = (claims, in_progress);
            let quiet = in_progress == 0 || before == Some(pass);
            if !raced && quiet && self.claims(want) == claims {
                drop(seeker);
                return None;
            }
            before = Some(pass);
        }
    }

    /// Claims this cell if it is free, or retired and not held.
    #[inline(never)]
    fn claim_this(&self, index: usize, want: Want, reclaim: &impl Reclaim) -> Option<Claim> {
        match self.try_claim(index, want) {
            Attempt::Claimed(claim) => Some(claim),
            Attempt::Retired => self.claim_retired(index, want, reclaim),
            Attempt::Taken => None,
        }
    }

    /// Takes a retired cell over.
    fn claim_retired(&self, index: usize, want: Want, reclaim: &impl Reclaim) -> Option<Claim> {
        let class = |word| Self::LAYOUT.class(index, word);
        let own = &self.cell(index).own;
        if !want.takes(class(Word(own.load(Ordering::Relaxed)))) || !reclaim.take_over(index) {
            return None;
        }
        // It may have been another entry's since.
        let class = class(Word(own.load(Ordering::Relaxed)));
        let claim = Claim { index, class };
        // (9) The fence is in `take_over`.
        self.count_if_sought(class);
        if !want.takes(class) {
            self.free(claim);
            return None;
        }
        Some(claim)
    }

    fn claims(&self, want: Want) -> usize {
        let [ordinary, spare] = &self.control.0.claims;
        // (7) Acquire: pairs with the Release increment (8).
        let ordinary = ordinary.load(Ordering::Acquire);
        match want {
            Want::Ordinary => ordinary,
            Want::Spare | Want::Any => ordinary.wrapping_add(spare.load(Ordering::Acquire)),
        }
    }

    #[inline(always)]
    fn try_claim(&self, index: usize, want: Want) -> Attempt {
        let own = &self.cell(index).own;
        let word = Word(own.load(Ordering::Relaxed));
        if !word.is(State::Free) {
            return if word.is(State::Retired) {
                Attempt::Retired
            } else {
                Attempt::Taken
            };
        }
        let class = Self::LAYOUT.class(index, word);
        if !want.takes(class) {
            return Attempt::Taken;
        }
        let claimed = Self::LAYOUT.bump(word).with_state(State::Claimed);
        // (3) Acquire: pairs with the Release store of `free` (4): what the last owner did to the
        // cell happens before what this one does. (Relaxed would do with the fence at (9), where that
        // is a real one.)
        if own
            .compare_exchange(word.0, claimed.0, Ordering::AcqRel, Ordering::Relaxed)
            .is_err()
        {
            return Attempt::Taken;
        }
        // (9) Store→load: our claim, then `seekers`; the other side announces itself in `seekers`,
        // then reads the cells (10). If our fence comes first, the seeker's pass sees the cell
        // claimed from its start. If the seeker's comes first, we see the seeker and count.
        // It is also the release fence before the payload's relaxed stores: a reader that sees one
        // of them and then passes its acquire fence sees the claim, too (validation, crate
        // `arenamap`).
        fence_after_rmw();
        self.count_if_sought(class);
        Attempt::Claimed(Claim { index, class })
    }

    #[inline(always)]
    fn count_if_sought(&self, class: Class) {
        if self.control.0.seekers.load(Ordering::Relaxed) != 0 {
            self.count_claim(class);
        }
    }

    #[cold]
    fn count_claim(&self, class: Class) {
        // (8) Release: pairs with (7); it comes before the store that leaves `Claimed` (6).
        self.control.0.claims[class as usize].fetch_add(1, Ordering::Release);
    }

    /// The own word of a claimed cell, for its owner to build the next one from.
    #[inline(always)]
    pub fn claimed_word(&self, claim: Claim) -> Word {
        Word(self.cell(claim.index).own.load(Ordering::Relaxed))
    }

    /// Gives an exclusively owned cell back. One store, plus a hint while cells are scarce.
    ///
    /// Owned means: claimed by the caller, or unlinked by the caller and freed without guards.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub fn free(&self, claim: Claim) {
        let own = &self.cell(claim.index).own;
        let word = Word(own.load(Ordering::Relaxed));
        let free = Self::LAYOUT.link(word, None).with_state(State::Free);
        let free = Self::LAYOUT.with_class(claim.index, free, claim.class);
        // (4) Release: pairs with the Acquire of the next claim (3).
        own.store(free.0, Ordering::Release);
        if self.control.0.pressure.load(Ordering::Relaxed) != 0 {
            self.leave_hint(claim.index);
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

enum Attempt {
    Claimed(Claim),
    Retired,
    Taken,
}

/// The place in `free`, a set of places of one group, that is nearest to `place`: itself, its
/// neighbour, the other two.
#[inline(always)]
const fn nearest(place: usize, free: usize) -> usize {
    // Two bits for each of the sixteen sets.
    const NEAREST: [u32; GROUP] = {
        let mut table = [0; GROUP];
        let mut place = 0;
        while place < GROUP {
            let mut free = 1;
            while free < 1 << GROUP {
                let mut distance = 0;
                while free >> (place ^ distance) & 1 == 0 {
                    distance += 1;
                }
                table[place] |= ((place ^ distance) as u32) << (2 * free);
                free += 1;
            }
            place += 1;
        }
        table
    };
    (NEAREST[place] >> (2 * free) & 3) as usize
}

/// Announces a claim on its last pass for as long as it lives.
struct Seeker<'a>(&'a AtomicUsize);

impl<'a> Seeker<'a> {
    fn new(seekers: &'a AtomicUsize) -> Self {
        seekers.fetch_add(1, Ordering::AcqRel);
        // (10) Store→load: the announcement, then the cells: see (9).
        fence_after_rmw();
        Self(seekers)
    }
}

impl Drop for Seeker<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}
