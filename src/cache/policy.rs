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
use crate::table::Table;
use crate::table::words::Words;
use core::hash::{BuildHasher, Hash};
use tagged_arena::slots::SLOTS;
use tagged_arena::sync::{AtomicU16, AtomicUsize, Ordering, Padded};
use tagged_arena::{impl_init, init};

/// The ring, the ghosts, and the hand.
#[derive(Debug)]
pub(super) struct Policy<const N: usize, const EXTRA: usize> {
    /// A cell and its label in each word: as many words as a fifth of `N`, and at least one, are used
    /// (`W-ROOM`: there are more).
    ring: Padded<Words<N, EXTRA, AtomicUsize>>,
    ghosts: [AtomicU16; N],
    /// How many places of the ring have been given out, each time round anew.
    arrivals: Padded<AtomicUsize>,
    /// How many cells the hand has passed.
    hand: Padded<AtomicUsize>,
}

impl_init!([const N: usize, const EXTRA: usize] Policy<N, EXTRA> = Policy {
    ring: init!(Padded<Words<N, EXTRA, AtomicUsize>>),
    ghosts: init!([AtomicU16; N]),
    arrivals: init!(Padded<AtomicUsize>),
    hand: init!(Padded<AtomicUsize>),
});

/// An entry that was evicted, and its place.
pub(super) type Evicted<'a, K, V> = (Ref<'a, K, V>, Place<'a>);

/// A place, and who was evicted for it.
pub(super) type MadeRoom<'a, K, V> = (Option<Ref<'a, K, V>>, Place<'a>);

/// So often all cells are looked at for one that may go, if others change them meanwhile.
const LOOKS: usize = 8;

/// So many places of the ring a context takes at once, if it keeps which is next: those of a cache line,
/// which no other context writes then.
const RUN: usize = 8;

/// A ring of fewer places is given out one by one: those that were taken at once could be most of it.
const LONG: usize = SLOTS * RUN;

/// Where the label lies in a word of the ring, above index + 1. (Links have sixteen bits of generation
/// there.)
const LABEL: u32 = usize::BITS - 16;

impl<const N: usize, const EXTRA: usize> Policy<N, EXTRA> {
    /// The number of an arrival, which no other one has. `next` is where its context, and whoever shares its
    /// counters, keeps that of the next one.
    #[inline(always)]
    fn arrival(&self, next: Option<&AtomicUsize>, places: usize) -> usize {
        // Relaxed, here and below: hints.
        let Some(next) = next.filter(|_| places >= LONG) else {
            return self.arrivals.0.fetch_add(1, Ordering::Relaxed);
        };
        let mut known = next.load(Ordering::Relaxed);
        loop {
            let is_over = known % RUN == 0;
            let arrival = match is_over {
                true => self.arrivals.0.fetch_add(RUN, Ordering::Relaxed),
                false => known,
            };
            let after = arrival.wrapping_add(1);
            match next.compare_exchange(known, after, Ordering::Relaxed, Ordering::Relaxed) {
                // Another one has it. (Of a run that comes too late only the first place is used.)
                Err(now) if !is_over => known = now,
                _ => return arrival,
            }
        }
    }

    /// Names a cell in the ring; returns the cell that was named there, and its label then.
    #[inline]
    fn arrive(
        &self,
        next: Option<&AtomicUsize>,
        places: usize,
        index: usize,
        label: u16,
    ) -> Option<(usize, u16)> {
        let arrival = self.arrival(next, places);
        let new = (label as usize) << LABEL | (index + 1);
        let place = self.ring.0.word(arrival % places);
        // Not in one step: nobody else comes to the place before others have come all round the ring.
        let old = place.load(Ordering::Relaxed);
        place.store(new, Ordering::Relaxed);
        let index = (old & ((1 << LABEL) - 1)).checked_sub(1)?;
        Some((index, (old >> LABEL) as u16))
    }

    /// Where a ghost would be, and what it looks like: not zero.
    fn ghost(&self, hash: NativeHash) -> (&AtomicU16, u16) {
        (&self.ghosts[hash.bucket(N)], hash.label().max(1))
    }

    fn remember(&self, hash: NativeHash) {
        let (place, ghost) = self.ghost(hash);
        place.store(ghost, Ordering::Relaxed);
    }

    /// Whether there is a ghost of the key. It is gone then.
    fn returns(&self, hash: NativeHash) -> bool {
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

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Cache<K, V, N, EXTRA, S> {
    /// How many entries may be on probation.
    const ON_PROBATION: usize = match N / 5 {
        0 => 1,
        // So that each run is a cache line, however often all have been given out.
        long @ LONG.. => long / RUN * RUN,
        short => short,
    };

    /// What is to be said of the entry of a new key that gets this cell.
    #[inline(never)]
    pub(super) fn admit(&self, hash: NativeHash, index: usize) -> u8 {
        let (flags, old) = self.begin(hash, index);
        if let Some((old, label)) = old {
            self.stay(old, label);
        }
        flags
    }

    /// The same if there is no place, so that an entry must go for it; and the one that was evicted, with its
    /// place, or a place that has become free meanwhile. `None`: none may go.
    #[inline(always)]
    pub(super) fn admit_to_full(
        &self,
        hash: NativeHash,
        index: usize,
        now: Option<u32>,
    ) -> Option<(u8, MadeRoom<'_, K, V>)> {
        let (flags, old) = self.begin(hash, index);
        if let Some((old, label)) = old {
            if let Some((evicted, place)) = self.end_probation(old, label) {
                return Some((flags, (Some(evicted), place)));
            }
        }
        Some((flags, self.make_room(now)?))
    }

    /// Evicts one, or finds a place free after all. If what there is has come and gone under its looks, it
    /// looks again, but not for ever.
    #[inline(never)]
    fn make_room(&self, now: Option<u32>) -> Option<MadeRoom<'_, K, V>> {
        for _ in 0..LOOKS {
            let entries = match self.sweep(now) {
                Ok((evicted, place)) => return Some((Some(evicted), place)),
                Err(entries) => entries,
            };
            if let Some(place) = self.places.take(N) {
                return Some((None, place));
            }
            if entries >= N {
                break;
            }
        }
        None
    }

    /// What is to be said of the entry of a new key that gets this cell; and the cell, with its label then,
    /// whose place in the ring it has now.
    #[inline(always)]
    fn begin(&self, hash: NativeHash, index: usize) -> (u8, Option<(usize, u16)>) {
        if self.policy.returns(hash) {
            return (0, None);
        }
        let label = hash.label();
        let next = self.counts.next_arrival();
        let old = self.policy.arrive(next, Self::ON_PROBATION, index, label);
        (PROBATION, old)
    }

    /// Evicts what was in this cell, if it is on probation still and was not used. Else it stays.
    #[inline(always)]
    fn end_probation(&self, index: usize, label: u16) -> Option<Evicted<'_, K, V>> {
        let flags = self.flags.get(index);
        if flags & (PROBATION | USES) == PROBATION {
            if let Some(evicted) = self.evict(index, Why::Unproved(label)) {
                self.policy.remember(self.map.native_hash(evicted.0.key()));
                return Some(evicted);
            }
        }
        self.stay(index, label);
        None
    }

    /// What was in this cell, with this label, is not on probation any more, if it was still.
    fn stay(&self, index: usize, label: u16) {
        // Else it is another entry's cell, which has its own place in the ring.
        let same = self.map.table.label(index) == label;
        if same && self.flags.get(index) & PROBATION != 0 {
            self.flags.lower(index, PROBATION | USES);
        }
    }

    /// Sends the hand round until an entry is evicted; or takes any that may go. Else says in how many cells
    /// there was an entry when they were looked at for that.
    #[inline(always)]
    fn sweep(&self, now: Option<u32>) -> Result<Evicted<'_, K, V>, usize> {
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
                return Ok(entry);
            }
        }
        let mut entries = 0;
        for index in 0..N + EXTRA {
            // Not what is claimed or filled for one, nor what has left and is held.
            let is_chained = self.map.table.own(index).read().is_live();
            entries += usize::from(is_chained || self.map.seat_of(index).is_some());
            if let Some(entry) = self.evict(index, Why::Any) {
                return Ok(entry);
            }
        }
        Err(entries)
    }

    /// Leaves the key's entry as an eviction does that is given up at its last step.
    #[cfg(all(test, tagged_arena_loom))]
    pub(crate) fn condemn_in_vain(&self, key: &K) {
        let entry = self.map.get(key).expect("it is there");
        assert!(self.flags.condemn(entry.guard().index(), Why::Any));
    }

    /// The number of an arrival in a long ring.
    #[cfg(all(test, tagged_arena_loom))]
    pub(crate) fn arrival(&self, next: &AtomicUsize) -> usize {
        self.policy.arrival(Some(next), LONG)
    }

    /// Evicts what is in the cell, because it is over or for any reason; whether it was. Its guard is leaked.
    #[cfg(all(test, tagged_arena_loom))]
    pub(crate) fn evicts(&self, index: usize, over: Option<u32>) -> bool {
        let why = over.map_or(Why::Any, Why::Over);
        self.evict(index, why).map(core::mem::forget).is_some()
    }

    /// Evicts what is in the cell, if it may go: the steps are explained at [`Flags`](super::cells::Flags).
    #[inline(always)]
    fn evict(&self, index: usize, why: Why) -> Option<Evicted<'_, K, V>> {
        match self.evict_seated(index, why) {
            Some(entry) => Some((entry, self.counted_place())),
            None => self.evict_held(index, why),
        }
    }

    /// The place of an entry that was just evicted, which is counted.
    fn counted_place(&self) -> Place<'_> {
        self.counts.evicted();
        self.places.of_removed()
    }

    /// Whether the cell's entry is, by its label, the one that is to go.
    #[inline(always)]
    fn is_same(&self, index: usize, why: Why) -> bool {
        match why {
            Why::Unproved(label) => self.map.table.label(index) == label,
            _ => true,
        }
    }

    /// The same of an entry in a seat, if nobody interferes: it need not be held for it.
    #[inline(always)]
    fn evict_seated(&self, index: usize, why: Why) -> Option<Ref<'_, K, V>> {
        let (bucket, position) = self.map.seat_of(index)?;
        let arena = &self.map.table.arena;
        let ready = self.is_same(index, why)
            && !arena.is_held(index)
            && self.flags.condemn(index, why)
            && !arena.is_held(index);
        if !ready {
            return None;
        }
        self.map.take_seated(&bucket, position)
    }

    /// The same of an entry in a chain, or whose bucket is being changed.
    #[cold]
    #[inline(never)]
    fn evict_held(&self, index: usize, why: Why) -> Option<Evicted<'_, K, V>> {
        if !self.flags.may_go(index, why) {
            return None;
        }
        let entry = self.map.held_at(index)?;
        let ready = |guard: &MapGuard<'_, K, V>| {
            self.is_same(index, why)
                && !guard.is_shared()
                && self.flags.condemn(index, why)
                && !guard.is_shared()
        };
        self.map.take_held(entry, ready, || self.counted_place())
    }
}

#[cfg(all(test, not(tagged_arena_loom)))]
#[path = "policy_tests.rs"]
mod tests;
