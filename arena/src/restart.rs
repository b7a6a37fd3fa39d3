//! An arena whose users stopped anywhere, and will not go on.

use crate::arena::Arena;
use crate::cells::Cells;
use crate::sync::Ordering;

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
        Rest(self, 0).run();
    }
}

/// Reclaims from this index on, and goes on with the next when a drop panics.
struct Rest<'a, H, T, const N: usize, const EXTRA: usize>(&'a Arena<H, T, N, EXTRA>, usize);

impl<H, T, const N: usize, const EXTRA: usize> Rest<'_, H, T, N, EXTRA> {
    fn run(&mut self) {
        while self.1 < N + EXTRA {
            let index = self.1;
            self.1 += 1;
            self.0.reclaim(index);
        }
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Drop for Rest<'_, H, T, N, EXTRA> {
    fn drop(&mut self) {
        self.run();
    }
}
