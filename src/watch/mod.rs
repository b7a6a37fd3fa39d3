//! [`Watched`]: a map that wakes tasks when it changes.
//!
//! # No wake is missed
//!
//! A watcher puts its waker in, *then* looks; a writer changes the map, *then* looks for wakers. Between
//! the two steps of either stands a full fence, so that one of them sees the other:
//!
//! | watcher | writer |
//! |---|---|
//! | sets its bit in `watchers`; waker in | the map's deciding compare-and-swap (2) |
//! | fence (26) | fence (22), part of the decision (`tagged_arena::order`) |
//! | looks at the map | reads `watchers`; sets those bits in `changed` (25) |
//! | | fence (27) |
//! | takes its bit of `changed` (25) | reads the wakers' own words, and wakes |
//!
//! * The writer's fence (22) comes first: what the watcher looks at behind its fence (26) is the changed
//!   map.
//! * The watcher's fence (26) comes first: the writer finds the bit and the waker behind its fences.
//!
//! The same of `changed`, with the fence (27) in the place of (22): either the watcher finds its bit set,
//! or the writer finds the waker. A waker that stays in from one poll to the next needs no second fence:
//! the one behind its registration is before every later look.
//!
//! The index of the edges that are only here:
//!
//! * (25) `changed`: set by writers behind the fence (22), taken with Acquire by the watcher: who is told
//!   of a change finds it, and what came before it.
//! * (26) fence of a watcher, behind setting its bit and behind putting its waker in.
//! * (27) fence of a writer, behind setting bits in `changed`.
//!
//! The loom models are `loom_tests::watch`.

mod faces;
mod wait;
mod wakers;

pub use wait::{Changed, WaitUntil, Watcher};

use core::cell::Cell;
use core::fmt;
use core::mem::forget;
use core::panic::{RefUnwindSafe, UnwindSafe};
use tagged_arena::sync::{AtomicUsize, Ordering, fence, fence_after_rmw};
use tagged_arena::{const_new, init};
use wakers::Wakers;

/// A map that wakes tasks when it changes: `Watched<Map<K, V, N>, WATCHERS>`, of a [`Map`](crate::Map), a
/// [`CopyMap`](crate::CopyMap), a [`Set`](crate::Set) or a [`CopySet`](crate::CopySet).
///
/// Tasks wait for a change, for a key, or for whatever a closure sees in the map, without polling it. Any
/// context writes: a core, a task, an interrupt handler. It is plain [`core::task`]: any executor will do.
/// No lock, no heap; `const fn new()`, all zero bits if the map is, so that a `static` lies in `.bss`.
///
/// ```
/// use arenamap::{CopyMap, Watched};
///
/// /// At most two tasks wait at a time.
/// static SENSORS: Watched<CopyMap<u16, u32, 64>, 2> = Watched::new(CopyMap::new());
///
/// async fn task() -> u32 {
///     let mut watcher = SENSORS.watcher().expect("one of two");
///     watcher.wait_for(&0x40).await
/// }
///
/// fn interrupt_handler() {
///     let _ = SENSORS.insert(0x40, 2150); // wakes the task
/// }
/// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
/// # let mut task = pin!(task());
/// # let mut context = Context::from_waker(Waker::noop());
/// # assert_eq!(task.as_mut().poll(&mut context), Poll::Pending);
/// # interrupt_handler();
/// # assert_eq!(task.as_mut().poll(&mut context), Poll::Ready(2150));
/// ```
///
/// # What a change is
///
/// An insert, a replacement (also by an equal value) and a removal. Not a refused insert, a removal of what
/// is not there, or a [`Compute::Keep`](crate::Compute::Keep). A method that changes several entries
/// (`retain`, `clear`) tells of it once, at its end; `try_extend` after each entry. A method that panics
/// tells, too: it may have changed the map.
///
/// Room is no change. What was removed or replaced keeps its cell until its last [`Ref`](crate::Ref) is
/// dropped, which is after the change was told: whoever waits for a free cell of a `Map` is told by a
/// [`notify`](Self::notify) behind that drop.
///
/// A value that is changed through a guard, as an atomic is, does not change the map: call
/// [`notify`](Self::notify) after it. The map itself cannot be reached but through these methods, or with
/// [`get_mut`](Self::get_mut), when there is no watcher.
///
/// # Watchers
///
/// A [`Watcher`] takes one of `WATCHERS` places, at most 32 (on 32-bit targets), or 64: more do not compile.
/// If none is left, [`watcher`](Self::watcher) says so. Every change wakes every task that waits, whatever
/// it waits for; it looks and waits on.
///
/// **No wake is missed**, on weakly ordered processors and in interrupts too: a change is seen either by the
/// watcher's look or by the writer, who then wakes it.
///
/// # Cost
///
/// Reads are those of the map. A write reads one word more, without a fence (the map's own comes before
/// it): if no watcher exists, that is all. Else it sets a bit for each, passes over `WATCHERS` + 4 words,
/// and calls the wakers of those who wait. A wait that does not end at its first look clones its waker into
/// a cell, and lets go of it when it ends. RAM: four words a watcher, and some 40 words (1.5 KiB on 64-bit
/// targets).
///
/// # Progress
///
/// Lock-free, on targets with compare-and-swap, as the map. A context that is suspended for good while it
/// calls wakers keeps nobody from writing, waiting or waking; it may cost one of four extra cells for
/// wakers. If all of these are taken, a task that begins to wait wakes itself instead: it is polled until a
/// cell is free, and those that it keeps from running must not be the ones that hold the cells. A writer
/// that is suspended between its change and its wakes has not returned: the next write that changes
/// something wakes the tasks, which then see both changes. (One that only carries the suspended writer's
/// removal out, and itself finds nothing to remove, changes nothing.)
///
/// # Wakers
///
/// A writer calls `wake_by_ref`, and may be the one who drops a waker whose task has just given up: both
/// must be fit for every context that writes. Those of executors for interrupts are; one that frees heap
/// memory in its drop is not fit for an interrupt handler. If one panics, the others are called all the
/// same; the panic then leaves the writing method, whose change stands. A waker must not write to this map:
/// it would call itself.
pub struct Watched<M, const WATCHERS: usize> {
    pub(crate) map: M,
    /// A bit for each watcher.
    watchers: AtomicUsize,
    /// A bit for each watcher that has not been told of a change.
    changed: AtomicUsize,
    wakers: Wakers<WATCHERS>,
}

/// All places for watchers are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TooManyWatchers;

impl fmt::Display for TooManyWatchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all places for watchers of this map are taken")
    }
}

impl core::error::Error for TooManyWatchers {}

impl<M, const WATCHERS: usize> Watched<M, WATCHERS> {
    const_new! {
        /// Wraps a map. `WATCHERS` of zero, or of more than a native word has bits, does not compile.
        pub fn new(map: M) -> Self {
            const { assert!(WATCHERS > 0, "a map that nobody can watch: WATCHERS must be at least 1") };
            const { assert!(WATCHERS <= usize::BITS as usize, "a watcher is a bit of a native word") };
            Self {
                map,
                watchers: init!(AtomicUsize),
                changed: init!(AtomicUsize),
                wakers: init!(Wakers<WATCHERS>),
            }
        }
    }

    /// The map, exclusively: nobody watches it.
    ///
    /// Not for a [`repair`](crate::Map::repair) after a reset with retained memory: the places and wakers of
    /// watchers from before the reset would stay. A map that is to outlive a reset is not `Watched`.
    ///
    /// ```
    /// # use arenamap::{CopyMap, Watched};
    /// let mut levels: Watched<CopyMap<u16, u32, 8>, 1> = Watched::new(CopyMap::new());
    /// levels.insert(5, 50)?;
    /// assert!(levels.get_mut().drain().eq([(5, 50)]));
    /// assert!(levels.is_empty());
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn get_mut(&mut self) -> &mut M {
        &mut self.map
    }

    /// The map, without its watchers' places.
    ///
    /// ```
    /// # use arenamap::{CopyMap, Watched};
    /// let levels: Watched<CopyMap<u16, u32, 8>, 1> = Watched::new(CopyMap::new());
    /// levels.insert(5, 50)?;
    /// let map: CopyMap<u16, u32, 8> = levels.into_inner();
    /// assert_eq!(map.get(&5), Some(50));
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn into_inner(self) -> M {
        self.map
    }

    /// Takes a place for a watcher, which learns of every change from now on: of those whose method begins
    /// after this one has returned, and perhaps of one that was in progress.
    ///
    /// Lock-free. Complexity: constant. Interrupts: yes. Panics: never.
    ///
    /// # Errors
    /// [`TooManyWatchers`] if there are `WATCHERS` of them.
    ///
    /// ```
    /// # use arenamap::{CopyMap, TooManyWatchers, Watched};
    /// let map: Watched<CopyMap<u16, u32, 8>, 1> = Watched::new(CopyMap::new());
    /// let watcher = map.watcher()?;
    /// assert!(map.watcher().is_err());
    /// drop(watcher);
    /// assert!(map.watcher().is_ok());
    /// # Ok::<(), TooManyWatchers>(())
    /// ```
    pub fn watcher(&self) -> Result<Watcher<'_, M, WATCHERS>, TooManyWatchers> {
        // Relaxed: of these bits each stands for itself.
        let mut taken = self.watchers.load(Ordering::Relaxed);
        loop {
            let index = (!taken).trailing_zeros() as usize;
            if index >= WATCHERS {
                return Err(TooManyWatchers);
            }
            let bit = 1 << index;
            // No compare-and-swap: a watcher that is dropped (in a handler, by one instruction) between the
            // load and the store of one need not make it fail on RISC-V.
            let before = self.watchers.fetch_or(bit, Ordering::Relaxed);
            if before & bit == 0 {
                // What the last watcher of this place was not told of. Relaxed: nobody is told.
                self.changed.fetch_and(!bit, Ordering::Relaxed);
                // (26) Store→load: our bit, then whatever the watcher's owner reads of the map. A writer
                // whose fence (22) comes first has changed that; any other one sees the bit.
                fence_after_rmw();
                return Ok(Watcher::new(self, index));
            }
            taken = before | bit;
        }
    }

    /// Tells the watchers of a change that is not one of the map: of a value with an atomic in it, for
    /// example, that was changed through a guard. What came before this call is seen by those that it
    /// wakes.
    ///
    /// Lock-free. Complexity: as that of a write. Interrupts: yes. Panics: only if a waker does.
    ///
    /// ```
    /// use arenamap::{Map, Watched};
    /// use core::sync::atomic::{AtomicU32, Ordering};
    ///
    /// static HITS: Watched<Map<&str, AtomicU32, 8>, 2> = Watched::new(Map::new());
    ///
    /// if let Some(hits) = HITS.get("/index") {
    ///     hits.fetch_add(1, Ordering::Relaxed);
    ///     HITS.notify();
    /// }
    /// ```
    pub fn notify(&self) {
        // (22) Store→load, as behind every decision of the map: what came before, then `watchers`.
        fence(Ordering::SeqCst);
        self.tell();
    }

    /// Runs what may write, which sets the flag if it has changed the map, and then tells the watchers.
    #[inline(always)]
    pub(crate) fn write<'a, T>(&'a self, operation: impl FnOnce(&'a M, &Cell<bool>) -> T) -> T {
        let unwound = Unwound(self);
        let changed = Cell::new(false);
        let result = operation(&self.map, &changed);
        forget(unwound);
        if changed.get() {
            self.tell();
        }
        result
    }

    /// Tells the watchers of a change behind which a fence (22) has come.
    #[inline(always)]
    fn tell(&self) {
        // Relaxed: behind the fence (22).
        let watchers = self.watchers.load(Ordering::Relaxed);
        if watchers != 0 {
            self.wake(watchers);
        }
    }

    #[cold]
    #[inline(never)]
    fn wake(&self, watchers: usize) {
        // (25) Relaxed: the fence (22) before it is a release fence, for the Acquire of whoever takes its
        // bit.
        self.changed.fetch_or(watchers, Ordering::Relaxed);
        // (27) Store→load: the bits, then the wakers. A watcher whose fence (26) comes first has its waker
        // there; any other one finds its bit.
        fence_after_rmw();
        self.wakers.wake_all();
    }
}

/// Tells of a change should the operation panic: nobody knows how far it came.
struct Unwound<'a, M, const WATCHERS: usize>(&'a Watched<M, WATCHERS>);

impl<M, const WATCHERS: usize> Drop for Unwound<'_, M, WATCHERS> {
    fn drop(&mut self) {
        self.0.notify();
    }
}

// As the maps: a panic in user code, wakers included, corrupts nothing (tests `watch`).
impl<M: UnwindSafe, const WATCHERS: usize> UnwindSafe for Watched<M, WATCHERS> {}
impl<M: RefUnwindSafe, const WATCHERS: usize> RefUnwindSafe for Watched<M, WATCHERS> {}

impl<M: Default, const WATCHERS: usize> Default for Watched<M, WATCHERS> {
    fn default() -> Self {
        Self::new(M::default())
    }
}

/// Shows the map.
impl<M: fmt::Debug, const WATCHERS: usize> fmt::Debug for Watched<M, WATCHERS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.map.fmt(f)
    }
}

impl<'a, M, const WATCHERS: usize> IntoIterator for &'a Watched<M, WATCHERS>
where
    &'a M: IntoIterator,
{
    type Item = <&'a M as IntoIterator>::Item;
    type IntoIter = <&'a M as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.map.into_iter()
    }
}
