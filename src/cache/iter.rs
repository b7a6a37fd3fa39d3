//! Iteration over a [`Cache`].

use super::Cache;
use crate::map::Iter;
use crate::{DefaultHashBuilder, Ref};
use core::hash::{BuildHasher, Hash};

/// Iterates over a [`Cache`]: see [`Cache::iter`].
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct CacheIter<'a, K, V, const N: usize, const EXTRA: usize = N, S = DefaultHashBuilder> {
    cache: &'a Cache<K, V, N, EXTRA, S>,
    entries: Iter<'a, K, V, N, EXTRA, S>,
}

impl<'a, K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Iterator
    for CacheIter<'a, K, V, N, EXTRA, S>
{
    type Item = Ref<'a, K, V>;

    #[inline]
    fn next(&mut self) -> Option<Ref<'a, K, V>> {
        loop {
            let entry = self.entries.next()?;
            if self.cache.is_kept(&entry) {
                return Some(entry);
            }
            // It has left; if it was replaced, the key is there all the same.
            let now = self.cache.peek(entry.key());
            if now.is_some() {
                return now;
            }
        }
    }
}

impl<'a, K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> IntoIterator
    for &'a Cache<K, V, N, EXTRA, S>
{
    type Item = Ref<'a, K, V>;
    type IntoIter = CacheIter<'a, K, V, N, EXTRA, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Cache<K, V, N, EXTRA, S> {
    /// All entries, each held by a guard, expired ones included: a weak snapshot, with the
    /// caveats of [`Map::iter`](crate::Map::iter).
    ///
    /// To yield an entry is no use of it. Its [`Ref`] keeps it from being evicted; the iterator may hold the
    /// one that it yielded last, too. Lock-free. Complexity, interrupts, panics: as
    /// [`Map::iter`](crate::Map::iter).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let leases: Cache<u32, &str, 8> = Cache::new();
    /// leases.insert_at(1, "ada", 0, 10)?;
    /// leases.insert(2, "bob")?;
    /// assert_eq!(leases.iter().count(), 2);
    /// for lease in &leases {
    ///     println!("{}: {}", lease.key(), *lease);
    /// }
    /// # Ok::<(), arenamap::Full<(u32, &str)>>(())
    /// ```
    pub fn iter(&self) -> CacheIter<'_, K, V, N, EXTRA, S> {
        CacheIter {
            cache: self,
            entries: self.map.iter(),
        }
    }
}
