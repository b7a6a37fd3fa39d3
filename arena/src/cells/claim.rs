//! How a free cell is found: near its home, then anywhere, then not at all, exactly.

use super::{Cells, Claim, NoReclaim, Reclaim, Want};
use crate::sync::{AtomicUsize, Ordering, fence_after_rmw};
use crate::word::{Class, State};

/// So many cells stand together.
const GROUP: usize = 4;

/// The cells that are looked at first: the home group, then its neighbour, whose last cells are those that it
/// needs last itself.
const NEAR: [usize; 2 * GROUP] = [0, 1, 2, 3, 7, 6, 5, 4];

/// So many times a claim looks at all cells, each time because another claim succeeded meanwhile, before it
/// gives up.
const PASSES: usize = 8;

/// So many quadratic probes follow the home cell's group.
const PROBES: usize = 8;

impl<H, const N: usize, const EXTRA: usize> Cells<H, N, EXTRA> {
    /// Claims a cell, as near to `home` as can be. A spare one only if no near one may be taken.
    ///
    /// Progress: lock-free; wait-free while a near cell is free. Complexity: constant while a near
    /// cell is free, else at most eight passes over the cells. `None` means that all cells it may take
    /// were taken at one instant, or when each was looked at, in eight passes in a row (see the module's
    /// text).
    ///
    /// Retired cells are passed by: those are an [`Arena`](crate::Arena)'s.
    #[inline(always)]
    pub fn claim(&self, home: usize, want: Want) -> Option<Claim> {
        self.claim_with(home, want, &NoReclaim)
    }

    /// The same with a way to reclaim retired cells, of these cells.
    #[inline(never)]
    pub(crate) fn claim_with<R: Reclaim>(
        &self,
        home: usize,
        want: Want,
        reclaim: &R,
    ) -> Option<Claim> {
        for step in NEAR {
            let index = home ^ step;
            if index < Self::COUNT {
                if let Some(claim) = self.claim_this(index, want, reclaim) {
                    return Some(claim);
                }
            }
        }
        self.claim_far(home, want, reclaim)
    }

    /// Claims this cell if it is free and ordinary at the first look. `None` says nothing. Wait-free.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline)]
    pub fn claim_at(&self, index: usize) -> Option<Claim> {
        match self.try_claim(index, Want::Ordinary) {
            Attempt::Claimed(claim) => Some(claim),
            _ => None,
        }
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

    /// A spare cell, if one will do; then the probes, then the slow ways.
    #[inline(never)]
    fn claim_far(&self, home: usize, want: Want, reclaim: &impl Reclaim) -> Option<Claim> {
        if want != Want::Ordinary {
            if let Some(claim) = self.claim_spare(reclaim) {
                return Some(claim);
            }
        }
        // While cells are scarce, just-freed ones are quicker than probes, most of which fail.
        let scarce = self.control.0.pressure.load(Ordering::Relaxed) != 0;
        if scarce {
            let claim = self.claim_hinted(want, reclaim);
            if claim.is_some() {
                return claim;
            }
        }
        // The last cell of a group is the one that the group itself needs last.
        let mut index = home | (GROUP - 1);
        for step in 1..=PROBES.min(Self::COUNT) {
            index = (index + GROUP * step) % Self::COUNT;
            if let Some(claim) = self.claim_this(index, want, reclaim) {
                return Some(claim);
            }
        }
        if !scarce {
            self.control.0.pressure.store(1, Ordering::Relaxed);
            // There may still be one from before.
            let claim = self.claim_hinted(want, reclaim);
            if claim.is_some() {
                return claim;
            }
        }
        self.claim_any(home, want, reclaim)
    }

    /// One of the cells that were freed while cells were scarce.
    #[inline(never)]
    fn claim_hinted(&self, want: Want, reclaim: &impl Reclaim) -> Option<Claim> {
        for hint in &self.hints.0 {
            // A hint is only a hint: an index, or zero. A lost or stale one costs a probe.
            if let Some(index) = hint.load(Ordering::Relaxed).checked_sub(1) {
                let claim = self.claim_this(index, want, reclaim);
                // Who holds a retired cell will let go of it.
                let own = &self.cell(index).own;
                if claim.is_some() || !own.peek().is(State::Retired) {
                    hint.store(0, Ordering::Relaxed);
                }
                if claim.is_some() {
                    return claim;
                }
            }
        }
        None
    }

    /// The last, exact pass over all cells.
    #[cold]
    fn claim_any(&self, home: usize, want: Want, reclaim: &impl Reclaim) -> Option<Claim> {
        let seeker = Seeker::new(&self.control.0.seekers);
        let mut before = None;
        for _ in 0..PASSES {
            let claims = self.claims(want);
            let mut in_progress = 0usize;
            let mut raced = false;
            for step in 0..Self::COUNT {
                let index = (home + step) % Self::COUNT;
                let own = &self.cell(index).own;
                // (5) Acquire, as any look at an own word (1): pairs with the Release stores that leave
                // `Claimed` (6), so that a claim counted before them is seen by `claims` below.
                let word = own.read();
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
                        raced |= own.peek() != word;
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
                break;
            }
            before = Some(pass);
        }
        drop(seeker);
        None
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
        if !want.takes(class(own.peek())) || !reclaim.take_over(index) {
            return None;
        }
        // It may have been another entry's since.
        let class = class(own.peek());
        let claim = Claim { index, class };
        // (9) The fence is in `take_over`.
        self.count_if_sought(class);
        if !want.takes(class) {
            // SAFETY: it was taken over (`Reclaim`).
            unsafe { self.free(claim) };
            return None;
        }
        Some(claim)
    }

    fn claims(&self, want: Want) -> usize {
        let [ordinary, spare] = &self.control.0.claims;
        // (7) Acquire: pairs with the increment (8).
        let ordinary = ordinary.load(Ordering::Acquire);
        match want {
            Want::Ordinary => ordinary,
            // kept: the twin of the load above; no model moves two spare cells.
            Want::Spare | Want::Any => ordinary.wrapping_add(spare.load(Ordering::Acquire)),
        }
    }

    #[inline(always)]
    fn try_claim(&self, index: usize, want: Want) -> Attempt {
        let own = &self.cell(index).own;
        let word = own.peek();
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
        if !own.claim(Self::LAYOUT, word) {
            return Attempt::Taken;
        }
        // (9) The fence is in `claim`.
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
        // (8) Relaxed behind the fence (9), which makes it a release: pairs with (7). It comes before the
        // store that leaves `Claimed` (6).
        self.control.0.claims[class as usize].fetch_add(1, Ordering::Relaxed);
    }
}

enum Attempt {
    Claimed(Claim),
    Retired,
    Taken,
}

/// Announces a claim on its last pass for as long as it lives.
struct Seeker<'a>(&'a AtomicUsize);

impl<'a> Seeker<'a> {
    fn new(seekers: &'a AtomicUsize) -> Self {
        // Relaxed: the fence behind it is what counts (10).
        seekers.fetch_add(1, Ordering::Relaxed);
        // (10) Store→load: the announcement, then the cells: see (9).
        fence_after_rmw();
        Self(seekers)
    }
}

impl Drop for Seeker<'_> {
    fn drop(&mut self) {
        // Relaxed: the Acquire loads of the pass (5, 7) come before, and nothing is published by it.
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
