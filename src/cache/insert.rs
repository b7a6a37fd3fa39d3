//! What puts entries into a [`Cache`].

use super::Cache;
use super::cells::{PINNED, USED, USED_AGAIN};
use crate::backoff::Backoff;
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
    /// An entry of another key that was evicted, still readable. Its cell is free once this is dropped.
    pub evicted: Option<Ref<'a, K, V>>,
}

/// How many of the `N` places for entries are taken: by entries, and by inserts and removals in progress.
#[derive(Debug)]
pub(super) struct Places(Padded<AtomicUsize>);

impl_init!([] Places = Places(init!(Padded<AtomicUsize>)));

impl Places {
    /// Takes a place if fewer than so many are taken.
    fn take(&self, most: usize) -> Option<Place<'_>> {
        // Relaxed, here and below: a number that nothing rests on but how many entries there are. An entry
        // is in the map only while its place is counted.
        let mut taken = self.0.0.load(Ordering::Relaxed);
        while taken < most {
            let more = taken + 1;
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

/// What a new key needs.
struct Room<'a, K, V> {
    /// What is to be said of its entry.
    flags: u8,
    place: Place<'a>,
    evicted: Option<Ref<'a, K, V>>,
}

impl<K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> Cache<K, V, N, S, EXTRA> {
    /// Inserts an entry that does not expire, or replaces the key's entry (key and value) in one step. If
    /// the cache is full, another entry is evicted first. Both come back, still readable.
    ///
    /// To replace an entry counts as a use of it. A [pin](Self::pin) stays, a deadline does not.
    ///
    /// Of two contexts that insert the same new key into a full cache, each may evict an entry: then one
    /// of them gets back the entry that it evicted, and that of the other, which it replaced.
    ///
    /// Lock-free. Complexity: that of [`get`](Self::get), and of the search for an entry that may go:
    /// constant as a rule, at most four rounds of the cells. Interrupts: yes. Panics: only if `K`'s `Hash`
    /// or `Eq` does, or the drop of a removed entry whose cell it reclaims. Should one panic after an
    /// entry was evicted, that entry is dropped.
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

    /// Inserts an entry that is over `ttl` ticks after `now`: see [Time](Self#time). If the cache is full,
    /// an entry that is over goes before others that the hand comes to. Else as [`insert`](Self::insert).
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
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
        let map = &self.map;
        let spot = map.spot(&key);
        let mut pair = (key, value);
        let (mut unused, mut room) = (None, None::<Room<'_, K, V>>);
        let mut backoff = Backoff::new();
        loop {
            let (bucket, old) = map.locate(spot, &pair.0);
            let Some(owned) = map.claim(unused.take(), &bucket, Want::Any) else {
                if map.unchanged(&bucket, old.as_ref()) {
                    return Err(Full(pair));
                }
                continue;
            };
            let (index, class) = (owned.claim().index, owned.claim().class);
            let flags = match (&old, &room) {
                (Some(old), _) => self.replacing(old.guard.index()),
                (None, Some(room)) => room.flags,
                (None, None) => match self.room(&pair.0, index, spot.label, now) {
                    Some(new) => room.insert(new).flags,
                    None if map.unchanged(&bucket, None) => return Err(Full(pair)),
                    None => continue,
                },
            };
            self.flags.set(index, flags, deadline);
            match map.put(spot, &bucket, old.as_ref(), owned, pair, false) {
                Ok(_) => {
                    let replaced = old.map(|old| map.taken(&bucket, old, class));
                    let evicted = room.and_then(|room| {
                        match replaced {
                            None => room.place.fill(),
                            // Somebody else has put the key in meanwhile.
                            Some(_) => drop(room.place),
                        }
                        room.evicted
                    });
                    return Ok(Inserted { replaced, evicted });
                }
                Err(back) => (pair, unused) = (back.0, Some(back.1)),
            }
            backoff.lost();
        }
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
    #[inline(never)]
    fn room(&self, key: &K, index: usize, label: u16, now: Option<u32>) -> Option<Room<'_, K, V>> {
        let free = self.places.take(N);
        let hash = self.map.hash(key);
        let (flags, out) = self.admit(hash, index, label, free.is_none(), now);
        match (free, out) {
            (Some(place), _) => Some(Room {
                flags,
                place,
                evicted: None,
            }),
            (None, Some((entry, place))) => Some(Room {
                flags,
                place,
                evicted: Some(entry),
            }),
            (None, None) => None,
        }
    }
}
