//! A census of a map's cells and chains.

use crate::table::{Bucket, Table};
use tagged_arena::sync::{Ordering, fence};
use tagged_arena::word::State;

/// What a map's cells are doing, and how long its chains are: see [`Map::stats`](crate::Map::stats).
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
    /// The most entries in one bucket.
    pub fullest_bucket: usize,
    /// Entries that found no seat in their bucket: they are in chains.
    pub chained: usize,
}

/// Counts the entries: the sum of what was in each bucket at some instant. So it is at least the number of
/// keys that were there all the while, and at most the number of those that were there at any time of it.
///
/// Lock-free: it counts a bucket again only when that one changed meanwhile.
pub(crate) fn entries<T: Table>(table: &T) -> usize {
    let bits = T::SHAPE.seat_bits().count_ones();
    let at_once = (usize::BITS / bits) as usize;
    let (mut entries, mut group) = (0, 0);
    while group < T::SHAPE.groups() {
        // The bits of several words are counted at once.
        let end = T::SHAPE.groups().min(group + at_once);
        let mut seats = 0usize;
        while group < end {
            // The fence below makes it an Acquire load.
            let word = table.bucket(group).peek_counted();
            if T::SHAPE.has_chain(word) {
                entries += with_chain(table, group);
            } else {
                seats = seats << bits | word.0 & T::SHAPE.seat_bits();
            }
            group += 1;
        }
        entries += seats.count_ones() as usize;
    }
    // (1) Acquire fence: who is told of an entry finds it, and what came before it.
    fence(Ordering::Acquire);
    entries
}

/// How many entries were in a bucket with a chain at one instant.
#[cold]
#[inline(never)]
fn with_chain<T: Table>(table: &T, group: usize) -> usize {
    let mut before = None;
    loop {
        let bucket = Bucket::read(table, group);
        let now = walk(table, &bucket);
        // The chain's only entry was there as long as the bucket did not change. Else: no word of the bucket
        // changed from one walk to the next, so all was there between them.
        let still = now.steps <= 1 && bucket.unchanged() || before == Some(now);
        if now.is_whole && still {
            return now.entries;
        }
        before = Some(now);
    }
}

/// What a walk through a bucket has come to.
#[derive(Clone, Copy, PartialEq)]
struct Walked {
    entries: usize,
    /// A checksum of the words.
    sum: usize,
    /// Cells of the chain.
    steps: usize,
    /// It has come to the end: the chain did not change under it.
    is_whole: bool,
}

/// One walk through a bucket, unvalidated: up to where the chain changes under it.
fn walk<T: Table>(table: &T, bucket: &Bucket<'_>) -> Walked {
    let word = bucket.word();
    let mut walked = Walked {
        entries: T::SHAPE.seated(word),
        sum: word.0,
        steps: 0,
        is_whole: true,
    };
    let mut next = bucket.first::<T>();
    while let Some(index) = next {
        // (1) Acquire: the loads of the next walk come after this one.
        let own = table.own(index).link().read();
        // Each word has a generation of its own, and their order matters (a rotation).
        walked.sum = (walked.sum.rotate_left(5) ^ own.0).wrapping_mul(0x9E37_79B1);
        walked.steps += 1;
        if !(own.linkable() || own.is(State::Sealed)) || walked.steps > T::OWN.cells() {
            walked.is_whole = false;
            break;
        }
        walked.entries += usize::from(own.linkable());
        next = T::OWN.index(own).filter(|&next| next != index);
    }
    walked
}

/// Counts everything.
pub(crate) fn census<T: Table>(table: &T) -> Stats {
    let mut stats = Stats {
        capacity: T::OWN.ordinary(),
        cells: T::OWN.cells(),
        buckets: T::SHAPE.groups(),
        ..Stats::default()
    };
    let mut sealed = 0;
    for index in 0..stats.cells {
        // (1) Acquire: who is told of a live entry of a `Map` finds it, too (19).
        match table.own(index).read().state() {
            State::Free => stats.free += 1,
            State::Live | State::Frozen => stats.live += 1,
            State::Sealed => sealed += 1,
            State::Retired => stats.removed += 1,
            State::Claimed | State::Pending | State::Promised => stats.in_progress += 1,
        }
    }
    for group in 0..stats.buckets {
        // (1) Acquire: who is told of an entry in a seat (2) finds it, too.
        let bucket = Bucket::read(table, group);
        let seated = T::SHAPE.seated(bucket.word());
        let length = walk(table, &bucket).entries - seated;
        stats.live += seated;
        // What is sealed and in no seat has been removed.
        sealed -= seated.min(sealed);
        stats.buckets_used += usize::from(seated + length > 0);
        stats.fullest_bucket = stats.fullest_bucket.max(seated + length);
        stats.chained += length;
    }
    stats.removed += sealed;
    stats
}
