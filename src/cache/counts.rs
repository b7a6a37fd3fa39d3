//! What a cache counts.

use tagged_arena::slots::SLOTS;
use tagged_arena::sync::{AtomicUsize, NARROW, Ordering, Padded, context_hint};
use tagged_arena::{impl_init, init};

/// How often a cache did what: see [`Cache::stats`](crate::Cache::stats).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct CacheStats {
    /// Look-ups by `get`, `get_at` and `get_or_insert_with` that found an entry.
    pub hits: usize,
    /// Look-ups by them that found none, or one that had expired.
    pub misses: usize,
    /// Entries that were taken out to make room.
    pub evictions: usize,
    /// Entries that `expire` and `expire_some` took out.
    pub expirations: usize,
}

/// As many as there are contexts that count at once, as a rule; one where caches are rare and memory is
/// dear.
const SHARDS: usize = if NARROW { 1 } else { SLOTS };

#[derive(Debug)]
struct Shard {
    /// Those of whoever has the slot of this number, which nobody else writes: a load and a store.
    hits: AtomicUsize,
    /// Those of all others.
    other_hits: AtomicUsize,
    misses: AtomicUsize,
    evictions: AtomicUsize,
    expirations: AtomicUsize,
    /// The number of the next arrival of whoever counts here, if each context has its shard.
    next_arrival: [AtomicUsize; if NARROW { 0 } else { 1 }],
}

impl_init!([] Shard = Shard {
    hits: init!(AtomicUsize),
    other_hits: init!(AtomicUsize),
    misses: init!(AtomicUsize),
    evictions: init!(AtomicUsize),
    expirations: init!(AtomicUsize),
    next_arrival: init!([AtomicUsize; if NARROW { 0 } else { 1 }]),
});

/// The counters, on a line for each context as a rule.
#[derive(Debug)]
pub(super) struct Counts([Padded<Shard>; SHARDS]);

impl_init!([] Counts = Counts(init!([Padded<Shard>; SHARDS])));

impl Counts {
    #[inline(always)]
    fn shard(&self) -> &Shard {
        &self.0[context_hint() % self.0.len()].0
    }

    // Relaxed, here and below: figures that stand for themselves. From one owner of a slot to the next,
    // what it counted is seen by the order of the slot.

    /// Counts a hit whose guard has this slot.
    #[inline(always)]
    pub(super) fn hit(&self, slot: Option<usize>) {
        match slot {
            Some(slot) if SHARDS == SLOTS => {
                let hits = &self.0[slot % self.0.len()].0.hits;
                let more = hits.load(Ordering::Relaxed).wrapping_add(1);
                hits.store(more, Ordering::Relaxed);
            }
            _ => _ = self.shard().other_hits.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Where this context keeps the number of its next arrival (see [`Policy`](super::policy::Policy)): on a
    /// line that it writes anyway.
    #[inline(always)]
    pub(super) fn next_arrival(&self) -> Option<&AtomicUsize> {
        self.shard().next_arrival.first()
    }

    pub(super) fn missed(&self) {
        self.shard().misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn evicted(&self) {
        self.shard().evictions.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn expired(&self) {
        self.shard().expirations.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn sums(&self) -> CacheStats {
        let mut sums = CacheStats::default();
        for Padded(shard) in &self.0 {
            let add = |sum: &mut usize, count: &AtomicUsize| {
                *sum = sum.wrapping_add(count.load(Ordering::Relaxed));
            };
            add(&mut sums.hits, &shard.hits);
            add(&mut sums.hits, &shard.other_hits);
            add(&mut sums.misses, &shard.misses);
            add(&mut sums.evictions, &shard.evictions);
            add(&mut sums.expirations, &shard.expirations);
        }
        sums
    }
}
