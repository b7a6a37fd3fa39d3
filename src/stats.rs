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

/// Counts the entries: the sum of what was in each bucket at some instant. So it is at least the number of
/// keys that were there all the while, and at most the number of those that were there at any time of it.
///
/// Lock-free: it counts a bucket again only when that one changed meanwhile.
pub(crate) fn entries<T: Table>(table: &T, buckets: usize) -> usize {
    (0..buckets).map(|bucket| in_bucket(table, bucket)).sum()
}

/// How many entries were in a bucket at one instant.
fn in_bucket<T: Table>(table: &T, bucket: usize) -> usize {
    let mut before = None;
    loop {
        let walk = walk(table, bucket);
        match walk {
            // Nothing is linked: one word says so.
            Some((0, 0)) => return 0,
            // No word of the chain changed from one walk to the next: so all was there between them.
            Some((entries, _)) if walk == before => return entries,
            _ => before = walk,
        }
    }
}

/// One walk along a chain, unvalidated: the entries in it, and a checksum of its words (zero if there is
/// none). `None`: the chain changed under the walk.
fn walk<T: Table>(table: &T, bucket: usize) -> Option<(usize, usize)> {
    // (1) Acquire, here and below: the loads of the next walk come after those of this one.
    let mut link = Word(table.head(bucket).load(Ordering::Acquire));
    let (mut entries, mut sum, mut steps) = (0, 0usize, 0);
    while let Some(index) = T::LAYOUT.index(link) {
        // Each word has a generation of its own, and their order matters (a rotation).
        sum = (sum.rotate_left(5) ^ link.0).wrapping_mul(0x9E37_79B1);
        link = Word(table.own(index).load(Ordering::Acquire));
        steps += 1;
        if !(link.linkable() || link.is(State::Marked)) || steps > T::LAYOUT.cells() {
            return None;
        }
        entries += usize::from(link.linkable());
    }
    if steps > 0 {
        sum = (sum.rotate_left(5) ^ link.0).wrapping_mul(0x9E37_79B1) | 1;
    }
    Some((entries, sum))
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
        // Acquire: who is told of a live entry of a `Map` finds it, too (19).
        match Word(table.own(index).load(Ordering::Acquire)).state() {
            State::Free => stats.free += 1,
            State::Live => stats.live += 1,
            State::Marked | State::Retired => stats.removed += 1,
            State::Claimed | State::Pending | State::Promised => stats.in_progress += 1,
        }
    }
    // Relaxed: figures that stand for themselves.
    for bucket in 0..buckets {
        let mut link = Word(table.head(bucket).load(Ordering::Relaxed));
        let (mut length, mut steps) = (0, 0);
        // Unvalidated, so bounded: the chain may change under the walk.
        while let Some(index) = T::LAYOUT.index(link) {
            link = Word(table.own(index).load(Ordering::Relaxed));
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
