//! Maps with chains, for the models of them.
//!
//! A bucket has four seats: two at home and two at its neighbour's. A chain is made behind full seats, which
//! are emptied then, so that an operation has fewer words to read.

use super::Token;
use crate::stats::Stats;
use crate::table::Table;
use crate::{CopyMap, Map, placed};
use core::hash::{BuildHasher, Hasher};
use loom::sync::Arc;
use std::vec;
use std::vec::Vec;
use tagged_arena::sync::{NARROW, Ordering};
use tagged_arena::word::State;

pub(super) const CELLS: usize = 8;
/// At home, and as guests where there are any.
pub(super) const SEATS: usize = if NARROW { 2 } else { 4 };
/// A key whose home is in the cells that a chain takes first.
pub(super) const THERE: usize = if NARROW { MIDDLE } else { ELSEWHERE };
/// The first of the keys that fill the seats.
pub(super) const SEATED: usize = 100;
/// The first key of the last group.
pub(super) const ELSEWHERE: usize = 1000;

/// A key of the second group.
pub(super) const MIDDLE: usize = 500;

/// Keys from [`ELSEWHERE`] on are in the last group, [`MIDDLE`] is in the second, others are in the first
/// one; all have one label, and hashes of their own.
#[derive(Default)]
pub(super) struct Ends(u64);

impl BuildHasher for Ends {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Ends {
    fn finish(&self) -> u64 {
        placed(self.0)
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_usize(&mut self, key: usize) {
        self.0 = match key {
            ELSEWHERE.. => 3 << 62,
            MIDDLE => 1 << 62,
            _ => 0,
        };
        self.0 |= (key as u64) << 16;
    }
}

pub(super) type Wide = CopyMap<usize, usize, CELLS, 0, Ends>;
pub(super) type Narrow = CopyMap<usize, u32, CELLS, 0, Ends>;

/// A map of values that count their drops.
#[derive(Default)]
pub(super) struct Guarded {
    pub(super) map: Map<usize, Token, CELLS, 0, Ends>,
    pub(super) drops: Arc<loom::sync::atomic::AtomicUsize>,
    pub(super) made: std::sync::atomic::AtomicUsize,
}

/// One of the three kinds of maps. Values are numbers.
pub(super) trait Subject: Default + 'static {
    /// Whether a value is changed where it is.
    const IN_PLACE: bool = false;
    fn table(&self) -> &impl Table;
    fn put(&self, key: usize, number: usize) -> Option<usize>;
    fn take(&self, key: usize) -> Option<usize>;
    fn take_if(&self, key: usize, wanted: impl Fn(usize) -> bool) -> Option<usize>;
    fn find(&self, key: usize) -> Option<usize>;
    fn count(&self) -> usize;
    fn census(&self) -> Stats;
}

impl Subject for Wide {
    fn table(&self) -> &impl Table {
        &self.table
    }
    fn put(&self, key: usize, number: usize) -> Option<usize> {
        self.insert(key, number).unwrap()
    }
    fn take(&self, key: usize) -> Option<usize> {
        self.remove(&key)
    }
    fn take_if(&self, key: usize, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        self.remove_if(&key, |_, number| wanted(*number))
    }
    fn find(&self, key: usize) -> Option<usize> {
        self.get(&key)
    }
    fn count(&self) -> usize {
        self.len()
    }
    fn census(&self) -> Stats {
        self.stats()
    }
}

impl Subject for Narrow {
    const IN_PLACE: bool = true;
    fn table(&self) -> &impl Table {
        &self.table
    }
    fn put(&self, key: usize, number: usize) -> Option<usize> {
        self.insert(key, number as u32)
            .unwrap()
            .map(|old| old as usize)
    }
    fn take(&self, key: usize) -> Option<usize> {
        self.remove(&key).map(|old| old as usize)
    }
    fn take_if(&self, key: usize, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let old = self.remove_if(&key, |_, number| wanted(*number as usize));
        old.map(|old| old as usize)
    }
    fn find(&self, key: usize) -> Option<usize> {
        self.get(&key).map(|value| value as usize)
    }
    fn count(&self) -> usize {
        self.len()
    }
    fn census(&self) -> Stats {
        self.stats()
    }
}

impl Subject for Guarded {
    fn table(&self) -> &impl Table {
        &self.map.table
    }
    fn put(&self, key: usize, number: usize) -> Option<usize> {
        self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let token = Token {
            content: number,
            drops: self.drops.clone(),
        };
        let Ok(old) = self.map.insert(key, token) else {
            panic!("full");
        };
        old.map(|old| old.content)
    }
    fn take(&self, key: usize) -> Option<usize> {
        self.map.remove(&key).map(|old| old.content)
    }
    fn take_if(&self, key: usize, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let old = self.map.remove_if(&key, |_, value| wanted(value.content));
        old.map(|old| old.content)
    }
    fn find(&self, key: usize) -> Option<usize> {
        self.map.get(&key).map(|value| value.content)
    }
    fn count(&self) -> usize {
        self.map.len()
    }
    fn census(&self) -> Stats {
        let stats = self.map.stats();
        let made = self.made.load(std::sync::atomic::Ordering::Relaxed);
        let drops = self.drops.load(Ordering::Relaxed);
        assert_eq!(drops, made - stats.live, "each dropped exactly once");
        stats
    }
}

/// A chain of these keys in this order, each with ten times itself as its number, behind so many full seats.
pub(super) fn with_chain<M: Subject>(keys: &[usize], seated: usize) -> Arc<M> {
    let map = M::default();
    for &key in (SEATED..SEATED + SEATS)
        .collect::<Vec<_>>()
        .iter()
        .chain(keys.iter().rev())
    {
        assert_eq!(map.put(key, 10 * key), None);
    }
    for key in SEATED + seated..SEATED + SEATS {
        assert_eq!(map.take(key), Some(10 * key));
    }
    assert_eq!(chain(map.table()).len(), keys.len());
    Arc::new(map)
}

/// The cells of bucket 0's chain.
pub(super) fn chain<T: Table>(table: &T) -> Vec<usize> {
    let mut cells = vec![];
    let mut next = T::SHAPE.link.index(table.bucket(0).read());
    while let Some(index) = next {
        assert!(!cells.contains(&index), "a circle: {cells:?}");
        let own = table.own(index).read();
        assert!(
            own.linkable() || own.is(State::Sealed),
            "{own:?} in the chain"
        );
        cells.push(index);
        next = T::OWN.index(own);
    }
    cells
}

/// What a removal of the chain's first does before it is suspended.
pub(super) fn freeze_first<M: Subject>(map: &M) {
    fn freeze<T: Table>(table: &T) {
        let own = table.own(chain(table)[0]);
        // SAFETY: it is live.
        assert!(unsafe { own.freeze(T::OWN, own.read()) }.is_some());
    }
    freeze(map.table());
}

/// Everybody is done: these keys are in the map, with these numbers, and all other cells are free.
pub(super) fn has<M: Subject>(map: &M, entries: &[(usize, usize)]) {
    // First: a look-up would look for ever for a cell that is linked and free.
    let chained = chain(map.table()).len();
    for key in (1..6).chain([THERE]) {
        let number = entries
            .iter()
            .find(|entry| entry.0 == key)
            .map(|entry| entry.1);
        assert_eq!(map.find(key), number, "{key}");
    }
    let stats = map.census();
    assert_eq!(map.count(), stats.live);
    // Another bucket may have a chain, too.
    assert!(stats.chained >= chained);
    assert_eq!((stats.removed, stats.free), (0, CELLS - stats.live), "lost");
    assert!(stats.live >= entries.len());
}
