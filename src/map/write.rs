//! What puts entries into a [`Map`].

use super::entry::{Held, MapTable, decided_for_identifiers};
use super::{Map, Ref, Spot};
use crate::backoff::Backoff;
use crate::error::{Full, TryInsertError};
use crate::table::position::{Position, Target};
use crate::table::{Bucket, Table};
use core::hash::{BuildHasher, Hash};
use tagged_arena::cells::{Claim, Want};
use tagged_arena::guard::Guard;
use tagged_arena::owned::Owned;
use tagged_arena::sync::Ordering;
use tagged_arena::word::Class;

pub(crate) type MapGuard<'a, K, V> = Guard<'a, (), (K, V)>;
pub(crate) type MapOwned<'a, K, V, const N: usize, const EXTRA: usize> =
    Owned<'a, (), (K, V), N, EXTRA>;
/// A seat's cell, claimed, and its bit.
type Seat<'a, K, V, const N: usize, const EXTRA: usize> = (MapOwned<'a, K, V, N, EXTRA>, usize);

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    /// Inserts an entry, or replaces the key's entry (key and value) in one step, and returns the
    /// entry replaced, still readable.
    ///
    /// Lock-free. Complexity: that of [`get`](Self::get) and of the search for a free cell. When full:
    /// replacing works as long as not more than `EXTRA` replacements, eight at most, are in progress or
    /// replaced entries held. Interrupts: yes. Panics: only if `K`'s `Hash` or `Eq` does, or the drop of a
    /// removed entry whose cell it reclaims (and where a counter wraps exactly:
    /// [guarantees](crate::guide::guarantees), G).
    ///
    /// # Errors
    /// [`Full`] with key and value.
    ///
    /// ```
    /// # use arenamap::{Full, Map};
    /// let names: Map<u16, String, 1> = Map::new();
    /// assert!(names.insert(5, "fifth".to_string())?.is_none());
    /// let old = names.insert(5, "five".to_string())?.expect("it was there");
    /// assert_eq!((old.as_str(), names.get(&5).expect("it is there").as_str()), ("fifth", "five"));
    /// // There is room for one: the other comes back.
    /// assert!(names.insert(6, "six".to_string()).is_err_and(|Full((_, name))| name == "six"));
    /// # Ok::<(), Full<(u16, String)>>(())
    /// ```
    pub fn insert(&self, key: K, value: V) -> Result<Option<Ref<'_, K, V>>, Full<(K, V)>> {
        let spot = self.spot(&key);
        let mut pair = (key, value);
        match self.put_fast(spot, pair) {
            Ok(old) => return Ok(old),
            Err(back) => pair = back,
        }
        self.put_slow(spot, pair, |_| ())
    }

    /// The same; says also which cell the new entry is in.
    pub(super) fn insert_told(
        &self,
        key: K,
        value: V,
    ) -> Result<(usize, Option<Ref<'_, K, V>>), Full<(K, V)>> {
        let mut cell = 0;
        let spot = self.spot(&key);
        let old = self.put_slow(spot, (key, value), |index| cell = index)?;
        Ok((cell, old))
    }

    /// The common case of [`insert`](Self::insert): that of [`locate_fast`](Self::locate_fast), and a seat is
    /// free. Gives the pair back if it is another case: nothing has happened then.
    #[inline(always)]
    fn put_fast(&self, spot: Spot, pair: (K, V)) -> Result<Option<Ref<'_, K, V>>, (K, V)> {
        let Some((bucket, bit, old)) = self.locate_fast(spot, &pair.0) else {
            return Err(pair);
        };
        let Some(seat) = self.claim_seat(&bucket) else {
            return Err(pair);
        };
        match self.put_seat(spot, &bucket, bit, seat, pair) {
            Ok(()) => Ok(old.map(|old| self.taken_seat(old))),
            Err((pair, _)) => Err(pair),
        }
    }

    /// Claims a free seat of the bucket, with its bit.
    #[inline(always)]
    pub(crate) fn claim_seat<'a>(
        &'a self,
        bucket: &Bucket<'_>,
    ) -> Option<Seat<'a, K, V, N, EXTRA>> {
        let claim = |index| self.table.arena.claim_at(index);
        bucket.claim_seat::<MapTable<K, V, N, EXTRA>, _>(claim)
    }

    /// Puts a new entry into a seat that was claimed, in the place of what is in the seat `bit`, if that is
    /// not zero: one compare-and-swap decides. Gives everything back if another writer was quicker.
    #[inline(always)]
    pub(crate) fn put_seat<'a>(
        &'a self,
        spot: Spot,
        bucket: &Bucket<'_>,
        bit: usize,
        (owned, seat): Seat<'a, K, V, N, EXTRA>,
        pair: (K, V),
    ) -> Result<(), ((K, V), MapOwned<'a, K, V, N, EXTRA>)> {
        label(&owned, spot);
        let new = owned.seal(pair);
        if !bucket.reseat::<MapTable<K, V, N, EXTRA>>(bit, seat) {
            return Err(new.take());
        }
        new.published();
        Ok(())
    }

    #[inline(never)]
    fn put_slow(
        &self,
        spot: Spot,
        mut pair: (K, V),
        put_in: impl FnOnce(usize),
    ) -> Result<Option<Ref<'_, K, V>>, Full<(K, V)>> {
        let mut unused = None;
        let mut backoff = Backoff::new();
        loop {
            let (bucket, old) = self.locate(spot, &pair.0);
            let want = if old.is_some() {
                Want::Any
            } else {
                Want::Ordinary
            };
            let Some(owned) = self.claim(unused.take(), &bucket, want) else {
                if self.unchanged(&bucket, old.as_ref()) {
                    return Err(Full(pair));
                }
                continue;
            };
            let Claim { index, class } = owned.claim();
            match self.put(spot, &bucket, old.as_ref(), owned, pair, false) {
                Ok(_) => {
                    put_in(index);
                    return Ok(old.map(|old| self.taken(&bucket, old, class)));
                }
                Err(back) => (pair, unused) = (back.0, Some(back.1)),
            }
            backoff.lost();
        }
    }

    /// Inserts an entry if the key is not there and returns it. Never replaces; of several that race
    /// for a key, exactly one succeeds.
    ///
    /// Lock-free. When full: a key that is there is found to be there; any other is refused. Complexity,
    /// interrupts, panics: as [`insert`](Self::insert).
    ///
    /// # Errors
    /// [`TryInsertError`] says why not, with key and value, and the entry that is there.
    ///
    /// ```
    /// use arenamap::{Map, TryInsertError};
    ///
    /// let names: Map<u16, &str, 1> = Map::new();
    /// let five = names.try_insert(5, "five").expect("new, and there is room");
    /// assert_eq!(*five, "five");
    /// let Err(TryInsertError::Occupied { existing, value, .. }) = names.try_insert(5, "fifth") else {
    ///     panic!("it is there");
    /// };
    /// assert_eq!((*existing, value), ("five", "fifth"));
    /// assert!(matches!(names.try_insert(6, "six"), Err(TryInsertError::Full((6, "six")))));
    /// ```
    pub fn try_insert(
        &self,
        key: K,
        value: V,
    ) -> Result<Ref<'_, K, V>, TryInsertError<K, V, Ref<'_, K, V>>> {
        let spot = self.spot(&key);
        match self.put_if_absent(spot, key, Some(value), None) {
            Put::Inserted(entry) => Ok(entry),
            Put::Occupied(existing, (key, value)) => Err(TryInsertError::Occupied {
                existing,
                key,
                value: there(value),
            }),
            Put::Full((key, value)) => Err(TryInsertError::Full((key, there(value)))),
            Put::Wanted(..) => unreachable!("there is a value"),
        }
    }

    /// The key's entry, inserted first if it is not there. `make` is called at most once, and only
    /// if the key is missing and a cell is free; if another context inserts the key meanwhile, what
    /// it made is dropped and the other's entry returned.
    ///
    /// Lock-free. When full: a key that is there is found; any other is refused, and `make` is not called.
    /// Complexity, interrupts: as [`insert`](Self::insert). Panics: as [`insert`](Self::insert), or if
    /// `make` (nothing has changed then), or the drop of a key or value that was not put in does.
    ///
    /// # Errors
    /// [`Full`] with the key.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let names: Map<u16, String, 8> = Map::new();
    /// let five = names.get_or_insert_with(5, || "five".to_string())?;
    /// let same = names.get_or_insert_with(5, || unreachable!("it is there"))?;
    /// assert_eq!((five.as_str(), same.as_str()), ("five", "five"));
    /// # Ok::<(), arenamap::Full<u16>>(())
    /// ```
    pub fn get_or_insert_with(
        &self,
        key: K,
        make: impl FnOnce() -> V,
    ) -> Result<Ref<'_, K, V>, Full<K>> {
        let spot = self.spot(&key);
        if let Some(there) = self.find(spot, &key) {
            // First: should its drop panic, the guard is still dropped.
            drop(key);
            return Ok(there.into_ref());
        }
        let mut put = self.put_if_absent(spot, key, None, None);
        if let Put::Wanted(key, owned) = put {
            put = self.put_if_absent(spot, key, Some(make()), Some(owned));
        }
        match put {
            Put::Inserted(entry) => Ok(entry),
            Put::Occupied(entry, unused) => {
                // First: should the unused key's or value's drop panic, the guard is still dropped.
                drop(unused);
                Ok(entry)
            }
            Put::Full((key, _)) | Put::Wanted(key, _) => Err(Full(key)),
        }
    }

    /// Inserts the pair if the key is not there. Without a value: says that one is wanted, once a cell for
    /// it is claimed.
    #[inline(never)]
    fn put_if_absent<'a>(
        &'a self,
        spot: Spot,
        mut key: K,
        mut value: Option<V>,
        mut unused: Option<MapOwned<'a, K, V, N, EXTRA>>,
    ) -> Put<'a, K, V, N, EXTRA> {
        let mut backoff = Backoff::new();
        loop {
            let (bucket, found) = self.locate(spot, &key);
            if let Some(existing) = found {
                return Put::Occupied(existing.into_ref(), (key, value));
            }
            let Some(owned) = self.claim(unused.take(), &bucket, Want::Ordinary) else {
                if bucket.unchanged() {
                    return Put::Full((key, value));
                }
                continue;
            };
            let Some(there) = value else {
                return Put::Wanted(key, owned);
            };
            match self.put(spot, &bucket, None, owned, (key, there), true) {
                Ok(Some(guard)) => {
                    // SAFETY: M-LIVE: held before it was put in.
                    return Put::Inserted(unsafe { Ref::new(guard) });
                }
                Ok(None) => unreachable!("it was to be held"),
                Err(((back, there), owned)) => {
                    (key, value, unused) = (back, Some(there), Some(owned));
                }
            }
            backoff.lost();
        }
    }

    /// The cell claimed before, or one claimed now. A spare one is exchanged if an ordinary one is
    /// wanted.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn claim<'a>(
        &'a self,
        unused: Option<MapOwned<'a, K, V, N, EXTRA>>,
        bucket: &Bucket<'_>,
        want: Want,
    ) -> Option<MapOwned<'a, K, V, N, EXTRA>> {
        match unused {
            Some(owned) if want == Want::Any || owned.claim().class == Class::Ordinary => {
                Some(owned)
            }
            other => {
                drop(other);
                let arena = &self.table.arena;
                match self.claim_seat(bucket) {
                    Some((owned, _)) => Some(owned),
                    None => {
                        let home = MapTable::<K, V, N, EXTRA>::SHAPE.first(bucket.group);
                        arena.claim(home, want)
                    }
                }
            }
        }
    }

    /// [`Position::unchanged`].
    pub(crate) fn unchanged(&self, bucket: &Bucket<'_>, old: Option<&Held<'_, K, V>>) -> bool {
        Position::unchanged(old.map(Held::position).as_ref(), &self.table, bucket)
    }

    /// Puts a new entry in, in the place of `old` if there is one: one compare-and-swap decides. Gives
    /// everything back if another writer was quicker. Holds the new entry if it is to, from before it is put
    /// in, so that nobody can remove and reclaim it first.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn put<'a>(
        &'a self,
        spot: Spot,
        bucket: &Bucket<'_>,
        old: Option<&Held<'_, K, V>>,
        owned: MapOwned<'a, K, V, N, EXTRA>,
        pair: (K, V),
        hold: bool,
    ) -> Result<Option<MapGuard<'a, K, V>>, ((K, V), MapOwned<'a, K, V, N, EXTRA>)> {
        let claim = owned.claim();
        label(&owned, spot);
        let position = old.map(Held::position);
        let target =
            Position::target::<MapTable<K, V, N, EXTRA>>(position.as_ref(), bucket, claim.index);
        let decide = || {
            let put = Position::put(position.as_ref(), &self.table, bucket, claim);
            if let (true, Class::Spare, Some(old)) = (put, claim.class, position) {
                self.table
                    .arena
                    .cells()
                    .expect_spare(claim.index, old.index);
            }
            put
        };
        match target {
            Target::Seat => {
                let guard = hold.then(|| owned.hold());
                let sealed = owned.seal(pair);
                if !decide() {
                    drop(guard);
                    return Err(sealed.take());
                }
                sealed.published();
                Ok(guard)
            }
            Target::Chain(next) if hold => {
                let promised = owned.promise(pair, next);
                if !decide() {
                    return Err(promised.take());
                }
                Ok(Some(decided_for_identifiers(promised.linked())))
            }
            Target::Chain(next) => {
                let filled = owned.fill(pair, next);
                if !decide() {
                    return Err(filled.take());
                }
                decided_for_identifiers(filled.linked());
                Ok(None)
            }
        }
    }
}

/// What is kept of the hash, in a claimed cell.
#[inline(always)]
fn label<K, V, const N: usize, const EXTRA: usize>(
    owned: &MapOwned<'_, K, V, N, EXTRA>,
    spot: Spot,
) {
    let label = &owned.cell().header.label;
    // Relaxed: behind the fence (9) of the claim, for the readers' validation (20).
    label.store(spot.label, Ordering::Relaxed);
}

enum Put<'a, K, V, const N: usize, const EXTRA: usize> {
    Inserted(Ref<'a, K, V>),
    Occupied(Ref<'a, K, V>, (K, Option<V>)),
    Full((K, Option<V>)),
    /// The key is absent, a cell is claimed, and there was no value.
    Wanted(K, MapOwned<'a, K, V, N, EXTRA>),
}

/// The value of a pair that had one from the start.
fn there<V>(value: Option<V>) -> V {
    match value {
        Some(value) => value,
        None => unreachable!("the pair was made with a value"),
    }
}
