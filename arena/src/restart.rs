//! An arena whose users stopped anywhere, and will not go on.

use crate::arena::Arena;
use crate::cells::Cells;
use crate::exhaust::exhaust;
use crate::sync::Ordering;
use crate::word::{Layout, State, Word};

impl<H, T, const N: usize, const EXTRA: usize> Arena<H, T, N, EXTRA> {
    /// The cells, exclusively.
    pub fn cells_mut(&mut self) -> &mut Cells<crate::arena::Node<H, T>, N, EXTRA> {
        &mut self.cells
    }

    /// Ends all holds: those of guards that were leaked, or whose contexts stopped. Nobody can use a guard
    /// any more, for each borrows the arena.
    pub fn forget_holds(&mut self) {
        self.slots.forget();
        for index in 0..Cells::<crate::arena::Node<H, T>, N, EXTRA>::COUNT {
            let pins = &self.cells.cell(index).header.pins;
            // (15) Relaxed: nobody else is there.
            pins.store(0, Ordering::Relaxed);
        }
    }

    /// Makes every retired cell free that is not held, and drops what is in it.
    ///
    /// Panics: if a payload's drop does; the rest is dropped all the same.
    pub fn reclaim_all(&mut self) {
        let cells = 0..Cells::<crate::arena::Node<H, T>, N, EXTRA>::COUNT;
        exhaust(cells.map(|index| self.reclaim(index)));
    }
}

impl Layout {
    /// What the own word of a cell becomes that nobody uses any more: `Retired`, if something is in it and
    /// `payloads` says that this is to be dropped; else `Free`. With the next generation, as after a removal.
    pub fn abandoned(self, own: Word, payloads: bool) -> Word {
        let filled = matches!(own.state(), State::Pending | State::Sealed | State::Retired);
        let state = if payloads && filled {
            State::Retired
        } else {
            State::Free
        };
        self.link(own, None).with_state(state)
    }
}
