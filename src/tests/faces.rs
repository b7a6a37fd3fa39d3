//! The kinds of maps behind one face, for what is tested of all of them. Values are numbers.

use super::config::Spread;
use super::ledger::{Counted, Ledger};
use crate::{Compute, Computed, CopyMap, Full, Map, Plain, Ref};
use std::vec::Vec;
use tagged_arena::sync::NARROW;

/// How many entries of a bucket are in seats.
pub(super) const SEATS: usize = if NARROW { 4 } else { 8 };

/// A capacity with which one bucket has four entries in its chain.
pub(super) const CHAINED: usize = SEATS + 4;

pub(super) type Narrow = CopyMap<u32, u16, CHAINED, 1, Spread>;
pub(super) type Wide = CopyMap<u32, [u64; 2], CHAINED, 1, Spread>;
pub(super) type Chained = Guarded<CHAINED, 1>;

pub(super) type Pair = (u32, u32);

/// A map of numbers.
pub(super) trait Face: Sized {
    fn new(spread: Spread) -> Self;
    fn insert(&self, key: u32, number: u32) -> Result<Option<u32>, Pair>;
    fn remove(&self, key: u32) -> Option<u32>;
    fn get(&self, key: u32) -> Option<u32>;
    fn remove_if(&self, key: u32, wanted: impl FnMut(u32, u32) -> bool) -> Option<u32>;
    fn retain(&self, wanted: impl FnMut(u32, u32) -> bool);
    fn clear(&self);
    fn upsert(
        &self,
        key: u32,
        init: impl FnOnce() -> u32,
        change: impl FnMut(u32) -> u32,
    ) -> Result<Option<u32>, Pair>;
    fn compute(
        &self,
        key: u32,
        decide: impl FnMut(Option<u32>) -> Compute<u32>,
    ) -> Result<Computed<u32>, Pair>;
    /// With what did not fit, and then the rest.
    fn try_extend(&self, pairs: &[Pair]) -> Result<(), Vec<Pair>>;
    fn keys(&self) -> Vec<u32>;
    fn values(&self) -> Vec<u32>;
    /// Yields so many, then drops the iterator, or leaks it.
    fn drain(&mut self, most: usize, leak: bool) -> Vec<Pair>;
    fn into_pairs(self, most: usize) -> Vec<Pair>;
    fn capacity(&self) -> usize;
    fn len(&self) -> usize;
    /// Nothing is in use but the cells of the entries.
    fn check(&self);

    fn entries(&self) -> Vec<Pair> {
        let mut entries: Vec<_> = self.keys().into_iter().zip(self.values()).collect();
        entries.sort_unstable();
        entries
    }

    /// One bucket: the keys 100 and on in its seats, these in this order in its chain, each with ten times
    /// itself as its number.
    fn with_chain(keys: &[u32]) -> Self {
        let map = Self::new(Spread::OneChain);
        let seated = 100..100 + SEATS as u32;
        for key in seated.chain(keys.iter().rev().copied()) {
            assert_eq!(map.insert(key, 10 * key), Ok(None));
        }
        map
    }
}

/// A plain value that carries a number.
pub(super) trait Number: Plain {
    fn of(number: u32) -> Self;
    fn number(&self) -> u32;
}

/// Changed in place.
impl Number for u16 {
    fn of(number: u32) -> Self {
        number as u16
    }
    fn number(&self) -> u32 {
        (*self).into()
    }
}

/// Not changed in place, on any target.
impl Number for [u64; 2] {
    fn of(number: u32) -> Self {
        [number.into(); 2]
    }
    fn number(&self) -> u32 {
        assert_eq!(self[0], self[1], "torn");
        self[0] as u32
    }
}

fn computed<A, B>(computed: Computed<A>, number: impl Fn(A) -> B) -> Computed<B> {
    match computed {
        Computed::Inserted => Computed::Inserted,
        Computed::Replaced(old) => Computed::Replaced(number(old)),
        Computed::Removed(old) => Computed::Removed(number(old)),
        Computed::Kept(old) => Computed::Kept(number(old)),
        Computed::Absent => Computed::Absent,
    }
}

fn compute<A, B>(compute: Compute<A>, value: impl Fn(A) -> B) -> Compute<B> {
    match compute {
        Compute::Put(new) => Compute::Put(value(new)),
        Compute::Remove => Compute::Remove,
        Compute::Keep => Compute::Keep,
    }
}

impl<V: Number, const N: usize, const EXTRA: usize> Face for CopyMap<u32, V, N, EXTRA, Spread> {
    fn new(spread: Spread) -> Self {
        Self::with_hasher(spread)
    }
    fn insert(&self, key: u32, number: u32) -> Result<Option<u32>, Pair> {
        match self.insert(key, V::of(number)) {
            Ok(old) => Ok(old.map(|old| old.number())),
            Err(Full((key, value))) => Err((key, value.number())),
        }
    }
    fn remove(&self, key: u32) -> Option<u32> {
        self.remove(&key).map(|old| old.number())
    }
    fn get(&self, key: u32) -> Option<u32> {
        self.get(&key).map(|value| value.number())
    }
    fn remove_if(&self, key: u32, mut wanted: impl FnMut(u32, u32) -> bool) -> Option<u32> {
        let removed = self.remove_if(&key, |key, value| wanted(*key, value.number()));
        removed.map(|old| old.number())
    }
    fn retain(&self, mut wanted: impl FnMut(u32, u32) -> bool) {
        self.retain(|key, value| wanted(*key, value.number()));
    }
    fn clear(&self) {
        self.clear();
    }
    fn upsert(
        &self,
        key: u32,
        init: impl FnOnce() -> u32,
        mut change: impl FnMut(u32) -> u32,
    ) -> Result<Option<u32>, Pair> {
        match self.upsert(key, || V::of(init()), |old| V::of(change(old.number()))) {
            Ok(old) => Ok(old.map(|old| old.number())),
            Err(Full((key, value))) => Err((key, value.number())),
        }
    }
    fn compute(
        &self,
        key: u32,
        mut decide: impl FnMut(Option<u32>) -> Compute<u32>,
    ) -> Result<Computed<u32>, Pair> {
        let result = self.compute(key, |old| {
            compute(decide(old.map(|old| old.number())), |new| V::of(new))
        });
        match result {
            Ok(done) => Ok(computed(done, |old| old.number())),
            Err(Full((key, value))) => Err((key, value.number())),
        }
    }
    fn try_extend(&self, pairs: &[Pair]) -> Result<(), Vec<Pair>> {
        let pairs = pairs.iter().map(|&(key, number)| (key, V::of(number)));
        let Err(Full((pair, rest))) = self.try_extend(pairs) else {
            return Ok(());
        };
        let back = core::iter::once(pair).chain(rest);
        Err(back.map(|(key, value)| (key, value.number())).collect())
    }
    fn keys(&self) -> Vec<u32> {
        self.keys().collect()
    }
    fn values(&self) -> Vec<u32> {
        self.values().map(|value| value.number()).collect()
    }
    fn drain(&mut self, most: usize, leak: bool) -> Vec<Pair> {
        let mut drain = self.drain();
        let pairs = drain.by_ref().take(most);
        let pairs = pairs.map(|(key, value)| (key, value.number())).collect();
        if leak {
            core::mem::forget(drain);
        }
        pairs
    }
    fn into_pairs(self, most: usize) -> Vec<Pair> {
        let pairs = self.into_iter().take(most);
        pairs.map(|(key, value)| (key, value.number())).collect()
    }
    fn capacity(&self) -> usize {
        self.capacity()
    }
    fn len(&self) -> usize {
        self.len()
    }
    fn check(&self) {
        let stats = self.stats();
        assert_eq!((stats.removed, stats.in_progress), (0, 0));
        assert_eq!(
            (stats.live, stats.live + stats.free),
            (self.len(), N + EXTRA)
        );
    }
}

/// A map whose keys and values count themselves.
pub(super) struct Guarded<const N: usize, const EXTRA: usize> {
    pub(super) map: Map<u32, Counted, N, EXTRA, Spread>,
    pub(super) ledger: Ledger,
}

fn number<K>(old: Ref<'_, K, Counted>) -> u32 {
    old.number
}

impl<const N: usize, const EXTRA: usize> Drop for Guarded<N, EXTRA> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            drop(core::mem::take(&mut self.map));
            self.ledger.assert_closed();
        }
    }
}

impl<const N: usize, const EXTRA: usize> Face for Guarded<N, EXTRA> {
    fn new(spread: Spread) -> Self {
        let ledger = Ledger::default();
        let map = Map::with_hasher(spread);
        Self { map, ledger }
    }
    fn insert(&self, key: u32, number: u32) -> Result<Option<u32>, Pair> {
        match self.map.insert(key, self.ledger.counted(number)) {
            Ok(old) => Ok(old.map(self::number)),
            Err(Full((key, value))) => Err((key, value.number)),
        }
    }
    fn remove(&self, key: u32) -> Option<u32> {
        self.map.remove(&key).map(number)
    }
    fn get(&self, key: u32) -> Option<u32> {
        self.map.get(&key).map(number)
    }
    fn remove_if(&self, key: u32, mut wanted: impl FnMut(u32, u32) -> bool) -> Option<u32> {
        let removed = self
            .map
            .remove_if(&key, |key, value| wanted(*key, value.number));
        removed.map(number)
    }
    fn retain(&self, mut wanted: impl FnMut(u32, u32) -> bool) {
        self.map.retain(|key, value| wanted(*key, value.number));
    }
    fn clear(&self) {
        self.map.clear();
    }
    fn upsert(
        &self,
        key: u32,
        init: impl FnOnce() -> u32,
        mut change: impl FnMut(u32) -> u32,
    ) -> Result<Option<u32>, Pair> {
        let new = |number| self.ledger.counted(number);
        match self
            .map
            .upsert(key, || new(init()), |old| new(change(old.number)))
        {
            Ok(old) => Ok(old.map(number)),
            Err(Full((key, value))) => Err((key, value.number)),
        }
    }
    fn compute(
        &self,
        key: u32,
        mut decide: impl FnMut(Option<u32>) -> Compute<u32>,
    ) -> Result<Computed<u32>, Pair> {
        let result = self.map.compute(key, |old| {
            compute(decide(old.map(|old| old.number)), |new| {
                self.ledger.counted(new)
            })
        });
        match result {
            Ok(done) => Ok(computed(done, number)),
            Err(Full((key, value))) => Err((key, value.number)),
        }
    }
    fn try_extend(&self, pairs: &[Pair]) -> Result<(), Vec<Pair>> {
        let pairs = pairs
            .iter()
            .map(|&(key, number)| (key, self.ledger.counted(number)));
        let Err(Full((pair, rest))) = self.map.try_extend(pairs) else {
            return Ok(());
        };
        let back = core::iter::once(pair).chain(rest);
        Err(back.map(|(key, value)| (key, value.number)).collect())
    }
    fn keys(&self) -> Vec<u32> {
        self.map.keys().map(|key| *key).collect()
    }
    fn values(&self) -> Vec<u32> {
        self.map.values().map(number).collect()
    }
    fn drain(&mut self, most: usize, leak: bool) -> Vec<Pair> {
        let mut drain = self.map.drain();
        let pairs = drain.by_ref().take(most);
        let pairs = pairs.map(|(key, value)| (key, value.number)).collect();
        if leak {
            core::mem::forget(drain);
        }
        pairs
    }
    fn into_pairs(mut self, most: usize) -> Vec<Pair> {
        let map = core::mem::take(&mut self.map);
        let pairs = map.into_iter().take(most);
        pairs.map(|(key, value)| (key, value.number)).collect()
    }
    fn capacity(&self) -> usize {
        self.map.capacity()
    }
    fn len(&self) -> usize {
        self.map.len()
    }
    fn check(&self) {
        let stats = self.map.stats();
        assert_eq!((stats.removed, stats.in_progress), (0, 0));
        assert_eq!(
            (stats.live, stats.live + stats.free),
            (self.len(), N + EXTRA)
        );
        assert_eq!(self.ledger.alive(), self.len());
        assert_eq!(self.map.table.arena.slots().taken(), 0);
    }
}

/// Calls a generic test for each kind of map: values changed in place (not under Miri, to which they are as
/// wider ones), wider ones, guarded ones.
macro_rules! each_kind {
    ($test:ident) => {
        if !cfg!(miri) {
            $test::<$crate::tests::faces::Narrow>();
        }
        $test::<$crate::tests::faces::Wide>();
        $test::<$crate::tests::faces::Chained>();
    };
}

pub(super) use each_kind;
