//! Values of at most half a native word are changed in place: one compare-and-swap, no other cell.
//!
//! Such a value lies in one word with a tag: some bits of the own word's generation when the cell was
//! filled, which tell this entry from others that were or will be in the cell, and a *frozen* bit.
//!
//! * **Changing** is a compare-and-swap on that word from what was read while the entry was linked. It
//!   succeeds only if the entry is still the same one and not frozen: then it is in the map, for
//! * **removing** freezes the value first, marks the cell then. Whoever freezes has removed the
//!   entry, and knows the last value; the removal takes effect where the cell is marked, by whoever is
//!   first: an operation that wants to change a frozen entry does that and starts over, so nobody
//!   waits for the one that froze.
//!
//! Readers do not look at the frozen bit: until the cell is marked the entry is there.
//!
//! If exactly as many generations as the tag tells apart went by while an operation was stopped between
//! its read and its compare-and-swap, and the value is the same, the wrong entry's value is changed
//! ([`CHANGE_BITS`] says how many).

use super::{CopyMap, Entry};
use crate::chain::{Found, Place};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;
use tagged_arena::cells::Claim;
use tagged_arena::plain::{Plain, Tagged};
use tagged_arena::sync::{Half, Ordering};
use tagged_arena::word::Layout;

const FROZEN: Half = 1;

/// How many bits tell the entries of one cell apart.
pub(crate) const CHANGE_BITS: u32 = {
    let room = Half::BITS - 1;
    if room < Layout::GENERATION_LIMIT {
        room
    } else {
        Layout::GENERATION_LIMIT
    }
};

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, S: BuildHasher, const EXTRA: usize>
    CopyMap<K, V, N, S, EXTRA>
{
    /// Stores the value into a claimed cell.
    #[inline(always)]
    pub(super) fn store_value(&self, claim: Claim, value: V) {
        let place = &self.cells.cell(claim.index).header.value;
        if Tagged::<V>::FITS {
            let generation = Self::LAYOUT.generation(self.cells.claimed_word(claim));
            let entry = generation & (usize::MAX >> (usize::BITS - CHANGE_BITS));
            let tag = (entry as Half) << 1;
            place
                .word()
                .store(Tagged::new(value, tag).0, Ordering::Relaxed);
        } else {
            place.store(value);
        }
    }

    /// Changes the value in place. `false`: somebody was quicker.
    #[inline(always)]
    pub(super) fn change(
        &self,
        bucket: usize,
        place: &Place<'_>,
        old: &Entry<V>,
        value: V,
    ) -> bool {
        let word = Tagged::<V>::from_word(old.word);
        if word.tag() & FROZEN != 0 {
            self.mark_removed(bucket, place, old);
            return false;
        }
        // (21) Release: pairs with the acquire fence of the readers' validation (20).
        self.swap_word(old, word.with_value(value))
    }

    /// Freezes the value, if it is still what it was. `false`: somebody was quicker.
    #[inline(always)]
    pub(super) fn freeze(&self, bucket: usize, place: &Place<'_>, old: &Entry<V>) -> bool {
        let word = Tagged::<V>::from_word(old.word);
        if word.tag() & FROZEN != 0 {
            self.mark_removed(bucket, place, old);
            return false;
        }
        self.swap_word(old, Tagged::new(old.value, word.tag() | FROZEN))
    }

    #[inline(always)]
    fn swap_word(&self, old: &Entry<V>, new: Tagged<V>) -> bool {
        self.cells
            .cell(old.index)
            .header
            .value
            .word()
            .compare_exchange(old.word, new.0, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// Takes the entry that the caller has frozen out of the chain.
    #[inline(always)]
    pub(super) fn take_out<Q: Equivalent<K> + ?Sized>(
        &self,
        bucket: usize,
        key: &Q,
        place: &Place<'_>,
        old: &Entry<V>,
    ) {
        if !self.mark_removed(bucket, place, old) {
            self.take_out_again(bucket, key, old);
        }
    }

    /// Somebody appended an entry behind it, or marked it for us.
    #[cold]
    #[inline(never)]
    fn take_out_again<Q: Equivalent<K> + ?Sized>(&self, bucket: usize, key: &Q, old: &Entry<V>) {
        let word = Tagged::<V>::from_word(old.word);
        let frozen = Tagged::new(old.value, word.tag() | FROZEN).0;
        loop {
            match self.locate(bucket, key) {
                Found::Hit(place, there) if there.index == old.index && there.word == frozen => {
                    if self.mark_removed(bucket, &place, &there) {
                        return;
                    }
                }
                _ => return,
            }
        }
    }
}
