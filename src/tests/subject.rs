//! The kinds of maps with chains: how they look inside, and what must be true of them whatever happened.
//!
//! All keys are in one bucket, whose seats are full of others.

use super::config::{Spread, scaled};
use super::faces::{self, CHAINED, Chained, Face, Number, Pair};
use super::suspended::chain;
use crate::CopyMap;
use crate::stats::Stats;
use crate::table::Table;
use std::vec::Vec;
use tagged_arena::plain::Tagged;

pub(super) const SEATS: u32 = faces::SEATS as u32;
pub(super) const CAPACITY: u32 = CHAINED as u32;
pub(super) const CELLS: usize = CHAINED + 1;
/// The first of the keys in the seats.
pub(super) const SEATED: u32 = 100;

/// One of the kinds of maps, and how it looks inside.
pub(super) trait Subject: Face {
    /// Whether a value is changed where it is.
    const IN_PLACE: bool = false;
    fn table(&self) -> &impl Table;
    fn has(&self, key: u32) -> bool;
    fn iterated(&self) -> Vec<Pair>;
    fn census(&self) -> Stats;

    fn make() -> Self {
        Self::new(Spread::OneChain)
    }
    fn put(&self, key: u32, number: u32) -> Option<u32> {
        self.insert(key, number).unwrap()
    }
    fn take(&self, key: u32) -> Option<u32> {
        Face::remove(self, key)
    }
    fn find(&self, key: u32) -> Option<u32> {
        Face::get(self, key)
    }
    fn count(&self) -> usize {
        Face::len(self)
    }
}

impl<V: Number> Subject for CopyMap<u32, V, CHAINED, 1, Spread> {
    const IN_PLACE: bool = Tagged::<V>::FITS;
    fn table(&self) -> &impl Table {
        &self.table
    }
    fn has(&self, key: u32) -> bool {
        self.contains_key(&key)
    }
    fn iterated(&self) -> Vec<Pair> {
        self.iter()
            .map(|(key, value)| (key, value.number()))
            .collect()
    }
    fn census(&self) -> Stats {
        self.stats()
    }
}

impl Subject for Chained {
    fn table(&self) -> &impl Table {
        &self.map.table
    }
    fn has(&self, key: u32) -> bool {
        self.map.contains_key(&key)
    }
    fn iterated(&self) -> Vec<Pair> {
        self.map
            .iter()
            .map(|entry| (*entry.key(), entry.number))
            .collect()
    }
    fn census(&self) -> Stats {
        let stats = self.map.stats();
        assert_eq!(self.ledger.alive(), stats.live + stats.removed);
        stats
    }
}

/// Full seats, and a chain of the keys `1..=chained` in this order, each with ten times itself as its
/// number.
pub(super) fn with_chain<M: Subject>(chained: u32) -> M {
    let map = M::make();
    for key in (SEATED..SEATED + SEATS).chain((1..=chained).rev()) {
        assert_eq!(map.put(key, 10 * key), None);
    }
    let stats = map.census();
    assert_eq!(
        (stats.chained, stats.live),
        (chained as usize, (SEATS + chained) as usize)
    );
    assert_eq!(chain(map.table()).len(), chained as usize);
    map
}

/// The map has these entries, whatever is asked.
pub(super) fn assert_entries<M: Subject>(map: &M, expected: &[(u32, u32)]) {
    let mut entries = map.iterated();
    entries.sort_unstable();
    let mut sorted = expected.to_vec();
    sorted.sort_unstable();
    assert_eq!(entries, sorted);
    assert_eq!(map.count(), expected.len());
    let keys = (0..10).chain(SEATED..SEATED + 10);
    for key in keys.step_by(scaled(1, 4) as usize) {
        let number = expected
            .iter()
            .find(|entry| entry.0 == key)
            .map(|entry| entry.1);
        assert_eq!(
            (map.find(key), map.has(key)),
            (number, number.is_some()),
            "{key}"
        );
    }
}

/// Nothing is lost: what is not in the map is free, and the whole capacity can be used.
pub(super) fn assert_sound<M: Subject>(map: &M, expected: &[(u32, u32)]) {
    chain(map.table());
    assert_entries(map, expected);
    assert_eq!(map.take(999), None, "for its help");
    let stats = map.census();
    let others = (stats.removed, stats.in_progress, stats.free);
    assert_eq!(
        (stats.live, others),
        (expected.len(), (0, 0, CELLS - expected.len()))
    );
    for &(key, number) in expected {
        assert_eq!(map.take(key), Some(number), "{key}");
    }
    assert_eq!((map.count(), map.census().free), (0, CELLS));
    if cfg!(miri) {
        return;
    }
    for key in 0..CAPACITY {
        assert_eq!(map.put(key, key + 1), None);
    }
    for key in 0..CAPACITY {
        assert_eq!(map.take(key), Some(key + 1));
    }
    assert_eq!((map.census().free, chain(map.table()).len()), (CELLS, 0));
}
