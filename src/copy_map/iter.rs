//! Iteration over a [`CopyMap`].

use super::CopyMap;
use crate::chain::{Check, Table, search};
use bytemuck::bytes_of;
use core::hash::{BuildHasher, Hash};
use tagged_arena::plain::Plain;
use tagged_arena::sync::NARROW;

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

    /// The entry of the bucket whose key comes next in the order of the keys' bytes.
    ///
    /// The chain's own order would not do: an entry that is removed and inserted again moves to the
    /// tail, and a walk that goes on behind it would miss what it jumped over. A key's bytes stay.
    fn next_in_bucket(&mut self) -> Option<(K, V)> {
        let cells = &self.map.cells;
        let head = cells.head(self.bucket);
        let last = self.last;
        let mut next: Option<(K, V)> = None;
        search(cells, self.bucket, |index, _, place| {
            let node = &cells.cell(index).header;
            let (key, value) = (node.key.load(), node.load_value().0);
            if !place.unchanged() {
                return Check::<()>::Changed;
            }
            if core::ptr::eq(place.prev, head) {
                // The walk has started (again).
                next = None;
            }
            if last.is_none_or(|last| before(&last, &key))
                && next.is_none_or(|(next, _)| before(&key, &next))
            {
                next = Some((key, value));
            }
            Check::Miss
        });
        self.last = next.map(|(key, _)| key);
        next
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

/// Whether the one key's bytes come before the other's.
fn before<K: Plain>(a: &K, b: &K) -> bool {
    if NARROW {
        // Keys are short there, and a call of `memcmp` is not.
        bytes_of(a).iter().lt(bytes_of(b))
    } else {
        bytes_of(a) < bytes_of(b)
    }
}
