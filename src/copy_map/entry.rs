//! The cells of a [`CopyMap`](super::CopyMap), and how its entries are found.

use super::CopyMap;
use crate::table::chain::{Walk, try_tidy};
use crate::table::position::Position;
use crate::table::shape::Shape;
use crate::table::words::Words;
use crate::table::{Bucket, Changed, Table};
use core::hash::{BuildHasher, Hash};
use core::mem::MaybeUninit;
use equivalent::Equivalent;
use tagged_arena::cell::{LinkWord, Own};
use tagged_arena::cells::{Cells, Claim};
use tagged_arena::plain::{AtomicPlain, Plain, Tagged};
use tagged_arena::sync::{DECIDING, Ordering, fence};
use tagged_arena::word::{Layout, Word};
use tagged_arena::{impl_init, init};

/// The header of a cell.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Node<K: Plain, V: Plain> {
    pub(super) key: AtomicPlain<K>,
    pub(super) value: AtomicPlain<V>,
}

impl_init!([K: Plain, V: Plain] Node<K, V> = Node {
    key: init!(AtomicPlain<K>),
    value: init!(AtomicPlain<V>),
});

impl<K: Plain, V: Plain> Node<K, V> {
    /// The value's bits, and the word that they are in if it is one that is changed in place.
    #[inline(always)]
    pub(super) fn load_value(&self) -> (V::Bits, usize) {
        if Tagged::<V>::FITS {
            // As a rule Relaxed: validated (20), or found out by a compare-and-swap on the word itself (21).
            // SAFETY: C-WORD (module `in_place`).
            let word = unsafe { self.value.word() }.load(DECIDING);
            (Tagged::<V>::from_word(word).value(), word)
        } else {
            (self.value.load(), 0)
        }
    }
}

type NodeCells<K, V, const N: usize, const EXTRA: usize> = Cells<Node<K, V>, N, EXTRA>;

/// Cells and bucket words.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct CopyTable<K: Plain, V: Plain, const N: usize, const EXTRA: usize> {
    pub(super) cells: NodeCells<K, V, N, EXTRA>,
    words: Words<N, EXTRA>,
}

impl_init!([K: Plain, V: Plain, const N: usize, const EXTRA: usize] CopyTable<K, V, N, EXTRA> = CopyTable {
    // SAFETY: they are private; the modules of this crate keep to their protocol.
    cells: unsafe { Cells::new() },
    words: init!(Words<N, EXTRA>),
});

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize> Table for CopyTable<K, V, N, EXTRA> {
    const SHAPE: Shape = Shape::new(Self::OWN.cells());
    const OWN: Layout = NodeCells::<K, V, N, EXTRA>::LAYOUT;

    #[inline(always)]
    fn bucket(&self, group: usize) -> &LinkWord {
        self.words.word(group)
    }

    #[inline(always)]
    fn own(&self, index: usize) -> &Own {
        &self.cells.cell(index).own
    }

    /// Readers validate, so nothing holds an unlinked cell: it is free at once.
    #[inline(always)]
    fn retire(&self, index: usize, sealed: Word) {
        if Self::OWN.index(sealed) == Some(index) || self.own(index).peek() != sealed {
            // A counter has wrapped: it is in no chain, but somebody's (`Layout::apart`).
            return;
        }
        let class = Self::OWN.class(index, sealed);
        // SAFETY: the caller has detached the cell, and no payload is dropped.
        unsafe { self.cells.free(Claim { index, class }) };
    }
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize> CopyTable<K, V, N, EXTRA> {
    /// How many entries fit.
    pub(super) const CAPACITY: usize = NodeCells::<K, V, N, EXTRA>::CAPACITY;

    #[inline(always)]
    pub(super) fn node(&self, index: usize) -> &Node<K, V> {
        &self.cells.cell(index).header
    }
}

/// An entry as it was while it was in the map.
pub(super) struct Entry<V: Plain> {
    pub(super) position: Position,
    /// The value's bits.
    pub(super) value: V::Bits,
    /// The word that the value was in, if it is one that is changed in place.
    pub(super) word: usize,
}

/// What a look at a bucket found: the bucket as it was, and the entry.
pub(super) type Located<'a, V> = (Bucket<'a>, Option<Entry<V>>);

/// Whether a key is copied in one piece: then no copy is a mixture of two, and the comparison need not wait
/// for the validation. It may be called with a key that was in the cell earlier, or with what zero bits are.
const fn one_piece<K: Plain>() -> bool {
    let size = size_of::<K::Bits>();
    size == 0 || size <= size_of::<usize>() && size.is_power_of_two()
}

/// Whether one copy of a value on the stack is enough: in words, and fewer for loom, whose values are small.
const fn is_large<V: Plain>() -> bool {
    let words = if cfg!(tagged_arena_loom) { 1 } else { 16 };
    size_of::<V::Bits>() > words * size_of::<usize>()
}

/// Whether these bits are a key that is equivalent. (No value: it is the key of nothing.)
#[inline(always)]
fn is_key<K: Plain, Q: Equivalent<K> + ?Sized>(key: &Q, bits: K::Bits) -> bool {
    K::from_bits(bits).is_some_and(|there| key.equivalent(&there))
}

/// The bits of what is to be stored. To be called while nothing is claimed that a panic would lose.
#[inline(always)]
pub(super) fn stored<T: Plain>(value: T) -> T::Bits {
    let bits = value.to_bits();
    debug_assert!(
        T::from_bits(bits).is_some(),
        "wrong implementation of `Plain`: `from_bits` refuses what `to_bits` made of a value"
    );
    bits
}

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopyMap<K, V, N, EXTRA, S>
{
    /// The bits of the home cells with the key: one at most, once validated. For keys of one piece.
    #[inline(always)]
    fn at_home<Q: Equivalent<K> + ?Sized>(&self, bucket: &Bucket<'_>, key: &Q) -> usize {
        let shape = CopyTable::<K, V, N, EXTRA>::SHAPE;
        let first = shape.first(bucket.group);
        // Which of them it is cannot be predicted: so no branches.
        let mut hits = 0;
        for home in 0..shape.home {
            let there = self.table.node(first + home).key.load();
            hits |= usize::from(is_key::<K, Q>(key, there)) << home;
        }
        hits & bucket.word().0
    }

    /// The bit of the seat with the key, or zero. Not validated.
    #[inline(always)]
    pub(super) fn seat<Q: Equivalent<K> + ?Sized>(
        &self,
        bucket: &Bucket<'_>,
        key: &Q,
    ) -> Result<usize, Changed> {
        let shape = CopyTable::<K, V, N, EXTRA>::SHAPE;
        let word = bucket.word();
        if !one_piece::<K>() {
            return self.seat_validated(bucket, key);
        }
        let mut hits = self.at_home(bucket, key);
        if hits == 0 && word.0 & shape.seat_bits() & !shape.home_bits() != 0 {
            hits = self.guest(bucket, key);
        }
        Ok(hits & hits.wrapping_neg())
    }

    /// The same among the guests.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn guest<Q: Equivalent<K> + ?Sized>(&self, bucket: &Bucket<'_>, key: &Q) -> usize {
        let shape = CopyTable::<K, V, N, EXTRA>::SHAPE;
        let mut guests = bucket.word().0 & shape.seat_bits() & !shape.home_bits();
        while guests != 0 {
            let index = shape.cell(bucket.group, guests.trailing_zeros());
            if is_key::<K, Q>(key, self.table.node(index).key.load()) {
                break;
            }
            guests &= guests - 1;
        }
        guests
    }

    /// The same with keys of several pieces: validated before they are compared.
    fn seat_validated<Q: Equivalent<K> + ?Sized>(
        &self,
        bucket: &Bucket<'_>,
        key: &Q,
    ) -> Result<usize, Changed> {
        let shape = CopyTable::<K, V, N, EXTRA>::SHAPE;
        let mut seats = bucket.word().0 & shape.seat_bits();
        while seats != 0 {
            let index = shape.cell(bucket.group, seats.trailing_zeros());
            let there = self.table.node(index).key.load();
            if !bucket.unchanged() {
                return Err(Changed);
            }
            if is_key::<K, Q>(key, there) {
                break;
            }
            seats &= seats - 1;
        }
        Ok(seats & seats.wrapping_neg())
    }

    /// The entry in a seat. Not validated.
    #[inline(always)]
    pub(super) fn seated(&self, bucket: &Bucket<'_>, bit: usize) -> Entry<V> {
        let index = CopyTable::<K, V, N, EXTRA>::SHAPE.cell(bucket.group, bit.trailing_zeros());
        let (value, word) = self.table.node(index).load_value();
        Entry {
            position: Position::seat(index, bit),
            value,
            word,
        }
    }

    /// The key's value. Stores nothing.
    #[inline(always)]
    pub(super) fn find<Q: Equivalent<K> + ?Sized>(&self, group: usize, key: &Q) -> Option<V> {
        if is_large::<V>() {
            return self.find_large(group, key);
        }
        // The common case: nobody interferes, and the key is at home or the bucket has only home cells.
        if one_piece::<K>() {
            let shape = CopyTable::<K, V, N, EXTRA>::SHAPE;
            let bucket = Bucket::read(&self.table, group);
            let hits = self.at_home(&bucket, key);
            if hits != 0 {
                let index = shape.first(group) + hits.trailing_zeros() as usize;
                let (value, _) = self.table.node(index).load_value();
                if bucket.unchanged() {
                    return V::from_bits(value);
                }
            } else if shape.only_home(bucket.word()) && bucket.unchanged() {
                return None;
            }
        }
        self.find_slow(group, key)
    }

    #[inline(never)]
    fn find_slow<Q: Equivalent<K> + ?Sized>(&self, group: usize, key: &Q) -> Option<V> {
        loop {
            let bucket = Bucket::read(&self.table, group);
            let Ok(bit) = self.seat(&bucket, key) else {
                continue;
            };
            if bit != 0 {
                let value = self.seated(&bucket, bit).value;
                if bucket.unchanged() {
                    return V::from_bits(value);
                }
            } else if CopyTable::<K, V, N, EXTRA>::SHAPE.has_chain(bucket.word()) {
                if let Ok(found) = self.chained(&bucket, key) {
                    return found.and_then(|entry| V::from_bits(entry.value));
                }
            } else if bucket.unchanged() {
                return None;
            }
        }
    }

    /// The same for a large value: it is copied once, when its key was found, to where it stays.
    #[inline(never)]
    fn find_large<Q: Equivalent<K> + ?Sized>(&self, group: usize, key: &Q) -> Option<V> {
        let mut value = MaybeUninit::uninit();
        loop {
            let bucket = Bucket::read(&self.table, group);
            let Ok(bit) = self.seat(&bucket, key) else {
                continue;
            };
            let found = if bit != 0 {
                let index = CopyTable::<K, V, N, EXTRA>::SHAPE.cell(group, bit.trailing_zeros());
                self.table.node(index).value.load_into(&mut value);
                bucket.unchanged().then_some(Some(())).ok_or(Changed)
            } else {
                Walk::find(
                    &self.table,
                    &bucket,
                    false,
                    |walk| self.table.node(walk.index).key.load(),
                    |walk, there| {
                        if !is_key::<K, Q>(key, there) {
                            return Ok(None);
                        }
                        self.table.node(walk.index).value.load_into(&mut value);
                        walk.unchanged().then_some(Some(())).ok_or(Changed)
                    },
                )
            };
            if let Ok(found) = found {
                // SAFETY: what was found was loaded.
                return found.and_then(|()| V::from_bits(unsafe { value.assume_init() }));
            }
        }
    }

    /// Looks the key up for a writer. Validated. A chain is tidy then.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn locate<Q: Equivalent<K> + ?Sized>(
        &self,
        group: usize,
        key: &Q,
    ) -> Located<'_, V> {
        loop {
            let bucket = Bucket::read(&self.table, group);
            let Ok(bit) = self.seat(&bucket, key) else {
                continue;
            };
            if bit != 0 {
                let entry = self.seated(&bucket, bit);
                if bucket.unchanged() {
                    return (bucket, Some(entry));
                }
                continue;
            }
            if !CopyTable::<K, V, N, EXTRA>::SHAPE.has_chain(bucket.word()) {
                if bucket.unchanged() {
                    return (bucket, None);
                }
                continue;
            }
            if try_tidy(&self.table, &bucket).is_ok() {
                if let Ok(entry) = self.chained(&bucket, key) {
                    return (bucket, entry);
                }
            }
        }
    }

    /// Looks the key up in the chain. Validated.
    #[cold]
    #[inline(never)]
    fn chained<'a, Q: Equivalent<K> + ?Sized>(
        &'a self,
        bucket: &Bucket<'a>,
        key: &Q,
    ) -> Result<Option<Entry<V>>, Changed> {
        Walk::find(
            &self.table,
            bucket,
            false,
            |walk| self.walked(walk),
            |_, (there, entry)| Ok(is_key::<K, Q>(key, there).then_some(entry)),
        )
    }

    /// The bits of the entry's key, if it has been in the map from when it was found until now.
    pub(super) fn key_of(&self, bucket: &Bucket<'_>, entry: &Entry<V>) -> Result<K::Bits, Changed> {
        let key = self.table.node(entry.position.index).key.load();
        // (20) Acquire fence: the key, then the own word of an entry in the chain: as in
        // `LinkWord::unchanged`.
        fence(Ordering::Acquire);
        if Position::unchanged(Some(&entry.position), &self.table, bucket) {
            Ok(key)
        } else {
            Err(Changed)
        }
    }

    /// What is in the cell that a walk has come to. Not validated.
    #[inline]
    pub(super) fn walked<'a>(&self, walk: &Walk<'a>) -> (K::Bits, Entry<V>) {
        let node = self.table.node(walk.index);
        let (value, word) = node.load_value();
        let entry = Entry {
            position: walk.position(),
            value,
            word,
        };
        (node.key.load(), entry)
    }
}
