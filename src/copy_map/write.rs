//! What puts entries into a [`CopyMap`].

use super::CopyMap;
use super::entry::{CopyTable, Entry, stored};
use crate::backoff::Backoff;
use crate::error::{Full, TryInsertError};
use crate::table::position::{Position, Target};
use crate::table::{Bucket, Table};
use core::hash::{BuildHasher, Hash};
use tagged_arena::cells::{Claim, Want};
use tagged_arena::plain::{Plain, Tagged};
use tagged_arena::word::{Class, State};

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopyMap<K, V, N, EXTRA, S>
{
    /// Inserts an entry, or replaces the key's value in one step, and returns the value replaced.
    ///
    /// A value of one byte to half a native word is changed in place, by one compare-and-swap and without
    /// a cell; the key that was there stays. Of other values key and value are replaced.
    ///
    /// Lock-free. Complexity: that of [`get`](Self::get) and of the search for a free cell. When full:
    /// replacing works as long as not more than `EXTRA` replacements, eight at most, are in progress; in
    /// place always. Interrupts: yes. Panics: only if `K`'s `Hash` or `Eq` does.
    ///
    /// # Errors
    /// [`Full`] with key and value.
    ///
    /// ```
    /// # use arenamap::{CopyMap, Full};
    /// let map: CopyMap<u16, u32, 1> = CopyMap::new();
    /// assert_eq!(map.insert(1, 10)?, None);
    /// assert_eq!(map.insert(1, 11)?, Some(10));
    /// assert_eq!(map.insert(2, 20), Err(Full((2, 20)))); // there is room for one
    /// # Ok::<(), Full<(u16, u32)>>(())
    /// ```
    pub fn insert(&self, key: K, value: V) -> Result<Option<V>, Full<(K, V)>> {
        match self.write(&key, value, true) {
            Put::Inserted => Ok(None),
            Put::Replaced(old) => Ok(Some(old)),
            Put::Kept(_) | Put::Full | Put::Wanted => Err(Full((key, value))),
        }
    }

    /// Inserts an entry if the key is not there. Never replaces; of several that race for a key,
    /// exactly one succeeds.
    ///
    /// Lock-free. When full: a key that is there is found to be there; any other is refused. Complexity,
    /// interrupts, panics: as [`insert`](Self::insert).
    ///
    /// # Errors
    /// [`TryInsertError`] says why not, with key and value.
    ///
    /// ```
    /// use arenamap::{CopyMap, TryInsertError};
    ///
    /// let map: CopyMap<u16, u32, 1> = CopyMap::new();
    /// assert!(map.try_insert(1, 10).is_ok());
    /// let there = map.try_insert(1, 11);
    /// assert!(matches!(there, Err(TryInsertError::Occupied { existing: 10, key: 1, value: 11 })));
    /// let full = map.try_insert(2, 20);
    /// assert!(matches!(full, Err(TryInsertError::Full((2, 20)))));
    /// ```
    pub fn try_insert(&self, key: K, value: V) -> Result<(), TryInsertError<K, V, V>> {
        match self.write(&key, value, false) {
            Put::Inserted => Ok(()),
            Put::Kept(existing) | Put::Replaced(existing) => Err(TryInsertError::Occupied {
                existing,
                key,
                value,
            }),
            Put::Full | Put::Wanted => Err(TryInsertError::Full((key, value))),
        }
    }

    /// The key's value, inserted first if it is not there. `make` is called at most once, and only
    /// if the key is missing and a cell is free; if another context inserts the key meanwhile, that one's
    /// value is returned.
    ///
    /// Lock-free. When full: a key that is there is found; any other is refused, and `make` is not called.
    /// Complexity, interrupts: as [`insert`](Self::insert). Panics: only if `K`'s `Hash` or `Eq`, or `make`
    /// does; nothing has changed then.
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
        let group = self.group(&key);
        if let Some(there) = self.find(group, &key) {
            return Ok(there);
        }
        let mut unused = Unused::none(&self.table);
        let mut put = self.put_slow(group, &key, None, false, &mut unused);
        if let Put::Wanted = put {
            let value = make();
            put = self.put_slow(group, &key, Some(stored(value)), false, &mut unused);
            if let Put::Inserted = put {
                return Ok(value);
            }
        }
        match put {
            Put::Kept(existing) | Put::Replaced(existing) => Ok(existing),
            _ => Err(Full(key)),
        }
    }

    /// Inserts the pair, or may `replace` what is there.
    #[inline(always)]
    fn write(&self, key: &K, value: V, replace: bool) -> Put<V> {
        let value = stored(value);
        let group = self.group(key);
        match self.put_fast(group, key, value, replace) {
            Some(put) => put,
            None => {
                let mut unused = Unused::none(&self.table);
                self.put_slow(group, key, Some(value), replace, &mut unused)
            }
        }
    }

    /// The common case of [`put_slow`](Self::put_slow): nobody interferes, the bucket has no chain, and the
    /// value is changed in place or a seat is free. `None`: nothing has happened.
    #[inline(always)]
    fn put_fast(&self, group: usize, key: &K, value: V::Bits, replace: bool) -> Option<Put<V>> {
        let bucket = Bucket::read(&self.table, group);
        let bit = self.seat(&bucket, key).ok()?;
        let shape = CopyTable::<K, V, N, EXTRA>::SHAPE;
        if bit == 0 && shape.has_chain(bucket.word()) {
            return None;
        }
        let old = (bit != 0).then(|| self.seated(&bucket, bit));
        if let Some(old) = &old {
            if !replace {
                let kept = V::from_bits(old.value)?;
                return bucket.unchanged().then_some(Put::Kept(kept));
            }
            if Tagged::<V>::FITS {
                let changed = bucket.unchanged() && self.change(&bucket, old, value);
                return changed.then(|| Put::instead_of(old.value));
            }
        }
        let there = stored(*key);
        let claimed = self.claim_seat(&bucket)?;
        let put = self.put_seat(&bucket, bit, claimed, there, value);
        put.then(|| old.map_or(Put::Inserted, |old| Put::instead_of(old.value)))
    }

    /// Fills a seat that was claimed and puts it in, in the place of what is in the seat `bit`, if that is
    /// not zero: one compare-and-swap decides. `false`: another writer was quicker, and the cell is free
    /// again.
    #[inline(always)]
    pub(super) fn put_seat(
        &self,
        bucket: &Bucket<'_>,
        bit: usize,
        (claim, seat): (Claim, usize),
        key: K::Bits,
        value: V::Bits,
    ) -> bool {
        self.fill(claim, key, value, Some(claim.index), State::Sealed);
        if !bucket.reseat::<CopyTable<K, V, N, EXTRA>>(bit, seat) {
            // SAFETY: claimed by the caller, and not put in.
            unsafe { self.table.cells.free(claim) };
            return false;
        }
        if bit != 0 {
            let old = CopyTable::<K, V, N, EXTRA>::SHAPE.cell(bucket.group, bit.trailing_zeros());
            self.free(old, Class::Ordinary);
        }
        true
    }

    /// Claims a free seat, with its bit.
    #[inline(always)]
    pub(super) fn claim_seat(&self, bucket: &Bucket<'_>) -> Option<(Claim, usize)> {
        let claim = |index| self.table.cells.claim_at(index);
        bucket.claim_seat::<CopyTable<K, V, N, EXTRA>, _>(claim)
    }

    /// Inserts the value, or replaces the one that is there, if it is to. Without a value: says whether one
    /// is wanted, once a cell for it is claimed.
    #[inline(never)]
    fn put_slow(
        &self,
        group: usize,
        key: &K,
        value: Option<V::Bits>,
        replace: bool,
        unused: &mut Unused<'_, K, V, N, EXTRA>,
    ) -> Put<V> {
        let mut backoff = Backoff::new();
        loop {
            let (bucket, found) = self.locate(group, key);
            if let Some(old) = &found {
                if !replace {
                    match V::from_bits(old.value) {
                        Some(kept) => return Put::Kept(kept),
                        // No value: it is replaced, as if it were not there.
                        None if Tagged::<V>::FITS && value.is_none() => return Put::Wanted,
                        None => {}
                    }
                }
                if Tagged::<V>::FITS {
                    if let Some(value) = value {
                        if self.change(&bucket, old, value) {
                            return Put::instead_of(old.value);
                        }
                    }
                    backoff.lost();
                    continue;
                }
            }
            let claim = match self.claim_for(&bucket, found.as_ref(), unused) {
                Ok(Some(claim)) => claim,
                Ok(None) => continue,
                Err(Full(())) => return Put::Full,
            };
            let Some(value) = value else {
                return Put::Wanted;
            };
            if self.put(&bucket, found.as_ref(), claim, stored(*key), value) {
                unused.used();
                return match found {
                    Some(old) => Put::instead_of(old.value),
                    None => Put::Inserted,
                };
            }
            backoff.lost();
        }
    }

    /// A cell for a new entry, in the place of `old` if there is one. `None`: look again.
    #[inline(always)]
    pub(super) fn claim_for(
        &self,
        bucket: &Bucket<'_>,
        old: Option<&Entry<V>>,
        unused: &mut Unused<'_, K, V, N, EXTRA>,
    ) -> Result<Option<Claim>, Full<()>> {
        let want = if old.is_some() {
            Want::Any
        } else {
            Want::Ordinary
        };
        let claim = unused.claim(bucket, want);
        if claim.is_none() {
            // Full only if the key was there, or absent, when all cells were taken.
            let position = old.map(|old| &old.position);
            if Position::unchanged(position, &self.table, bucket) {
                return Err(Full(()));
            }
        }
        Ok(claim)
    }

    /// Puts a new entry in, in the place of `old` if there is one: one compare-and-swap decides.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn put(
        &self,
        bucket: &Bucket<'_>,
        old: Option<&Entry<V>>,
        claim: Claim,
        key: K::Bits,
        value: V::Bits,
    ) -> bool {
        let position = old.map(|old| &old.position);
        match Position::target::<CopyTable<K, V, N, EXTRA>>(position, bucket, claim.index) {
            Target::Seat => self.fill(claim, key, value, Some(claim.index), State::Sealed),
            Target::Chain(next) => self.fill(claim, key, value, next, State::Live),
        }
        let put = Position::put(position, &self.table, bucket, claim);
        if let (true, Some(old)) = (put, old) {
            if claim.class == Class::Spare {
                self.table
                    .cells
                    .expect_spare(claim.index, old.position.index);
            }
            self.taken(bucket, old, claim.class);
        }
        put
    }

    /// Writes an entry's bits into a claimed cell.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline)]
    pub(super) fn fill(
        &self,
        claim: Claim,
        key: K::Bits,
        value: V::Bits,
        next: Option<usize>,
        state: State,
    ) {
        let cell = self.table.cells.cell(claim.index);
        cell.header.key.store(key);
        self.store_value(claim, value);
        // SAFETY: the cell is claimed by the caller, and filled.
        unsafe { cell.own.fill(Self::OWN, claim.index, next, state) };
    }
}

enum Put<V: Plain> {
    Inserted,
    Replaced(V),
    Kept(V),
    Full,
    /// The key is absent, a cell is claimed if one is needed, and there was no value.
    Wanted,
}

impl<V: Plain> Put<V> {
    /// Replaced what has these bits; if they are no value, it is as if nothing had been there.
    #[inline(always)]
    fn instead_of(old: V::Bits) -> Self {
        V::from_bits(old).map_or(Self::Inserted, Self::Replaced)
    }
}

/// A claimed cell that is not in the map yet; given back when dropped, also by a panic in user code.
pub(super) struct Unused<'a, K: Plain, V: Plain, const N: usize, const EXTRA: usize> {
    table: &'a CopyTable<K, V, N, EXTRA>,
    claimed: Option<Claim>,
}

impl<'a, K: Plain, V: Plain, const N: usize, const EXTRA: usize> Unused<'a, K, V, N, EXTRA> {
    pub(super) fn none(table: &'a CopyTable<K, V, N, EXTRA>) -> Self {
        Self {
            table,
            claimed: None,
        }
    }

    pub(super) fn some(table: &'a CopyTable<K, V, N, EXTRA>, claim: Claim) -> Self {
        Self {
            table,
            claimed: Some(claim),
        }
    }

    /// The cell claimed before, or one claimed now. A spare one is exchanged if an ordinary one is
    /// wanted.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn claim(&mut self, bucket: &Bucket<'_>, want: Want) -> Option<Claim> {
        match self.claimed {
            Some(claim) if want == Want::Any || claim.class == Class::Ordinary => {}
            _ => {
                self.give_back();
                let seat = |index| self.table.cells.claim_at(index);
                self.claimed = bucket
                    .claim_seat::<CopyTable<K, V, N, EXTRA>, _>(seat)
                    .map(|(claim, _)| claim)
                    .or_else(|| {
                        let home = CopyTable::<K, V, N, EXTRA>::SHAPE.first(bucket.group);
                        self.table.cells.claim(home, want)
                    });
            }
        }
        self.claimed
    }

    /// The cell is the map's.
    pub(super) fn used(&mut self) {
        self.claimed = None;
    }

    fn give_back(&mut self) {
        if let Some(claim) = self.claimed.take() {
            // SAFETY: claimed, and not put in.
            unsafe { self.table.cells.free(claim) };
        }
    }
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize> Drop for Unused<'_, K, V, N, EXTRA> {
    fn drop(&mut self) {
        self.give_back();
    }
}
