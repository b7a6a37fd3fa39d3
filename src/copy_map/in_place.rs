//! Values of at most half a native word are changed in place: one compare-and-swap, no other cell.
//!
//! Such a value lies in one word with a tag: a number that goes on each time that the cell is filled, which
//! tells this entry from others that were or will be in the cell, and a *frozen* bit.
//!
//! * **Changing** is a compare-and-swap on that word from what was read while the entry was linked. It
//!   succeeds only if the entry is still the same one and not frozen: then it is in the map, for
//! * **removing** freezes the value first, then takes the entry out of its bucket. Whoever freezes has
//!   removed the entry, and knows the last value; the removal takes effect where the entry is taken out, by
//!   whoever is first: an operation that wants to change a frozen entry does that and starts over, so nobody
//!   waits for the one that froze.
//!
//! Readers do not look at the frozen bit: until the entry is taken out it is there.
//!
//! `C-WORD`: all accesses of such a value are of its whole word; none goes by its pieces.
//!
//! If the cell is filled exactly as often as the tag tells apart while an operation is stopped between its
//! read and its compare-and-swap, and the value is the same, the wrong entry's value is changed
//! ([`CHANGE_BITS`] says how many).

use super::CopyMap;
use super::entry::{CopyTable, Entry};
use crate::table::chain::{Walk, try_tidy};
use crate::table::{Bucket, Changed, Table};
use core::hash::{BuildHasher, Hash};
use tagged_arena::cells::Claim;
use tagged_arena::order::{decide, decided_by_another};
use tagged_arena::plain::{Plain, Tagged};
use tagged_arena::sync::{Half, Ordering};
use tagged_arena::word::Layout;

const FROZEN: Half = 1;

/// The bits of the tag: those that tell a cell's entries apart, and the frozen bit.
const TAG: Half = ((1_usize << (CHANGE_BITS + 1)) - 1) as Half;

/// How many bits tell the entries of one cell apart.
pub(crate) const CHANGE_BITS: u32 = {
    let room = Half::BITS - 1;
    if room < Layout::GENERATION_LIMIT {
        room
    } else {
        Layout::GENERATION_LIMIT
    }
};

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopyMap<K, V, N, EXTRA, S>
{
    /// Stores the value's bits into a claimed cell.
    #[inline(always)]
    pub(super) fn store_value(&self, claim: Claim, value: V::Bits) {
        let place = &self.table.node(claim.index).value;
        if Tagged::<V>::FITS {
            // Relaxed, load and store: the cell is ours, and the fence (9) of its claim comes before, for the
            // readers' validation (20).
            // SAFETY: C-WORD.
            let word = unsafe { place.word() };
            let last = Tagged::<V>::from_word(word.load(Ordering::Relaxed)).tag();
            let tag = (last & !FROZEN).wrapping_add(2) & TAG;
            word.store(Tagged::<V>::new(value, tag).0, Ordering::Relaxed);
        } else {
            place.store(value);
        }
    }

    /// Changes the value in place. `false`: somebody was quicker.
    #[inline(always)]
    pub(super) fn change(&self, bucket: &Bucket<'_>, old: &Entry<V>, value: V::Bits) -> bool {
        let word = Tagged::<V>::from_word(old.word);
        if word.tag() & FROZEN != 0 {
            self.take_out(bucket, old);
            return false;
        }
        // (21) Release: pairs with the acquire fence of the readers' validation (20).
        self.swap_word(old, word.with_value(value))
    }

    /// Freezes the value, if it is still what it was. `false`: somebody was quicker.
    #[inline(always)]
    pub(super) fn freeze(&self, bucket: &Bucket<'_>, old: &Entry<V>) -> bool {
        let word = Tagged::<V>::from_word(old.word);
        if word.tag() & FROZEN != 0 {
            self.take_out(bucket, old);
            return false;
        }
        self.swap_word(old, Tagged::new(old.value, word.tag() | FROZEN))
    }

    /// (21) Release, as said there. What came before the change that `old.word` is from comes before what
    /// follows this one by the fence (22).
    #[inline(always)]
    fn swap_word(&self, old: &Entry<V>, new: Tagged<V>) -> bool {
        // SAFETY: C-WORD.
        let word = unsafe { self.table.node(old.position.index).value.word() };
        decide(word, old.word, new.0)
    }

    /// Takes the entry that the caller has frozen out of its bucket.
    #[inline(always)]
    pub(super) fn take_frozen(&self, bucket: &Bucket<'_>, old: &Entry<V>) {
        if !self.take_out(bucket, old) {
            self.take_frozen_slow(bucket.group, old);
        }
    }

    /// Something else in the bucket was changed, or somebody took the entry out for us.
    #[cold]
    #[inline(never)]
    fn take_frozen_slow(&self, group: usize, old: &Entry<V>) {
        let word = Tagged::<V>::from_word(old.word);
        let frozen = Tagged::<V>::new(old.value, word.tag() | FROZEN).0;
        loop {
            let bucket = Bucket::read(&self.table, group);
            match self.find_word(&bucket, old.position.index, frozen) {
                Ok(Some(there)) => {
                    if self.take_out(&bucket, &there) {
                        return;
                    }
                }
                Ok(None) => {
                    // Somebody has taken it out.
                    decided_by_another();
                    return;
                }
                Err(Changed) => {}
            }
        }
    }

    /// The entry in this cell, if it is in the bucket and its value's word is `frozen`. By its cell and its
    /// word, not by its key: user code that panics here would leave a frozen entry.
    fn find_word<'a>(
        &'a self,
        bucket: &Bucket<'a>,
        index: usize,
        frozen: usize,
    ) -> Result<Option<Entry<V>>, Changed> {
        let bit = CopyTable::<K, V, N, EXTRA>::SHAPE.bit(bucket.group, index);
        if bucket.word().0 & bit != 0 {
            // Not validated: another word means that the cell has been filled again, and that the entry was
            // taken out before; and whoever takes it out finds out whether the bucket has changed.
            let there = self.seated(bucket, bit);
            return Ok((there.word == frozen).then_some(there));
        }
        try_tidy(&self.table, bucket)?;
        let this = |there: &Entry<V>| there.position.index == index && there.word == frozen;
        Walk::find(
            &self.table,
            bucket,
            false,
            |walk| self.walked(walk).1,
            |_, there| Ok(this(&there).then_some(there)),
        )
    }
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> CopyMap<K, V, N, EXTRA, S> {
    /// Takes back what removals have frozen that stopped before they took anything out.
    pub(super) fn thaw(&mut self) {
        if !Tagged::<V>::FITS {
            return;
        }
        for index in 0..N + EXTRA {
            // SAFETY: C-WORD.
            let word = unsafe { self.table.node(index).value.word() };
            let value = Tagged::<V>::from_word(word.load(Ordering::Relaxed));
            // (21) Relaxed: nobody else is there.
            let thawed = Tagged::<V>::new(value.value(), value.tag() & !FROZEN);
            word.store(thawed.0, Ordering::Relaxed);
        }
    }
}

#[cfg(all(test, not(tagged_arena_loom)))]
mod tests {
    use crate::CopyMap;

    /// A removal has frozen the value, and stopped before it took the entry out.
    #[test]
    fn what_is_frozen_is_thawed() {
        let mut map = CopyMap::<u32, u16, 4>::new();
        assert_eq!(map.insert(1, 10), Ok(None));
        let (bucket, there) = map.locate(map.group(&1), &1);
        assert!(map.freeze(&bucket, &there.expect("it is there")));
        map.repair();
        assert_eq!(map.update(&1, |old| old + 1), Ok(Some(10)));
        assert_eq!((map.get(&1), map.len()), (Some(11), 1));
    }
}
