//! What goes when the cache is full.
//!
//! A new entry is on *probation*: its cell is named by a ring of a fifth as many places as there are
//! entries, in the order in which they came. When its place is wanted again it has been used, and stays;
//! or it has not, and is evicted, and sixteen bits of its key's hash, a *ghost*, are remembered. A key
//! that comes back while its ghost is there is no passer-by: it stays from the start. Of those that stay,
//! a hand that goes round the cells (*CLOCK*) evicts the first that has not been used; each time it comes
//! by it takes one of two uses back.
//!
//! That is S3-FIFO's idea (Yang et al., *FIFO queues are all you need for cache eviction*, SOSP 2023)
//! without its queues of entries: no entry moves, and a hit sets a bit.
//!
//! Everything here is a hint. What other contexts do at the same time, or one that is suspended in the
//! midst of it, makes what goes inexact, and nothing else: an eviction is decided by the map, and an entry
//! is looked at anew, held, before it goes (`Flags`).

use super::Cache;
use super::cells::{PASSED, PROBATION, USED_AGAIN, USES, Why};
use super::insert::Place;
use crate::Ref;
use crate::hash::NativeHash;
use crate::map::MapGuard;
use crate::table::words::Words;
use core::hash::{BuildHasher, Hash};
use tagged_arena::sync::{AtomicU16, AtomicUsize, Ordering, Padded};
use tagged_arena::{impl_init, init};

/// The ring, the ghosts, and the hand.
#[derive(Debug)]
pub(super) struct Policy<const N: usize, const EXTRA: usize> {
    /// A cell and its label in each word: as many words as a fifth of `N`, and at least one, are used
    /// (`W-ROOM`: there are more).
    ring: Words<N, EXTRA, AtomicUsize>,
    ghosts: [AtomicU16; N],
    /// How many entries have been put on probation.
    arrivals: Padded<AtomicUsize>,
    /// How many cells the hand has passed.
    hand: Padded<AtomicUsize>,
}

impl_init!([const N: usize, const EXTRA: usize] Policy<N, EXTRA> = Policy {
    ring: init!(Words<N, EXTRA, AtomicUsize>),
    ghosts: init!([AtomicU16; N]),
    arrivals: init!(Padded<AtomicUsize>),
    hand: init!(Padded<AtomicUsize>),
});

/// An entry that was evicted, and its place.
type Evicted<'a, K, V> = (Ref<'a, K, V>, Place<'a>);

/// Where the label lies in a word of the ring, above index + 1. (Links have sixteen bits of generation
/// there.)
const LABEL: u32 = usize::BITS - 16;

impl<const N: usize, const EXTRA: usize> Policy<N, EXTRA> {
    /// Names a cell in the ring; returns the cell that was named there, and its label then.
    fn arrive(&self, places: usize, index: usize, label: u16) -> Option<(usize, u16)> {
        // Relaxed, here and below: hints.
        let arrival = self.arrivals.0.fetch_add(1, Ordering::Relaxed);
        let new = (label as usize) << LABEL | (index + 1);
        let old = self
            .ring
            .word(arrival % places)
            .swap(new, Ordering::Relaxed);
        let index = (old & ((1 << LABEL) - 1)).checked_sub(1)?;
        Some((index, (old >> LABEL) as u16))
    }

    /// Where a ghost would be, and what it looks like: not zero.
    fn ghost(&self, hash: u64) -> (&AtomicU16, u16) {
        let hash = NativeHash::new(hash);
        (&self.ghosts[hash.bucket(N)], hash.label().max(1))
    }

    fn remember(&self, hash: u64) {
        let (place, ghost) = self.ghost(hash);
        place.store(ghost, Ordering::Relaxed);
    }

    /// Whether there is a ghost of the key. It is gone then.
    fn returns(&self, hash: u64) -> bool {
        let (place, ghost) = self.ghost(hash);
        let there = place.load(Ordering::Relaxed) == ghost;
        if there {
            place.store(0, Ordering::Relaxed);
        }
        there
    }

    fn next_cell(&self) -> usize {
        self.hand.0.fetch_add(1, Ordering::Relaxed) % (N + EXTRA)
    }
}

impl<K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> Cache<K, V, N, S, EXTRA> {
    /// How many entries may be on probation.
    const ON_PROBATION: usize = if N < 5 { 1 } else { N / 5 };

    /// What is to be said of the entry of a new key that gets this cell; and, if one must go for it, the
    /// one that was evicted, unless none may go.
    pub(super) fn admit(
        &self,
        hash: u64,
        index: usize,
        label: u16,
        evict: bool,
        now: Option<u32>,
    ) -> (u8, Option<Evicted<'_, K, V>>) {
        let (mut flags, mut evicted) = (0, None);
        if !self.policy.returns(hash) {
            flags = PROBATION;
            if let Some((old, label)) = self.policy.arrive(Self::ON_PROBATION, index, label) {
                evicted = self.end_probation(old, label, evict);
            }
        }
        if evict && evicted.is_none() {
            evicted = self.sweep(now);
        }
        (flags, evicted)
    }

    /// The place in the ring of what was in this cell is another one's now.
    fn end_probation(&self, index: usize, label: u16, evict: bool) -> Option<Evicted<'_, K, V>> {
        if self.flags.get(index) & PROBATION == 0 {
            // It stays already, or has left.
            return None;
        }
        if self.map.table.label(index) != label {
            // It is another entry's cell, which has its own place in the ring.
            return None;
        }
        if evict {
            if let Some(evicted) = self.evict(index, Why::Unproved(label)) {
                self.policy.remember(self.map.hash(evicted.0.key()));
                return Some(evicted);
            }
        }
        self.flags.lower(index, PROBATION | USES);
        None
    }

    /// Sends the hand round until an entry is evicted; or takes any that may go.
    fn sweep(&self, now: Option<u32>) -> Option<Evicted<'_, K, V>> {
        // Each cell's entry has two uses at most.
        for _ in 0..3 * (N + EXTRA) {
            let index = self.policy.next_cell();
            let flags = self.flags.get(index);
            let why = match now {
                Some(now) if self.flags.is_over(index, flags, now) => Why::Over(now),
                _ if flags & PROBATION != 0 => {
                    // The second time it is as if it had stood its probation: its place in the ring may be
                    // lost, if it came while others came all round the ring.
                    if flags & PASSED == 0 {
                        self.flags.raise(index, PASSED);
                    } else {
                        self.flags.lower(index, PROBATION | PASSED);
                    }
                    continue;
                }
                _ if flags & USES != 0 => {
                    let again = flags & USED_AGAIN;
                    self.flags
                        .lower(index, if again != 0 { again } else { USES });
                    continue;
                }
                _ => Why::Unused,
            };
            if let Some(entry) = self.evict(index, why) {
                return Some(entry);
            }
        }
        (0..N + EXTRA).find_map(|index| self.evict(index, Why::Any))
    }

    /// Leaves the key's entry as an eviction does that is given up at its last step.
    #[cfg(all(test, tagged_arena_loom))]
    pub(crate) fn condemn_in_vain(&self, key: &K) {
        let entry = self.map.get(key).expect("it is there");
        assert!(self.flags.condemn(entry.guard().index(), Why::Any));
    }

    /// Evicts what is in the cell, if it may go: the steps are explained at [`Flags`](super::cells::Flags).
    fn evict(&self, index: usize, why: Why) -> Option<Evicted<'_, K, V>> {
        let same = || match why {
            Why::Unproved(label) => self.map.table.label(index) == label,
            _ => true,
        };
        let arena = &self.map.table.arena;
        let ready =
            || !arena.is_held(index) && self.flags.condemn(index, why) && !arena.is_held(index);
        let evicted = match self.map.take_seated(index, || same() && ready()) {
            Some(entry) => (entry, self.places.of_removed()),
            None => self.evict_held(index, why, same)?,
        };
        self.counts.evicted();
        Some(evicted)
    }

    /// The same of an entry in a chain, or whose bucket is being changed.
    #[cold]
    #[inline(never)]
    fn evict_held(
        &self,
        index: usize,
        why: Why,
        same: impl Fn() -> bool,
    ) -> Option<Evicted<'_, K, V>> {
        if !self.flags.may_go(index, why) {
            return None;
        }
        let entry = self.map.held_at(index)?;
        let ready = |guard: &MapGuard<'_, K, V>| {
            same() && !guard.is_shared() && self.flags.condemn(index, why) && !guard.is_shared()
        };
        let place = || self.places.of_removed();
        self.map.take_held(entry, ready, place)
    }
}

#[cfg(all(test, not(tagged_arena_loom)))]
mod tests {
    use super::*;
    use crate::DefaultHashBuilder;

    /// An insert that was suspended while others came all round the ring leaves such an entry.
    #[test]
    fn what_the_ring_does_not_name_goes_in_the_end() {
        let cache: Cache<u32, u32, 10, DefaultHashBuilder, 4> = Cache::new();
        for key in 0..10 {
            assert!(cache.insert(key, key).is_ok());
        }
        for place in 0..2 {
            cache.policy.ring.word(place).store(0, Ordering::Relaxed);
        }
        for index in 0..cache.cells() {
            cache.flags.raise(index, PROBATION);
        }
        for key in 100..140 {
            assert!(cache.insert(key, key).is_ok());
            // So that the hand evicts, and not the ring.
            assert!(cache.get(&key).is_some());
        }
        assert!((0..10).all(|key| cache.peek(&key).is_none()));
        assert!(cache.iter().count() == 10);
    }

    #[test]
    fn a_ghost_is_there_once() {
        let cache: Cache<u32, u32, 10> = Cache::new();
        let hash = cache.map.hash(&7);
        assert!(!cache.policy.returns(hash));
        cache.policy.remember(hash);
        assert!(cache.policy.returns(hash) && !cache.policy.returns(hash));
    }
}
