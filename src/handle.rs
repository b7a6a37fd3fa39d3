//! Handles: numbers that name one entry of a map, and the values that can be named.

use core::fmt;
use core::num::NonZeroU64;
use core::ops::{Deref, DerefMut};
use tagged_arena::plain::{Plain, PlainInOption};
use tagged_arena::sync::{NARROW, Numbers, Padded, context_hint};
use tagged_arena::word::Layout;

/// Names one entry of one map: its cell, and which of the entries that were there.
///
/// Eight bytes, and so is `Option<EntryId>`. It outlives its entry:
/// [`Map::get_by_id`](crate::Map::get_by_id) answers `None` then, also if the key has a new entry, or the
/// cell that of another key. It is a number ([`to_bits`](Self::to_bits)), which goes through mailboxes, DMA
/// descriptors, and the pointer-sized cookies of C on 64-bit targets. A key can be guessed and so can an
/// identifier: it is no secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EntryId(NonZeroU64);

/// ```text
/// [ the value's stamp (40) | index + 1 (24) ]
/// ```
const INDEX_BITS: u32 = 24;

/// How many bits of a stamp are told apart: on 32-bit targets a word is all there is. (Fewer for tests.)
const STAMP_BITS: u32 = {
    let most = if usize::BITS == 64 {
        u64::BITS - INDEX_BITS
    } else {
        usize::BITS
    };
    if most < Layout::GENERATION_LIMIT {
        most
    } else {
        Layout::GENERATION_LIMIT
    }
};

impl EntryId {
    /// The most cells of a map whose entries can be named.
    pub(crate) const MOST_CELLS: usize = (1 << INDEX_BITS) - 1;

    pub(crate) fn new(index: usize, stamp: Stamp) -> Self {
        let stamp = stamp.0 as u64 & ((1 << STAMP_BITS) - 1);
        let bits = stamp << INDEX_BITS | (index as u64 + 1);
        // Never zero: a map whose identifiers are used has no more than so many cells.
        Self(NonZeroU64::new(bits).unwrap_or(NonZeroU64::MAX))
    }

    /// The cell. Any, if the number came from elsewhere.
    pub(crate) fn index(self) -> Option<usize> {
        let index = self.0.get() & ((1 << INDEX_BITS) - 1);
        (index as usize).checked_sub(1)
    }

    /// The identifier as a number, to be sent somewhere and brought back by [`from_bits`](Self::from_bits).
    pub const fn to_bits(self) -> u64 {
        self.0.get()
    }

    /// The identifier from a number; `None` for zero. Any other number is accepted: one that names nothing
    /// is answered with `None` by the map.
    pub const fn from_bits(bits: u64) -> Option<Self> {
        match NonZeroU64::new(bits) {
            Some(bits) => Some(Self(bits)),
            None => None,
        }
    }
}

#[diagnostic::do_not_recommend]
impl Plain for EntryId {
    type Bits = u64;

    #[inline(always)]
    fn to_bits(self) -> u64 {
        self.0.get()
    }

    #[inline(always)]
    fn from_bits(bits: u64) -> Option<Self> {
        Self::from_bits(bits)
    }
}

#[diagnostic::do_not_recommend]
impl PlainInOption for EntryId {}

/// Tells a value from all others.
#[derive(Clone, Copy)]
pub(crate) struct Stamp(usize);

/// Stamps come from a few counters, each of which every so-many-th context uses, so that cores seldom share
/// one.
const COUNTERS: usize = if NARROW { 1 } else { 4 };

static COUNTED: [Padded<Numbers>; COUNTERS] = [const { Padded(Numbers::new()) }; COUNTERS];

impl Stamp {
    fn draw() -> Self {
        let counter = context_hint() % COUNTED.len();
        Self::of(counter, COUNTED[counter].0.draw())
    }

    /// The stamp that a number of a counter makes, and no other.
    fn of(counter: usize, number: usize) -> Self {
        Self(number.wrapping_mul(COUNTERS).wrapping_add(counter))
    }
}

/// A value whose entry an [`EntryId`] can name: `Map<K, WithId<V>, N>`.
///
/// It is the value, to which it dereferences, and one word more, the *stamp*, which no other value has. So a
/// map pays for identifiers only if they are wanted. All methods of [`Map`](crate::Map) work as ever;
/// `entry_id`, `get_by_id`, `remove_by_id`, `insert_with_id` and [`Ref::id`](crate::Ref::id) come with this
/// type.
///
/// The stamp is drawn when the value is made, by one atomic addition; a clone is another value and draws its
/// own. `Eq`, `Ord` and `Hash` look at the value alone.
///
/// ```
/// use arenamap::{EntryId, Map, WithId};
///
/// static SESSIONS: Map<&str, WithId<u32>, 64> = Map::new();
///
/// let id = SESSIONS.try_insert("alice", WithId::new(7)).expect("new, and there is room").id();
/// let descriptor: u64 = id.to_bits();               // goes to the hardware, and comes back
///
/// let id = EntryId::from_bits(descriptor).expect("not zero");
/// assert_eq!(SESSIONS.get_by_id(id).map(|session| **session), Some(7));
///
/// SESSIONS.insert("alice", WithId::new(8)).expect("there is room");   // another entry
/// assert!(SESSIONS.get_by_id(id).is_none());
/// ```
pub struct WithId<V> {
    value: V,
    stamp: Stamp,
}

impl<V> WithId<V> {
    /// Gives the value a stamp. Wait-free where the processor adds atomically, else lock-free. Panics:
    /// never.
    pub fn new(value: V) -> Self {
        let stamp = Stamp::draw();
        Self { value, stamp }
    }

    /// The value.
    pub fn into_inner(self) -> V {
        self.value
    }

    pub(crate) fn stamp(&self) -> Stamp {
        self.stamp
    }
}

impl<V> From<V> for WithId<V> {
    fn from(value: V) -> Self {
        Self::new(value)
    }
}

impl<V> Deref for WithId<V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        &self.value
    }
}

/// The value changes and its entry stays the same: so does the identifier.
///
/// Change the value in it, `**map.get_mut(&key)? = new`. To assign or swap a whole `WithId` moves its stamp,
/// too, and the entry's identifier is stale.
impl<V> DerefMut for WithId<V> {
    #[inline]
    fn deref_mut(&mut self) -> &mut V {
        &mut self.value
    }
}

/// Another value: its stamp is its own.
impl<V: Clone> Clone for WithId<V> {
    fn clone(&self) -> Self {
        Self::new(self.value.clone())
    }
}

impl<V: Default> Default for WithId<V> {
    fn default() -> Self {
        Self::new(V::default())
    }
}

impl<V: PartialEq> PartialEq for WithId<V> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<V: Eq> Eq for WithId<V> {}

impl<V: PartialOrd> PartialOrd for WithId<V> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<V: Ord> Ord for WithId<V> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl<V: core::hash::Hash> core::hash::Hash for WithId<V> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<V: fmt::Debug> fmt::Debug for WithId<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<V: fmt::Display> fmt::Display for WithId<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_counters_give_the_same_stamp() {
        let mut seen = HashSet::new();
        for counter in 0..COUNTERS {
            for number in 0..9 {
                let Stamp(stamp) = Stamp::of(counter, number);
                assert!(seen.insert(stamp), "{counter}, {number}");
            }
        }
    }
}
