//! Time: deadlines, and what takes out the entries that are over.

use super::Cache;
use super::cells::{PINNED, TIMED};
use crate::{DefaultHashBuilder, Equivalent, Ref};
use core::cell::Cell;
use core::hash::{BuildHasher, Hash};
use core::iter::FusedIterator;
use tagged_arena::sync::Ordering;

/// The longest time to live. As far may the `now` of one context be behind that of another.
const LONGEST: u32 = 1 << 30;

/// When something expires that lives so many ticks from now on.
pub(super) fn deadline(now: u32, ttl: u32) -> u32 {
    now.wrapping_add(ttl.min(LONGEST))
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Cache<K, V, N, EXTRA, S> {
    /// Gives the key's entry a new time to live: it expires `ttl` ticks after `now`, whether it had one
    /// before or not, and whether that was over or not. Returns whether the key is there. Not a use.
    ///
    /// For sessions that end when nothing has happened for a while. It is one step: no expiry and no
    /// eviction that had seen the old deadline takes the entry out after it. (An insert that replaces the
    /// entry at the same time brings its own deadline.) As [`pin`](Self::pin).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let sessions: Cache<u32, &str, 8> = Cache::new();
    /// sessions.insert_at(7, "ada", 0, 100)?;
    /// if sessions.get_at(&7, 90).is_some() {
    ///     sessions.renew(&7, 90, 100);
    /// }
    /// assert_eq!(sessions.expires_at(&7), Some(190));
    /// assert!(sessions.get_at(&7, 189).is_some());
    /// # Ok::<(), arenamap::Full<(u32, &str)>>(())
    /// ```
    pub fn renew<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q, now: u32, ttl: u32) -> bool {
        let deadline = deadline(now, ttl);
        let earlier = Cell::new(false);
        let renew = |index| {
            earlier.set(earlier.get() || self.flags.is_earlier(index, deadline, now));
            self.flags.renew(index, deadline);
        };
        // If it has left since it was found, then perhaps because it was over sooner.
        self.change(key, renew).is_ok() || earlier.get()
    }

    /// When the key's entry expires; `None` if it is not there, or does not expire. As [`peek`](Self::peek).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let leases: Cache<u32, &str, 8> = Cache::new();
    /// leases.insert_at(1, "ada", 100, 60)?;
    /// leases.insert(2, "bob")?;
    /// assert_eq!((leases.expires_at(&1), leases.expires_at(&2)), (Some(160), None));
    /// # Ok::<(), arenamap::Full<(u32, &str)>>(())
    /// ```
    pub fn expires_at<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<u32> {
        let entry = self.peek(key)?;
        let index = entry.guard().index();
        let timed = self.flags.get(index) & TIMED != 0;
        timed.then(|| self.flags.deadline(index))
    }

    /// Takes out what has expired, and yields it, still readable: nothing happens but by the iterator's
    /// `next`. If nobody wants them: `.for_each(drop)`, or `.count()`.
    ///
    /// Each entry is taken out in one step: one that was renewed or replaced stays. Pinned ones stay,
    /// those that a guard holds do not. Lock-free. Complexity: the cells, a load each; for those that have
    /// expired as [`remove`](Self::remove). Interrupts: yes. Panics: as [`get`](Self::get).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let leases: Cache<u32, &str, 8> = Cache::new();
    /// leases.insert_at(1, "ada", 0, 10)?;
    /// leases.insert_at(2, "bob", 0, 20)?;
    /// assert!(leases.expire(10).map(|lease| *lease).eq(["ada"]));
    /// assert_eq!(leases.expire(20).count(), 1);
    /// # Ok::<(), arenamap::Full<(u32, &str)>>(())
    /// ```
    pub fn expire(&self, now: u32) -> Expire<'_, K, V, N, EXTRA, S> {
        Expire {
            cache: self,
            now,
            from: 0,
            cells: self.cells(),
        }
    }

    /// The same in parts, for a timer's handler that must be short: looks at so many cells, those behind the
    /// ones that the last such call was given.
    ///
    /// Run the iterator to its end: cells that it did not come to are not looked at before the next round.
    /// Once in `usize::MAX` cells some are passed by, and come a round later. Complexity: the cells asked
    /// for, and for those that have expired as [`remove`](Self::remove). Progress, interrupts, panics: as
    /// [`expire`](Self::expire).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// # static LEASES: Cache<u32, &str, 8> = Cache::new();
    /// /// Once a second: everything is looked at within a minute.
    /// fn tick(seconds: u32) {
    ///     let cells = LEASES.cells().div_ceil(60);
    ///     LEASES.expire_some(seconds, cells).for_each(drop);
    /// }
    /// # tick(0);
    /// ```
    pub fn expire_some(&self, now: u32, cells: usize) -> Expire<'_, K, V, N, EXTRA, S> {
        let cells = cells.min(self.cells());
        // Relaxed: a hint.
        let from = self.swept.fetch_add(cells, Ordering::Relaxed) % self.cells();
        Expire {
            cache: self,
            now,
            from,
            cells,
        }
    }

    fn expire_at(&self, index: usize, now: u32) -> Option<Ref<'_, K, V>> {
        let over = || {
            let flags = self.flags.get(index);
            flags & PINNED == 0 && self.flags.is_over(index, flags, now)
        };
        if !over() {
            return None;
        }
        let entry = self.map.held_at(index)?;
        let count = || {
            self.counts.expired();
            drop(self.places.of_removed());
        };
        let (entry, ()) = self.map.take_held(entry, |_| over(), count)?;
        Some(entry)
    }
}

/// Takes out entries that have expired, and yields them: see [`Cache::expire`].
#[must_use = "nothing is taken out before it is iterated: call `.for_each(drop)` or `.count()`"]
pub struct Expire<'a, K, V, const N: usize, const EXTRA: usize = N, S = DefaultHashBuilder> {
    cache: &'a Cache<K, V, N, EXTRA, S>,
    now: u32,
    from: usize,
    cells: usize,
}

impl<'a, K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Iterator
    for Expire<'a, K, V, N, EXTRA, S>
{
    type Item = Ref<'a, K, V>;

    fn next(&mut self) -> Option<Ref<'a, K, V>> {
        while self.cells > 0 {
            let index = self.from % self.cache.cells();
            self.from += 1;
            self.cells -= 1;
            let over = self.cache.expire_at(index, self.now);
            if over.is_some() {
                return over;
            }
        }
        None
    }
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> FusedIterator
    for Expire<'_, K, V, N, EXTRA, S>
{
}
