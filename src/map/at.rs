//! Entries by their cells: what is in a cell, whatever its key, and how that very entry is taken out.

use super::entry::MapTable;
use super::{Map, Ref};
use crate::table::chain::{Walk, try_tidy};
use crate::table::position::Position;
use crate::table::shape::GROUP;
use crate::table::{Bucket, Table};
use core::hash::{BuildHasher, Hash};
use tagged_arena::word::State;

/// An entry's place, and its bucket as it was then.
pub(crate) type Placed<'a> = (Bucket<'a>, Position);

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    /// The entry that is in the cell `index`, held; `None` if no entry of the map is in it.
    ///
    /// An entry stays in its cell for as long as it is in the map, and in the same place there: in a seat,
    /// or in the chain. So it is enough to hold the cell and to look, behind the fence of that hold (12), at
    /// its own word and then at the one or two buckets whose seat it may be. Neither a key is compared nor,
    /// but in one case, hashed:
    ///
    /// * *Sealed*: it is in a seat if a bucket's bit says so. That bit, read while the cell is held, makes
    ///   the guard good (`I-LIVE`), and the entry was in the map when it was read.
    /// * *Live*: it was in its chain when the word was read. Behind another one it leaves by this very word;
    ///   at the head only while the word is frozen (`T-FREEZE`).
    /// * *Frozen*: the guard is good, but the entry may have left the head of its chain just now. The key
    ///   says which bucket to ask, so it is hashed. A removal that was suspended, or that failed, leaves
    ///   such a word.
    /// * Anything else: nothing of the map is in it. That holds for an entry that is linked and not
    ///   committed, too: its insert is in progress, and whoever has found it has committed it. So it counts
    ///   as inserted when it is committed, for all who ask here.
    ///
    /// *`None` is right at an instant of the call.* If there was an entry when the own word was read, it is
    /// the one that was looked for, where it was looked for, so it had left when it was not found; and
    /// nobody puts another one into a cell that has been held since before its entry left. If there was
    /// none, it is that instant.
    ///
    /// Lock-free: wait-free but for a count of guards, and for a frozen word, where it goes along the chain.
    pub(crate) fn held_at(&self, index: usize) -> Option<Ref<'_, K, V>> {
        // What is free, or is to be, must not be held: a claim would take it for taken (`cells`).
        let state = self.table.own(index).read().state();
        if !matches!(state, State::Sealed | State::Live | State::Frozen) {
            return None;
        }
        let guard = self.table.arena.hold(index);
        match guard.own().state() {
            State::Sealed => drop(self.seat_of(index)?),
            State::Live => {}
            State::Frozen => {
                // SAFETY: I-LIVE: its own word was live once it was held.
                let (key, _) = unsafe { guard.payload() };
                self.chained_at(index, key, false)?;
            }
            _ => return None,
        }
        // SAFETY: M-LIVE: see above.
        Some(unsafe { Ref::new(guard) })
    }

    /// Takes out the very entry that [`held_at`](Self::held_at) has found, if it is still in the map: one
    /// compare-and-swap decides. Only an entry of a chain is hashed. Lock-free.
    pub(crate) fn remove_held<'a>(&'a self, entry: Ref<'a, K, V>) -> Option<Ref<'a, K, V>> {
        let taken = self.take_held(entry, |_| true, || ());
        taken.map(|(entry, ())| entry)
    }

    /// The seat that the cell is, if an entry is in it.
    #[inline(always)]
    pub(crate) fn seat_of(&self, index: usize) -> Option<Placed<'_>> {
        let shape = MapTable::<K, V, N, EXTRA>::SHAPE;
        let home = index / GROUP;
        for group in [home, home ^ 1] {
            if group >= shape.groups() {
                continue;
            }
            let bit = shape.bit(group, index);
            // (12) Its load, as in `hold_seat`.
            let bucket = Bucket::read(&self.table, group);
            if bucket.word().0 & bit != 0 {
                return Some((bucket, Position::seat(index, bit)));
            }
        }
        None
    }

    /// The place of a cell in the chain that has this key, if it is there. Validated. The chain is tidy
    /// then, if it is to be.
    #[cold]
    #[inline(never)]
    pub(super) fn chained_at(&self, index: usize, key: &K, tidy: bool) -> Option<Placed<'_>> {
        let group = self.spot(key).group;
        loop {
            let bucket = Bucket::read(&self.table, group);
            if tidy && try_tidy(&self.table, &bucket).is_err() {
                continue;
            }
            let here = |walk: &Walk<'_>, there: bool| Ok(there.then(|| walk.position()));
            if let Ok(found) = Walk::find(
                &self.table,
                &bucket,
                false,
                |walk| walk.index == index,
                here,
            ) {
                return found.map(|position| (bucket, position));
            }
        }
    }
}
