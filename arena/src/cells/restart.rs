//! What the cells remember beside their own words, set anew when nobody is at work in them.

use super::{Cells, SPARES};
use crate::sync::Ordering;
use crate::word::Class;

impl<H, const N: usize, const EXTRA: usize> Cells<H, N, EXTRA> {
    /// Forgets claims in progress and hints, and looks for the spare cells. All stores are Relaxed: nobody
    /// else is there.
    pub fn restart(&mut self) {
        let control = &self.control.0;
        control.seekers.store(0, Ordering::Relaxed);
        control.pressure.store(0, Ordering::Relaxed);
        for hint in &self.hints.0 {
            hint.store(0, Ordering::Relaxed);
        }
        for place in &self.spares.0 {
            place.store(0, Ordering::Relaxed);
        }
        let spare =
            |&index: &usize| Self::LAYOUT.class(index, self.cell(index).own.peek()) == Class::Spare;
        let spares = (0..Self::COUNT).filter(spare).take(SPARES);
        for (place, index) in spares.enumerate() {
            self.spares.0[place].store(index + 1, Ordering::Relaxed);
        }
    }
}
