//! What changes a [`CopyMap`].

use super::unused::Unused;
use super::{CopyCells, CopyMap, Entry};
use crate::backoff::Backoff;
use crate::chain::{Found, Place, detach, locate_undisturbed};
use crate::error::{Full, TryInsertError};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;
use tagged_arena::cells::{Claim, Want};
use tagged_arena::order::decide;
use tagged_arena::plain::{Plain, Tagged};
use tagged_arena::sync::{NARROW, Ordering};
use tagged_arena::word::{Class, State, Word};

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, S: BuildHasher, const EXTRA: usize>
    CopyMap<K, V, N, S, EXTRA>
{
    /// Inserts an entry, or replaces the key's value in one step, and returns the value replaced.
    ///
    /// A value of at most half a native word is changed in place, by one compare-and-swap and without
    /// a cell; the key that was there stays. Of wider values key and value are replaced.
    ///
    /// Lock-free. Complexity: the length of the chain and of the search for a free cell. When full:
    /// replacing works as long as not more than eight replacements are in progress; in place always.
    /// Interrupts: yes. Panics: only if `K`'s `Hash` or `Eq` does.
    ///
    /// # Errors
    /// [`Full`] with key and value.
    pub fn insert(&self, key: K, value: V) -> Result<Option<V>, Full<(K, V)>> {
        let bucket = self.bucket(&key);
        let put = match self.put_quickly(bucket, &key, value, true) {
            Ok(put) => put,
            Err(found) => self.put_with_care(bucket, &key, found, |_| Some(value)),
        };
        match put {
            Put::Inserted => Ok(None),
            Put::Replaced(old) => Ok(Some(old)),
            Put::Kept(_) | Put::Full => Err(Full((key, value))),
        }
    }

    /// Inserts an entry if the key is not there. Never replaces; of several that race for a key,
    /// exactly one succeeds. Lock-free, as [`insert`](Self::insert).
    ///
    /// # Errors
    /// [`TryInsertError`] says why not, with key and value.
    pub fn try_insert(&self, key: K, value: V) -> Result<(), TryInsertError<K, V, V>> {
        let bucket = self.bucket(&key);
        let put = match self.put_quickly(bucket, &key, value, false) {
            Ok(put) => put,
            Err(found) => {
                self.put_with_care(bucket, &key, found, |old| old.is_none().then_some(value))
            }
        };
        match put {
            Put::Inserted => Ok(()),
            Put::Kept(existing) | Put::Replaced(existing) => Err(TryInsertError::Occupied {
                existing,
                key,
                value,
            }),
            Put::Full => Err(TryInsertError::Full((key, value))),
        }
    }

    /// The key's value, inserted first if it is not there. `make` is called at most once, and only
    /// if the key is missing and a cell is free. Lock-free, as [`insert`](Self::insert).
    ///
    /// # Errors
    /// [`Full`] with the key.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// assert_eq!(map.get_or_insert_with(5, || 50), Ok(50));
    /// assert_eq!(map.get_or_insert_with(5, || 99), Ok(50));
    /// ```
    pub fn get_or_insert_with(&self, key: K, make: impl FnOnce() -> V) -> Result<V, Full<K>> {
        let mut make = Some(make);
        let mut made = None;
        let bucket = self.bucket(&key);
        let put = self.put_with_care(bucket, &key, None, |old| match old {
            Some(_) => None,
            None => {
                if let Some(make) = make.take() {
                    made = Some(make());
                }
                made
            }
        });
        match (put, made) {
            (Put::Kept(existing) | Put::Replaced(existing), _) => Ok(existing),
            (Put::Inserted, Some(value)) => Ok(value),
            _ => Err(Full(key)),
        }
    }

    /// Replaces the key's value by `change` of it, in one step: the key is never absent, and no other
    /// change is lost in between. Returns the value replaced, `None` if the key is not there.
    ///
    /// `change` is called again if another writer was quicker, at this entry or (for values wider than
    /// half a native word) at the one behind it in the chain. So it must not itself change this map each
    /// time: that may never end. Lock-free. When full: as [`insert`](Self::insert), which replaces,
    /// too. For a counter that many contexts update, take a value of at most half a native word: that is
    /// one compare-and-swap, where a replacement takes three.
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
    pub fn update<Q: Hash + Equivalent<K> + ?Sized>(
        &self,
        key: &Q,
        mut change: impl FnMut(&V) -> V,
    ) -> Result<Option<V>, Full<()>> {
        let bucket = self.bucket(key);
        let mut unused = Unused::none(&self.cells);
        let mut backoff = Backoff::new();
        loop {
            let Found::Hit(place, old) = self.locate(bucket, key) else {
                return Ok(None);
            };
            if Tagged::<V>::FITS {
                if self.change(bucket, &place, &old, change(&old.value)) {
                    return Ok(Some(old.value));
                }
                backoff.lost();
                continue;
            }
            if unused.claim(bucket, Want::Any).is_none() {
                if self.entry(&old).unchanged() {
                    return Err(Full(()));
                }
                continue;
            }
            let there = self.cells.cell(old.index).header.key.load();
            let value = change(&old.value);
            if self.replace(bucket, &place, &old, &mut unused, there, value) {
                return Ok(Some(old.value));
            }
            backoff.lost();
        }
    }

    /// Removes the key and returns its value.
    ///
    /// Linearizes where the entry is marked (a value that is changed in place is frozen first: one
    /// compare-and-swap more). Lock-free. Complexity: the length of the chain. The cell is free again when
    /// this returns, unless another operation that was helping was interrupted in between. Interrupts:
    /// yes. Panics: only if `Q`'s `Hash` or `equivalent` does.
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        let bucket = self.bucket(key);
        if !NARROW {
            // The common case: nobody interferes.
            let check = |index, own, place: &Place<'_>| self.check(key, index, own, place);
            match locate_undisturbed(&self.cells, bucket, check) {
                Some(Found::Tail(_)) => return None,
                Some(Found::Hit(place, old)) if self.take(bucket, &place, &old) => {
                    return Some(old.value);
                }
                _ => {}
            }
        }
        self.remove_with_care(bucket, key)
    }

    #[cfg_attr(target_pointer_width = "64", inline(never))]
    #[cfg_attr(target_pointer_width = "32", inline(always))]
    fn remove_with_care<Q: Equivalent<K> + ?Sized>(&self, bucket: usize, key: &Q) -> Option<V> {
        let mut backoff = Backoff::new();
        loop {
            let Found::Hit(place, old) = self.locate(bucket, key) else {
                return None;
            };
            if self.take(bucket, &place, &old) {
                return Some(old.value);
            }
            backoff.lost();
        }
    }

    /// The entry's own word as it was found: unchanged, the entry was in the map all the while.
    #[inline(always)]
    fn entry(&self, old: &Entry<V>) -> Place<'_> {
        Place {
            prev: &self.cells.cell(old.index).own,
            link: old.own,
        }
    }

    /// Takes the entry out of the map. `false`: somebody was quicker.
    #[inline(always)]
    fn take(&self, bucket: usize, place: &Place<'_>, old: &Entry<V>) -> bool {
        if !Tagged::<V>::FITS {
            return self.mark_removed(bucket, place, old);
        }
        let frozen = self.freeze(bucket, place, old);
        if frozen {
            self.take_out(bucket, place, old);
        }
        frozen
    }

    /// Marks the entry as removed and unlinks it, if nothing happened to its own word.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn mark_removed(&self, bucket: usize, place: &Place<'_>, old: &Entry<V>) -> bool {
        let marked = Self::LAYOUT.bump(old.own).with_state(State::Marked);
        let won = self.mark(old, marked);
        if won {
            detach(&self.cells, bucket, place, old.index, marked);
        }
        won
    }

    /// The common case of [`put_with_care`](Self::put_with_care), with few instructions and registers:
    /// nobody interferes, and the value is changed in place or a cell near home is free. Otherwise
    /// nothing has happened, and what was found is handed on, if it is worth it.
    #[inline(always)]
    fn put_quickly(
        &self,
        bucket: usize,
        key: &K,
        value: V,
        replace: bool,
    ) -> Result<Put<V>, Option<Found<'_, Entry<V>>>> {
        if NARROW {
            // Where code is dear there is one way.
            return Err(None);
        }
        let check = |index, own, place: &Place<'_>| self.check(key, index, own, place);
        match locate_undisturbed(&self.cells, bucket, check) {
            Some(Found::Hit(_, old)) if !replace => Ok(Put::Kept(old.value)),
            Some(Found::Hit(place, old)) if Tagged::<V>::FITS => {
                match self.change(bucket, &place, &old, value) {
                    true => Ok(Put::Replaced(old.value)),
                    false => Err(None),
                }
            }
            Some(Found::Tail(place)) => {
                // No user code runs until the cell is linked or free again.
                let Some(claim) = self.cells.claim_quickly(bucket) else {
                    return Err(Some(Found::Tail(place)));
                };
                if self.append(&place, claim, *key, value) {
                    return Ok(Put::Inserted);
                }
                self.cells.free(claim);
                Err(None)
            }
            found => Err(found),
        }
    }

    /// Inserts or replaces, as `choose` says on seeing the value that is there: `None` keeps it.
    #[cfg_attr(target_pointer_width = "64", inline(never))]
    #[cfg_attr(target_pointer_width = "32", inline(always))]
    fn put_with_care(
        &self,
        bucket: usize,
        key: &K,
        mut found: Option<Found<'_, Entry<V>>>,
        mut choose: impl FnMut(Option<&V>) -> Option<V>,
    ) -> Put<V> {
        let mut unused = Unused::none(&self.cells);
        let mut backoff = Backoff::new();
        loop {
            let found = found.take().unwrap_or_else(|| self.locate(bucket, key));
            match found {
                Found::Hit(place, old) => {
                    let Some(value) = choose(Some(&old.value)) else {
                        return Put::Kept(old.value);
                    };
                    if Tagged::<V>::FITS {
                        if self.change(bucket, &place, &old, value) {
                            return Put::Replaced(old.value);
                        }
                        backoff.lost();
                        continue;
                    }
                    if unused.claim(bucket, Want::Any).is_none() {
                        if self.entry(&old).unchanged() {
                            return Put::Full;
                        }
                        continue;
                    }
                    if self.replace(bucket, &place, &old, &mut unused, *key, value) {
                        return Put::Replaced(old.value);
                    }
                }
                Found::Tail(place) => {
                    let Some(claim) = unused.claim(bucket, Want::Ordinary) else {
                        // Full only if the key was absent when all cells were taken: while the tail
                        // did not change.
                        if place.unchanged() {
                            return Put::Full;
                        }
                        continue;
                    };
                    let Some(value) = choose(None) else {
                        return Put::Full;
                    };
                    if self.append(&place, claim, *key, value) {
                        unused.used();
                        return Put::Inserted;
                    }
                }
            }
            backoff.lost();
        }
    }

    /// Links a new cell at the tail.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn append(&self, place: &Place<'_>, claim: Claim, key: K, value: V) -> bool {
        self.fill(claim, key, value, None);
        place.append::<CopyCells<K, V, N, EXTRA>>(claim.index)
    }

    /// Links a new cell behind `old` and marks `old`, in one compare-and-swap.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn replace(
        &self,
        bucket: usize,
        place: &Place<'_>,
        old: &Entry<V>,
        unused: &mut Unused<'_, K, V, N, EXTRA>,
        key: K,
        value: V,
    ) -> bool {
        let Some(claim) = unused.claimed else {
            return false;
        };
        self.fill(claim, key, value, Self::LAYOUT.index(old.own));
        let marked = Self::LAYOUT
            .link(old.own, Some(claim.index))
            .with_state(State::Marked);
        // The new entry's cell is ordinary from now on; the old one's gets the class that it had.
        let marked = Self::LAYOUT.with_class(old.index, marked, claim.class);
        if !self.mark(old, marked) {
            return false;
        }
        unused.used();
        if claim.class == Class::Spare {
            self.cells.expect_spare(claim.index, old.index);
        }
        detach(&self.cells, bucket, place, old.index, marked);
        true
    }

    /// The linearization point of removal and replacement.
    #[inline(always)]
    fn mark(&self, old: &Entry<V>, marked: Word) -> bool {
        // (2) A replacement publishes the new entry here.
        decide(&self.cells.cell(old.index).own, old.own.0, marked.0)
    }

    /// Writes an entry into a claimed cell.
    #[inline(always)]
    fn fill(&self, claim: Claim, key: K, value: V, next: Option<usize>) {
        let cell = self.cells.cell(claim.index);
        cell.header.key.store(key);
        self.store_value(claim, value);
        let word = Self::LAYOUT.link(self.cells.claimed_word(claim), next);
        let word = Self::LAYOUT.with_class(claim.index, word, Class::Ordinary);
        // (6) Release: what was written and counted before; pairs with (5) and the own-word loads (1).
        cell.own
            .store(word.with_state(State::Live).0, Ordering::Release);
    }
}

enum Put<V> {
    Inserted,
    Replaced(V),
    Kept(V),
    Full,
}
