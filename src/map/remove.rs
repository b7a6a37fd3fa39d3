//! What takes entries out of a [`Map`].

use super::entry::Held;
use super::{Map, Ref, Spot};
use crate::backoff::Backoff;
use crate::table::Bucket;
use crate::table::chain::tidy;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;
use tagged_arena::word::Class;

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    /// Removes the key and returns its entry, still readable.
    ///
    /// Linearizes where its bucket's word is changed, or the entry of a chain is sealed. Lock-free.
    /// Complexity: as [`get`](Self::get). Key and value are dropped with the last guard, which may be the
    /// one returned. Interrupts: yes. Panics: as [`get`](Self::get).
    ///
    /// ```
    /// # use arenamap::Map;
    /// let names: Map<u16, String, 8> = Map::new();
    /// names.insert(5, "five".to_string())?;
    /// let five = names.remove(&5).expect("it was there");
    /// assert!(names.get(&5).is_none());
    /// assert_eq!(*five, "five"); // still readable
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<Ref<'_, K, V>> {
        self.remove_if(key, |_, _| true)
    }

    /// Removes the key if `wanted` says so of its entry, and returns the entry, still readable: in one
    /// step, so exactly the key and the value that `wanted` was shown last are removed.
    ///
    /// An entry that was replaced in between is looked at anew: `wanted` is called again then, and when
    /// anything else in the bucket has changed. So it must not itself change this map each time: that may
    /// never end. `None` if the key is not there, or if its entry is not wanted. (A value that is changed
    /// where it is, such as an atomic, may have changed since `wanted` saw it.) Lock-free. Complexity,
    /// interrupts: as [`remove`](Self::remove). When full: no difference. Panics: as [`get`](Self::get),
    /// or if `wanted` does.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let names: Map<u16, &str, 8> = Map::new();
    /// names.insert(5, "five")?;
    /// assert!(names.remove_if(&5, |_, name| name.is_empty()).is_none());
    /// let removed = names.remove_if(&5, |_, name| name.len() == 4);
    /// assert_eq!(removed.as_deref(), Some(&"five"));
    /// # drop(removed);
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn remove_if<Q: Hash + Equivalent<K> + ?Sized>(
        &self,
        key: &Q,
        mut wanted: impl FnMut(&K, &V) -> bool,
    ) -> Option<Ref<'_, K, V>> {
        let spot = self.spot(key);
        match self.locate_fast(spot, key) {
            Some((bucket, bit, Some(old))) => {
                let (key, value) = old.pair();
                if !wanted(key, value) {
                    return None;
                }
                if bucket.remove(bit) {
                    return Some(self.taken_seat(old));
                }
            }
            Some((bucket, _, None)) if bucket.unchanged() => return None,
            _ => {}
        }
        self.remove_slow(spot, key, wanted)
    }

    #[inline(never)]
    fn remove_slow<Q: Equivalent<K> + ?Sized>(
        &self,
        spot: Spot,
        key: &Q,
        mut wanted: impl FnMut(&K, &V) -> bool,
    ) -> Option<Ref<'_, K, V>> {
        let mut backoff = Backoff::new();
        loop {
            let (bucket, Some(old)) = self.locate(spot, key) else {
                return None;
            };
            let (key, value) = old.pair();
            if !wanted(key, value) {
                return None;
            }
            if self.take_out(&bucket, &old) {
                return Some(self.taken(&bucket, old, Class::Ordinary));
            }
            drop(old);
            backoff.lost();
        }
    }

    /// Removes each entry for which `wanted` is false, one by one, each in one step: an entry that was
    /// replaced since `wanted` was asked is asked about again, and never removed unasked.
    ///
    /// What is gone through is what [`iter`](Self::iter) yields, with its caveats: a key that is there
    /// during the whole call is asked about; one that comes or goes meanwhile may be missed. Lock-free.
    /// Complexity: the cells, and the square of each bucket's entries. When full: no difference.
    /// Interrupts: yes. Panics: as [`iter`](Self::iter), or if `wanted` does; what was removed before
    /// stays so.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let names: Map<u16, &str, 8> = Map::new();
    /// names.insert(5, "five")?;
    /// names.insert(6, "")?;
    /// names.retain(|_, name| !name.is_empty());
    /// assert!(names.contains_key(&5) && !names.contains_key(&6));
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn retain(&self, mut wanted: impl FnMut(&K, &V) -> bool) {
        for entry in self {
            self.remove_if(entry.key(), |key, value| !wanted(key, value));
        }
    }

    /// Removes every key that is there during the whole call (of keys with equal 64-bit hashes see
    /// [`iter`](Self::iter)). What others insert meanwhile may stay: so the map need not be empty at any
    /// instant. As [`retain`](Self::retain) of nothing; with `&mut` there is [`drain`](Self::drain).
    ///
    /// ```
    /// # use arenamap::Map;
    /// let names: Map<u16, &str, 8> = Map::new();
    /// names.insert(5, "five")?;
    /// names.clear();
    /// assert!(names.is_empty());
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn clear(&self) {
        self.retain(|_, _| false);
    }

    /// Takes the entry out of the map: decides. `false`: somebody was quicker. To be followed by
    /// [`taken`](Self::taken).
    #[inline(always)]
    pub(super) fn take_out(&self, bucket: &Bucket<'_>, old: &Held<'_, K, V>) -> bool {
        old.position().take_out(&self.table, bucket)
    }

    /// The entry that the caller has taken out; its cell gets this class, unless it was behind another one
    /// and has it already.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn taken<'a>(
        &'a self,
        bucket: &Bucket<'_>,
        old: Held<'a, K, V>,
        class: Class,
    ) -> Ref<'a, K, V> {
        if old.position().is_behind() {
            // Whoever unlinks it retires it.
            tidy(&self.table, bucket.group);
            return old.into_ref();
        }
        self.table.arena.cells().hint(old.guard.index());
        old.into_owned(Self::OWN, class)
    }

    /// The entry that the caller has taken out of a seat; its cell stays ordinary.
    #[inline(always)]
    pub(super) fn taken_seat<'a>(&'a self, old: Held<'a, K, V>) -> Ref<'a, K, V> {
        self.table.arena.cells().hint(old.guard.index());
        old.into_owned(Self::OWN, Class::Ordinary)
    }
}
