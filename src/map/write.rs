//! What changes a [`Map`].

use super::{Head, Held, Map, MapArena, Ref, Spot};
use crate::backoff::Backoff;
use crate::chain::{Found, Place, detach};
use crate::error::{Full, TryInsertError};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;
use tagged_arena::cells::{Claim, Want};
use tagged_arena::order::decide;
use tagged_arena::owned::{Filled, Owned};
use tagged_arena::sync::Ordering;
use tagged_arena::word::{Class, State, Word};

type MapOwned<'a, K, V, const N: usize, const EXTRA: usize> = Owned<'a, Head, (K, V), N, EXTRA>;

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
        let mut pair = (key, value);
        let mut unused = None;
        let mut backoff = Backoff::new();
        loop {
            match self.locate(spot, &pair.0) {
                Found::Hit(place, old) => {
                    let Some(owned) = self.claim(unused.take(), spot, Want::Any) else {
                        if old.still_live() {
                            return Err(Full(pair));
                        }
                        continue;
                    };
                    match self.replace(spot, &place, &old, owned, pair) {
                        Ok(()) => return Ok(Some(old.into_ref())),
                        Err(back) => (pair, unused) = (back.0, Some(back.1)),
                    }
                    drop(old);
                }
                Found::Tail(place) => {
                    let Some(owned) = self.claim(unused.take(), spot, Want::Ordinary) else {
                        // Full only if the key was absent when all cells were taken: while the tail
                        // did not change.
                        if place.unchanged() {
                            return Err(Full(pair));
                        }
                        continue;
                    };
                    let filled = fill(owned, spot, pair, None);
                    if place.append::<MapArena<K, V, N, EXTRA>>(filled.claim().index) {
                        filled.linked();
                        return Ok(None);
                    }
                    let (back, owned) = filled.take();
                    (pair, unused) = (back, Some(owned));
                }
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
            let place = match self.locate(spot, &key) {
                Found::Hit(_, existing) => return Put::Occupied(existing.into_ref(), (key, value)),
                Found::Tail(place) => place,
            };
            let Some(owned) = self.claim(unused.take(), spot, Want::Ordinary) else {
                if place.unchanged() {
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
            label(&owned, spot);
            // Held from before it is linked, so that nobody can remove and reclaim it first.
            let promised = owned.promise((key, there), None);
            if place.append::<MapArena<K, V, N, EXTRA>>(promised.claim().index) {
                // SAFETY: M-LIVE: promised by us, and linked.
                return Put::Inserted(unsafe { Ref::new(promised.linked()) });
            }
            let (back, owned) = promised.take();
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
            let Found::Hit(place, old) = self.locate(spot, key) else {
                return Ok(None);
            };
            let Some(owned) = self.claim(unused.take(), spot, Want::Any) else {
                if old.still_live() {
                    return Err(Full(()));
                }
                continue;
            };
            let pair = (old.pair().0.clone(), change(&old.pair().1));
            match self.replace(spot, &place, &old, owned, pair) {
                Ok(()) => return Ok(Some(old.into_ref())),
                Err((_, owned)) => unused = Some(owned),
            }
            drop(old);
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
            let Found::Hit(place, old) = self.locate(spot, key) else {
                return None;
            };
            let marked = Self::LAYOUT.bump(old.own).with_state(State::Marked);
            if mark(&old, marked) {
                detach(&self.arena, spot.bucket, &place, old.guard.index(), marked);
                return Some(old.into_ref());
            }
            drop(old);
            backoff.lost();
        }
    }

    /// The cell claimed before, or one claimed now. A spare one is exchanged if an ordinary one is
    /// wanted.
    #[inline(always)]
    fn claim<'a>(
        &'a self,
        unused: Option<MapOwned<'a, K, V, N, EXTRA>>,
        spot: Spot,
        want: Want,
    ) -> Option<MapOwned<'a, K, V, N, EXTRA>> {
        match unused {
            Some(owned) if want == Want::Any || owned.claim().class == Class::Ordinary => {
                Some(owned)
            }
            other => {
                drop(other);
                self.arena.claim(spot.bucket, want)
            }
        }
    }

    /// Links a new entry behind `old`, marks `old` in the same compare-and-swap and unlinks it. Gives
    /// everything back if another writer was quicker.
    #[inline(always)]
    fn replace<'a>(
        &'a self,
        spot: Spot,
        place: &Place<'_>,
        old: &Held<'_, K, V>,
        owned: MapOwned<'a, K, V, N, EXTRA>,
        pair: (K, V),
    ) -> Result<(), ((K, V), MapOwned<'a, K, V, N, EXTRA>)> {
        let Claim { index, class } = owned.claim();
        let filled = fill(owned, spot, pair, Self::LAYOUT.index(old.own));
        let marked = Self::LAYOUT
            .link(old.own, Some(index))
            .with_state(State::Marked);
        // The new entry's cell is ordinary from now on; the old one's gets the class that it had.
        let marked = Self::LAYOUT.with_class(old.guard.index(), marked, class);
        if !mark(old, marked) {
            return Err(filled.take());
        }
        filled.linked();
        if class == Class::Spare {
            let cells = self.arena.cells();
            cells.expect_spare(index, old.guard.index());
        }
        detach(&self.arena, spot.bucket, place, old.guard.index(), marked);
        Ok(())
    }
}

/// Puts key and value into a claimed cell, which will link to `next`.
#[inline(always)]
fn fill<K, V, const N: usize, const EXTRA: usize>(
    owned: MapOwned<'_, K, V, N, EXTRA>,
    spot: Spot,
    pair: (K, V),
    next: Option<usize>,
) -> Filled<'_, Head, (K, V), N, EXTRA> {
    label(&owned, spot);
    owned.fill(pair, next)
}

/// What is kept of the hash, in a claimed cell.
#[inline(always)]
fn label<K, V, const N: usize, const EXTRA: usize>(
    owned: &MapOwned<'_, K, V, N, EXTRA>,
    spot: Spot,
) {
    let label = &owned.cell().header.label;
    label.store(spot.fragment, Ordering::Relaxed);
}

/// The linearization point of removal and replacement.
#[inline(always)]
fn mark<K, V>(old: &Held<'_, K, V>, marked: Word) -> bool {
    // (2) A replacement publishes the new entry here.
    decide(&old.guard.cell().own, old.own.0, marked.0)
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
