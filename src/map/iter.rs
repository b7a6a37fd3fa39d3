//! Iteration over a [`Map`].

use super::Map;
use super::Ref;
use crate::chain::{Check, Table, search};
use core::hash::{BuildHasher, Hash};

/// Iterates over a [`Map`]: see [`Map::iter`].
pub struct Iter<'a, K, V, const N: usize, S, const EXTRA: usize> {
    map: &'a Map<K, V, N, S, EXTRA>,
    bucket: usize,
    /// A hold of its own on the entry yielded last in this bucket, for its key.
    last: Option<Ref<'a, K, V>>,
}

impl<'a, K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize>
    Iter<'a, K, V, N, S, EXTRA>
{
    pub(crate) fn new(map: &'a Map<K, V, N, S, EXTRA>) -> Self {
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
    fn next_in_bucket(&mut self) -> Option<Ref<'a, K, V>> {
        let map = self.map;
        let head = map.arena.head(self.bucket);
        let mut last = self.last.as_ref().map(Ref::key);
        loop {
            let mut skip = last;
            let found = search(&map.arena, self.bucket, |index, _, place| {
                let Some(held) = map.hold_live(index, place) else {
                    return Check::Changed;
                };
                if !place.unchanged() {
                    return Check::Changed;
                }
                if core::ptr::eq(place.prev, head) {
                    // The walk has started (again).
                    skip = last;
                }
                match skip {
                    Some(passed) => {
                        if passed == held.key() {
                            skip = None;
                        }
                        Check::Miss
                    }
                    None => Check::Hit((index, held)),
                }
            });
            match found {
                Some((index, held)) => {
                    // SAFETY: M-LIVE: the same cell, held while `held` keeps it from being
                    // reclaimed.
                    let again = unsafe { Ref::new(map.arena.hold(index)) };
                    self.last = Some(again);
                    return Some(held.into_ref());
                }
                None if skip.is_some() => last = None,
                None => return None,
            }
        }
    }
}

impl<'a, K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> Iterator
    for Iter<'a, K, V, N, S, EXTRA>
{
    type Item = Ref<'a, K, V>;

    fn next(&mut self) -> Option<Ref<'a, K, V>> {
        while self.bucket < Map::<K, V, N, S, EXTRA>::BUCKETS {
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

impl<'a, K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> IntoIterator
    for &'a Map<K, V, N, S, EXTRA>
{
    type Item = Ref<'a, K, V>;
    type IntoIter = Iter<'a, K, V, N, S, EXTRA>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
