//! A census of a map's cells and chains.

use crate::chain::Table;
use tagged_arena::sync::Ordering;
use tagged_arena::word::{State, Word};

/// What a map's cells are doing, and how long its chains are.
///
/// A snapshot cell by cell: exact when nothing else is going on, else each figure is what was seen
/// while the pass went by, and the figures need not add up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Stats {
    /// How many entries the map promises to hold.
    pub capacity: usize,
    /// How many cells there are: the capacity and the spares.
    pub cells: usize,
    /// Entries in the map.
    pub live: usize,
    /// Removed or replaced entries that a guard holds, or that have not been reclaimed yet.
    pub removed: usize,
    /// Cells that an operation is working on just now.
    pub in_progress: usize,
    /// Cells that are free, the spare ones included.
    pub free: usize,
    /// Buckets.
    pub buckets: usize,
    /// Buckets with at least one entry.
    pub buckets_used: usize,
    /// The longest chain, in entries.
    pub longest_chain: usize,
}

/// Counts the live cells.
pub(crate) fn live<T: Table>(table: &T) -> usize {
    (0..T::LAYOUT.cells())
        .filter(|&index| Word(table.own(index).load(Ordering::Relaxed)).is(State::Live))
        .count()
}

/// Counts everything.
pub(crate) fn census<T: Table>(table: &T, buckets: usize) -> Stats {
    let mut stats = Stats {
        capacity: T::LAYOUT.ordinary(),
        cells: T::LAYOUT.cells(),
        buckets,
        ..Stats::default()
    };
    for index in 0..stats.cells {
        match Word(table.own(index).load(Ordering::Acquire)).state() {
            State::Free => stats.free += 1,
            State::Live => stats.live += 1,
            State::Marked | State::Retired => stats.removed += 1,
            State::Claimed | State::Pending | State::Promised => stats.in_progress += 1,
        }
    }
    for bucket in 0..buckets {
        let mut link = Word(table.head(bucket).load(Ordering::Acquire));
        let (mut length, mut steps) = (0, 0);
        // Unvalidated, so bounded: the chain may change under the walk.
        while let Some(index) = T::LAYOUT.index(link) {
            link = Word(table.own(index).load(Ordering::Acquire));
            length += usize::from(link.is(State::Live));
            steps += 1;
            if !link.linkable() || steps > stats.cells {
                break;
            }
        }
        stats.buckets_used += usize::from(length > 0);
        stats.longest_chain = stats.longest_chain.max(length);
    }
    stats
}
