//! Removal from a [`Cache`]: of a key, by a condition, of all, and by who has it exclusively.

use super::Cache;
use crate::map::IntoIter;
use crate::{DefaultHashBuilder, Equivalent, Ref};
use core::hash::{BuildHasher, Hash};
use core::iter::FusedIterator;
use tagged_arena::exhaust::exhaust;

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Cache<K, V, N, EXTRA, S> {
    /// Removes the key and returns its entry, still readable; pinned, held and expired ones, too. As
    /// [`Map::remove`](crate::Map::remove), at the cost of one look more.
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let names: Cache<u16, &str, 8> = Cache::new();
    /// names.insert(5, "five")?;
    /// names.pin(&5);
    /// assert_eq!(names.remove(&5).as_deref(), Some(&"five"));
    /// assert!(names.peek(&5).is_none());
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<Ref<'_, K, V>> {
        self.remove_if(key, |_, _| true)
    }

    /// Removes the key if `wanted` says so of its entry, and returns the entry, still readable; pinned, held
    /// and expired ones, too. In one step, and with the caveats of [`Map::remove_if`](crate::Map::remove_if):
    /// `wanted` may be called again.
    ///
    /// Progress, complexity, when full, interrupts, panics: as there.
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let names: Cache<u16, &str, 8> = Cache::new();
    /// names.insert(5, "five")?;
    /// assert!(names.remove_if(&5, |_, name| name.is_empty()).is_none());
    /// assert_eq!(names.remove_if(&5, |_, name| name.len() == 4).as_deref(), Some(&"five"));
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn remove_if<Q: Hash + Equivalent<K> + ?Sized>(
        &self,
        key: &Q,
        mut wanted: impl FnMut(&K, &V) -> bool,
    ) -> Option<Ref<'_, K, V>> {
        loop {
            let entry = self.map.get(key)?;
            let mut refused = false;
            let count = || drop(self.places.of_removed());
            let removed = self.map.take_held(
                entry,
                |guard| {
                    // SAFETY: M-LIVE: it is the guard of a `Ref`.
                    let (key, value) = unsafe { guard.payload() };
                    refused = !wanted(key, value);
                    !refused
                },
                count,
            );
            if let Some((removed, ())) = removed {
                return Some(removed);
            }
            if refused {
                return None;
            }
            // Replaced or removed meanwhile.
        }
    }

    /// Removes each entry for which `wanted` is false, one by one, each in one step, pinned or not: as
    /// [`Map::retain`](crate::Map::retain).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let names: Cache<u16, &str, 8> = Cache::new();
    /// names.insert(5, "five")?;
    /// names.insert(6, "")?;
    /// names.retain(|_, name| !name.is_empty());
    /// assert!(names.contains_key(&5) && !names.contains_key(&6));
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn retain(&self, mut wanted: impl FnMut(&K, &V) -> bool) {
        for entry in &self.map {
            self.remove_if(entry.key(), |key, value| !wanted(key, value));
        }
    }

    /// Removes every key that is there during the whole call, pinned or not: as
    /// [`Map::clear`](crate::Map::clear).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let names: Cache<u16, &str, 8> = Cache::new();
    /// names.insert(5, "five")?;
    /// names.pin(&5);
    /// names.clear();
    /// assert!(names.is_empty());
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn clear(&self) {
        self.retain(|_, _| false);
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> Cache<K, V, N, EXTRA, S> {
    /// Empties the cache and yields what was in it: as [`Map::drain`](crate::Map::drain).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let mut names: Cache<u16, String, 8> = Cache::new();
    /// names.insert(5, "five".to_string())?;
    /// assert!(names.drain().eq([(5, "five".to_string())]));
    /// assert!(names.is_empty());
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    pub fn drain(&mut self) -> CacheDrain<'_, K, V, N, EXTRA, S> {
        // A leaked guard would keep what comes to its cell next from being evicted.
        self.map.table.arena.forget_holds();
        CacheDrain {
            cache: self,
            group: 0,
        }
    }
}

/// Empties a [`Cache`]: see [`Cache::drain`].
pub struct CacheDrain<'a, K, V, const N: usize, const EXTRA: usize = N, S = DefaultHashBuilder> {
    cache: &'a mut Cache<K, V, N, EXTRA, S>,
    group: usize,
}

impl<K, V, const N: usize, const EXTRA: usize, S> Iterator for CacheDrain<'_, K, V, N, EXTRA, S> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        let pair = self.cache.map.pop(&mut self.group)?;
        drop(self.cache.places.of_removed());
        Some(pair)
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> FusedIterator
    for CacheDrain<'_, K, V, N, EXTRA, S>
{
}

impl<K, V, const N: usize, const EXTRA: usize, S> Drop for CacheDrain<'_, K, V, N, EXTRA, S> {
    fn drop(&mut self) {
        exhaust(self);
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> IntoIterator for Cache<K, V, N, EXTRA, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V, N, EXTRA, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.map.into_iter()
    }
}
