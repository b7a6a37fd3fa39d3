//! Iteration over a [`Map`].

use super::entry::{Held, MapTable};
use super::{KeyRef, Map, Ref};
use crate::hash::{DefaultHashBuilder, NativeHash};
use crate::table::chain::Walk;
use crate::table::{Bucket, Changed, Table};
use core::hash::{BuildHasher, Hash};
use tagged_arena::word::Word;

/// Label, hash and cell: the order in which a bucket's entries are yielded.
///
/// The order of seats and chain would not do: an entry that is replaced, or removed and inserted again,
/// moves to another cell. A key's hash stays, and the label is a part of it.
type Order = (u16, u64, usize);

/// Iterates over a [`Map`]: see [`Map::iter`].
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Iter<'a, K, V, const N: usize, const EXTRA: usize = 8, S = DefaultHashBuilder> {
    map: &'a Map<K, V, N, EXTRA, S>,
    bucket: usize,
    /// The entry yielded last in this bucket: held for its key, which tells an entry that replaced it from
    /// another with the same hash.
    last: Option<Held<'a, K, V>>,
    /// The bucket's word then, and the seats with what was still to be yielded.
    rest: (Word, usize),
}

impl<'a, K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher>
    Iter<'a, K, V, N, EXTRA, S>
{
    pub(crate) fn new(map: &'a Map<K, V, N, EXTRA, S>) -> Self {
        Self {
            map,
            bucket: 0,
            last: None,
            rest: (Word(0), 0),
        }
    }

    fn next_bucket(&mut self) {
        self.bucket += 1;
        // Last: the drop of an entry that has left may panic.
        self.last = None;
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

    /// The same where the bucket has a chain or has changed since the last one was yielded: looks at all
    /// that is there.
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
            look(map.hold_seat(&mut now, bit).ok_or(Changed)?);
        }
        // Its end validates the seats, too.
        let hold = |walk: &Walk<'a>, ()| {
            look(map.hold_chained(walk).ok_or(Changed)?);
            Ok(None::<()>)
        };
        Walk::find(&map.table, bucket, false, |_| (), hold)?;
        let Some((held, _)) = next else {
            return Ok(None);
        };
        self.rest = (Word(0), 0);
        self.last = Some(held.again());
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

impl<'a, K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Iterator
    for Iter<'a, K, V, N, EXTRA, S>
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

impl<'a, K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> IntoIterator
    for &'a Map<K, V, N, EXTRA, S>
{
    type Item = Ref<'a, K, V>;
    type IntoIter = Iter<'a, K, V, N, EXTRA, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Iterates over the keys of a [`Map`]: see [`Map::keys`].
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Keys<'a, K, V, const N: usize, const EXTRA: usize = 8, S = DefaultHashBuilder>(
    Iter<'a, K, V, N, EXTRA, S>,
);

impl<'a, K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Iterator
    for Keys<'a, K, V, N, EXTRA, S>
{
    type Item = KeyRef<'a, K, V>;

    #[inline]
    fn next(&mut self) -> Option<KeyRef<'a, K, V>> {
        self.0.next().map(KeyRef::new)
    }
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    /// All entries, bucket by bucket, each held by a guard: a weak snapshot.
    ///
    /// 1. A key that is in the map during the whole iteration is yielded exactly once; if its entry is
    ///    replaced meanwhile, the old or the new one.
    /// 2. A key that is inserted or removed meanwhile is yielded at most once; what is yielded was in
    ///    the map at some instant of the iteration.
    /// 3. For keys with equal 64-bit hashes, 1 and 2 hold as long as they are not replaced or inserted
    ///    again meanwhile; those that are may be missed or yielded twice.
    ///
    /// Lock-free. The iterator holds at most the entry that it yielded last. Complexity: the cells, and the
    /// square of each bucket's entries. Interrupts: yes. Panics: only if `K`'s `Hash` or `Eq` does, or the
    /// drop of a removed entry that it was the last to hold; the entry that it was about to yield then is
    /// passed by.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let numbers: Map<String, u32, 8> = Map::new();
    /// numbers.insert("five".to_string(), 5)?;
    /// numbers.insert("six".to_string(), 6)?;
    /// assert_eq!(numbers.iter().filter(|number| **number > 5).count(), 1);
    /// for number in &numbers {
    ///     println!("{}: {}", number.key(), *number);
    /// }
    /// # Ok::<(), arenamap::Full<(String, u32)>>(())
    /// ```
    pub fn iter(&self) -> Iter<'_, K, V, N, EXTRA, S> {
        Iter::new(self)
    }

    /// All keys, each held by a guard that dereferences to it: as [`iter`](Self::iter).
    ///
    /// ```
    /// # use arenamap::Map;
    /// let names: Map<&str, u32, 8> = Map::new();
    /// names.insert("five", 5)?;
    /// assert!(names.keys().all(|key| key.starts_with("fi")));
    /// # Ok::<(), arenamap::Full<(&str, u32)>>(())
    /// ```
    pub fn keys(&self) -> Keys<'_, K, V, N, EXTRA, S> {
        Keys(self.iter())
    }

    /// All values, each held by a guard that dereferences to it: this is [`iter`](Self::iter).
    ///
    /// ```
    /// # use arenamap::Map;
    /// let names: Map<&str, u32, 8> = Map::new();
    /// names.insert("five", 5)?;
    /// names.insert("six", 6)?;
    /// assert_eq!(names.values().map(|value| *value).sum::<u32>(), 11);
    /// # Ok::<(), arenamap::Full<(&str, u32)>>(())
    /// ```
    pub fn values(&self) -> Iter<'_, K, V, N, EXTRA, S> {
        self.iter()
    }
}
