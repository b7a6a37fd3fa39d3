//! What puts entries into a [`Cache`].

use super::Cache;
use super::cells::{PINNED, USED, USED_AGAIN};
use crate::backoff::Backoff;
use crate::hash::NativeHash;
use crate::map::{Held, MapOwned};
use crate::table::Bucket;
use crate::{Full, Ref};
use core::hash::{BuildHasher, Hash};
use tagged_arena::cells::Want;
use tagged_arena::sync::{AtomicUsize, Ordering, Padded};
use tagged_arena::{impl_init, init};

/// What had to make way for an entry: see [`Cache::insert`]. As a rule one of them at most.
#[derive(Debug)]
pub struct Inserted<'a, K, V> {
    /// The key's entry before, still readable.
    pub replaced: Option<Ref<'a, K, V>>,
    /// An entry that was evicted, still readable: of another key, unless somebody else put this one in at the
    /// same time. Its cell is free once this is dropped.
    pub evicted: Option<Ref<'a, K, V>>,
}

impl<K, V> Default for Inserted<'_, K, V> {
    /// Nothing had to.
    fn default() -> Self {
        Self {
            replaced: None,
            evicted: None,
        }
    }
}

/// How many of the `N` places for entries are taken: by entries, and by inserts and removals in progress.
#[derive(Debug)]
pub(super) struct Places(Padded<AtomicUsize>);

impl_init!([] Places = Places(init!(Padded<AtomicUsize>)));

impl Places {
    /// Takes a place if fewer than so many are taken.
    #[inline]
    pub(super) fn take(&self, most: usize) -> Option<Place<'_>> {
        // Relaxed, here and below: a number that nothing rests on but how many entries there are. An entry
        // is in the map only while its place is counted.
        let mut taken = self.0.0.load(Ordering::Relaxed);
        // Signed: where a counter of the map has wrapped, an entry that two have taken out is counted down
        // twice.
        while (taken as isize) < most as isize {
            let more = taken.wrapping_add(1);
            match self
                .0
                .0
                .compare_exchange_weak(taken, more, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return Some(Place(self)),
                Err(now) => taken = now,
            }
        }
        None
    }

    #[cfg(all(test, not(tagged_arena_loom)))]
    pub(super) fn taken(&self) -> usize {
        self.0.0.load(Ordering::Relaxed)
    }

    /// So many entries are there, and nobody else is.
    pub(super) fn restart(&mut self, entries: usize) {
        // Relaxed: as above.
        self.0.0.store(entries, Ordering::Relaxed);
    }

    /// The place of an entry that the caller has taken out.
    pub(super) fn of_removed(&self) -> Place<'_> {
        Place(self)
    }
}

/// A place that no entry has: dropped, it is free.
#[must_use]
pub(super) struct Place<'a>(&'a Places);

impl Place<'_> {
    /// An entry has it now.
    fn fill(self) {
        core::mem::forget(self);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What has become of an insert.
struct Put<'a, K, V> {
    /// The key's entry, if it was to be held.
    entry: Option<Ref<'a, K, V>>,
    inserted: Inserted<'a, K, V>,
}

/// An entry of the key that was found.
enum There<'a, K, V> {
    /// It is to stay, and will not be evicted while it is held.
    Kept(Ref<'a, K, V>),
    /// Its time is over.
    Over(Held<'a, K, V>),
    /// It has left.
    Gone,
}

/// What is to be put in, and what is there for it already.
struct New<'a, K, V, const N: usize, const EXTRA: usize> {
    pair: (K, V),
    unused: Option<MapOwned<'a, K, V, N, EXTRA>>,
    room: Option<Room<'a, K, V>>,
    /// There is no room for it, and was none while its key was absent.
    is_refused: bool,
}

impl<K, V, const N: usize, const EXTRA: usize> New<'_, K, V, N, EXTRA> {
    /// Nothing is there for it yet.
    fn of(pair: (K, V)) -> Self {
        Self {
            pair,
            unused: None,
            room: None,
            is_refused: false,
        }
    }
}

/// What a new key needs.
struct Room<'a, K, V> {
    /// What is to be said of its entry.
    flags: u8,
    place: Place<'a>,
    evicted: Option<Ref<'a, K, V>>,
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Cache<K, V, N, EXTRA, S> {
    /// Inserts an entry that does not expire, or replaces the key's entry (key and value) in one step. If
    /// the cache is full, another entry is evicted first. Both come back, still readable.
    ///
    /// To replace an entry counts as a use of it. A [pin](Self::pin) stays, a deadline does not.
    ///
    /// Of two contexts that insert the same new key into a full cache, each may evict an entry: then one
    /// of them gets back the entry that it evicted, and that of the other, which it replaced.
    ///
    /// Lock-free. Complexity: that of [`get`](Self::get), and of two searches. That for a free cell is
    /// constant as a rule; when nearly all are taken it is at most eight passes over the cells for an
    /// ordinary one, then as many for any. That for an entry that may go is constant as a rule, and at most
    /// four rounds of the cells; and again if other contexts change the key's bucket meanwhile, or all that
    /// there is, that up to eight times. Interrupts: yes. Panics: only if `K`'s `Hash` or `Eq` does, or the
    /// drop of a removed entry whose cell it reclaims. Should one panic after an entry was evicted, that
    /// entry is dropped.
    ///
    /// # Errors
    /// [`Full`] with key and value: see [Capacity](Self#capacity).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let blocks: Cache<u16, String, 2> = Cache::new();
    /// blocks.insert(1, "one".to_string())?;
    /// blocks.insert(2, "two".to_string())?;
    /// // Somebody must go: to be written back, perhaps.
    /// let inserted = blocks.insert(3, "three".to_string())?;
    /// let gone = inserted.evicted.expect("it was full");
    /// assert!(*gone.key() < 3 && blocks.peek(gone.key()).is_none());
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    pub fn insert(&self, key: K, value: V) -> Result<Inserted<'_, K, V>, Full<(K, V)>> {
        self.put(key, value, None, None)
    }

    /// Inserts an entry that expires `ttl` ticks after `now`: see [Time](Self#time). If the cache is full,
    /// an entry that has expired goes before others that the hand comes to. Else as [`insert`](Self::insert).
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let leases: Cache<u32, &str, 8> = Cache::new();
    /// leases.insert_at(1, "ada", 100, 60)?;
    /// assert!(leases.get_at(&1, 159).is_some() && leases.get_at(&1, 160).is_none());
    /// // Inserted anew once it has expired: the old one comes back.
    /// let inserted = leases.insert_at(1, "bob", 200, 60)?;
    /// assert_eq!(inserted.replaced.as_deref(), Some(&"ada"));
    /// # Ok::<(), arenamap::Full<(u32, &str)>>(())
    /// ```
    pub fn insert_at(
        &self,
        key: K,
        value: V,
        now: u32,
        ttl: u32,
    ) -> Result<Inserted<'_, K, V>, Full<(K, V)>> {
        self.put(
            key,
            value,
            Some(now),
            Some(super::expire::deadline(now, ttl)),
        )
    }

    fn put(
        &self,
        key: K,
        value: V,
        now: Option<u32>,
        deadline: Option<u32>,
    ) -> Result<Inserted<'_, K, V>, Full<(K, V)>> {
        let hash = self.map.native_hash(&key);
        let new = New::of((key, value));
        match self.put_fast(new, hash, now, deadline) {
            Ok(evicted) => Ok(Inserted {
                replaced: None,
                evicted,
            }),
            Err(new) if new.is_refused => Err(Full(new.pair)),
            Err(new) => {
                let put = self.put_slow(new, hash, now, deadline, false)?;
                Ok(put.inserted)
            }
        }
    }

    /// Inserts an entry if the key is not there or its entry has expired, and returns what is there then.
    pub(crate) fn put_if_absent(
        &self,
        key: K,
        value: V,
        now: Option<u32>,
        deadline: Option<u32>,
    ) -> Result<(Ref<'_, K, V>, Inserted<'_, K, V>), Full<(K, V)>> {
        let hash = self.map.native_hash(&key);
        let new = New::of((key, value));
        let put = self.put_slow(new, hash, now, deadline, true)?;
        match put.entry {
            Some(entry) => Ok((entry, put.inserted)),
            None => unreachable!("it was to be held"),
        }
    }

    /// The common case of a new key: its bucket has no chain, no label like its own and a free seat, and
    /// nobody interferes. Gives everything back if it is another case.
    #[inline(always)]
    fn put_fast<'a>(
        &'a self,
        mut new: New<'a, K, V, N, EXTRA>,
        hash: NativeHash,
        now: Option<u32>,
        deadline: Option<u32>,
    ) -> Result<Option<Ref<'a, K, V>>, New<'a, K, V, N, EXTRA>> {
        let spot = self.map.spot_of(hash);
        let Some(bucket) = self.map.without(spot) else {
            return Err(new);
        };
        let Some(seat) = self.map.claim_seat(&bucket) else {
            return Err(new);
        };
        let index = seat.0.claim().index;
        let Some(room) = self.room(hash, index, now) else {
            new.unused = Some(seat.0);
            new.is_refused = bucket.unchanged();
            return Err(new);
        };
        self.flags.set(index, room.flags, deadline);
        match self.map.put_seat(spot, &bucket, 0, seat, new.pair) {
            Ok(()) => {
                room.place.fill();
                Ok(room.evicted)
            }
            Err((pair, owned)) => Err(New {
                pair,
                unused: Some(owned),
                room: Some(room),
                is_refused: false,
            }),
        }
    }

    /// Inserts or replaces. With `keep` an entry stays that is there and not over, and the key's entry is
    /// held.
    #[inline(never)]
    fn put_slow<'a>(
        &'a self,
        new: New<'a, K, V, N, EXTRA>,
        hash: NativeHash,
        now: Option<u32>,
        deadline: Option<u32>,
        keep: bool,
    ) -> Result<Put<'a, K, V>, Full<(K, V)>> {
        let map = &self.map;
        let spot = self.map.spot_of(hash);
        let New {
            mut pair,
            mut unused,
            mut room,
            ..
        } = new;
        let mut backoff = Backoff::new();
        loop {
            let (bucket, old) = map.locate(spot, &pair.0);
            let old = match old {
                Some(there) if keep => match self.there(there, now) {
                    There::Kept(entry) => {
                        let evicted = room.and_then(|room| room.evicted);
                        // First: should the drop of what is not wanted panic, the guards are still dropped.
                        drop(pair);
                        let entry = Some(entry);
                        let replaced = None;
                        let inserted = Inserted { replaced, evicted };
                        return Ok(Put { entry, inserted });
                    }
                    There::Over(old) => Some(old),
                    // What is there now?
                    There::Gone => continue,
                },
                old => old,
            };
            // A spare cell, if there is one, only if there is no other.
            let Some(owned) = unused.take().or_else(|| self.claim(&bucket)) else {
                if map.unchanged(&bucket, old.as_ref()) {
                    return Err(Full(pair));
                }
                continue;
            };
            let (index, class) = (owned.claim().index, owned.claim().class);
            let flags = match (&old, &room) {
                (Some(old), _) => self.replacing(old.guard.index()),
                (None, Some(room)) => room.flags,
                (None, None) => match self.room(hash, index, now) {
                    Some(new) => room.insert(new).flags,
                    None if map.unchanged(&bucket, None) => return Err(Full(pair)),
                    None => continue,
                },
            };
            self.flags.set(index, flags, deadline);
            match map.put(spot, &bucket, old.as_ref(), owned, pair, keep) {
                Ok(guard) => {
                    // SAFETY: M-LIVE: held before it was put in.
                    let entry = guard.map(|guard| unsafe { Ref::new(guard) });
                    let replaced = old.map(|old| map.taken(&bucket, old, class));
                    let evicted = room.and_then(|room| {
                        match replaced {
                            None => room.place.fill(),
                            // Somebody else has put the key in meanwhile.
                            Some(_) => drop(room.place),
                        }
                        room.evicted
                    });
                    let inserted = Inserted { replaced, evicted };
                    return Ok(Put { entry, inserted });
                }
                Err(back) => (pair, unused) = (back.0, Some(back.1)),
            }
            backoff.lost();
        }
    }

    /// What is to become of the entry that was found.
    fn there<'a>(&'a self, there: Held<'a, K, V>, now: Option<u32>) -> There<'a, K, V> {
        let index = there.guard.index();
        let flags = self.flags.get(index);
        if now.is_some_and(|now| self.flags.is_over(index, flags, now)) {
            return There::Over(there);
        }
        let entry = there.into_ref();
        if !self.keep(&entry, flags) {
            return There::Gone;
        }
        self.used(index, flags);
        There::Kept(entry)
    }

    /// A free cell, a spare one only if there is no other: so it is not looked for in vain each time.
    #[inline(never)]
    fn claim(&self, bucket: &Bucket<'_>) -> Option<MapOwned<'_, K, V, N, EXTRA>> {
        let claim = |want| self.map.claim(None, bucket, want);
        claim(Want::Ordinary).or_else(|| claim(Want::Any))
    }

    /// What is to be said of an entry that takes the place of the one in this cell, which is held.
    fn replacing(&self, old: usize) -> u8 {
        let flags = self.flags.get(old);
        let uses = if flags & USED == 0 {
            USED
        } else {
            USED | USED_AGAIN
        };
        flags & PINNED | uses
    }

    /// A place for a new key's entry, which will be in this cell: a free one, or that of one that is
    /// evicted.
    #[inline(always)]
    fn room(&self, hash: NativeHash, index: usize, now: Option<u32>) -> Option<Room<'_, K, V>> {
        if let Some(place) = self.places.take(N) {
            return Some(Room {
                flags: self.admit(hash, index),
                place,
                evicted: None,
            });
        }
        let (flags, (evicted, place)) = self.admit_to_full(hash, index, now)?;
        Some(Room {
            flags,
            place,
            evicted,
        })
    }
}
