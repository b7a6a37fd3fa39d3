//! Iteration over a [`Cache`].

use super::Cache;
use crate::Ref;
use crate::map::Iter;
use core::hash::{BuildHasher, Hash};

/// Iterates over a [`Cache`]: see [`Cache::iter`].
pub struct CacheIter<'a, K, V, const N: usize, S, const EXTRA: usize> {
    cache: &'a Cache<K, V, N, S, EXTRA>,
    entries: Iter<'a, K, V, N, S, EXTRA>,
}

impl<'a, K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> Iterator
    for CacheIter<'a, K, V, N, S, EXTRA>
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

impl<'a, K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> IntoIterator
    for &'a Cache<K, V, N, S, EXTRA>
{
    type Item = Ref<'a, K, V>;
    type IntoIter = CacheIter<'a, K, V, N, S, EXTRA>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> Cache<K, V, N, S, EXTRA> {
    /// All entries, each held by a guard, those included whose time is over: a weak snapshot, with the
    /// caveats of [`Map::iter`](crate::Map::iter). To yield an entry is no use of it; the one that was
    /// yielded last is held, and so not evicted, until the next.
    pub fn iter(&self) -> CacheIter<'_, K, V, N, S, EXTRA> {
        CacheIter {
            cache: self,
            entries: self.map.iter(),
        }
    }
}
