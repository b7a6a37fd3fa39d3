//! What takes entries out of a [`CopyMap`].

use super::CopyMap;
use super::entry::{CopyTable, Entry};
use crate::backoff::Backoff;
use crate::table::chain::{seal_first, tidy};
use crate::table::position::At;
use crate::table::{Bucket, Changed, Table};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;
use tagged_arena::cells::Claim;
use tagged_arena::plain::{Plain, Tagged};
use tagged_arena::word::Class;

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopyMap<K, V, N, EXTRA, S>
{
    /// Removes the key and returns its value.
    ///
    /// Linearizes where its bucket's word is changed, or, behind another entry of a chain, its cell's own
    /// word (a value that is changed in place is frozen first: one compare-and-swap more). Lock-free.
    /// Complexity: as [`get`](Self::get). The cell is free again when this returns, unless another
    /// operation that was helping was interrupted in between. Interrupts: yes. Panics: only if `Q`'s `Hash`
    /// or `equivalent` does.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// map.insert(1, 10)?;
    /// assert_eq!((map.remove(&1), map.remove(&1)), (Some(10), None));
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        let group = self.group(key);
        // The common case: nobody interferes.
        let bucket = Bucket::read(&self.table, group);
        if let Ok(bit) = self.seat(&bucket, key) {
            if bit != 0 {
                let old = self.seated(&bucket, bit);
                if (!Tagged::<V>::FITS || bucket.unchanged()) && self.take(&bucket, &old) {
                    return V::from_bits(old.value);
                }
            } else if !CopyTable::<K, V, N, EXTRA>::SHAPE.has_chain(bucket.word())
                && bucket.unchanged()
            {
                return None;
            }
        }
        self.remove_slow(group, key)
    }

    #[cold]
    #[inline(never)]
    fn remove_slow<Q: Equivalent<K> + ?Sized>(&self, group: usize, key: &Q) -> Option<V> {
        self.remove_where(group, key, |_, _| Ok(true))
    }

    /// Removes the key if its entry is `wanted`, which may ask for another look.
    #[inline]
    fn remove_where<Q: Equivalent<K> + ?Sized>(
        &self,
        group: usize,
        key: &Q,
        mut wanted: impl FnMut(&Bucket<'_>, &Entry<V>) -> Result<bool, Changed>,
    ) -> Option<V> {
        let mut backoff = Backoff::new();
        loop {
            let (bucket, Some(old)) = self.locate(group, key) else {
                return None;
            };
            match wanted(&bucket, &old) {
                Ok(true) if self.take(&bucket, &old) => return V::from_bits(old.value),
                Ok(false) => return None,
                _ => backoff.lost(),
            }
        }
    }

    /// Removes the key if `wanted` says so of its entry, and returns its value: in one step, so exactly the
    /// key and the value that `wanted` was shown last are removed.
    ///
    /// An entry that was replaced, or changed in place, in between is looked at anew: `wanted` is called
    /// again then, and (for values wider than half a native word) when anything else in the bucket has
    /// changed. So it must not itself change this map each time: that may never end. `None` if the key is
    /// not there, or if its entry is not wanted. Lock-free. Complexity, interrupts: as
    /// [`remove`](Self::remove). When full: no difference. Panics: only if `Q`'s `Hash` or `equivalent`,
    /// or `wanted` does; nothing has changed then.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// // When each station was last heard.
    /// let heard: CopyMap<u16, u32, 8> = CopyMap::new();
    /// heard.insert(5, 1000)?;
    /// assert_eq!(heard.remove_if(&5, |_, last| *last < 900), None);
    /// assert_eq!(heard.remove_if(&5, |_, last| *last < 1100), Some(1000));
    /// assert_eq!(heard.get(&5), None);
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn remove_if<Q: Hash + Equivalent<K> + ?Sized>(
        &self,
        key: &Q,
        mut wanted: impl FnMut(&K, &V) -> bool,
    ) -> Option<V> {
        self.remove_where(self.group(key), key, |bucket, old| {
            let there = (
                K::from_bits(self.key_of(bucket, old)?),
                V::from_bits(old.value),
            );
            Ok(matches!(there, (Some(key), Some(value)) if wanted(&key, &value)))
        })
    }

    /// Removes each entry for which `wanted` is false, one by one, each in one step: an entry that was
    /// replaced or changed since `wanted` was asked is asked about again, and never removed unasked.
    ///
    /// What is gone through is what [`iter`](Self::iter) yields, with its caveats: a key that is there
    /// during the whole call is asked about; one that comes or goes meanwhile may be missed. Lock-free.
    /// Complexity: the cells, and the square of each bucket's entries. When full: no difference.
    /// Interrupts: yes. Panics: only if `K`'s `Hash` or `Eq`, or `wanted` does; what was removed before
    /// stays so.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let heard: CopyMap<u16, u32, 8> = CopyMap::new();
    /// for station in 0..8 {
    ///     heard.insert(station, 100 * u32::from(station))?;
    /// }
    /// heard.retain(|_, last| *last >= 500);
    /// assert_eq!((heard.len(), heard.get(&5)), (3, Some(500)));
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn retain(&self, mut wanted: impl FnMut(&K, &V) -> bool) {
        for (key, _) in self {
            self.remove_if(&key, |key, value| !wanted(key, value));
        }
    }

    /// Removes every key that is there during the whole call. What others insert meanwhile may stay: so the
    /// map need not be empty at any instant. As [`retain`](Self::retain) of nothing; with `&mut` there is
    /// [`drain`](Self::drain).
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// map.insert(1, 10)?;
    /// map.clear();
    /// assert!(map.is_empty());
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn clear(&self) {
        self.retain(|_, _| false);
    }

    /// Takes the entry out of the map. `false`: somebody was quicker.
    #[inline(always)]
    pub(super) fn take(&self, bucket: &Bucket<'_>, old: &Entry<V>) -> bool {
        if Tagged::<V>::FITS {
            self.freeze(bucket, old) && {
                self.take_frozen(bucket, old);
                true
            }
        } else {
            self.take_out(bucket, old)
        }
    }

    /// Takes the entry out of its seat or chain: decides, and frees its cell.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline)]
    pub(super) fn take_out(&self, bucket: &Bucket<'_>, old: &Entry<V>) -> bool {
        let taken = old.position.take_out(&self.table, bucket);
        if taken {
            self.taken(bucket, old, Class::Ordinary);
        }
        taken
    }

    /// Frees the cell, as of this class, of an entry that the caller has taken out; but whoever unlinks one
    /// that was behind another frees it.
    #[inline(always)]
    pub(super) fn taken(&self, bucket: &Bucket<'_>, old: &Entry<V>, class: Class) {
        match old.position.at {
            At::Seat(_) => {}
            At::First => seal_first(&self.table, old.position.index),
            At::Behind => return tidy(&self.table, bucket.group),
        }
        self.free(old.position.index, class);
    }

    /// Frees the cell of an entry that the caller has taken out.
    #[inline(always)]
    pub(super) fn free(&self, index: usize, class: Class) {
        // SAFETY: the caller has taken the entry out.
        unsafe { self.table.cells.free(Claim { index, class }) };
    }
}
