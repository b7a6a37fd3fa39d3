//! A [`Cache`] that is filled on demand: look it up, and make what is not there.

use super::expire::deadline;
use super::{Cache, Inserted};
use crate::{Full, Ref};
use core::hash::{BuildHasher, Hash};

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Cache<K, V, N, EXTRA, S> {
    /// The key's entry, made and inserted first if it is not there, and what had to make way for it.
    ///
    /// `make` is called at most once, and only if the key was absent. Contexts that miss at the same time may
    /// each make a value: whoever comes later gets what is there by then, and its own value is dropped. (What it
    /// evicted for that is in its [`Inserted`] all the same.) What is there counts as used; the look-up counts as
    /// a hit or a miss.
    ///
    /// Lock-free. Complexity: that of [`get`](Self::get), or that of [`insert`](Self::insert). When full:
    /// another entry is evicted, as by `insert`. Interrupts: yes. Panics: as `insert`, or if `make` or the drop
    /// of a key or value does that is not wanted; if `make` panics, nothing has changed.
    ///
    /// # Errors
    /// [`Full`] with the key and the value that was made: see [Capacity](Self#capacity).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// # fn read_block(number: u32) -> [u8; 16] { [number as u8; 16] }
    /// let blocks: Cache<u32, [u8; 16], 8> = Cache::new();
    /// for number in [7, 7, 8] {
    ///     let (block, made_way) = blocks.get_or_insert_with(number, || read_block(number))?;
    ///     assert!(block[0] == number as u8 && made_way.evicted.is_none());
    /// }
    /// assert_eq!((blocks.stats().hits, blocks.stats().misses), (1, 2));
    /// # Ok::<(), arenamap::Full<(u32, [u8; 16])>>(())
    /// ```
    pub fn get_or_insert_with(
        &self,
        key: K,
        make: impl FnOnce() -> V,
    ) -> Result<(Ref<'_, K, V>, Inserted<'_, K, V>), Full<(K, V)>> {
        let found = self.get(&key);
        self.found_or_put(found, key, make, None, None)
    }

    /// The same with a [time](Self#time): what is there and has expired at `now` is replaced, and what is put
    /// in expires `ttl` ticks after `now`. As [`get_or_insert_with`](Self::get_or_insert_with).
    ///
    /// # Errors
    /// As [`get_or_insert_with`](Self::get_or_insert_with).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// # fn ask(name: &str) -> u32 { name.len() as u32 }
    /// let names: Cache<&str, u32, 8> = Cache::new();
    /// // An answer that is good for 300 seconds.
    /// let (address, _) = names.get_or_insert_with_at("example.org", 10, 300, || ask("example.org"))?;
    /// assert_eq!(*address, 11);
    /// let (_, made_way) = names.get_or_insert_with_at("example.org", 310, 300, || ask("example.org"))?;
    /// assert!(made_way.replaced.is_some(), "it had expired");
    /// # Ok::<(), arenamap::Full<(&str, u32)>>(())
    /// ```
    pub fn get_or_insert_with_at(
        &self,
        key: K,
        now: u32,
        ttl: u32,
        make: impl FnOnce() -> V,
    ) -> Result<(Ref<'_, K, V>, Inserted<'_, K, V>), Full<(K, V)>> {
        let found = self.get_at(&key, now);
        self.found_or_put(found, key, make, Some(now), Some(deadline(now, ttl)))
    }

    fn found_or_put<'a>(
        &'a self,
        found: Option<Ref<'a, K, V>>,
        key: K,
        make: impl FnOnce() -> V,
        now: Option<u32>,
        deadline: Option<u32>,
    ) -> Result<(Ref<'a, K, V>, Inserted<'a, K, V>), Full<(K, V)>> {
        match found {
            Some(entry) => {
                // First: should its drop panic, the guard is still dropped.
                drop(key);
                Ok((entry, Inserted::default()))
            }
            None => self.put_if_absent(key, make(), now, deadline),
        }
    }
}
