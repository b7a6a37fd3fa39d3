//! [`CopyMap`]: plain-data keys and values, and reads that write nothing.

mod change;
mod entry;
mod exclusive;
mod in_place;
mod iter;
mod remove;
mod repair;
mod write;

pub use exclusive::{CopyDrain, CopyIntoIter};
pub use iter::{CopyIter, CopyKeys, CopyValues};

use crate::hash::{DefaultHashBuilder, NativeHash};
use crate::stats::{self, Stats};
use crate::table::Table;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::panic::{RefUnwindSafe, UnwindSafe};
use entry::CopyTable;
use equivalent::Equivalent;
use tagged_arena::plain::Plain;
use tagged_arena::word::Layout;
use tagged_arena::{const_new, init};

/// A lock-free hash map of plain data whose reads store nothing to shared memory.
///
/// Keys and values are copied in and out, and are [`Plain`]: numbers, `bool`, `char`, `NonZero`, IP
/// addresses, `Duration`, arrays, tuples and `Option` of them, and your own structs and enums with a line
/// ([`impl_plain!`](crate::impl_plain)) or by hand. A read takes no lock, no slot and no count: reads scale
/// with the cores, and a stalled reader holds nothing back.
///
/// `N` is how many entries the map promises to hold. `EXTRA` more cells are there for speed and for
/// replacements: up to eight of them are kept so that replacing a value works in a full map, the rest counts
/// as capacity ([`CopyMap::capacity`]). With a larger `EXTRA` fewer entries overflow into chains. A hasher
/// `S` of your own comes last: `CopyMap<K, V, 64, 8, S>`.
///
/// | method | progress | complexity |
/// |---|---|---|
/// | [`get`](Self::get), [`contains_key`](Self::contains_key) | lock-free, no store | *bucket* |
/// | [`insert`](Self::insert) | lock-free | *bucket*; *cells* when nearly full |
/// | [`try_insert`](Self::try_insert), [`get_or_insert_with`](Self::get_or_insert_with) | lock-free | the same |
/// | [`update`](Self::update), [`upsert`](Self::upsert), [`compute`](Self::compute) | lock-free | the same |
/// | [`try_extend`](Self::try_extend) | lock-free | one insert each |
/// | [`remove`](Self::remove), [`remove_if`](Self::remove_if) | lock-free | *bucket* |
/// | [`retain`](Self::retain), [`clear`](Self::clear) | lock-free | *cells* |
/// | [`iter`](Self::iter), [`keys`](Self::keys), [`values`](Self::values) | lock-free | *cells* |
/// | [`drain`](Self::drain), `into_iter`, [`repair`](Self::repair) | exclusive: nobody else is there | *cells* |
/// | [`len`](Self::len), [`is_empty`](Self::is_empty), [`is_full`](Self::is_full) | lock-free | *cells* |
/// | [`stats`](Self::stats) | wait-free | *cells* |
///
/// *bucket*: constant, and the length of the key's bucket's chain; *cells*: their number. In steps and
/// instructions: [`worst_cases`](crate::worst_cases).
///
/// What is stored are a key's and a value's [bits](Plain::Bits), and each copy of them is checked before it
/// becomes a key or a value: so no pattern that is none ever does, not even if a counter wrapped. An entry
/// whose bits [`Plain::from_bits`] refuses although they were stored (by a wrong implementation; builds with
/// debug assertions panic when that stores something) counts as absent: look-ups and iterators pass it by,
/// inserting replaces it, and it is removed with its key, without being returned. Until then it keeps its
/// cell, and [`len`](Self::len) counts it. (A refused *key* is found by nobody: its cell is free again with
/// [`drain`](Self::drain).)
///
/// There is no `get_mut` and no `iter_mut`: a value lies in atomic pieces, to which there is no `&mut V`.
/// [`update`](Self::update) changes it.
///
/// All may be called from any context: core, thread, task or interrupt handler, also one that
/// interrupted another operation of the same map. **On targets without compare-and-swap they are
/// not lock-free**: see the crate's text.
///
/// ```
/// use arenamap::CopyMap;
///
/// static PRICES: CopyMap<u32, u64, 256> = CopyMap::new();
///
/// PRICES.insert(7, 100)?;
/// assert_eq!(PRICES.get(&7), Some(100));
/// assert_eq!(PRICES.insert(7, 120)?, Some(100));
/// assert_eq!(PRICES.remove(&7), Some(120));
/// assert_eq!(PRICES.get(&7), None);
/// # Ok::<(), arenamap::Full<(u32, u64)>>(())
/// ```
pub struct CopyMap<
    K: Plain,
    V: Plain,
    const N: usize,
    const EXTRA: usize = 8,
    S = DefaultHashBuilder,
> {
    pub(crate) table: CopyTable<K, V, N, EXTRA>,
    hasher: S,
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize> CopyMap<K, V, N, EXTRA> {
    const_new! {
        /// An empty map with the default hasher: all zero bits, so that a `static` lies in `.bss`.
        ///
        /// `N = 0` does not compile. Nor does, on 32-bit targets, any operation of a map with `N + EXTRA`
        /// over 4,095.
        pub fn new() -> Self {
            Self::with_hasher(DefaultHashBuilder::new())
        }
    }
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> CopyMap<K, V, N, EXTRA, S> {
    const OWN: Layout = CopyTable::<K, V, N, EXTRA>::OWN;

    /// How many bits the version of a bucket has. It wraps after 2^`VERSION_BITS` changes of that bucket:
    /// what this means for an operation that is suspended meanwhile, [guarantees](crate::guide::guarantees)
    /// says (G).
    ///
    /// ```
    /// use arenamap::CopyMap;
    ///
    /// type Readings = CopyMap<u16, u32, 256>;
    /// const { assert!(Readings::VERSION_BITS >= 19) }
    /// ```
    pub const VERSION_BITS: u32 = CopyTable::<K, V, N, EXTRA>::SHAPE.link.generation_bits();

    const_new! {
        /// An empty map with this hasher.
        ///
        /// Any hasher will do: the map mixes what it returns, so that the bucket depends on all of its bits.
        /// One that returns the key, or a 32-bit hash such as CRC-32 or FNV-1a, spreads keys as well as
        /// chance would (tests `spread`), for two multiplications more than the default. What no map can
        /// make up for is equal hashes of different keys. Against keys that an adversary chooses only a
        /// keyed hasher with a secret helps: `SeededState` (feature `siphash`).
        ///
        /// ```
        /// use arenamap::{CopyMap, DefaultHashBuilder};
        ///
        /// let seed = 0x5eed; // from a hardware random number generator
        /// let map: CopyMap<u32, u32, 64> = CopyMap::with_hasher(DefaultHashBuilder::with_seed(seed));
        /// assert!(map.is_empty());
        /// ```
        pub fn with_hasher(hasher: S) -> Self {
            const { assert!(N > 0, "a map of zero entries: N must be at least 1") };
            Self {
                table: init!(CopyTable<K, V, N, EXTRA>),
                hasher,
            }
        }
    }

    /// The hasher.
    ///
    /// ```
    /// use arenamap::{CopyMap, DefaultHashBuilder};
    ///
    /// let map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// assert_eq!(map.hasher(), &DefaultHashBuilder::new());
    /// ```
    pub const fn hasher(&self) -> &S {
        &self.hasher
    }

    /// How many entries the map holds before it is full: `N`, and what `EXTRA` has beyond the eight
    /// cells that are kept for replacements. Example: at [`len`](Self::len).
    pub const fn capacity(&self) -> usize {
        CopyTable::<K, V, N, EXTRA>::CAPACITY
    }

    /// How many cells there are: `N + EXTRA`. Example: at [`len`](Self::len).
    pub const fn cells(&self) -> usize {
        N + EXTRA
    }

    /// How many entries there are. Exact when nothing else is going on.
    ///
    /// Beside other operations: at least as many as were there during the whole call, at most as many as
    /// there were different ones at any time of it (the buckets are counted one after the other), and never
    /// more than the capacity when nothing but replacements go on. Lock-free: it counts a bucket again when
    /// that one changed meanwhile. Complexity: the buckets, and the entries in chains. Interrupts: yes.
    /// Panics: never.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8, 12> = CopyMap::new();
    /// map.insert(1, 10)?;
    /// map.insert(2, 20)?;
    /// assert_eq!((map.len(), map.is_empty(), map.is_full()), (2, false, false));
    /// // Of the 12 extra cells eight are kept for replacements; the others are room for entries.
    /// assert_eq!((map.capacity(), map.cells()), (12, 20));
    /// let stats = map.stats();
    /// assert_eq!((stats.live, stats.free), (2, 18));
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn len(&self) -> usize {
        stats::entries(&self.table)
    }

    /// Whether there is no entry: see [`len`](Self::len).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there are as many entries as the capacity promises: see [`len`](Self::len).
    pub fn is_full(&self) -> bool {
        self.len() >= self.capacity()
    }

    /// A census of cells and chains, cell by cell. Wait-free. Complexity: the cells. Interrupts: yes.
    /// Panics: never. Example: at [`len`](Self::len).
    pub fn stats(&self) -> Stats {
        stats::census(&self.table)
    }
}

impl<K: Plain + Eq + Hash, V: Plain, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopyMap<K, V, N, EXTRA, S>
{
    /// One copy for all writers where code is dear.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline)]
    pub(crate) fn group<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        self.group_inline(key)
    }

    #[inline(always)]
    fn group_inline<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        CopyTable::<K, V, N, EXTRA>::SHAPE.group(NativeHash::new(self.hasher.hash_one(key)))
    }

    /// A copy of the key's value.
    ///
    /// Linearizes where the value is read (or, of an absent key, its bucket's word). Stores nothing.
    /// Lock-free: it starts over only when a writer changed the bucket under it. Complexity: constant, and
    /// the length of the bucket's chain, which is empty as a rule. Interrupts: yes. Panics: only if `Q`'s
    /// `Hash` or `equivalent` does.
    ///
    /// A key whose bits are one piece (1, 2, 4 or, on 64-bit targets, 8 bytes) may also be compared with
    /// keys that were in the map earlier or were about to come, and with the one of zero bits, if there is
    /// one; the answer does not depend on it.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// map.insert(1, 10)?;
    /// assert_eq!((map.get(&1), map.get(&2)), (Some(10), None));
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        self.find(self.group_inline(key), key)
    }

    /// Whether the key is in the map: as [`get`](Self::get).
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// map.insert(1, 10)?;
    /// assert!(map.contains_key(&1) && !map.contains_key(&2));
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    #[inline]
    pub fn contains_key<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        self.get(key).is_some()
    }
}

// A panic in user code corrupts nothing (tests `panics`): whoever catches it may go on with it.
impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> UnwindSafe
    for CopyMap<K, V, N, EXTRA, S>
{
}
impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> RefUnwindSafe
    for CopyMap<K, V, N, EXTRA, S>
{
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S: Default> Default
    for CopyMap<K, V, N, EXTRA, S>
{
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> fmt::Debug
    for CopyMap<K, V, N, EXTRA, S>
where
    K: Eq + Hash + fmt::Debug,
    V: fmt::Debug,
    S: BuildHasher,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
