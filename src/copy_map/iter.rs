//! Iteration over a [`CopyMap`].

use super::CopyMap;
use super::entry::CopyTable;
use crate::DefaultHashBuilder;
use crate::table::chain::Walk;
use crate::table::{Bucket, Changed, Table};
use bytemuck::{NoUninit, bytes_of};
use core::hash::{BuildHasher, Hash};
use tagged_arena::plain::Plain;
use tagged_arena::sync::NARROW;
use tagged_arena::word::Word;

/// Iterates over a [`CopyMap`]: see [`CopyMap::iter`].
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct CopyIter<
    'a,
    K: Plain,
    V: Plain,
    const N: usize,
    const EXTRA: usize = 8,
    S = DefaultHashBuilder,
> {
    map: &'a CopyMap<K, V, N, EXTRA, S>,
    bucket: usize,
    /// The bits of the key that came last in this bucket.
    last: Option<K::Bits>,
    /// The bucket's word then, and the seats with what was still to be yielded.
    rest: (Word, usize),
}

/// The bits of an entry.
type Bits<K, V> = (<K as Plain>::Bits, <V as Plain>::Bits);

impl<'a, K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopyIter<'a, K, V, N, EXTRA, S>
{
    pub(super) fn new(map: &'a CopyMap<K, V, N, EXTRA, S>) -> Self {
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

    /// The bits of the entry whose key comes next, of the bucket's keys, in the order of their bytes.
    ///
    /// The order of seats and chain would not do: an entry that is replaced, or removed and inserted again,
    /// moves to another cell. A key's bytes stay.
    #[inline]
    fn next_in_bucket(&mut self) -> Result<Option<Bits<K, V>>, Changed> {
        let map = self.map;
        let shape = CopyTable::<K, V, N, EXTRA>::SHAPE;
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
        if seats == 0 {
            return Ok(None);
        }
        let node = |bit: usize| {
            map.table
                .node(shape.cell(bucket.group, bit.trailing_zeros()))
        };
        let mut bit = seats & seats.wrapping_neg();
        let mut key = node(bit).key.load();
        let mut others = seats ^ bit;
        while others != 0 {
            let other = others & others.wrapping_neg();
            let there = node(other).key.load();
            if before(&there, &key) {
                (key, bit) = (there, other);
            }
            others ^= other;
        }
        let (value, _) = node(bit).load_value();
        if !bucket.unchanged() {
            return Err(Changed);
        }
        let rest = seats ^ bit;
        if rest == 0 {
            self.next_bucket();
        } else {
            self.last = Some(key);
            self.rest = (word, rest);
        }
        Ok(Some((key, value)))
    }

    /// The same where the bucket has a chain or has changed since the last one was yielded: looks at all that
    /// is there.
    #[cold]
    #[inline(never)]
    fn next_slow(&mut self, bucket: &Bucket<'a>) -> Result<Option<Bits<K, V>>, Changed> {
        let map = self.map;
        let shape = CopyTable::<K, V, N, EXTRA>::SHAPE;
        let last = self.last;
        let mut next: Option<Bits<K, V>> = None;
        let mut look = |key: K::Bits, value: V::Bits| {
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
        // Its end validates the seats, too.
        Walk::find(
            &map.table,
            bucket,
            false,
            |walk| map.walked(walk),
            |_, (key, entry)| {
                look(key, entry.value);
                Ok(None::<()>)
            },
        )?;
        self.last = next.map(|(key, _)| key);
        self.rest = (Word(0), 0);
        Ok(next)
    }
}

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher> Iterator
    for CopyIter<'_, K, V, N, EXTRA, S>
{
    type Item = (K, V);

    #[inline]
    fn next(&mut self) -> Option<(K, V)> {
        while self.bucket < CopyTable::<K, V, N, EXTRA>::SHAPE.groups() {
            match self.next_in_bucket() {
                Ok(Some((key, value))) => {
                    if let (Some(key), Some(value)) = (K::from_bits(key), V::from_bits(value)) {
                        return Some((key, value));
                    }
                }
                Ok(None) => self.next_bucket(),
                Err(Changed) => {}
            }
        }
        None
    }
}

impl<'a, K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    IntoIterator for &'a CopyMap<K, V, N, EXTRA, S>
{
    type Item = (K, V);
    type IntoIter = CopyIter<'a, K, V, N, EXTRA, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Iterates over the keys of a [`CopyMap`]: see [`CopyMap::keys`].
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct CopyKeys<
    'a,
    K: Plain,
    V: Plain,
    const N: usize,
    const EXTRA: usize = 8,
    S = DefaultHashBuilder,
>(CopyIter<'a, K, V, N, EXTRA, S>);

/// Iterates over the values of a [`CopyMap`]: see [`CopyMap::values`].
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct CopyValues<
    'a,
    K: Plain,
    V: Plain,
    const N: usize,
    const EXTRA: usize = 8,
    S = DefaultHashBuilder,
>(CopyIter<'a, K, V, N, EXTRA, S>);

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher> Iterator
    for CopyKeys<'_, K, V, N, EXTRA, S>
{
    type Item = K;

    #[inline]
    fn next(&mut self) -> Option<K> {
        self.0.next().map(|(key, _)| key)
    }
}

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher> Iterator
    for CopyValues<'_, K, V, N, EXTRA, S>
{
    type Item = V;

    #[inline]
    fn next(&mut self) -> Option<V> {
        self.0.next().map(|(_, value)| value)
    }
}

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopyMap<K, V, N, EXTRA, S>
{
    /// All entries, bucket by bucket, as copies: a weak snapshot.
    ///
    /// 1. A key that is in the map during the whole iteration is yielded exactly once; if its value is
    ///    replaced meanwhile, with the old or the new one.
    /// 2. A key that is inserted or removed meanwhile is yielded at most once; each pair yielded was in
    ///    the map at some instant of the iteration.
    /// 3. Both count a key by its bytes: where `Eq` takes different bytes for equal, they are two.
    ///
    /// Lock-free, stores nothing, holds nothing back; it may be kept across anything. Complexity: the
    /// cells, and the square of each bucket's entries. Interrupts: yes. Panics: never.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// map.insert(1, 10)?;
    /// map.insert(2, 20)?;
    /// assert_eq!(map.iter().max(), Some((2, 20)));
    /// for (key, value) in &map {
    ///     assert_eq!(value, 10 * u32::from(key));
    /// }
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn iter(&self) -> CopyIter<'_, K, V, N, EXTRA, S> {
        CopyIter::new(self)
    }

    /// All keys: as [`iter`](Self::iter).
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// map.insert(1, 10)?;
    /// assert!(map.keys().eq([1]));
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn keys(&self) -> CopyKeys<'_, K, V, N, EXTRA, S> {
        CopyKeys(self.iter())
    }

    /// All values: as [`iter`](Self::iter).
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// map.insert(1, 10)?;
    /// map.insert(2, 20)?;
    /// assert_eq!(map.values().sum::<u32>(), 30);
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn values(&self) -> CopyValues<'_, K, V, N, EXTRA, S> {
        CopyValues(self.iter())
    }
}

/// Whether `a` comes before `b`, in an order that goes by the bytes alone.
#[inline]
fn before<B: NoUninit>(a: &B, b: &B) -> bool {
    let (a, b) = (bytes_of(a), bytes_of(b));
    if size_of::<B>() <= size_of::<u64>() {
        // Numbers, for a call of `memcmp` takes longer.
        let number = |bytes: &[u8]| {
            let mut number = [0; size_of::<u64>()];
            number[..bytes.len()].copy_from_slice(bytes);
            u64::from_ne_bytes(number)
        };
        number(a) < number(b)
    } else if NARROW {
        a.iter().lt(b)
    } else {
        a < b
    }
}
