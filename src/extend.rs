//! Several pairs at once.

use crate::{CopyMap, Full, Map, Plain};
use core::hash::{BuildHasher, Hash};

/// Inserts one by one, until one does not fit.
pub(crate) fn insert_all<P, I: Iterator<Item = P>>(
    mut pairs: I,
    insert: impl Fn(P) -> Result<(), Full<P>>,
) -> Result<(), Full<(P, I)>> {
    while let Some(pair) = pairs.next() {
        if let Err(Full(pair)) = insert(pair) {
            return Err(Full((pair, pairs)));
        }
    }
    Ok(())
}

/// Puts all of the pairs into the empty map, if they are no more than its capacity.
pub(crate) fn of_array<P, M, const LEN: usize>(
    map: M,
    capacity: usize,
    pairs: [P; LEN],
    insert: impl Fn(&M, P) -> Result<(), Full<P>>,
) -> Result<M, Full<[P; LEN]>> {
    if LEN > capacity {
        return Err(Full(pairs));
    }
    match insert_all(pairs.into_iter(), |pair| insert(&map, pair)) {
        Ok(()) => Ok(map),
        Err(_) => unreachable!("as many as the capacity"),
    }
}

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopyMap<K, V, N, EXTRA, S>
{
    /// Inserts pair by pair, each as by [`insert`](Self::insert), until one does not fit. What was inserted
    /// before stays. Lock-free. Complexity: that of the inserts. Interrupts: yes. Panics: as
    /// [`insert`](Self::insert), or if the iterator does.
    ///
    /// # Errors
    /// [`Full`] with the pair that did not fit and the rest of the iterator, which was not asked for more.
    ///
    /// ```
    /// # use arenamap::{CopyMap, Full};
    /// let map: CopyMap<u16, u32, 2, 0> = CopyMap::new();
    /// let Err(Full((pair, rest))) = map.try_extend([(1, 10), (2, 20), (3, 30), (4, 40)]) else {
    ///     panic!("two fit");
    /// };
    /// assert_eq!((pair, rest.as_slice()), ((3, 30), &[(4, 40)][..]));
    /// assert_eq!(map.get(&2), Some(20));
    /// ```
    pub fn try_extend<I: IntoIterator<Item = (K, V)>>(
        &self,
        pairs: I,
    ) -> Result<(), Full<((K, V), I::IntoIter)>> {
        insert_all(pairs.into_iter(), |(key, value)| {
            self.insert(key, value).map(drop)
        })
    }
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    /// Inserts pair by pair, each as by [`insert`](Self::insert), until one does not fit. What was
    /// inserted before stays; what was replaced is let go. Lock-free. Complexity: that of the inserts.
    /// Interrupts: yes. Panics: as [`insert`](Self::insert), or if the iterator or the drop of what was
    /// replaced does.
    ///
    /// # Errors
    /// [`Full`] with the pair that did not fit and the rest of the iterator, which was not asked for more.
    ///
    /// ```
    /// # use arenamap::{Full, Map};
    /// let map: Map<u16, &str, 2, 0> = Map::new();
    /// let Err(Full((pair, rest))) = map.try_extend([(1, "a"), (2, "b"), (3, "c"), (4, "d")]) else {
    ///     panic!("two fit");
    /// };
    /// assert_eq!((pair, rest.as_slice()), ((3, "c"), &[(4, "d")][..]));
    /// assert_eq!(*map.get(&2).expect("it fitted"), "b");
    /// ```
    pub fn try_extend<I: IntoIterator<Item = (K, V)>>(
        &self,
        pairs: I,
    ) -> Result<(), Full<((K, V), I::IntoIter)>> {
        insert_all(pairs.into_iter(), |(key, value)| {
            self.insert(key, value).map(drop)
        })
    }
}

/// A map of these pairs: of those with one key, the last.
///
/// # Errors
/// [`Full`] with all of them if there are more than the capacity, whatever their keys.
///
/// ```
/// use arenamap::CopyMap;
///
/// let map: CopyMap<u16, u32, 8> = [(1, 10), (2, 20)].try_into()?;
/// assert_eq!(map.get(&2), Some(20));
/// # Ok::<(), arenamap::Full<[(u16, u32); 2]>>(())
/// ```
impl<K, V, const N: usize, const EXTRA: usize, S, const M: usize> TryFrom<[(K, V); M]>
    for CopyMap<K, V, N, EXTRA, S>
where
    K: Plain + Eq + Hash,
    V: Plain,
    S: BuildHasher + Default,
{
    type Error = Full<[(K, V); M]>;

    fn try_from(pairs: [(K, V); M]) -> Result<Self, Self::Error> {
        let map = Self::default();
        let capacity = map.capacity();
        of_array(map, capacity, pairs, |map, (key, value)| {
            map.insert(key, value).map(drop)
        })
    }
}

/// A map of these pairs: of those with one key, the last.
///
/// # Errors
/// [`Full`] with all of them if there are more than the capacity, whatever their keys.
///
/// ```
/// use arenamap::Map;
///
/// let map: Map<u16, &str, 8> = [(1, "one"), (2, "two")].try_into()?;
/// assert_eq!(*map.get(&2).expect("it is there"), "two");
/// # Ok::<(), arenamap::Full<[(u16, &str); 2]>>(())
/// ```
impl<K, V, const N: usize, const EXTRA: usize, S, const M: usize> TryFrom<[(K, V); M]>
    for Map<K, V, N, EXTRA, S>
where
    K: Eq + Hash,
    S: BuildHasher + Default,
{
    type Error = Full<[(K, V); M]>;

    fn try_from(pairs: [(K, V); M]) -> Result<Self, Self::Error> {
        let map = Self::default();
        let capacity = map.capacity();
        of_array(map, capacity, pairs, |map, (key, value)| {
            map.insert(key, value).map(drop)
        })
    }
}
