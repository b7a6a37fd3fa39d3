//! Entries that are not evicted, and what else is said of an entry that is there.

use super::Cache;
use super::cells::PINNED;
use crate::Equivalent;
use core::hash::{BuildHasher, Hash};

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Cache<K, V, N, EXTRA, S> {
    /// Pins the key's entry: it is not evicted from now on, until it is [unpinned](Self::unpin) or removed.
    /// Whether the key is there.
    ///
    /// The pin is a mark, not a count: to pin twice is to pin once. It goes with the key: an
    /// [`insert`](Self::insert) that replaces the entry keeps it. It does not keep the entry from
    /// expiring: what is pinned and has expired is not found by [`get_at`](Self::get_at), but
    /// [`expire`](Self::expire) leaves it. (2^31 ticks after its deadline it is found again, unless it was
    /// renewed: see *Time* at [`Cache`].) For the time of a few statements hold the entry by its guard
    /// instead.
    ///
    /// Linearizes where its bucket's word is changed. Lock-free. Complexity, interrupts, panics: as
    /// [`get`](Self::get).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let peers: Cache<u32, &str, 4> = Cache::new();
    /// peers.insert(1, "gateway")?;
    /// assert!(peers.pin(&1) && !peers.pin(&2));
    /// assert!((10..100).all(|peer| peers.insert(peer, "guest").is_ok()));
    /// assert!(peers.is_pinned(&1) && peers.unpin(&1));
    /// # Ok::<(), arenamap::Full<(u32, &str)>>(())
    /// ```
    pub fn pin<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        let pin = |index| _ = self.flags.raise(index, PINNED);
        self.change(key, pin).is_ok()
    }

    /// Takes the key's [pin](Self::pin) away. Whether the key is there. As [`pin`](Self::pin).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let peers: Cache<u32, &str, 1> = Cache::new();
    /// peers.insert(1, "gateway")?;
    /// assert!(peers.pin(&1) && peers.insert(2, "guest").is_err());
    /// assert!(peers.unpin(&1) && peers.insert(2, "guest").is_ok());
    /// assert!(!peers.unpin(&1)); // evicted: it is not there
    /// # Ok::<(), arenamap::Full<(u32, &str)>>(())
    /// ```
    pub fn unpin<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        // If it has left since it was found, then perhaps because it was not pinned any more.
        self.change(key, |index| self.flags.lower(index, PINNED)) != Err(false)
    }

    /// Whether the key is there and [pinned](Self::pin). As [`peek`](Self::peek).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let peers: Cache<u32, &str, 8> = Cache::new();
    /// peers.insert(1, "gateway")?;
    /// peers.pin(&1);
    /// peers.insert(1, "new gateway")?; // the pin stays
    /// assert!(peers.is_pinned(&1) && !peers.is_pinned(&2));
    /// # Ok::<(), arenamap::Full<(u32, &str)>>(())
    /// ```
    pub fn is_pinned<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        let entry = self.peek(key);
        entry.is_some_and(|entry| self.flags.get(entry.guard().index()) & PINNED != 0)
    }

    /// Changes what is kept of the key's entry, so that no eviction, no expiry and no replacement goes by
    /// what was kept before. Else it is not there; whether it was at first.
    pub(super) fn change<Q: Hash + Equivalent<K> + ?Sized>(
        &self,
        key: &Q,
        change: impl Fn(usize),
    ) -> Result<(), bool> {
        let mut found = false;
        loop {
            let entry = self.map.get(key).ok_or(found)?;
            found = true;
            let index = entry.guard().index();
            change(index);
            if self.map.touch(&entry) {
                self.flags.spare(index);
                return Ok(());
            }
            // Replaced or removed: the same with what is there now.
        }
    }
}
