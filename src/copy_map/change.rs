//! What changes the value of a key, by a closure.

use super::CopyMap;
use super::entry::stored;
use super::write::Unused;
use crate::backoff::Backoff;
use crate::compute::{Compute, Computed};
use crate::error::Full;
use crate::table::Bucket;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;
use tagged_arena::plain::{Plain, Tagged};

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopyMap<K, V, N, EXTRA, S>
{
    /// Replaces the key's value by `change` of it, in one step: the key is never absent, and no other
    /// change is lost in between. Returns the value replaced, `None` if the key is not there.
    ///
    /// `change` is called again if another writer was quicker, at this entry or (for values wider than
    /// half a native word) elsewhere in its bucket. So it must not itself change this map each
    /// time: that may never end. For a counter that many contexts update, take a value of at most half a
    /// native word: that is one compare-and-swap, where a replacement takes two.
    ///
    /// Lock-free. Complexity, when full, interrupts: as [`insert`](Self::insert), which replaces, too.
    /// Panics: only if `Q`'s `Hash` or `equivalent`, or `change` does; nothing has changed then.
    ///
    /// # Errors
    /// [`Full`] if every spare cell is in use; `change` has not been called then, or its result was
    /// not used.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// assert_eq!(map.update(&1, |n| n + 1), Ok(None));
    /// map.insert(1, 10).unwrap();
    /// assert_eq!(map.update(&1, |n| n + 1), Ok(Some(10)));
    /// assert_eq!(map.get(&1), Some(11));
    /// ```
    ///
    /// One field of a struct, the others as they are:
    ///
    /// ```
    /// use arenamap::{CopyMap, impl_plain};
    ///
    /// #[derive(Clone, Copy)]
    /// struct Reading {
    ///     millivolts: u16,
    ///     at: u32,
    /// }
    /// impl_plain!(struct Reading { millivolts: u16, at: u32 });
    ///
    /// let readings: CopyMap<u8, Reading, 8> = CopyMap::new();
    /// readings.insert(1, Reading { millivolts: 3300, at: 7 }).map_err(|_| "full")?;
    /// readings.update(&1, |old| Reading { at: 8, ..*old }).map_err(|_| "full")?;
    /// assert!(readings.get(&1).is_some_and(|now| (now.millivolts, now.at) == (3300, 8)));
    /// # Ok::<(), &str>(())
    /// ```
    pub fn update<Q: Hash + Equivalent<K> + ?Sized>(
        &self,
        key: &Q,
        mut change: impl FnMut(&V) -> V,
    ) -> Result<Option<V>, Full<()>> {
        let group = self.group(key);
        let bucket = Bucket::read(&self.table, group);
        if let Ok(bit @ 1..) = self.seat(&bucket, key) {
            // The common case: nobody interferes.
            let old = self.seated(&bucket, bit);
            let there = self.table.node(old.position.index).key.load();
            if let (true, Some(now)) = (bucket.unchanged(), V::from_bits(old.value)) {
                if Tagged::<V>::FITS {
                    if self.change(&bucket, &old, stored(change(&now))) {
                        return Ok(V::from_bits(old.value));
                    }
                } else if let Some(claimed) = self.claim_seat(&bucket) {
                    // Should `change` panic, the cell is given back.
                    let unused = Unused::some(&self.table, claimed.0);
                    let value = stored(change(&now));
                    core::mem::forget(unused);
                    if self.put_seat(&bucket, bit, claimed, there, value) {
                        return Ok(V::from_bits(old.value));
                    }
                }
            }
        }
        self.update_slow(group, key, change)
    }

    #[cold]
    #[inline(never)]
    fn update_slow<Q: Equivalent<K> + ?Sized>(
        &self,
        group: usize,
        key: &Q,
        mut change: impl FnMut(&V) -> V,
    ) -> Result<Option<V>, Full<()>> {
        let mut unused = Unused::none(&self.table);
        let mut backoff = Backoff::new();
        loop {
            let (bucket, Some(old)) = self.locate(group, key) else {
                return Ok(None);
            };
            let Some(now) = V::from_bits(old.value) else {
                return Ok(None);
            };
            if Tagged::<V>::FITS {
                if self.change(&bucket, &old, stored(change(&now))) {
                    return Ok(V::from_bits(old.value));
                }
                backoff.lost();
                continue;
            }
            let Some(claim) = self.claim_for(&bucket, Some(&old), &mut unused)? else {
                continue;
            };
            let there = self.table.node(old.position.index).key.load();
            let value = stored(change(&now));
            if self.put(&bucket, Some(&old), claim, there, value) {
                unused.used();
                return Ok(V::from_bits(old.value));
            }
            backoff.lost();
        }
    }

    /// Inserts what `init` makes if the key is not there; else replaces its value by `change` of it. One
    /// step either way: of changes by several contexts none is lost. Returns the value replaced, `None` if
    /// there was none.
    ///
    /// `init` is called at most once. `change` is called again if another writer was quicker, as in
    /// [`update`](Self::update), of which more is said there. If the key comes or goes meanwhile, both may
    /// be called; what `init` made is kept for the next try. Key and value are replaced as by
    /// [`insert`](Self::insert). Lock-free. Complexity, when full, interrupts: as
    /// [`insert`](Self::insert). Panics: only if `K`'s `Hash` or `Eq`, or one of the closures does;
    /// nothing has changed then.
    ///
    /// # Errors
    /// [`Full`] with the key and the value that did not fit: that of `init`, or that of `change`.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let words: CopyMap<[u8; 3], u32, 8> = CopyMap::new();
    /// for word in [*b"one", *b"two", *b"one"] {
    ///     words.upsert(word, || 1, |count| count + 1)?;
    /// }
    /// assert_eq!((words.get(b"one"), words.get(b"two")), (Some(2), Some(1)));
    /// # Ok::<(), arenamap::Full<([u8; 3], u32)>>(())
    /// ```
    pub fn upsert(
        &self,
        key: K,
        init: impl FnOnce() -> V,
        mut change: impl FnMut(&V) -> V,
    ) -> Result<Option<V>, Full<(K, V)>> {
        let (mut init, mut made) = (Some(init), None);
        let computed = self.compute(key, |old| {
            if let Some(old) = old {
                return Compute::Put(change(old));
            }
            if let Some(init) = init.take() {
                made = Some(init());
            }
            made.map_or(Compute::Keep, Compute::Put)
        })?;
        Ok(match computed {
            Computed::Replaced(old) => Some(old),
            _ => None,
        })
    }

    /// Shows `decide` the key's value, `None` if it is not there, and does what it says ([`Compute`]), in
    /// one step: what it was shown is what is replaced, removed or kept.
    ///
    /// `decide` is called again if another writer was quicker, at this key or (for values wider than half a
    /// native word, and for keys that are not there) elsewhere in its bucket. Its last answer counts. So
    /// it must not itself change this map each time: that may never end. Key and value are replaced as by
    /// [`insert`](Self::insert). Lock-free. Complexity, when full, interrupts: as
    /// [`insert`](Self::insert); removing and keeping take no cell. Panics: only if `K`'s `Hash` or `Eq`,
    /// or `decide` does; nothing has changed then.
    ///
    /// # Errors
    /// [`Full`] with the key and the value that `decide` wanted to put in. Nothing has changed then.
    ///
    /// ```
    /// use arenamap::{Compute, Computed, CopyMap};
    ///
    /// // Credits: a task that has none left is forgotten.
    /// let credits: CopyMap<u16, u32, 8> = CopyMap::new();
    /// let spend = |task| {
    ///     credits.compute(task, |left| match left {
    ///         Some(&left) if left > 1 => Compute::Put(left - 1),
    ///         _ => Compute::Remove,
    ///     })
    /// };
    /// credits.insert(7, 2)?;
    /// assert_eq!(spend(7)?, Computed::Replaced(2));
    /// assert_eq!(spend(7)?, Computed::Removed(1));
    /// assert_eq!(spend(7)?, Computed::Absent);
    ///
    /// // Compare and exchange: another value only in the place of this one.
    /// credits.insert(8, 5)?;
    /// let exchange = |from, to| {
    ///     credits.compute(8, |now| if now == Some(&from) { Compute::Put(to) } else { Compute::Keep })
    /// };
    /// assert_eq!(exchange(5, 6)?, Computed::Replaced(5));
    /// assert_eq!(exchange(5, 7)?, Computed::Kept(6));
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn compute(
        &self,
        key: K,
        mut decide: impl FnMut(Option<&V>) -> Compute<V>,
    ) -> Result<Computed<V>, Full<(K, V)>> {
        let group = self.group(&key);
        let mut unused = Unused::none(&self.table);
        let mut backoff = Backoff::new();
        loop {
            let (bucket, found) = self.locate(group, &key);
            let now = found.as_ref().and_then(|old| V::from_bits(old.value));
            let done = match (decide(now.as_ref()), &found) {
                (Compute::Keep, _) => return Ok(now.map_or(Computed::Absent, Computed::Kept)),
                (Compute::Remove, None) => return Ok(Computed::Absent),
                (Compute::Remove, Some(old)) => self
                    .take(&bucket, old)
                    .then(|| V::from_bits(old.value).map_or(Computed::Absent, Computed::Removed)),
                (Compute::Put(value), Some(old)) if Tagged::<V>::FITS => {
                    self.change(&bucket, old, stored(value)).then(|| {
                        V::from_bits(old.value).map_or(Computed::Inserted, Computed::Replaced)
                    })
                }
                (Compute::Put(value), old) => {
                    let old = old.as_ref();
                    match self.claim_for(&bucket, old, &mut unused) {
                        Ok(Some(claim)) => self
                            .put(&bucket, old, claim, stored(key), stored(value))
                            .then(|| {
                                unused.used();
                                old.and_then(|old| V::from_bits(old.value))
                                    .map_or(Computed::Inserted, Computed::Replaced)
                            }),
                        Ok(None) => continue,
                        Err(Full(())) => return Err(Full((key, value))),
                    }
                }
            };
            if let Some(done) = done {
                return Ok(done);
            }
            backoff.lost();
        }
    }
}
