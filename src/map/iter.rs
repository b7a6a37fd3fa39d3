//! Iteration over a [`Map`].

use super::Ref;
use super::{Held, Map};
use crate::chain::{Check, Table, search};
use core::hash::{BuildHasher, Hash};

/// Hash and cell: the order in which a bucket's entries are yielded.
type Order = (u64, usize);

/// Iterates over a [`Map`]: see [`Map::iter`].
pub struct Iter<'a, K, V, const N: usize, S, const EXTRA: usize> {
    map: &'a Map<K, V, N, S, EXTRA>,
    bucket: usize,
    /// The entry yielded last in this bucket, with its place in the order: held for its key, which
    /// tells an entry that replaced it from another with the same hash.
    last: Option<(Ref<'a, K, V>, Order)>,
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

    /// The entry of the bucket that comes next in the order of hash and cell.
    ///
    /// The chain's own order would not do: an entry that is removed and inserted again moves to the
    /// tail, and a walk that goes on behind it would miss what it jumped over. A key's hash stays.
    fn next_in_bucket(&mut self) -> Option<Ref<'a, K, V>> {
        let map = self.map;
        let head = map.arena.head(self.bucket);
        let last = &self.last;
        let mut next: Option<(Held<'a, K, V>, Order)> = None;
        search(&map.arena, self.bucket, |index, _, place| {
            let Some(held) = map.hold_live(index, place) else {
                return Check::<()>::Changed;
            };
            if !place.unchanged() {
                return Check::Changed;
            }
            if core::ptr::eq(place.prev, head) {
                // The walk has started (again).
                next = None;
            }
            let order = (map.hash(held.key()), index);
            let behind = last.as_ref().is_none_or(|(last, place)| {
                *place < order && (place.0 < order.0 || last.key() != held.key())
            });
            if behind && next.as_ref().is_none_or(|(_, next)| order < *next) {
                next = Some((held, order));
            }
            Check::Miss
        });
        let (held, order) = next?;
        let again = held.again();
        self.last = Some((again, order));
        Some(held.into_ref())
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
