//! The safe face: a pool of values with generational identifiers.

mod guard;
mod whole;

pub use guard::PoolGuard;
pub use whole::{PoolDrain, PoolIntoIter, PoolIter};

use crate::arena::Arena;
use crate::cells::{Cells, Want};
use crate::order::decided_by_another;
use crate::sync::{AtomicUsize, Ordering, Padded, context_hint, fence};
use crate::word::{Layout, State, Word};
use crate::{const_new, init};
use core::fmt;
use core::num::NonZeroUsize;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// There is no room; what was to be put in comes back in `.0`.
///
/// What counts as room, the method says that returns it.
///
/// ```
/// use tagged_arena::{Full, Pool};
///
/// let jobs: Pool<&str, 1> = Pool::new();
/// jobs.insert("read")?;
/// let Err(Full(job)) = jobs.insert("write") else {
///     panic!("there is room for one");
/// };
/// assert_eq!(job, "write");
/// # Ok::<(), Full<&str>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Full<T>(pub T);

impl<T> fmt::Debug for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Full(..)")
    }
}

impl<T> fmt::Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no room: it is taken by live entries, by removed ones that a guard still holds, or by operations \
             in progress, and nothing may be evicted for it",
        )
    }
}

impl<T> core::error::Error for Full<T> {}

/// Names one value in one pool: where it is and which of the values that were there.
///
/// One native word, and so is `Option<Id>`. An identifier outlives its value: [`Pool::get`] then says
/// `None`, until its cell's generation wrapped exactly: not before 2^(*g* - 2) reuses (one takes three
/// or four generations as a rule), *g* being [`Pool::GENERATION_BITS`]. See the crate's text, *What a
/// wrap could do*.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Id(NonZeroUsize);

impl Id {
    /// The identifier as a number, to be sent somewhere and brought back by [`Id::from_bits`].
    ///
    /// ```
    /// use tagged_arena::{Id, Pool};
    ///
    /// let jobs: Pool<&str, 4> = Pool::new();
    /// let id = jobs.insert("read")?;
    /// let cookie: usize = id.to_bits();
    /// assert_eq!(Id::from_bits(cookie), Some(id));
    /// # Ok::<(), tagged_arena::Full<&str>>(())
    /// ```
    pub const fn to_bits(self) -> usize {
        self.0.get()
    }

    /// The identifier from a number; `None` for zero. Any other number is accepted: one that names
    /// nothing is answered with `None` by the pool.
    ///
    /// ```
    /// use tagged_arena::{Id, Pool};
    ///
    /// let jobs: Pool<&str, 4> = Pool::new();
    /// assert!(Id::from_bits(0).is_none());
    /// assert!(Id::from_bits(12345).is_some_and(|id| jobs.get(id).is_none()));
    /// ```
    pub const fn from_bits(bits: usize) -> Option<Self> {
        match NonZeroUsize::new(bits) {
            Some(bits) => Some(Self(bits)),
            None => None,
        }
    }
}

/// A lock-free pool of at most `N` values, in place, with generational identifiers.
///
/// Like `sharded-slab` without a heap, or `heapless::pool` with identifiers: any context (core,
/// thread, task, interrupt handler) may insert, get and remove at any time.
///
/// ```
/// use tagged_arena::Pool;
///
/// static SESSIONS: Pool<[u8; 4], 64> = Pool::new();
///
/// let id = SESSIONS.insert([10, 0, 0, 1])?;
/// let guard = SESSIONS.get(id).expect("just put in");
/// assert_eq!(*guard, [10, 0, 0, 1]);
///
/// SESSIONS.remove(id);
/// assert!(SESSIONS.get(id).is_none());   // the identifier is stale
/// assert_eq!(*guard, [10, 0, 0, 1]);     // the guard still holds the value
/// # Ok::<(), tagged_arena::Full<[u8; 4]>>(())
/// ```
pub struct Pool<T, const N: usize> {
    arena: Arena<(), T, N, 0>,
    /// Where the next search for a free cell starts, one for each of a few contexts: a hint only.
    starts: [Padded<AtomicUsize>; STARTS],
}

/// Few, but enough that cores seldom share one.
const STARTS: usize = 4;

type PoolCells<T, const N: usize> = Cells<crate::arena::Node<(), T>, N, 0>;

impl<T, const N: usize> Pool<T, N> {
    const LAYOUT: Layout = PoolCells::<T, N>::LAYOUT;

    /// How many generations an identifier tells apart, as a number of bits: at least what is left of
    /// a native word beside the index and four bits of state.
    pub const GENERATION_BITS: u32 = Self::LAYOUT.generation_bits();

    const_new! {
        /// An empty pool: all zero bits, so that a `static` lies in `.bss`.
        ///
        /// `N = 0` does not compile. Nor does, on 32-bit targets, any operation of a pool with `N` over
        /// 4,095.
        pub fn new() -> Self {
            const { assert!(N > 0, "a pool of zero values: N must be at least 1") };
            // SAFETY: the arena is private, and the indices below are of claims or below `N`.
            let arena = unsafe { Arena::new() };
            let starts = init!([Padded<AtomicUsize>; STARTS]);
            Self { arena, starts }
        }
    }

    /// The number of values that it can hold.
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Puts a value in.
    ///
    /// Progress: lock-free. Complexity: constant while a near cell is free, else at most eight passes over
    /// the cells. Interrupts: yes. Panics: only if `T`'s drop does (a removed value may be dropped here).
    ///
    /// # Errors
    /// [`Full`] with the value, if all `N` cells were taken at one instant: by live values, by removed ones
    /// that a guard still holds, or by operations in progress. Or if they were taken whenever they were
    /// looked at, in each of eight passes in which other operations claimed cells.
    ///
    /// ```
    /// use tagged_arena::{Full, Pool};
    ///
    /// let jobs: Pool<&str, 2> = Pool::new();
    /// let read = jobs.insert("read")?;
    /// jobs.insert("write")?;
    /// assert_eq!(jobs.insert("seek"), Err(Full("seek")));
    /// jobs.remove(read);
    /// assert!(jobs.insert("seek").is_ok());
    /// # Ok::<(), Full<&str>>(())
    /// ```
    pub fn insert(&self, value: T) -> Result<Id, Full<T>> {
        let start = &self.starts[context_hint() % STARTS].0;
        let home = start.load(Ordering::Relaxed) % N;
        let Some(owned) = self.arena.claim(home, Want::Ordinary) else {
            return Err(Full(value));
        };
        let index = owned.claim().index;
        start.store(index + 1, Ordering::Relaxed);
        let live = owned.fill(value, None).linked();
        // Nobody has its identifier before this.
        decided_by_another();
        Ok(Self::id(index, live))
    }

    /// The value that `id` names, held by a guard, or `None` if it was removed.
    ///
    /// Progress: wait-free while a hazard slot is free, else lock-free. Complexity: constant.
    /// Interrupts: yes. Panics: only if `T`'s drop does
    /// (a removed value may be dropped here).
    ///
    /// ```
    /// use tagged_arena::Pool;
    ///
    /// let jobs: Pool<String, 4> = Pool::new();
    /// let id = jobs.insert("read".to_string())?;
    /// let job = jobs.get(id).expect("it is there");
    /// assert_eq!(job.len(), 4);
    /// # Ok::<(), tagged_arena::Full<String>>(())
    /// ```
    pub fn get(&self, id: Id) -> Option<PoolGuard<'_, T>> {
        self.hold(id).map(|(guard, _)| guard)
    }

    /// Whether `id` names a value.
    ///
    /// Progress: wait-free. Complexity: constant. Interrupts: yes. Panics: never.
    ///
    /// ```
    /// use tagged_arena::Pool;
    ///
    /// let jobs: Pool<&str, 4> = Pool::new();
    /// let id = jobs.insert("read")?;
    /// assert!(jobs.contains(id));
    /// jobs.remove(id);
    /// assert!(!jobs.contains(id));
    /// # Ok::<(), tagged_arena::Full<&str>>(())
    /// ```
    pub fn contains(&self, id: Id) -> bool {
        Self::index(id).is_some_and(|index| self.live(index) == Some(id))
    }

    /// Takes the value out of the pool: from now on no one finds it. The guard still reads it; it is
    /// dropped with the last guard.
    ///
    /// Progress: lock-free. Complexity: constant. Interrupts: yes. Panics: only if `T`'s drop does.
    ///
    /// ```
    /// use tagged_arena::Pool;
    ///
    /// let jobs: Pool<String, 4> = Pool::new();
    /// let id = jobs.insert("read".to_string())?;
    /// let job = jobs.remove(id).expect("it was there");
    /// assert!(jobs.remove(id).is_none());
    /// assert_eq!(*job, "read"); // still readable
    /// # Ok::<(), tagged_arena::Full<String>>(())
    /// ```
    pub fn remove(&self, id: Id) -> Option<PoolGuard<'_, T>> {
        let (guard, live) = self.hold(id)?;
        let sealed = Self::LAYOUT.bump(live).with_state(State::Sealed);
        // SAFETY: it was live; it is in no chain, and retired below.
        if !unsafe { guard.0.cell().own.seal(live, sealed) } {
            decided_by_another();
            return None;
        }
        // SAFETY: we sealed it.
        unsafe { self.arena.retire(guard.0.index(), sealed) };
        Some(guard)
    }

    /// The number of live values: at least as many as were live during the whole call, at most as many as
    /// were live at some time of it. Exact when nothing else is going on. Wait-free. Complexity: the cells.
    /// Interrupts: yes. Panics: never.
    ///
    /// ```
    /// use tagged_arena::Pool;
    ///
    /// let jobs: Pool<&str, 4> = Pool::new();
    /// jobs.insert("read")?;
    /// jobs.insert("write")?;
    /// assert_eq!((jobs.len(), jobs.is_empty(), jobs.capacity()), (2, false, 4));
    /// # Ok::<(), tagged_arena::Full<&str>>(())
    /// ```
    pub fn len(&self) -> usize {
        let own = |index| self.arena.cells().cell(index).own.peek_counted();
        let live = (0..N).filter(|&index| own(index).is(State::Live)).count();
        // (1) Acquire fence: who is told of a value finds it, and what came before it.
        fence(Ordering::Acquire);
        live
    }

    /// Whether as many values are live as it can hold: see [`len`](Self::len).
    pub fn is_full(&self) -> bool {
        self.len() >= N
    }

    /// Whether there is no live value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn hold(&self, id: Id) -> Option<(PoolGuard<'_, T>, Word)> {
        // What is free, or is to be, must not be held: a claim would take it for taken (`cells`).
        let index = Self::index(id).filter(|_| self.contains(id))?;
        let guard = self.arena.hold(index);
        let own = guard.own();
        (Self::named(index, own) == Some(id)).then(|| (PoolGuard(guard), own))
    }

    /// The identifier of the value in this cell, if there is one.
    fn live(&self, index: usize) -> Option<Id> {
        // (1) What came before the value was put in comes before what follows the answer.
        Self::named(index, self.arena.cells().cell(index).own.read())
    }

    fn id(index: usize, live: Word) -> Id {
        let word = Self::LAYOUT.with_index(live, Some(index));
        // The index field is index + 1, never zero.
        Id(NonZeroUsize::new(word.0).unwrap_or(NonZeroUsize::MAX))
    }

    fn index(id: Id) -> Option<usize> {
        Self::LAYOUT
            .index(Word(id.0.get()))
            .filter(|&index| index < N)
    }

    fn named(index: usize, own: Word) -> Option<Id> {
        own.is(State::Live).then(|| Self::id(index, own))
    }
}

// A panic in user code corrupts nothing (tests `panics`): whoever catches it may go on with it.
impl<T, const N: usize> UnwindSafe for Pool<T, N> {}
impl<T, const N: usize> RefUnwindSafe for Pool<T, N> {}

impl<T, const N: usize> Default for Pool<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> fmt::Debug for Pool<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("capacity", &N)
            .field("len", &self.len())
            .finish()
    }
}
