//! Iteration over a [`Map`].

use super::entry::{Held, MapTable};
use super::{Map, Ref};
use crate::hash::NativeHash;
use crate::table::chain::Walk;
use crate::table::{Bucket, Changed, Table};
use core::hash::{BuildHasher, Hash};
use tagged_arena::word::Word;

/// Label, hash and cell: the order in which a bucket's entries are yielded.
///
/// The order of seats and chain would not do: an entry that is replaced, or removed and inserted again, moves
/// to another cell. A key's hash stays, and the label is a part of it.
type Order = (u16, u64, usize);

/// Iterates over a [`Map`]: see [`Map::iter`].
pub struct Iter<'a, K, V, const N: usize, S, const EXTRA: usize> {
    map: &'a Map<K, V, N, S, EXTRA>,
    bucket: usize,
    /// The entry yielded last in this bucket: held for its key, which tells an entry that replaced it from
    /// another with the same hash.
    last: Option<Held<'a, K, V>>,
    /// The bucket's word then, and the seats with what was still to be yielded.
    rest: (Word, usize),
}

impl<'a, K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize>
    Iter<'a, K, V, N, S, EXTRA>
{
    pub(crate) fn new(map: &'a Map<K, V, N, S, EXTRA>) -> Self {
        Self {
            map,
            bucket: 0,
            last: None,
            rest: (Word(0), 0),
        }
    }

    fn next_bucket(&mut self) {
        self.last = None;
        self.bucket += 1;
    }

    /// The entry of the bucket that comes next in the order.
    fn next_in_bucket(&mut self) -> Result<Option<Ref<'a, K, V>>, Changed> {
        let map = self.map;
        let shape = MapTable::<K, V, N, EXTRA>::SHAPE;
        let bucket = Bucket::read(&map.table, self.bucket);
        let word = bucket.word();
        let seats = match self.last {
            None => word.0 & shape.seat_bits(),
            Some(_) if self.rest.0 == word => self.rest.1,
            Some(_) => return self.next_slow(&bucket),
        };
        if shape.has_chain(word) {
            return self.next_slow(&bucket);
        }
        let mut next = None;
        let mut alike = false;
        for bit in bits(seats) {
            let label = map
                .table
                .label(shape.cell(self.bucket, bit.trailing_zeros()));
            match next {
                Some((least, _)) if least < label => {}
                Some((least, _)) if least == label => alike = true,
                _ => (next, alike) = (Some((label, bit)), false),
            }
        }
        let Some((_, bit)) = next else {
            return Ok(None);
        };
        if alike {
            return self.next_slow(&bucket);
        }
        let mut now = bucket;
        let held = map.hold_seat(&mut now, bit).ok_or(Changed)?;
        if now.word() != word {
            return Err(Changed);
        }
        let rest = seats ^ bit;
        if rest == 0 {
            self.next_bucket();
        } else {
            self.last = Some(held.again());
            self.rest = (word, rest);
        }
        Ok(Some(held.into_ref()))
    }

    /// The same where the bucket has a chain or has changed since the last one was yielded: looks at all that
    /// is there.
    #[cold]
    #[inline(never)]
    fn next_slow(&mut self, bucket: &Bucket<'a>) -> Result<Option<Ref<'a, K, V>>, Changed> {
        let map = self.map;
        let shape = MapTable::<K, V, N, EXTRA>::SHAPE;
        let order = |held: &Held<'a, K, V>| -> Order {
            let hash = map.hash(held.key());
            (NativeHash::new(hash).label(), hash, held.guard.index())
        };
        let last = self.last.as_ref().map(|last| (last, order(last)));
        let mut next: Option<(Held<'a, K, V>, Order)> = None;
        let mut look = |held: Held<'a, K, V>| {
            let order = order(&held);
            let behind = last.as_ref().is_none_or(|(last, place)| {
                *place < order && (place.1 != order.1 || last.key() != held.key())
            });
            if behind && next.as_ref().is_none_or(|(_, next)| order < *next) {
                next = Some((held, order));
            }
        };
        for bit in bits(bucket.word().0 & shape.seat_bits()) {
            let mut now = *bucket;
            let held = map.hold_seat(&mut now, bit).ok_or(Changed)?;
            // So all of them were there together when the last one was held.
            if now.word() != bucket.word() {
                return Err(Changed);
            }
            look(held);
        }
        let mut walk = Walk::new::<MapTable<K, V, N, EXTRA>>(bucket);
        while let Some(()) = walk.next(&map.table, false, |_| ())? {
            look(map.hold_chained(&walk).ok_or(Changed)?);
        }
        let Some((held, _)) = next else {
            return Ok(None);
        };
        self.last = Some(held.again());
        self.rest = (Word(0), 0);
        Ok(Some(held.into_ref()))
    }
}

/// Each of the bits that are set.
fn bits(mut set: usize) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let bit = set & set.wrapping_neg();
        set ^= bit;
        (bit != 0).then_some(bit)
    })
}

impl<'a, K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> Iterator
    for Iter<'a, K, V, N, S, EXTRA>
{
    type Item = Ref<'a, K, V>;

    #[inline]
    fn next(&mut self) -> Option<Ref<'a, K, V>> {
        while self.bucket < MapTable::<K, V, N, EXTRA>::SHAPE.groups() {
            match self.next_in_bucket() {
                Ok(Some(found)) => return Some(found),
                Ok(None) => self.next_bucket(),
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
