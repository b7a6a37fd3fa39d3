//! A cell on its way into a [`CopyMap`](super::CopyMap).

use super::CopyCells;
use tagged_arena::cells::{Claim, NoReclaim, Want};
use tagged_arena::word::Class;

/// A claimed cell that is not linked yet; given back when dropped, also by a panic in user code.
pub(super) struct Unused<'a, K, V, const N: usize, const EXTRA: usize> {
    cells: &'a CopyCells<K, V, N, EXTRA>,
    pub(super) claimed: Option<Claim>,
}

impl<'a, K, V, const N: usize, const EXTRA: usize> Unused<'a, K, V, N, EXTRA> {
    #[inline(always)]
    pub(super) fn none(cells: &'a CopyCells<K, V, N, EXTRA>) -> Self {
        Self {
            cells,
            claimed: None,
        }
    }

    /// The cell claimed before, or one claimed now. A spare one is exchanged if an ordinary one is
    /// wanted.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn claim(&mut self, home: usize, want: Want) -> Option<Claim> {
        match self.claimed {
            Some(claim) if want == Want::Any || claim.class == Class::Ordinary => {}
            _ => {
                self.give_back();
                self.claimed = self.cells.claim(home, want, &NoReclaim);
            }
        }
        self.claimed
    }

    /// The cell is linked: it is the map's.
    #[inline(always)]
    pub(super) fn used(&mut self) {
        self.claimed = None;
    }

    #[inline(always)]
    fn give_back(&mut self) {
        if let Some(claim) = self.claimed.take() {
            self.cells.free(claim);
        }
    }
}

impl<K, V, const N: usize, const EXTRA: usize> Drop for Unused<'_, K, V, N, EXTRA> {
    #[inline(always)]
    fn drop(&mut self) {
        self.give_back();
    }
}
