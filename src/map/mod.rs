//! [`Map`]: keys and values of any type, read through guards.

mod at;
mod by_id;
mod change;
mod entry;
mod exclusive;
mod iter;
mod keep;
mod reference;
mod remove;
mod repair;
mod write;

pub use exclusive::{Drain, IntoIter, IterMut};
pub use iter::{Iter, Keys};
pub use reference::{KeyRef, Ref};

use crate::hash::{DefaultHashBuilder, NativeHash};
use crate::stats::{self, Stats};
use crate::table::Table;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::panic::{RefUnwindSafe, UnwindSafe};
pub(crate) use entry::Held;
pub(crate) use entry::MapTable;
use equivalent::Equivalent;
use tagged_arena::word::Layout;
use tagged_arena::{const_new, init};
pub(crate) use write::{MapGuard, MapOwned};

/// A lock-free hash map of any keys and values, read through guards.
///
/// [`get`](Self::get) gives a [`Ref`] that dereferences to the value without copying it; the entry
/// stays readable while the guard lives, also after it was removed. Keys and values are dropped
/// exactly once: when the last guard of a removed entry goes, or at once if there is none (without
/// drop glue: when the cell is wanted again).
///
/// `N` is how many entries the map promises to hold. `EXTRA` more cells are there for speed and for
/// replacements: up to eight of them are kept so that replacing a value works in a full map, the
/// rest counts as capacity ([`Map::capacity`]). A hasher `S` of your own comes last: `Map<K, V, 64, 8, S>`.
///
/// | method | progress | complexity |
/// |---|---|---|
/// | [`get`](Self::get), [`get_copied`](Self::get_copied) | lock-free | *bucket* |
/// | [`contains_key`](Self::contains_key) | lock-free | *bucket* |
/// | [`insert`](Self::insert) | lock-free | *bucket*; *cells* when nearly full |
/// | [`try_insert`](Self::try_insert), [`get_or_insert_with`](Self::get_or_insert_with) | lock-free | the same |
/// | [`update`](Self::update), [`upsert`](Self::upsert), [`compute`](Self::compute) | lock-free | the same |
/// | [`try_extend`](Self::try_extend) | lock-free | one insert each |
/// | [`remove`](Self::remove), [`remove_if`](Self::remove_if) | lock-free | *bucket* |
/// | [`retain`](Self::retain), [`clear`](Self::clear) | lock-free | *cells* |
/// | [`iter`](Self::iter), [`keys`](Self::keys), [`values`](Self::values) | lock-free | *cells* |
/// | [`get_mut`](Self::get_mut) | exclusive: nobody else is there | *bucket* |
/// | [`iter_mut`](Self::iter_mut), [`drain`](Self::drain), `into_iter` | exclusive | *cells* |
/// | [`repair`](Self::repair) | exclusive | *cells* |
/// | [`entry_id`](Self::entry_id), [`insert_with_id`](Self::insert_with_id) | lock-free | as `get`, `insert` |
/// | [`get_by_id`](Self::get_by_id), [`remove_by_id`](Self::remove_by_id) | lock-free | constant; *bucket* in a chain |
/// | [`len`](Self::len), [`is_empty`](Self::is_empty), [`is_full`](Self::is_full) | lock-free | *cells* |
/// | [`stats`](Self::stats) | wait-free | *cells* |
///
/// *bucket*: constant, and the length of the key's bucket's chain; *cells*: their number. In steps and
/// instructions: [`worst_cases`](crate::worst_cases).
///
/// All may be called from any context: core, thread, task or interrupt handler, also one that
/// interrupted another operation of the same map. A panic in `Eq`, `Hash`, a closure or `Drop`
/// corrupts nothing. **On targets without compare-and-swap they are not lock-free**: see the crate's
/// text.
///
/// ```
/// use arenamap::Map;
/// use core::sync::atomic::{AtomicU32, Ordering};
///
/// static HITS: Map<&str, AtomicU32, 64> = Map::new();
///
/// let hits = HITS.get_or_insert_with("/index", AtomicU32::default)?;
/// hits.fetch_add(1, Ordering::Relaxed);
/// drop(hits);
///
/// let removed = HITS.remove("/index").expect("it was there");
/// assert!(HITS.get("/index").is_none());
/// assert_eq!(removed.load(Ordering::Relaxed), 1); // still readable
/// # Ok::<(), arenamap::Full<&str>>(())
/// ```
pub struct Map<K, V, const N: usize, const EXTRA: usize = 8, S = DefaultHashBuilder> {
    pub(crate) table: MapTable<K, V, N, EXTRA>,
    hasher: S,
}

impl<K, V, const N: usize, const EXTRA: usize> Map<K, V, N, EXTRA> {
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

impl<K, V, const N: usize, const EXTRA: usize, S> Map<K, V, N, EXTRA, S> {
    const OWN: Layout = MapTable::<K, V, N, EXTRA>::OWN;

    /// How many bits the version of a bucket has: see
    /// [`CopyMap::VERSION_BITS`](crate::CopyMap::VERSION_BITS).
    ///
    /// ```
    /// use arenamap::Map;
    ///
    /// type Names = Map<u16, &'static str, 256>;
    /// const { assert!(Names::VERSION_BITS >= 19) }
    /// ```
    pub const VERSION_BITS: u32 = MapTable::<K, V, N, EXTRA>::SHAPE.link.generation_bits();

    const_new! {
        /// An empty map with this hasher, of which more is said at
        /// [`CopyMap::with_hasher`](crate::CopyMap::with_hasher).
        ///
        /// ```
        /// use arenamap::{DefaultHashBuilder, Map};
        ///
        /// static NAMES: Map<u16, &str, 8> = Map::with_hasher(DefaultHashBuilder::with_seed(0x5eed));
        /// assert!(NAMES.is_empty());
        /// ```
        pub fn with_hasher(hasher: S) -> Self {
            const { assert!(N > 0, "a map of zero entries: N must be at least 1") };
            Self {
                table: init!(MapTable<K, V, N, EXTRA>),
                hasher,
            }
        }
    }

    /// The hasher.
    ///
    /// ```
    /// use arenamap::{DefaultHashBuilder, Map};
    ///
    /// let names: Map<u16, &str, 8> = Map::new();
    /// assert_eq!(names.hasher(), &DefaultHashBuilder::new());
    /// ```
    pub const fn hasher(&self) -> &S {
        &self.hasher
    }

    /// How many entries the map holds before it is full: `N`, and what `EXTRA` has beyond the eight
    /// cells that are kept for replacements. Example: at [`len`](Self::len).
    pub const fn capacity(&self) -> usize {
        MapTable::<K, V, N, EXTRA>::CAPACITY
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
    /// # use arenamap::Map;
    /// let names: Map<u16, &str, 8, 12> = Map::new();
    /// names.insert(5, "five")?;
    /// names.insert(6, "six")?;
    /// let removed = names.remove(&6);
    /// assert_eq!((names.len(), names.is_empty(), names.is_full()), (1, false, false));
    /// // Of the 12 extra cells eight are kept for replacements; the others are room for entries.
    /// assert_eq!((names.capacity(), names.cells()), (12, 20));
    /// // What was removed keeps its cell while a guard holds it.
    /// let stats = names.stats();
    /// assert_eq!((stats.live, stats.removed, stats.free), (1, 1, 18));
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
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

/// Where a key lives, and what is kept of its hash in its cell.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    group: usize,
    pub(crate) label: u16,
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    #[inline(always)]
    pub(crate) fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> u64 {
        self.hasher.hash_one(key)
    }

    #[inline(always)]
    pub(crate) fn spot<Q: Hash + ?Sized>(&self, key: &Q) -> Spot {
        self.spot_of(self.native_hash(key))
    }

    #[inline(always)]
    pub(crate) fn native_hash<Q: Hash + ?Sized>(&self, key: &Q) -> NativeHash {
        NativeHash::new(self.hash(key))
    }

    #[inline(always)]
    pub(crate) fn spot_of(&self, hash: NativeHash) -> Spot {
        Spot {
            group: MapTable::<K, V, N, EXTRA>::SHAPE.group(hash),
            label: hash.label(),
        }
    }

    /// The key's entry, held by a guard.
    ///
    /// Linearizes where its bucket's word is read, once the entry is held. Lock-free: it starts over only
    /// when a writer changed the bucket under it. Complexity: constant, and the length of the bucket's
    /// chain, which is empty as a rule. Costs one compare-and-swap on a slot that no other context uses as a
    /// rule. Interrupts: yes. Panics: only if `Q`'s `Hash` or `equivalent` does, or the drop of an entry
    /// that was removed meanwhile and that this look-up was the last to hold.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let numbers: Map<String, u32, 8> = Map::new();
    /// numbers.insert("five".to_string(), 5)?;
    /// let five = numbers.get("five").expect("it is there");
    /// assert_eq!((five.key().as_str(), *five), ("five", 5));
    /// assert!(numbers.get("six").is_none());
    /// # Ok::<(), arenamap::Full<(String, u32)>>(())
    /// ```
    #[inline]
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<Ref<'_, K, V>> {
        self.find_inline(self.spot(key), key).map(Held::into_ref)
    }

    /// Whether the key is in the map: as [`get`](Self::get).
    ///
    /// ```
    /// # use arenamap::Map;
    /// let names: Map<u16, &str, 8> = Map::new();
    /// names.insert(5, "five")?;
    /// assert!(names.contains_key(&5) && !names.contains_key(&6));
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    #[inline]
    pub fn contains_key<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        self.find(self.spot(key), key).is_some()
    }

    /// A copy of the key's value: as [`get`](Self::get).
    ///
    /// ```
    /// # use arenamap::Map;
    /// let numbers: Map<&str, u32, 8> = Map::new();
    /// numbers.insert("five", 5)?;
    /// assert_eq!((numbers.get_copied("five"), numbers.get_copied("six")), (Some(5), None));
    /// # Ok::<(), arenamap::Full<(&str, u32)>>(())
    /// ```
    #[inline]
    pub fn get_copied<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<V>
    where
        V: Copy,
    {
        self.find(self.spot(key), key).map(|held| held.pair().1)
    }
}

// A panic in user code corrupts nothing (tests `panics`): whoever catches it may go on with it.
impl<K, V, const N: usize, const EXTRA: usize, S> UnwindSafe for Map<K, V, N, EXTRA, S> {}
impl<K, V, const N: usize, const EXTRA: usize, S> RefUnwindSafe for Map<K, V, N, EXTRA, S> {}

impl<K, V, const N: usize, const EXTRA: usize, S: Default> Default for Map<K, V, N, EXTRA, S> {
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> fmt::Debug for Map<K, V, N, EXTRA, S>
where
    K: Eq + Hash + fmt::Debug,
    V: fmt::Debug,
    S: BuildHasher,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for entry in self {
            map.entry(entry.key(), entry.value());
        }
        map.finish()
    }
}
