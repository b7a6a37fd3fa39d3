//! An update of a map that another update of the same key interrupts.

use arenamap::{CopyMap, Map};
use core::hash::BuildHasher;
use core::hint::black_box;

use crate::measure;
use crate::store::{Copies, Guarded, Word};

/// A map whose operations may be interrupted by others, which a map behind a lock does not survive.
pub trait Interruptible<W> {
    /// As [`Update::update`](crate::store::Update::update), with another update of the same key in the midst
    /// of it: what an interrupt between its look at the value and its change of it would do.
    fn update_interrupted(&self, key: W, by: W) -> Option<W>;
}

impl<W: Word, S: BuildHasher + Default> Interruptible<W> for Copies<W, S> {
    #[inline(always)]
    fn update_interrupted(&self, key: W, by: W) -> Option<W> {
        let mut first = true;
        let old = CopyMap::update(self, &key, |old| {
            if core::mem::take(&mut first) {
                black_box(measure::update(self, key, by));
            }
            old.mixed(by)
        });
        old.ok().flatten()
    }
}

impl<W: Word, S: BuildHasher + Default> Interruptible<W> for Guarded<W, S> {
    #[inline(always)]
    fn update_interrupted(&self, key: W, by: W) -> Option<W> {
        let mut first = true;
        let old = Map::update(self, &key, |old| {
            if core::mem::take(&mut first) {
                black_box(measure::update(self, key, by));
            }
            old.mixed(by)
        });
        old.ok().flatten().map(|entry| *entry)
    }
}

/// [`Interruptible::update_interrupted`] as a user's function.
#[inline(never)]
pub fn update_interrupted<S: Interruptible<W>, W>(store: &S, key: W, value: W) -> Option<W> {
    store.update_interrupted(key, value)
}
