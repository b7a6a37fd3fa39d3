//! Iteration over a [`Map`].

use super::entry::{Held, MapTable};
use super::{Map, Ref};
use crate::table::chain::Walk;
use crate::table::{Bucket, Changed, Table};
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
    /// The order of seats and chain would not do: an entry that is replaced, or removed and inserted again,
    /// moves to another cell. A key's hash stays.
    fn next_in_bucket(&mut self) -> Result<Option<Ref<'a, K, V>>, Changed> {
        let map = self.map;
        let shape = MapTable::<K, V, N, EXTRA>::SHAPE;
        let bucket = Bucket::read(&map.table, self.bucket);
        let last = &self.last;
        let mut next: Option<(Held<'a, K, V>, Order)> = None;
        let mut look = |held: Held<'a, K, V>| {
            let order = (map.hash(held.key()), held.guard.index());
            let behind = last.as_ref().is_none_or(|(last, place)| {
                *place < order && (place.0 < order.0 || last.key() != held.key())
            });
            if behind && next.as_ref().is_none_or(|(_, next)| order < *next) {
                next = Some((held, order));
            }
        };
        let mut seats = bucket.word().0 & shape.seat_bits();
        while seats != 0 {
            let bit = seats & seats.wrapping_neg();
            let mut now = bucket;
            let held = map.hold_seat(&mut now, bit).ok_or(Changed)?;
            // So all of them were there together when the last one was held.
            if now.word() != bucket.word() {
                return Err(Changed);
            }
            look(held);
            seats ^= bit;
        }
        if shape.has_chain(bucket.word()) {
            let mut walk = Walk::new::<MapTable<K, V, N, EXTRA>>(&bucket);
            while walk.step(&map.table, false)? {
                look(map.hold_chained(&walk).ok_or(Changed)?);
            }
        }
        let Some((held, order)) = next else {
            return Ok(None);
        };
        let again = held.again();
        self.last = Some((again, order));
        Ok(Some(held.into_ref()))
    }
}

impl<'a, K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> Iterator
    for Iter<'a, K, V, N, S, EXTRA>
{
    type Item = Ref<'a, K, V>;

    fn next(&mut self) -> Option<Ref<'a, K, V>> {
        while self.bucket < MapTable::<K, V, N, EXTRA>::SHAPE.groups() {
            match self.next_in_bucket() {
                Ok(Some(found)) => return Some(found),
                Ok(None) => {
                    self.last = None;
                    self.bucket += 1;
                }
                Err(Changed) => {}
            }
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
