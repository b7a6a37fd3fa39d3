//! What changes a [`Map`].

use super::draft::Draft;
use super::{Held, Map, MapArena, Ref, Spot};
use crate::chain::{Found, detach};
use crate::error::{Full, TryInsertError};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;
use tagged_arena::cells::Want;
use tagged_arena::sync::Ordering;
use tagged_arena::word::{Class, State, Word};

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
        let mut draft = Draft::pair(&self.arena, key, value);
        loop {
            match self.locate(spot, draft.key()) {
                Found::Hit(place, old) => {
                    if !draft.claim(spot.bucket, Want::Any) {
                        return Err(Full(pair(draft)));
                    }
                    if let Some(marked) = self.replace(spot, &mut draft, &old) {
                        draft.commit();
                        detach(&self.arena, spot.bucket, &place, old.guard.index(), marked);
                        return Ok(Some(old.into_ref()));
                    }
                }
                Found::Tail(place) => {
                    if !draft.claim(spot.bucket, Want::Ordinary) {
                        return Err(Full(pair(draft)));
                    }
                    let index = draft.fill(spot.fragment, None);
                    if place
                        .swing::<MapArena<K, V, N, EXTRA>>(Some(index))
                        .is_some()
                    {
                        draft.commit();
                        return Ok(None);
                    }
                }
            }
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
        match self.put_if_absent(spot, Draft::pair(&self.arena, key, value), || None) {
            Put::Inserted(entry) => Ok(entry),
            Put::Occupied(existing, draft) => {
                let (key, value) = pair(draft);
                Err(TryInsertError::Occupied {
                    existing,
                    key,
                    value,
                })
            }
            Put::Full(draft) => Err(TryInsertError::Full(pair(draft))),
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
        let draft = Draft::key_only(&self.arena, key);
        match self.put_if_absent(spot, draft, || make.take().map(|make| make())) {
            Put::Inserted(entry) => Ok(entry),
            Put::Occupied(entry, draft) => {
                // First: should the unused key's or value's drop panic, the guard is still dropped.
                drop(draft);
                Ok(entry)
            }
            Put::Full(draft) => Err(Full(draft.into_parts().0)),
        }
    }

    #[inline]
    fn put_if_absent<'a>(
        &'a self,
        spot: Spot,
        mut draft: Draft<'a, K, V, N, EXTRA>,
        mut make: impl FnMut() -> Option<V>,
    ) -> Put<'a, K, V, N, EXTRA> {
        loop {
            let place = match self.locate(spot, draft.key()) {
                Found::Hit(_, existing) => return Put::Occupied(existing.into_ref(), draft),
                Found::Tail(place) => place,
            };
            if !draft.claim(spot.bucket, Want::Ordinary) {
                return Put::Full(draft);
            }
            if draft.lacks_value() {
                if let Some(value) = make() {
                    draft.set_value(value);
                    // The closure may have taken long, or used the map itself.
                    continue;
                }
            }
            let index = draft.fill(spot.fragment, None);
            // Held before it is linked, so that nobody can remove and reclaim it first.
            let guard = draft.hold();
            if place
                .swing::<MapArena<K, V, N, EXTRA>>(Some(index))
                .is_some()
            {
                draft.commit();
                // SAFETY: M-LIVE: filled by us, held before it was linked, and linked.
                return Put::Inserted(unsafe { Ref::new(guard) });
            }
        }
    }

    /// Replaces the key's value by `change` of it, in one step: the key is never absent, and no other
    /// change is lost in between. Returns the entry replaced, still readable; `None` if the key is
    /// not there.
    ///
    /// `change` is called again if another writer was quicker, at this entry or at the one behind it in
    /// the chain. So it must not itself change this map each time: that may never end. The key is cloned into the new entry.
    /// Lock-free. When full: as [`insert`](Self::insert), which replaces, too.
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
        loop {
            let Found::Hit(place, old) = self.locate(spot, key) else {
                return Ok(None);
            };
            let mut draft = Draft::key_only(&self.arena, old.pair().0.clone());
            if !draft.claim(spot.bucket, Want::Any) {
                return Err(Full(()));
            }
            draft.set_value(change(&old.pair().1));
            if let Some(marked) = self.replace(spot, &mut draft, &old) {
                draft.commit();
                detach(&self.arena, spot.bucket, &place, old.guard.index(), marked);
                return Ok(Some(old.into_ref()));
            }
        }
    }

    /// Removes the key and returns its entry, still readable.
    ///
    /// Linearizes where the entry is marked. Lock-free. Complexity: the length of the chain. Key and
    /// value are dropped with the last guard, which may be the one returned. Interrupts: yes.
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<Ref<'_, K, V>> {
        let spot = self.spot(key);
        loop {
            let Found::Hit(place, old) = self.locate(spot, key) else {
                return None;
            };
            let marked = Self::LAYOUT.bump(old.own).with_state(State::Marked);
            if mark(&old, marked) {
                detach(&self.arena, spot.bucket, &place, old.guard.index(), marked);
                return Some(old.into_ref());
            }
        }
    }

    /// Links the draft's cell behind `old` and marks `old`, in one compare-and-swap. Returns the
    /// word that marks it.
    #[inline(always)]
    fn replace(
        &self,
        spot: Spot,
        draft: &mut Draft<'_, K, V, N, EXTRA>,
        old: &Held<'_, K, V>,
    ) -> Option<Word> {
        let index = draft.fill(spot.fragment, Self::LAYOUT.index(old.own));
        let marked = Self::LAYOUT
            .link(old.own, Some(index))
            .with_state(State::Marked);
        // The new entry's cell is ordinary from now on; the old one's gets the class that it had.
        let marked = Self::LAYOUT.with_class(old.guard.index(), marked, draft.class());
        if !mark(old, marked) {
            return None;
        }
        if draft.class() == Class::Spare {
            let cells = self.arena.cells();
            cells.expect_spare(index, old.guard.index());
        }
        Some(marked)
    }
}

/// The linearization point of removal and replacement.
#[inline(always)]
fn mark<K, V>(old: &Held<'_, K, V>, marked: Word) -> bool {
    // (2) AcqRel: a replacement publishes the new entry here; pairs with (1).
    old.guard
        .cell()
        .own
        .compare_exchange(old.own.0, marked.0, Ordering::AcqRel, Ordering::Relaxed)
        .is_ok()
}

enum Put<'a, K, V, const N: usize, const EXTRA: usize> {
    Inserted(Ref<'a, K, V>),
    Occupied(Ref<'a, K, V>, Draft<'a, K, V, N, EXTRA>),
    Full(Draft<'a, K, V, N, EXTRA>),
}

/// Key and value of a draft that had both from the start.
fn pair<K, V, const N: usize, const EXTRA: usize>(draft: Draft<'_, K, V, N, EXTRA>) -> (K, V) {
    match draft.into_parts() {
        (key, Some(value)) => (key, value),
        _ => unreachable!("the draft was made with a value"),
    }
}
