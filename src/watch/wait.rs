//! [`Watcher`]: who waits for a change, and the futures of waiting.

use super::Watched;
use super::wakers::Registered;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use tagged_arena::sync::{Ordering, fence};

/// One who waits for changes of a [`Watched`] map: has one of its places, until it is dropped.
///
/// Get one for each task that waits, before the loop: between two waits no change is missed.
///
/// ```
/// # use arenamap::{CopyMap, TooManyWatchers, Watched};
/// static LEVELS: Watched<CopyMap<u8, u32, 8>, 4> = Watched::new(CopyMap::new());
///
/// async fn alarm() -> Result<(), TooManyWatchers> {
///     let mut watcher = LEVELS.watcher()?;
///     loop {
///         for (tank, level) in &LEVELS {
///             if level > 1000 {
///                 return Ok(()); // raise it
///             }
///         }
///         watcher.changed().await;
///     }
/// }
/// ```
///
/// # Cancellation
///
/// The futures may be dropped at any time, as `select` does: nothing is lost, and nothing of them is left.
/// A change that [`changed`](Self::changed) has not resolved for is still there for the next one. A future
/// that is leaked ([`core::mem::forget`]) costs nothing once its watcher is used again or dropped; a leaked
/// watcher costs its place.
pub struct Watcher<'a, M, const WATCHERS: usize> {
    // First: whoever gets the place next finds a cell free.
    registered: Option<Registered<'a, WATCHERS>>,
    // Last: also should the drop of the waker panic.
    place: Place<'a, M, WATCHERS>,
}

/// One of the places.
struct Place<'a, M, const WATCHERS: usize> {
    watched: &'a Watched<M, WATCHERS>,
    index: usize,
}

impl<M, const WATCHERS: usize> Drop for Place<'_, M, WATCHERS> {
    fn drop(&mut self) {
        // Relaxed: each bit stands for itself.
        let watchers = &self.watched.watchers;
        watchers.fetch_and(!(1 << self.index), Ordering::Relaxed);
    }
}

impl<'a, M, const WATCHERS: usize> Watcher<'a, M, WATCHERS> {
    pub(super) fn new(watched: &'a Watched<M, WATCHERS>, index: usize) -> Self {
        Self {
            registered: None,
            place: Place { watched, index },
        }
    }

    /// The map.
    ///
    /// ```
    /// # use arenamap::{CopyMap, Watched};
    /// let levels: Watched<CopyMap<u16, u32, 8>, 1> = Watched::new(CopyMap::new());
    /// let watcher = levels.watcher().expect("the first");
    /// watcher.map().insert(5, 50)?;
    /// assert_eq!(levels.get(&5), Some(50));
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn map(&self) -> &'a Watched<M, WATCHERS> {
        self.place.watched
    }

    /// Waits for any change since the last time that this resolved, or since the watcher was made.
    ///
    /// Several changes meanwhile count as one. What they did is seen by reads that follow. Progress,
    /// complexity, interrupts: a poll is lock-free and may be in any context. It takes constant time as a
    /// rule, and at most eight passes over `WATCHERS` + 4 cells. Panics: only if the waker's `clone` or
    /// `drop` does, or its `wake_by_ref`, which is called when all of these cells are held.
    ///
    /// ```
    /// # use arenamap::{CopyMap, Watched};
    /// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
    /// # fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    /// #     pin!(future).poll(&mut Context::from_waker(Waker::noop()))
    /// # }
    /// let map: Watched<CopyMap<u16, u32, 8>, 1> = Watched::new(CopyMap::new());
    /// let mut watcher = map.watcher().expect("the first");
    /// assert!(poll(watcher.changed()).is_pending());
    /// map.insert(1, 10).expect("there is room");
    /// map.insert(2, 20).expect("there is room");
    /// assert!(poll(watcher.changed()).is_ready());
    /// assert!(poll(watcher.changed()).is_pending());
    /// ```
    pub fn changed(&mut self) -> Changed<'_, 'a, M, WATCHERS> {
        Changed(Wait(self))
    }

    /// Waits until `look` sees in the map what it is waiting for, and resolves with what it returned.
    ///
    /// `look` is called at each poll, perhaps twice, and so after every change. It may write to the map, to
    /// take out what it finds for example; if it does so each time it wakes itself each time. Progress,
    /// complexity, interrupts: a poll is lock-free, and takes the time of `look`, beside that of a poll of
    /// [`changed`](Self::changed). Panics: if `look` does, or as there; if the waker's `drop` does once
    /// `look` has returned something, that is dropped.
    ///
    /// ```
    /// # use arenamap::{CopyMap, Watched};
    /// static QUEUE: Watched<CopyMap<u16, u32, 8>, 1> = Watched::new(CopyMap::new());
    ///
    /// /// Takes a job out, whichever comes first.
    /// async fn next_job() -> (u16, u32) {
    ///     let mut watcher = QUEUE.watcher().expect("the only one");
    ///     watcher
    ///         .wait_until(|queue| queue.keys().find_map(|key| Some((key, queue.remove(&key)?))))
    ///         .await
    /// }
    /// ```
    pub fn wait_until<T, F>(&mut self, look: F) -> WaitUntil<'_, 'a, M, WATCHERS, F>
    where
        F: FnMut(&'a Watched<M, WATCHERS>) -> Option<T>,
    {
        WaitUntil {
            wait: Wait(self),
            look,
        }
    }

    /// Whether there was a change since [`take_changed`](Self::take_changed).
    fn has_changed(&self) -> bool {
        let Place { watched, index } = self.place;
        // Relaxed: unset by us alone, and what was changed is seen once it is taken.
        watched.changed.load(Ordering::Relaxed) & 1 << index != 0
    }

    /// All changes until now have been told of.
    fn take_changed(&self) {
        let Place { watched, index } = self.place;
        // (25) Acquire: pairs with the fence (22) of the writers that set it.
        watched.changed.fetch_and(!(1 << index), Ordering::Acquire);
    }

    /// One poll: looks, and if there is nothing yet sees to it that the next change wakes the task.
    fn poll<T>(
        &mut self,
        context: &mut Context<'_>,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Poll<T> {
        let waker = context.waker();
        let registered = &self.registered;
        let waits = registered.as_ref().is_some_and(|own| own.will_wake(waker));
        let mut seen = look(self);
        if seen.is_none() && !waits {
            self.register(context);
            seen = look(self);
        }
        match seen {
            Some(seen) => {
                self.registered = None;
                Poll::Ready(seen)
            }
            None => Poll::Pending,
        }
    }

    /// From now on every change wakes the task.
    pub(crate) fn register(&mut self, context: &mut Context<'_>) {
        let Place { watched, index } = self.place;
        // First, so that one cell is enough.
        self.registered = None;
        self.registered = watched.wakers.register(index, context.waker());
        if self.registered.is_none() {
            // The extra cells are held by suspended writers: it has to be polled.
            context.waker().wake_by_ref();
        }
        // (26) Store→load: the waker, then the look. A writer whose fence (22, 27) comes first has changed
        // what we look at; any other one finds the waker.
        fence(Ordering::SeqCst);
    }
}

impl<M, const WATCHERS: usize> fmt::Debug for Watcher<'_, M, WATCHERS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher { .. }")
    }
}

/// A wait in progress. Dropped, it leaves nothing behind.
struct Wait<'w, 'a, M, const WATCHERS: usize>(&'w mut Watcher<'a, M, WATCHERS>);

impl<M, const WATCHERS: usize> Drop for Wait<'_, '_, M, WATCHERS> {
    fn drop(&mut self) {
        self.0.registered = None;
    }
}

/// The future of [`Watcher::changed`].
#[must_use = "futures do nothing unless they are polled"]
pub struct Changed<'w, 'a, M, const WATCHERS: usize>(Wait<'w, 'a, M, WATCHERS>);

impl<M, const WATCHERS: usize> fmt::Debug for Changed<'_, '_, M, WATCHERS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Changed { .. }")
    }
}

impl<M, const WATCHERS: usize> Future for Changed<'_, '_, M, WATCHERS> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Wait(watcher) = &mut self.0;
        let changed = watcher.poll(context, |watcher| watcher.has_changed().then_some(()));
        if changed.is_ready() {
            // Last: should the drop of the waker panic, the change has not been told of.
            watcher.take_changed();
        }
        changed
    }
}

/// The future of [`Watcher::wait_until`].
#[must_use = "futures do nothing unless they are polled"]
pub struct WaitUntil<'w, 'a, M, const WATCHERS: usize, F> {
    wait: Wait<'w, 'a, M, WATCHERS>,
    look: F,
}

impl<M, const WATCHERS: usize, F> fmt::Debug for WaitUntil<'_, '_, M, WATCHERS, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WaitUntil { .. }")
    }
}

// Nothing in it is pinned: the closure is only called.
impl<M, const WATCHERS: usize, F> Unpin for WaitUntil<'_, '_, M, WATCHERS, F> {}

impl<'a, T, M, const WATCHERS: usize, F> Future for WaitUntil<'_, 'a, M, WATCHERS, F>
where
    F: FnMut(&'a Watched<M, WATCHERS>) -> Option<T>,
{
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Self { wait, look } = &mut *self;
        wait.0.poll(context, |watcher| look(watcher.place.watched))
    }
}
