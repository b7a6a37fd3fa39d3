//! What changes a [`Map`].

use super::entry::{Held, MapTable};
use super::{Map, Ref, Spot};
use crate::backoff::Backoff;
use crate::error::{Full, TryInsertError};
use crate::table::chain::{At, leave, take_behind, take_first};
use crate::table::{Bucket, Table};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;
use tagged_arena::cells::{Claim, Want};
use tagged_arena::guard::Guard;
use tagged_arena::owned::{Filled, Owned, Promised, Sealed};
use tagged_arena::sync::Ordering;
use tagged_arena::word::{Class, State};

type MapOwned<'a, K, V, const N: usize, const EXTRA: usize> = Owned<'a, (), (K, V), N, EXTRA>;

impl<K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> Map<K, V, N, S, EXTRA> {
    /// Inserts an entry, or replaces the key's entry (key and value) in one step, and returns the
    /// entry replaced, still readable.
    ///
    /// Lock-free. Complexity: the length of the chain and of the search for a free cell. When full:
    /// replacing works as long as not more than eight replacements are in progress or replaced
    /// entries held. Interrupts: yes. Panics: only if `K`'s `Hash` or `Eq` does, or the drop of a removed
    /// entry whose cell it reclaims.
    ///
    /// # Errors
    /// [`Full`] with key and value.
    pub fn insert(&self, key: K, value: V) -> Result<Option<Ref<'_, K, V>>, Full<(K, V)>> {
        let spot = self.spot(&key);
        match self.put_fast(spot, (key, value)) {
            Ok(old) => Ok(old),
            Err(pair) => self.put_slow(spot, pair),
        }
    }

    /// The common case of [`insert`](Self::insert): nobody interferes, the bucket has no chain, no two labels are
    /// alike, and a seat is free. Gives the pair back if it is another case: nothing has happened then.
    #[inline(always)]
    fn put_fast(&self, spot: Spot, pair: (K, V)) -> Result<Option<Ref<'_, K, V>>, (K, V)> {
        let shape = MapTable::<K, V, N, EXTRA>::SHAPE;
        let mut bucket = Bucket::read(&self.table, spot.group);
        let bit = self.seats(&bucket, spot.label);
        if bit & bit.wrapping_sub(1) != 0 || bit == 0 && shape.has_chain(bucket.word()) {
            return Err(pair);
        }
        let mut old = None;
        if bit != 0 {
            match self.hold_seat(&mut bucket, bit) {
                Some(held) if held.key() == &pair.0 => old = Some(held),
                _ => return Err(pair),
            }
        }
        let claim = |index| self.table.arena.claim_at(index);
        let Some(owned) = bucket.claim_seat::<MapTable<K, V, N, EXTRA>, _>(claim) else {
            return Err(pair);
        };
        label(&owned, spot);
        let new = owned.seal(pair);
        let index = new.claim().index;
        let put = match &old {
            None => bucket.insert::<MapTable<K, V, N, EXTRA>>(index),
            Some(_) => bucket.replace::<MapTable<K, V, N, EXTRA>>(bit, index),
        };
        if !put {
            return Err(new.take().0);
        }
        new.published();
        Ok(old.map(|old| self.owned(old, Class::Ordinary)))
    }

    #[inline(never)]
    fn put_slow(
        &self,
        spot: Spot,
        mut pair: (K, V),
    ) -> Result<Option<Ref<'_, K, V>>, Full<(K, V)>> {
        let mut unused = None;
        let mut backoff = Backoff::new();
        loop {
            let (bucket, found) = self.locate(spot, &pair.0);
            let Some(old) = found else {
                let Some(owned) = self.claim(unused.take(), &bucket, Want::Ordinary) else {
                    // Full only if the key was absent when all cells were taken: while its bucket did not
                    // change.
                    if bucket.unchanged() {
                        return Err(Full(pair));
                    }
                    continue;
                };
                let new = New::fill(&bucket, owned, spot, pair, bucket.first::<MapTable<K, V, N, EXTRA>>());
                if bucket.insert::<MapTable<K, V, N, EXTRA>>(new.claim().index) {
                    new.published();
                    return Ok(None);
                }
                let (back, owned) = new.take();
                (pair, unused) = (back, Some(owned));
                backoff.lost();
                continue;
            };
            let Some(owned) = self.claim(unused.take(), &bucket, Want::Any) else {
                if old.still_there(&bucket) {
                    return Err(Full(pair));
                }
                continue;
            };
            match self.replace(spot, &bucket, old, owned, pair) {
                Ok(old) => return Ok(Some(old)),
                Err(back) => (pair, unused) = (back.0, Some(back.1)),
            }
            backoff.lost();
        }
    }

    /// Inserts an entry if the key is not there and returns it. Never replaces; of several that race
    /// for a key, exactly one succeeds. Lock-free, as [`insert`](Self::insert).
    ///
    /// # Errors
    /// [`TryInsertError`] says why not, with key and value, and the entry that is there.
    pub fn try_insert(
        &self,
        key: K,
        value: V,
    ) -> Result<Ref<'_, K, V>, TryInsertError<K, V, Ref<'_, K, V>>> {
        let spot = self.spot(&key);
        match self.put_if_absent(spot, key, Some(value), || None) {
            Put::Inserted(entry) => Ok(entry),
            Put::Occupied(existing, (key, value)) => Err(TryInsertError::Occupied {
                existing,
                key,
                value: there(value),
            }),
            Put::Full((key, value)) => Err(TryInsertError::Full((key, there(value)))),
        }
    }

    /// The key's entry, inserted first if it is not there. `make` is called at most once, and only
    /// if the key is missing and a cell is free; if another context inserts the key meanwhile, what
    /// it made is dropped and the other's entry returned. Lock-free, as [`insert`](Self::insert).
    ///
    /// # Errors
    /// [`Full`] with the key.
    pub fn get_or_insert_with(
        &self,
        key: K,
        make: impl FnOnce() -> V,
    ) -> Result<Ref<'_, K, V>, Full<K>> {
        let spot = self.spot(&key);
        let mut make = Some(make);
        match self.put_if_absent(spot, key, None, || make.take().map(|make| make())) {
            Put::Inserted(entry) => Ok(entry),
            Put::Occupied(entry, unused) => {
                // First: should the unused key's or value's drop panic, the guard is still dropped.
                drop(unused);
                Ok(entry)
            }
            Put::Full((key, _)) => Err(Full(key)),
        }
    }

    /// Inserts a pair whose value may still have to be made.
    #[inline]
    fn put_if_absent(
        &self,
        spot: Spot,
        mut key: K,
        mut value: Option<V>,
        mut make: impl FnMut() -> Option<V>,
    ) -> Put<'_, K, V> {
        let mut unused = None;
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
                value = make();
                // The closure may have taken long, or used the map itself.
                unused = Some(owned);
                continue;
            };
            // Held from before it is put in, so that nobody can remove and reclaim it first.
            let new = NewHeld::promise(&bucket, owned, spot, (key, there));
            if bucket.insert::<MapTable<K, V, N, EXTRA>>(new.claim().index) {
                // SAFETY: M-LIVE: held by us before we put it in.
                return Put::Inserted(unsafe { Ref::new(new.published()) });
            }
            let (back, owned) = new.take();
            (key, value, unused) = (back.0, Some(back.1), Some(owned));
            backoff.lost();
        }
    }

    /// Replaces the key's value by `change` of it, in one step: the key is never absent, and no other
    /// change is lost in between. Returns the entry replaced, still readable; `None` if the key is not
    /// there.
    ///
    /// `change` is called again if another writer was quicker, at this entry or at the one behind it in the
    /// chain. So it must not itself change this map each time: that may never end. The key is cloned into
    /// the new entry. For a value that is updated often, an atomic in the map and a guard (`map.get(&key)`
    /// and `fetch_add`) costs less than half. Lock-free. Complexity, when full, interrupts: as
    /// [`insert`](Self::insert), which replaces, too. Panics: as [`get`](Self::get), or if `change` or
    /// `K`'s `Clone` does.
    ///
    /// # Errors
    /// [`Full`] if every spare cell is in use; nothing has changed then.
    pub fn update<Q: Hash + Equivalent<K> + ?Sized>(
        &self,
        key: &Q,
        mut change: impl FnMut(&V) -> V,
    ) -> Result<Option<Ref<'_, K, V>>, Full<()>>
    where
        K: Clone,
    {
        let spot = self.spot(key);
        let mut unused = None;
        let mut backoff = Backoff::new();
        loop {
            let (bucket, Some(old)) = self.locate(spot, key) else {
                return Ok(None);
            };
            let Some(owned) = self.claim(unused.take(), &bucket, Want::Any) else {
                if old.still_there(&bucket) {
                    return Err(Full(()));
                }
                continue;
            };
            let pair = (old.pair().0.clone(), change(&old.pair().1));
            match self.replace(spot, &bucket, old, owned, pair) {
                Ok(old) => return Ok(Some(old)),
                Err((_, owned)) => unused = Some(owned),
            }
            backoff.lost();
        }
    }

    /// Removes the key and returns its entry, still readable.
    ///
    /// Linearizes where the entry is marked. Lock-free. Complexity: the length of the chain. Key and
    /// value are dropped with the last guard, which may be the one returned. Interrupts: yes. Panics: as
    /// [`get`](Self::get).
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<Ref<'_, K, V>> {
        let spot = self.spot(key);
        let mut backoff = Backoff::new();
        loop {
            let (bucket, Some(old)) = self.locate(spot, key) else {
                return None;
            };
            let index = old.guard.index();
            let taken = match old.at {
                At::Seat(bit) => bucket.remove::<MapTable<K, V, N, EXTRA>>(bit),
                At::First => take_first(&self.table, &bucket, index, old.own, None),
                At::Behind(link) => {
                    let sealed = Self::OWN.bump(old.own).with_state(State::Sealed);
                    if take_behind(&self.table, index, old.own, sealed) {
                        leave(&self.table, &bucket, link, index, sealed);
                        // Whoever unlinked it has retired it.
                        return Some(old.into_ref());
                    }
                    false
                }
            };
            if taken {
                return Some(self.owned(old, Class::Ordinary));
            }
            drop(old);
            backoff.lost();
        }
    }

    /// The entry that the caller has taken out, whose cell gets this class.
    #[inline(always)]
    fn owned<'a>(&self, old: Held<'a, K, V>, class: Class) -> Ref<'a, K, V> {
        self.table.arena.cells().hint(old.guard.index());
        old.into_owned(Self::OWN, class)
    }

    /// The cell claimed before, or one claimed now. A spare one is exchanged if an ordinary one is
    /// wanted.
    #[inline(always)]
    fn claim<'a>(
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
                bucket
                    .claim_seat::<MapTable<K, V, N, EXTRA>, _>(|index| arena.claim_at(index))
                    .or_else(|| {
                        let home = MapTable::<K, V, N, EXTRA>::SHAPE.first(bucket.group);
                        arena.claim(home, want)
                    })
            }
        }
    }

    /// Puts a new entry in the place of `old`, in one compare-and-swap. Gives everything back if another writer
    /// was quicker.
    #[inline(always)]
    #[allow(clippy::type_complexity)]
    fn replace<'a>(
        &'a self,
        spot: Spot,
        bucket: &Bucket<'_>,
        old: Held<'a, K, V>,
        owned: MapOwned<'a, K, V, N, EXTRA>,
        pair: (K, V),
    ) -> Result<Ref<'a, K, V>, ((K, V), MapOwned<'a, K, V, N, EXTRA>)> {
        let Claim { index: new, class } = owned.claim();
        let index = old.guard.index();
        let next = Self::OWN.index(old.own);
        let mut sealed = old.own;
        let (filled, replaced) = match old.at {
            At::Seat(bit) => {
                let first = bucket.first::<MapTable<K, V, N, EXTRA>>();
                let filled = New::fill(bucket, owned, spot, pair, first);
                (filled, bucket.replace::<MapTable<K, V, N, EXTRA>>(bit, new))
            }
            At::First => {
                let filled = New::fill(bucket, owned, spot, pair, next);
                (filled, take_first(&self.table, bucket, index, old.own, Some(new)))
            }
            At::Behind(_) => {
                label(&owned, spot);
                let filled = New::Chained(owned.fill(pair, next));
                sealed = Self::OWN.link(old.own, Some(new)).with_state(State::Sealed);
                // The new entry's cell is ordinary from now on; the old one's gets the class that it had.
                sealed = Self::OWN.with_class(index, sealed, class);
                (filled, take_behind(&self.table, index, old.own, sealed))
            }
        };
        if !replaced {
            return Err(filled.take());
        }
        filled.published();
        if class == Class::Spare {
            self.table.arena.cells().expect_spare(new, index);
        }
        Ok(match old.at {
            At::Behind(link) => {
                leave(&self.table, bucket, link, index, sealed);
                old.into_ref()
            }
            _ => self.owned(old, class),
        })
    }
}

/// A new entry on its way into a bucket: into a seat, or in front of the chain.
enum New<'a, K, V, const N: usize, const EXTRA: usize> {
    Seated(Sealed<'a, (), (K, V), N, EXTRA>),
    Chained(Filled<'a, (), (K, V), N, EXTRA>),
}

impl<'a, K, V, const N: usize, const EXTRA: usize> New<'a, K, V, N, EXTRA> {
    /// Puts key and value into a claimed cell, which links to `next` if it is no seat.
    #[inline(always)]
    fn fill(
        bucket: &Bucket<'_>,
        owned: MapOwned<'a, K, V, N, EXTRA>,
        spot: Spot,
        pair: (K, V),
        next: Option<usize>,
    ) -> Self {
        label(&owned, spot);
        if bucket.seats::<MapTable<K, V, N, EXTRA>>(owned.claim().index) {
            Self::Seated(owned.seal(pair))
        } else {
            Self::Chained(owned.fill(pair, next))
        }
    }

    #[inline(always)]
    fn claim(&self) -> Claim {
        match self {
            Self::Seated(new) => new.claim(),
            Self::Chained(new) => new.claim(),
        }
    }

    /// The entry is in the map.
    #[inline(always)]
    fn published(self) {
        match self {
            Self::Seated(new) => new.published(),
            Self::Chained(new) => {
                new.linked();
            }
        }
    }

    #[cold]
    fn take(self) -> ((K, V), MapOwned<'a, K, V, N, EXTRA>) {
        match self {
            Self::Seated(new) => new.take(),
            Self::Chained(new) => new.take(),
        }
    }
}

/// The same, held.
enum NewHeld<'a, K, V, const N: usize, const EXTRA: usize> {
    Seated(Sealed<'a, (), (K, V), N, EXTRA>, Guard<'a, (), (K, V)>),
    Chained(Promised<'a, (), (K, V), N, EXTRA>),
}

impl<'a, K, V, const N: usize, const EXTRA: usize> NewHeld<'a, K, V, N, EXTRA> {
    #[inline(always)]
    fn promise(
        bucket: &Bucket<'_>,
        owned: MapOwned<'a, K, V, N, EXTRA>,
        spot: Spot,
        pair: (K, V),
    ) -> Self {
        label(&owned, spot);
        if bucket.seats::<MapTable<K, V, N, EXTRA>>(owned.claim().index) {
            let guard = owned.hold();
            Self::Seated(owned.seal(pair), guard)
        } else {
            Self::Chained(owned.promise(pair, bucket.first::<MapTable<K, V, N, EXTRA>>()))
        }
    }

    #[inline(always)]
    fn claim(&self) -> Claim {
        match self {
            Self::Seated(new, _) => new.claim(),
            Self::Chained(new) => new.claim(),
        }
    }

    /// The entry is in the map.
    #[inline(always)]
    fn published(self) -> Guard<'a, (), (K, V)> {
        match self {
            Self::Seated(new, guard) => {
                new.published();
                guard
            }
            Self::Chained(new) => new.linked(),
        }
    }

    #[cold]
    fn take(self) -> ((K, V), MapOwned<'a, K, V, N, EXTRA>) {
        match self {
            Self::Seated(new, guard) => {
                drop(guard);
                new.take()
            }
            Self::Chained(new) => new.take(),
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
    label.store(spot.label, Ordering::Relaxed);
}

enum Put<'a, K, V> {
    Inserted(Ref<'a, K, V>),
    Occupied(Ref<'a, K, V>, (K, Option<V>)),
    Full((K, Option<V>)),
}

/// The value of a pair that had one from the start.
fn there<V>(value: Option<V>) -> V {
    match value {
        Some(value) => value,
        None => unreachable!("the pair was made with a value"),
    }
}
