//! [`Cache`]: a map that makes room: an insert into a full one evicts.

mod cells;
mod counts;
mod expire;
mod fill;
mod insert;
mod iter;
mod pins;
mod policy;
mod remove;
mod repair;

pub use counts::CacheStats;
pub use expire::Expire;
pub use insert::Inserted;
pub use iter::CacheIter;
pub use remove::CacheDrain;

use crate::{DefaultHashBuilder, Equivalent, Map, Ref};
use cells::{Flags, USED, USED_AGAIN};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::panic::{RefUnwindSafe, UnwindSafe};
use counts::Counts;
use insert::Places;
use policy::Policy;
use tagged_arena::{const_new, init};

/// A lock-free cache: a [`Map`] that makes room. An insert into a full one evicts, and is refused only if
/// nothing may go, or if every cell is taken, also by what was evicted and is still held (see
/// [*Capacity*](#capacity)).
///
/// For tables from which old entries may go: neighbours, names, sessions, routes, flows. Which entry goes
/// is chosen by use: one that was only ever looked at when it came in goes soon, one that is used again
/// stays. What a guard ([`Ref`]) holds is never evicted, nor what is [pinned](Self::pin), and nothing is by
/// an insert that finds one of the `N` places free. What is evicted goes back to the caller of
/// [`insert`](Self::insert), exactly once.
///
/// An entry may have a *time to live* ([`insert_at`](Self::insert_at)). Time is a number that you pass, in
/// whatever unit: the cache knows no clock. See [below](#time).
///
/// ```
/// use arenamap::Cache;
///
/// /// Who has which address, for at most 64 neighbours.
/// static NEIGHBOURS: Cache<u32, [u8; 6], 64> = Cache::new();
///
/// let now = 1_000; // milliseconds since the start, say
/// NEIGHBOURS.insert_at(0x0A00_0001, [2, 0, 0, 0, 0, 1], now, 60_000)?;
/// assert!(NEIGHBOURS.get_at(&0x0A00_0001, now + 59_999).is_some());
/// assert!(NEIGHBOURS.get_at(&0x0A00_0001, now + 60_000).is_none());
///
/// // The gateway stays, however many others come.
/// NEIGHBOURS.insert(0x0A00_00FE, [2, 0, 0, 0, 0, 0xFE])?;
/// NEIGHBOURS.pin(&0x0A00_00FE);
/// for other in 0..1_000 {
///     NEIGHBOURS.insert(other, [0; 6])?;
/// }
/// assert!(NEIGHBOURS.get(&0x0A00_00FE).is_some());
/// # Ok::<(), arenamap::Full<(u32, [u8; 6])>>(())
/// ```
///
/// | method | progress | complexity |
/// |---|---|---|
/// | [`get`](Self::get), [`get_at`](Self::get_at), [`peek`](Self::peek) | lock-free | constant, and the bucket's chain |
/// | [`insert`](Self::insert), [`insert_at`](Self::insert_at) | lock-free | constant as a rule; when full at most sixteen passes for a cell, and four rounds of the cells a try |
/// | [`get_or_insert_with`](Self::get_or_insert_with) | lock-free | as `get`, or as `insert` |
/// | [`contains_key`](Self::contains_key), [`remove_if`](Self::remove_if) | lock-free | as `get` |
/// | [`pin`](Self::pin), [`unpin`](Self::unpin), [`renew`](Self::renew), [`remove`](Self::remove) | lock-free | as `get` |
/// | [`is_pinned`](Self::is_pinned), [`expires_at`](Self::expires_at) | lock-free | as `get` |
/// | [`expire`](Self::expire), [`iter`](Self::iter), [`clear`](Self::clear) | lock-free | cells |
/// | [`retain`](Self::retain) | lock-free | cells |
/// | [`len`](Self::len), [`is_empty`](Self::is_empty) | lock-free | cells |
/// | [`expire_some`](Self::expire_some) | lock-free | the cells asked for |
/// | [`stats`](Self::stats) | wait-free | constant |
/// | [`drain`](Self::drain), [`repair`](Self::repair) | exclusive: nobody else is there | cells |
///
/// All may be called from any context, interrupt handlers included, as those of a [`Map`]; a panic in `Eq`,
/// `Hash` or `Drop` corrupts nothing. Operations on one key are linearizable, as those of a map; an insert
/// that evicts is two steps, for a moment there is one entry less. On targets without compare-and-swap they
/// are not lock-free: see the crate's text. Pins and deadlines are seen a little before they decide. So
/// beside a removal of its key, a pin or a renewal that comes too late (`false`) may be seen until the
/// entry has left; and beside a replacement of the entry, a pin, an unpinning or a renewal may be seen in
/// the old entry and then once more in the new one, which it comes to in the end.
///
/// # Capacity
///
/// At most `N` entries are kept, and an insert evicts only if it finds all `N` places taken: by entries,
/// and by inserts and removals in progress. `EXTRA` more cells (`N` by default, one at least) are there for
/// what comes and goes: an insert takes a cell before it evicts or replaces, and what was evicted, replaced
/// or removed keeps its cell until its last [`Ref`] is dropped. An insert is refused, with its arguments,
///
/// * if it found `N` entries, each of them pinned, held (perhaps by another insert that just looks at it),
///   or just being changed, and no place had become free after that; or fewer, eight times in a row,
///   because they moved under its looks; or
/// * if all `N` places are taken by inserts and removals in progress; or
/// * if all `N + EXTRA` cells are taken: by entries, by inserts in progress (a cell each), and by what is
///   held although it has left.
///
/// A cache is full as a rule, and with few cells beside those of its entries most of these are in chains. So
/// `EXTRA` is worth its memory here. With `N / 2` there are a quarter fewer cells, and a request takes a
/// quarter more time to nearly twice as much; with 8 there are about half as many, and it takes three to four
/// times as much (page [`speed`](crate::speed#caches); in instructions of boards, page
/// [`design`](crate::design#instructions-on-boards)). Where RAM is dearer than time, write
/// `Cache<K, V, 64, 8>`.
///
/// # Memory
///
/// Beside what a [`Map`] takes: five bytes for each cell (flags, a deadline), two for each of the `N`
/// entries (a ghost), a quarter of a native word for each cell (the ring); and once for each cache 40 bytes
/// on 32-bit targets. On 64-bit ones that is 19 cache lines and two words, and padding up to two lines.
///
/// # Time
///
/// Time is a `u32` that may wrap: of a longer clock pass the low 32 bits. A deadline is at most 2^30 ticks
/// ahead (a longer time to live is cut to that: 12 days of milliseconds, 34 years of seconds), and counts as
/// over for 2^31 ticks once it has come. The `now` of one context may be behind that of another, by 2^30
/// ticks. After that it would seem to lie ahead again, so what has expired must have been taken out by then:
/// an [`expire`](Self::expire) every now and then does that, but for what is pinned. Renew or remove that
/// within 2^31 ticks after its deadline.
///
/// Expiry is *lazy*: [`get_at`](Self::get_at) does not find what has expired, but leaves it where it is.
/// It is taken out, and goes back to a caller, when it is evicted (the hand prefers it), when its key is
/// inserted anew, by [`expire`](Self::expire), or by [`remove`](Self::remove). [`get`](Self::get),
/// [`peek`](Self::peek), [`iter`](Self::iter) and [`len`](Self::len) know no time: they see it until then.
///
/// # What is exact, and what is not
///
/// Exact, whatever other contexts do and wherever one is suspended: that what is held or pinned is not
/// evicted, that an insert evicts nothing if it finds fewer than `N` places taken (by entries, and by
/// inserts and removals in progress), and that each pair comes back once. Inexact when contexts race: which
/// entry goes, and that one goes although a place has become free since the insert looked; and where a
/// counter of the map wraps just so (page [`design`](crate::design)), a pin may be missed. A context that
/// is suspended for good in an operation blocks nobody. It costs a place of the `N` at most, and three
/// cells (two in a [`Map`]: an insert may also have the cell of what it has evicted), in
/// [`get_or_insert_with`](Self::get_or_insert_with) four, of which it may hold the entry that it found over
/// and the one that it put in. So for each such context that is to be borne `EXTRA` is so many more. What
/// it holds, one entry or two, is not evicted.
///
/// # The policy
///
/// New entries are on probation, in a ring of a fifth of the entries. One that was used when its turn has
/// come stays; one that was not is evicted, but a fingerprint of its key is kept, so that it stays from
/// the start if it comes back. Of those that stay, a hand that goes round evicts one that was not used
/// (*CLOCK* with two bits). A hit writes at most one bit of shared memory, and only if that is not set;
/// beside it, its guard takes a slot, as in a `Map`, and it is counted on a line that no other context
/// uses as a rule. Hit ratios on public traces stand on the page [`speed`](crate::speed#caches).
pub struct Cache<K, V, const N: usize, const EXTRA: usize = N, S = DefaultHashBuilder> {
    pub(crate) map: Map<K, V, N, EXTRA, S>,
    flags: Flags<N, EXTRA>,
    policy: Policy<N, EXTRA>,
    places: Places,
    counts: Counts,
    /// How many cells `expire_some` has looked at.
    swept: tagged_arena::sync::AtomicUsize,
}

impl<K, V, const N: usize, const EXTRA: usize> Cache<K, V, N, EXTRA> {
    const_new! {
        /// An empty cache with the default hasher: all zero bits, so that a `static` lies in `.bss`.
        ///
        /// `N = 0` and `EXTRA = 0` do not compile. Nor does, on 32-bit targets, any operation of a cache
        /// with `N + EXTRA` over 4,095 (with the default `EXTRA`: `N` over 2,047).
        pub fn new() -> Self {
            Self::with_hasher(DefaultHashBuilder::new())
        }
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> Cache<K, V, N, EXTRA, S> {
    const_new! {
        /// An empty cache with this hasher, of which more is said at
        /// [`CopyMap::with_hasher`](crate::CopyMap::with_hasher).
        pub fn with_hasher(hasher: S) -> Self {
            const { assert!(EXTRA > 0, "a cache without a spare cell: EXTRA must be at least 1") };
            Self {
                map: Map::with_hasher(hasher),
                flags: init!(Flags<N, EXTRA>),
                policy: init!(Policy<N, EXTRA>),
                places: init!(Places),
                counts: init!(Counts),
                swept: init!(tagged_arena::sync::AtomicUsize),
            }
        }
    }

    /// The hasher: to give a `SeededState` its seed before the first use, say.
    pub const fn hasher(&self) -> &S {
        self.map.hasher()
    }

    /// How many entries are kept: `N`.
    pub const fn capacity(&self) -> usize {
        N
    }

    /// How many cells there are: `N + EXTRA`.
    pub const fn cells(&self) -> usize {
        N + EXTRA
    }

    /// How many entries there are, expired ones included: see [`Map::len`].
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there is no entry: see [`len`](Self::len).
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// How many hits, misses, evictions and expirations there have been. The counters wrap.
    ///
    /// Exact when nothing else is going on; else each figure is what was counted while it was added up.
    /// Wait-free. Complexity: constant. Interrupts: yes. Panics: never.
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let names: Cache<u16, &str, 2> = Cache::new();
    /// names.insert(1, "one")?;
    /// assert!(names.get(&1).is_some() && names.get(&3).is_none());
    /// names.insert(2, "two")?;
    /// names.insert(3, "three")?; // there is room for two
    /// let stats = names.stats();
    /// assert_eq!((stats.hits, stats.misses, stats.evictions), (1, 1, 1));
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn stats(&self) -> CacheStats {
        self.counts.sums()
    }
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Cache<K, V, N, EXTRA, S> {
    /// The key's entry, held by a guard, whatever its deadline says. Counts as a use. While the guard
    /// lives, the entry is not evicted.
    ///
    /// Lock-free, and linearizes, as [`Map::get`]; beside that it reads the entry's flags. Complexity,
    /// interrupts, panics: as there. (If it meets an eviction of the entry in a chain, which it prevents, it
    /// may have to help removals of others to their end, and drop what they left, as an insert does.)
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let names: Cache<u16, &str, 1> = Cache::new();
    /// names.insert(5, "five")?;
    /// let five = names.get(&5).expect("it is there");
    /// // What is held is not evicted, so there is no room for another.
    /// assert!(names.insert(6, "six").is_err());
    /// drop(five);
    /// assert!(names.insert(6, "six").is_ok());
    /// assert!(names.get(&5).is_none());
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    #[inline]
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<Ref<'_, K, V>> {
        self.look_up(key, |_, _| true)
    }

    /// The key's entry, held by a guard, unless it has expired: see [Time](Self#time). As
    /// [`get`](Self::get).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let names: Cache<&str, u32, 8> = Cache::new();
    /// // An answer that is good for 300 seconds.
    /// names.insert_at("example.org", 0x5DB8_D70E, 10, 300)?;
    /// assert!(names.get_at("example.org", 309).is_some());
    /// assert!(names.get_at("example.org", 310).is_none());
    /// // It is still there, should a stale answer be better than none.
    /// assert_eq!(names.peek("example.org").as_deref(), Some(&0x5DB8_D70E));
    /// # Ok::<(), arenamap::Full<(&str, u32)>>(())
    /// ```
    #[inline]
    pub fn get_at<Q: Hash + Equivalent<K> + ?Sized>(
        &self,
        key: &Q,
        now: u32,
    ) -> Option<Ref<'_, K, V>> {
        self.look_up(key, |index, flags| !self.flags.is_over(index, flags, now))
    }

    #[inline(always)]
    fn look_up<Q: Hash + Equivalent<K> + ?Sized>(
        &self,
        key: &Q,
        good: impl Fn(usize, u8) -> bool,
    ) -> Option<Ref<'_, K, V>> {
        while let Some(entry) = self.map.get(key) {
            let index = entry.guard().index();
            let flags = self.flags.get(index);
            if !self.keep(&entry, flags) {
                // It has left: what is there now?
                continue;
            }
            if !good(index, flags) {
                break;
            }
            self.used(index, flags);
            self.counts.hit(entry.guard().slot());
            return Some(entry);
        }
        self.counts.missed();
        None
    }

    /// Counts as a use: sets a bit if it is not set.
    #[inline(always)]
    fn used(&self, index: usize, flags: u8) {
        if flags & USED == 0 {
            self.flags.raise(index, USED);
        } else if flags & USED_AGAIN == 0 {
            self.flags.raise(index, USED_AGAIN);
        }
    }

    /// The key's entry, held by a guard, whatever its deadline says. Neither a use nor counted. As
    /// [`get`](Self::get).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let names: Cache<u16, &str, 8> = Cache::new();
    /// names.insert(5, "five")?;
    /// assert_eq!(names.peek(&5).as_deref(), Some(&"five"));
    /// assert_eq!(names.stats().hits, 0);
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    #[inline]
    pub fn peek<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<Ref<'_, K, V>> {
        loop {
            let entry = self.map.get(key)?;
            if self.is_kept(&entry) {
                return Some(entry);
            }
            // It has left: what is there now?
        }
    }

    /// Makes sure that an entry which is held, and whose flags were read since, is not evicted. `false`: it
    /// has left, evicted, removed or replaced: the key may have another one.
    #[inline(always)]
    fn keep(&self, entry: &Ref<'_, K, V>, flags: u8) -> bool {
        !Flags::<N, EXTRA>::condemned(flags) || self.rescue(entry)
    }

    #[inline(always)]
    fn is_kept(&self, entry: &Ref<'_, K, V>) -> bool {
        self.keep(entry, self.flags.get(entry.guard().index()))
    }

    #[cold]
    #[inline(never)]
    fn rescue(&self, entry: &Ref<'_, K, V>) -> bool {
        let rescued = self.map.touch(entry);
        if rescued {
            self.flags.spare(entry.guard().index());
        }
        rescued
    }

    /// Whether the key is there, whatever its deadline says. Neither a use nor counted. As
    /// [`peek`](Self::peek).
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let names: Cache<&str, u32, 8> = Cache::new();
    /// names.insert("a", 1)?;
    /// assert!(names.contains_key("a") && !names.contains_key("b"));
    /// # Ok::<(), arenamap::Full<(&str, u32)>>(())
    /// ```
    pub fn contains_key<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        self.peek(key).is_some()
    }
}

// A panic in user code corrupts nothing: whoever catches it may go on with the cache.
impl<K, V, const N: usize, const EXTRA: usize, S> UnwindSafe for Cache<K, V, N, EXTRA, S> {}
impl<K, V, const N: usize, const EXTRA: usize, S> RefUnwindSafe for Cache<K, V, N, EXTRA, S> {}

impl<K, V, const N: usize, const EXTRA: usize, S: Default> Default for Cache<K, V, N, EXTRA, S> {
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> fmt::Debug for Cache<K, V, N, EXTRA, S>
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
