//! Snapshots in `heapless` collections, and maps from them.

use crate::extend::insert_all;
use crate::{CopyMap, CopySet, Full, KeyRef, Map, Plain, Ref, Set};
use core::hash::{BuildHasher, Hash};
use heapless::Vec;
use heapless::index_map::IndexMap;

/// As many as fit; the others are an error.
fn collect<T, const M: usize>(all: impl Iterator<Item = T>) -> Result<Vec<T, M>, Full<Vec<T, M>>> {
    let mut some = Vec::new();
    for each in all {
        if let Err(_over) = some.push(each) {
            return Err(Full(some));
        }
    }
    Ok(some)
}

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopyMap<K, V, N, EXTRA, S>
{
    /// The entries of this moment in a vector of their own, whose length is how many there are. (Feature
    /// `heapless`.)
    ///
    /// What [`iter`](Self::iter) yields, with its caveats: a weak snapshot, in no order. Beside operations
    /// that insert and remove it may be more than the capacity. Lock-free. Complexity: as `iter`.
    /// Interrupts: yes, if the stack has room for the vector. Panics: as `iter`.
    ///
    /// # Errors
    /// [`Full`] with the first `M` entries if there are more.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8> = [(1, 10), (2, 20)].try_into().expect("they fit");
    /// let mut pairs: heapless::Vec<(u16, u32), 8> = map.snapshot().expect("they fit");
    /// pairs.sort_unstable();
    /// assert_eq!(pairs, [(1, 10), (2, 20)]);
    /// assert!(map.snapshot::<1>().is_err_and(|some| some.0.len() == 1));
    /// ```
    pub fn snapshot<const M: usize>(&self) -> Result<Vec<(K, V), M>, Full<Vec<(K, V), M>>> {
        collect(self.iter())
    }
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    /// The entries of this moment, each held by a guard, in a vector of their own, whose length is how many
    /// there are. (Feature `heapless`.)
    ///
    /// What [`iter`](Self::iter) yields, with its caveats: a weak snapshot, in no order. Beside operations
    /// that insert and remove it may be more than the capacity. Each entry that is removed or replaced while
    /// the vector lives costs its cell until then. Lock-free. Complexity: as `iter`. Interrupts: yes, if the
    /// stack has room for the vector. Panics: as `iter`.
    ///
    /// # Errors
    /// [`Full`] with the first `M` entries if there are more.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let map: Map<u16, &str, 8> = [(1, "one"), (2, "two")].try_into().expect("they fit");
    /// let entries = map.snapshot::<8>().expect("they fit");
    /// map.clear();
    /// assert_eq!(entries.iter().map(|entry| entry.len()).sum::<usize>(), 6);
    /// ```
    pub fn snapshot<const M: usize>(
        &self,
    ) -> Result<Vec<Ref<'_, K, V>, M>, Full<Vec<Ref<'_, K, V>, M>>> {
        collect(self.iter())
    }
}

impl<T: Plain + Eq + Hash, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopySet<T, N, EXTRA, S>
{
    /// The members of this moment in a vector of their own: as [`CopyMap::snapshot`].
    ///
    /// # Errors
    /// [`Full`] with the first `M` members if there are more.
    pub fn snapshot<const M: usize>(&self) -> Result<Vec<T, M>, Full<Vec<T, M>>> {
        collect(self.iter())
    }
}

impl<T: Eq + Hash, const N: usize, const EXTRA: usize, S: BuildHasher> Set<T, N, EXTRA, S> {
    /// The members of this moment, each held by a guard, in a vector of their own: as [`Map::snapshot`].
    ///
    /// # Errors
    /// [`Full`] with the first `M` members if there are more.
    pub fn snapshot<const M: usize>(
        &self,
    ) -> Result<Vec<KeyRef<'_, T, ()>, M>, Full<Vec<KeyRef<'_, T, ()>, M>>> {
        collect(self.iter())
    }
}

/// The entries of this moment: as [`CopyMap::snapshot`].
///
/// # Errors
/// [`Full`] with the first `M` entries if there are more.
///
/// ```
/// use arenamap::CopyMap;
/// use heapless::index_map::FnvIndexMap;
///
/// let map: CopyMap<u16, u32, 8> = [(1, 10), (2, 20)].try_into().expect("they fit");
/// let copy: FnvIndexMap<u16, u32, 8> = (&map).try_into().expect("they fit");
/// assert_eq!((copy.len(), copy.get(&2)), (2, Some(&20)));
/// ```
impl<K, V, const N: usize, const EXTRA: usize, S, H, const M: usize>
    TryFrom<&CopyMap<K, V, N, EXTRA, S>> for IndexMap<K, V, H, M>
where
    K: Plain + Eq + Hash,
    V: Plain,
    S: BuildHasher,
    H: BuildHasher + Default,
{
    type Error = Full<Self>;

    fn try_from(map: &CopyMap<K, V, N, EXTRA, S>) -> Result<Self, Self::Error> {
        let mut entries = Self::default();
        for (key, value) in map {
            if entries.insert(key, value).is_err() {
                return Err(Full(entries));
            }
        }
        Ok(entries)
    }
}

/// `from`'s entries in `map`, which is empty, if they are no more than its capacity.
fn filled<M, P, F: IntoIterator<Item = P>>(
    map: M,
    capacity: usize,
    from: F,
    len: usize,
    insert: impl Fn(&M, P) -> Result<(), Full<P>>,
) -> Result<M, Full<F>> {
    if len > capacity {
        return Err(Full(from));
    }
    match insert_all(from.into_iter(), |pair| insert(&map, pair)) {
        Ok(()) => Ok(map),
        Err(_) => unreachable!("as many as the capacity"),
    }
}

/// A map of each kind from a `heapless` collection of pairs.
macro_rules! from {
    ($map:ident, [$($bound:tt)*], $example:literal) => {
        /// A map of these entries.
        ///
        /// # Errors
        /// [`Full`] with all of them if there are more than the capacity.
        ///
        #[doc = $example]
        impl<K, V, const N: usize, const EXTRA: usize, S, H, const M: usize>
            TryFrom<IndexMap<K, V, H, M>> for $map<K, V, N, EXTRA, S>
        where
            K: $($bound)* Eq + Hash,
            V: $($bound)*,
            S: BuildHasher + Default,
        {
            type Error = Full<IndexMap<K, V, H, M>>;

            fn try_from(entries: IndexMap<K, V, H, M>) -> Result<Self, Self::Error> {
                let (map, len) = (Self::default(), entries.len());
                let capacity = map.capacity();
                filled(map, capacity, entries, len, |map, (key, value)| {
                    map.insert(key, value).map(drop)
                })
            }
        }

        /// A map of these pairs: of those with one key, the last.
        ///
        /// # Errors
        /// [`Full`] with all of them if there are more than the capacity, whatever their keys.
        impl<K, V, const N: usize, const EXTRA: usize, S, const M: usize>
            TryFrom<Vec<(K, V), M>> for $map<K, V, N, EXTRA, S>
        where
            K: $($bound)* Eq + Hash,
            V: $($bound)*,
            S: BuildHasher + Default,
        {
            type Error = Full<Vec<(K, V), M>>;

            fn try_from(pairs: Vec<(K, V), M>) -> Result<Self, Self::Error> {
                let (map, len) = (Self::default(), pairs.len());
                let capacity = map.capacity();
                filled(map, capacity, pairs, len, |map, (key, value)| {
                    map.insert(key, value).map(drop)
                })
            }
        }
    };
}

from!(
    CopyMap,
    [Plain+],
    "```
use arenamap::CopyMap;
use heapless::index_map::FnvIndexMap;

let mut defaults: FnvIndexMap<u16, u32, 4> = FnvIndexMap::new();
defaults.insert(1, 10).expect(\"there is room\");
let map: CopyMap<u16, u32, 8> = defaults.try_into().expect(\"they fit\");
assert_eq!(map.get(&1), Some(10));
```"
);
from!(
    Map,
    [],
    "```
use arenamap::Map;
use heapless::index_map::FnvIndexMap;

let mut names: FnvIndexMap<u16, &str, 4> = FnvIndexMap::new();
names.insert(1, \"one\").expect(\"there is room\");
let map: Map<u16, &str, 8> = names.try_into().expect(\"they fit\");
assert_eq!(*map.get(&1).expect(\"it is there\"), \"one\");
```"
);
