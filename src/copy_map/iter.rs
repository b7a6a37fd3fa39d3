//! Iteration over a [`CopyMap`].

use super::CopyMap;
use super::entry::CopyTable;
use crate::table::chain::Walk;
use crate::table::{Bucket, Changed, Table};
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
    /// The order of seats and chain would not do: an entry that is replaced, or removed and inserted again,
    /// moves to another cell. A key's bytes stay.
    fn next_in_bucket(&mut self) -> Result<Option<(K, V)>, Changed> {
        let map = self.map;
        let shape = CopyTable::<K, V, N, EXTRA>::SHAPE;
        let bucket = Bucket::read(&map.table, self.bucket);
        let last = self.last;
        let mut next: Option<(K, V)> = None;
        let mut look = |key: K, value: V| {
            if last.is_none_or(|last| before(&last, &key))
                && next.is_none_or(|(next, _)| before(&key, &next))
            {
                next = Some((key, value));
            }
        };
        let mut seats = bucket.word().0 & shape.seat_bits();
        while seats != 0 {
            let node = map
                .table
                .node(shape.cell(bucket.group, seats.trailing_zeros()));
            look(node.key.load(), node.load_value().0);
            seats &= seats - 1;
        }
        if shape.has_chain(bucket.word()) {
            let mut walk = Walk::new::<CopyTable<K, V, N, EXTRA>>(&bucket);
            while walk.step(&map.table, false)? {
                let (key, entry) = map.walked(&walk);
                if !walk.unchanged() {
                    return Err(Changed);
                }
                look(key, entry.value);
            }
        } else if !bucket.unchanged() {
            return Err(Changed);
        }
        self.last = next.map(|(key, _)| key);
        Ok(next)
    }
}

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, S: BuildHasher, const EXTRA: usize> Iterator
    for Iter<'_, K, V, N, S, EXTRA>
{
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        while self.bucket < CopyTable::<K, V, N, EXTRA>::SHAPE.groups() {
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
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn before<K: Plain>(a: &K, b: &K) -> bool {
    if NARROW {
        // Keys are short there, and a call of `memcmp` is not.
        bytes_of(a).iter().lt(bytes_of(b))
    } else {
        bytes_of(a) < bytes_of(b)
    }
}
