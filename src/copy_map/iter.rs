//! Iteration over a [`CopyMap`].

use super::CopyMap;
use crate::chain::{Check, Table, search};
use core::hash::{BuildHasher, Hash};
use tagged_arena::plain::Plain;

/// Iterates over a [`CopyMap`]: see [`CopyMap::iter`].
pub struct Iter<'a, K, V, const N: usize, S, const EXTRA: usize> {
    map: &'a CopyMap<K, V, N, S, EXTRA>,
    bucket: usize,
    /// The key yielded last in this bucket.
    last: Option<K>,
}

impl<'a, K: Plain + Eq + Hash, V: Plain, const N: usize, S: BuildHasher, const EXTRA: usize>
    Iter<'a, K, V, N, S, EXTRA>
{
    pub(super) fn new(map: &'a CopyMap<K, V, N, S, EXTRA>) -> Self {
        Self {
            map,
            bucket: 0,
            last: None,
        }
    }

    /// The first entry of the bucket behind the one yielded last.
    ///
    /// The order within a bucket is stable (entries are appended, replaced in place, or removed), so
    /// what comes behind the last key has not been yielded. If that key is gone: from the start.
    fn next_in_bucket(&mut self) -> Option<(K, V)> {
        let cells = &self.map.cells;
        let head = cells.head(self.bucket);
        let mut last = self.last;
        loop {
            let mut skip = last;
            let found = search(cells, self.bucket, |index, _, place| {
                let node = &cells.cell(index).header;
                let (key, value) = (node.key.load(), node.value.load());
                if !place.unchanged() {
                    return Check::Changed;
                }
                if core::ptr::eq(place.prev, head) {
                    // The walk has started (again).
                    skip = last;
                }
                match skip {
                    Some(passed) => {
                        if passed == key {
                            skip = None;
                        }
                        Check::Miss
                    }
                    None => Check::Hit((key, value)),
                }
            });
            match found {
                Some((key, _)) => {
                    self.last = Some(key);
                    return found;
                }
                None if skip.is_some() => last = None,
                None => return None,
            }
        }
    }
}

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, S: BuildHasher, const EXTRA: usize> Iterator
    for Iter<'_, K, V, N, S, EXTRA>
{
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        while self.bucket < CopyMap::<K, V, N, S, EXTRA>::BUCKETS {
            let found = self.next_in_bucket();
            if found.is_some() {
                return found;
            }
            self.last = None;
            self.bucket += 1;
        }
        None
    }
}

impl<'a, K: Plain + Eq + Hash, V: Plain, const N: usize, S: BuildHasher, const EXTRA: usize>
    IntoIterator for &'a CopyMap<K, V, N, S, EXTRA>
{
    type Item = (K, V);
    type IntoIter = Iter<'a, K, V, N, S, EXTRA>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
