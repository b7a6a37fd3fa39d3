//! The cells of a [`Map`](super::Map), and how its entries are found and held.

use super::{Map, Ref, Spot};
use crate::table::chain::{Walk, try_tidy};
use crate::table::position::{At, Position};
use crate::table::shape::Shape;
use crate::table::words::Words;
use crate::table::{Bucket, Changed, Table};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;
use tagged_arena::Arena;
use tagged_arena::arena::Node;
use tagged_arena::cell::{LinkWord, Own};
use tagged_arena::cells::Cells;
use tagged_arena::guard::Guard;
use tagged_arena::order::decided_by_another;
use tagged_arena::sync::{NARROW, Ordering};
use tagged_arena::word::{Class, Layout, Word};
use tagged_arena::{impl_init, init};

type NodeCells<K, V, const N: usize, const EXTRA: usize> = Cells<Node<(), (K, V)>, N, EXTRA>;

/// Cells and bucket words.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct MapTable<K, V, const N: usize, const EXTRA: usize> {
    pub(crate) arena: Arena<(), (K, V), N, EXTRA>,
    words: Words<N, EXTRA>,
}

impl_init!([K, V, const N: usize, const EXTRA: usize] MapTable<K, V, N, EXTRA> = MapTable {
    // SAFETY: it is private; the modules of this crate keep to its protocol.
    arena: unsafe { Arena::new() },
    words: init!(Words<N, EXTRA>),
});

impl<K, V, const N: usize, const EXTRA: usize> Table for MapTable<K, V, N, EXTRA> {
    const SHAPE: Shape = Shape::new(Self::OWN.cells());
    const OWN: Layout = NodeCells::<K, V, N, EXTRA>::LAYOUT;

    #[inline(always)]
    fn bucket(&self, group: usize) -> &LinkWord {
        self.words.word(group)
    }

    #[inline(always)]
    fn own(&self, index: usize) -> &Own {
        &self.arena.cells().cell(index).own
    }

    #[inline(always)]
    fn retire(&self, index: usize, sealed: Word) {
        // SAFETY: the caller has unlinked the cell, which was sealed.
        unsafe { self.arena.retire(index, sealed) };
    }
}

impl<K, V, const N: usize, const EXTRA: usize> MapTable<K, V, N, EXTRA> {
    /// How many entries fit.
    pub(super) const CAPACITY: usize = NodeCells::<K, V, N, EXTRA>::CAPACITY;

    #[inline(always)]
    pub(crate) fn label(&self, index: usize) -> u16 {
        let label = &self.arena.cells().cell(index).header.label;
        // Relaxed: validated behind a fence, (20) or that of a hold (12).
        label.load(Ordering::Relaxed)
    }
}

/// An entry found, and held: it was in the map when it was.
pub(crate) struct Held<'a, K, V> {
    pub(crate) guard: Guard<'a, (), (K, V)>,
    at: At,
    /// Its cell's own word, if it is in the chain.
    own: Word,
}

impl<'a, K, V> Held<'a, K, V> {
    /// An entry held by a guard that is good, and where it was found.
    #[inline(always)]
    pub(super) fn new(guard: Guard<'a, (), (K, V)>, position: Position) -> Self {
        debug_assert_eq!(guard.index(), position.index);
        let Position { at, own, .. } = position;
        Self { guard, at, own }
    }

    /// Where it was found.
    #[inline(always)]
    pub(super) fn position(&self) -> Position {
        Position {
            index: self.guard.index(),
            at: self.at,
            own: self.own,
        }
    }

    /// The same, held once more.
    pub(super) fn again(&self) -> Self {
        Self {
            guard: self.guard.again(),
            ..*self
        }
    }

    #[inline(always)]
    pub(crate) fn into_ref(self) -> Ref<'a, K, V> {
        // SAFETY: M-LIVE: `hold_seat` and `hold_chained` make a `Held` only of an entry that they saw in the
        // map while they held it.
        unsafe { Ref::new(self.guard) }
    }

    /// The reference of whoever took the entry out of a seat, or of the head of its chain; its cell will get
    /// this class.
    #[inline(always)]
    pub(super) fn into_owned(self, layout: Layout, class: Class) -> Ref<'a, K, V> {
        let guard = match self.at {
            // SAFETY: the caller's compare-and-swap cleared the bit, with the fence (22) behind it, and held
            // the cell before. A look-up that holds it later finds the bit cleared.
            At::Seat(_) => unsafe { self.guard.own_unlisted(layout, class) },
            // SAFETY: the caller's compare-and-swap took it out of its chain, and it held the cell before.
            _ => unsafe { self.guard.own_unlinked(layout, class) },
        };
        // SAFETY: M-LIVE, as in `into_ref`.
        unsafe { Ref::new(guard) }
    }

    pub(crate) fn key(&self) -> &K {
        &self.pair().0
    }

    #[inline(always)]
    pub(super) fn pair(&self) -> &(K, V) {
        // SAFETY: M-LIVE, as in `into_ref`.
        unsafe { self.guard.payload() }
    }
}

/// Drops the guard of an entry that is not the one looked for, away from the common case.
#[cold]
#[inline(never)]
fn let_go<K, V>(guard: Guard<'_, (), (K, V)>) {
    drop(guard);
}

/// What a look at a bucket found: the bucket as it was, and the entry.
pub(crate) type Located<'a, K, V> = (Bucket<'a>, Option<Held<'a, K, V>>);

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    /// The seats whose labels say that they may have the key. Not validated.
    #[inline(always)]
    pub(super) fn seats(&self, bucket: &Bucket<'_>, label: u16) -> usize {
        let shape = MapTable::<K, V, N, EXTRA>::SHAPE;
        let word = bucket.word();
        let first = shape.first(bucket.group);
        // Which of them it is cannot be predicted: so no branches.
        let mut hits = 0;
        for home in 0..shape.home {
            hits |= usize::from(self.table.label(first + home) == label) << home;
        }
        hits &= word.0;
        let mut guests = word.0 & shape.seat_bits() & !shape.home_bits();
        while guests != 0 {
            let bit = guests & guests.wrapping_neg();
            let index = shape.cell(bucket.group, bit.trailing_zeros());
            if self.table.label(index) == label {
                hits |= bit;
            }
            guests ^= bit;
        }
        hits
    }

    /// Holds the entry in a seat. The bucket is what it was when the entry was held: its bit was still set.
    #[inline(always)]
    pub(super) fn hold_seat<'a>(
        &'a self,
        bucket: &mut Bucket<'a>,
        bit: usize,
    ) -> Option<Held<'a, K, V>> {
        let index = MapTable::<K, V, N, EXTRA>::SHAPE.cell(bucket.group, bit.trailing_zeros());
        let guard = self.table.arena.hold(index);
        // (12) Its load: behind the fence of the hold, which is also the acquire fence for labels, as (20).
        // (1) Acquire: the payload is visible.
        *bucket = Bucket::read(&self.table, bucket.group);
        if bucket.word().0 & bit == 0 {
            let_go(guard);
            return None;
        }
        Some(Held {
            guard,
            at: At::Seat(bit),
            own: Word(0),
        })
    }

    /// Holds a cell of a chain and makes sure that it is live.
    pub(super) fn hold_chained<'a>(&'a self, walk: &Walk<'a>) -> Option<Held<'a, K, V>> {
        let guard = self.table.arena.hold(walk.index);
        let mut own = guard.own();
        if own.is_pending() && walk.unchanged() {
            // Linked, but its inserter has not committed it yet: help.
            // SAFETY: it is held, and the walk was valid.
            let committed = unsafe { guard.cell().own.commit(Self::OWN) };
            // What is answered rests on a store of this context's own, which others may not see yet.
            own = decided_for_identifiers(committed);
        }
        // What is live was in the map; whether it still is where it was found is validated.
        (own.is_live() && walk.unchanged()).then_some(Held {
            guard,
            at: walk.position().at,
            own,
        })
    }

    /// Looks for the key in the seats. `Ok(None)`: it is in none of them, under the bucket's word, which is
    /// not validated then.
    #[inline(always)]
    fn seated<'a, Q: Equivalent<K> + ?Sized>(
        &'a self,
        bucket: &mut Bucket<'a>,
        label: u16,
        key: &Q,
    ) -> Result<Option<Held<'a, K, V>>, Changed> {
        let mut seats = self.seats(bucket, label);
        let word = bucket.word();
        while seats != 0 {
            let bit = seats & seats.wrapping_neg();
            let held = self.hold_seat(bucket, bit).ok_or(Changed)?;
            if key.equivalent(&held.pair().0) {
                return Ok(Some(held));
            }
            if bucket.word() != word {
                return Err(Changed);
            }
            seats ^= bit;
        }
        Ok(None)
    }

    /// Looks for the key in the chain. Validated.
    #[cold]
    #[inline(never)]
    fn chained<'a, Q: Equivalent<K> + ?Sized>(
        &'a self,
        bucket: &Bucket<'a>,
        label: u16,
        key: &Q,
    ) -> Result<Option<Held<'a, K, V>>, Changed> {
        Walk::find(
            &self.table,
            bucket,
            false,
            |walk| self.table.label(walk.index),
            |walk, there| {
                // Only where the label matches is the cell held: hops cost no read-modify-write.
                if there != label {
                    return Ok(None);
                }
                let held = self.hold_chained(walk).ok_or(Changed)?;
                Ok(key.equivalent(&held.pair().0).then_some(held))
            },
        )
    }

    /// The common case of [`find`](Self::find) and [`locate`](Self::locate): nobody interferes, no two
    /// labels of the bucket are alike, and a key that is in no seat finds no chain. An entry that is found is
    /// in a seat, with the bit that is told; without one the bucket is not validated. `None`: it is another
    /// case.
    #[inline(always)]
    pub(super) fn locate_fast<Q: Equivalent<K> + ?Sized>(
        &self,
        spot: Spot,
        key: &Q,
    ) -> Option<(Bucket<'_>, usize, Option<Held<'_, K, V>>)> {
        let mut bucket = Bucket::read(&self.table, spot.group);
        let bit = self.seats(&bucket, spot.label);
        if bit == 0 {
            let alone = !MapTable::<K, V, N, EXTRA>::SHAPE.has_chain(bucket.word());
            return alone.then_some((bucket, 0, None));
        }
        if bit & bit.wrapping_sub(1) != 0 {
            return None;
        }
        let held = self.hold_seat(&mut bucket, bit)?;
        if !key.equivalent(held.key()) {
            let_go(held.guard);
            return None;
        }
        Some((bucket, bit, Some(held)))
    }

    /// [`find_inline`](Self::find_inline), where code is dear by a call.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn find<Q: Equivalent<K> + ?Sized>(
        &self,
        spot: Spot,
        key: &Q,
    ) -> Option<Held<'_, K, V>> {
        self.find_inline(spot, key)
    }

    /// Looks a key up. Validated.
    #[inline(always)]
    pub(super) fn find_inline<Q: Equivalent<K> + ?Sized>(
        &self,
        spot: Spot,
        key: &Q,
    ) -> Option<Held<'_, K, V>> {
        if NARROW {
            match self.locate_fast(spot, key) {
                Some((_, _, Some(held))) => return Some(held),
                Some((absent, _, None)) if absent.unchanged() => return None,
                _ => {}
            }
        }
        self.find_slow(spot, key)
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn find_slow<Q: Equivalent<K> + ?Sized>(&self, spot: Spot, key: &Q) -> Option<Held<'_, K, V>> {
        loop {
            let mut bucket = Bucket::read(&self.table, spot.group);
            match self.seated(&mut bucket, spot.label, key) {
                Ok(Some(held)) => return Some(held),
                Ok(None) if MapTable::<K, V, N, EXTRA>::SHAPE.has_chain(bucket.word()) => {
                    if let Ok(found) = self.chained(&bucket, spot.label, key) {
                        return found;
                    }
                }
                Ok(None) if bucket.unchanged() => return None,
                _ => {}
            }
        }
    }

    /// Looks a key up for a writer. Validated. A chain is tidy then.
    #[inline(never)]
    pub(crate) fn locate<Q: Equivalent<K> + ?Sized>(
        &self,
        spot: Spot,
        key: &Q,
    ) -> Located<'_, K, V> {
        loop {
            let mut bucket = Bucket::read(&self.table, spot.group);
            match self.seated(&mut bucket, spot.label, key) {
                Ok(Some(held)) => return (bucket, Some(held)),
                Ok(None) if MapTable::<K, V, N, EXTRA>::SHAPE.has_chain(bucket.word()) => {
                    let tidy = try_tidy(&self.table, &bucket);
                    let found = tidy.and_then(|()| self.chained(&bucket, spot.label, key));
                    if let Ok(found) = found {
                        return (bucket, found);
                    }
                }
                Ok(None) if bucket.unchanged() => return (bucket, None),
                _ => {}
            }
        }
    }
}

/// An entry of a chain is there for those who ask by its identifier once it is committed
/// ([`Map::held_at`]): that decides for them, behind the decision for those who ask by its key.
#[inline(always)]
pub(super) fn decided_for_identifiers<T>(committed: T) -> T {
    decided_by_another();
    committed
}
