//! The wakers of those who wait, in an arena: each is held while it is called, and dropped exactly once.
//!
//! A waker is not taken out to be called, as a cell for one waker (`atomic-waker`) would do it: a writer
//! that is suspended with it would keep all other writers from waking that task, and a task that waits at a
//! higher priority than such a writer would be polled for ever. Here each writer calls each waker by
//! reference, under a guard of its own; whoever waits no more retires the cell, and the last guard drops
//! the waker.

use core::task::Waker;
use tagged_arena::arena::Node;
use tagged_arena::cells::{Cells, Want};
use tagged_arena::exhaust::exhaust;
use tagged_arena::word::{Layout, State, Word};
use tagged_arena::{Arena, impl_init};

/// More cells than wakers: one for each waker that a suspended writer holds although its task waits no more.
pub(super) const EXTRA: usize = if cfg!(tagged_arena_loom) { 1 } else { 4 };

/// At most `N` wakers, and `EXTRA` that are still held.
pub(super) struct Wakers<const N: usize>(Arena<(), Waker, N, EXTRA>);

impl_init!([const N: usize] Wakers<N> = Wakers({
    // SAFETY: the arena is private to this file, which retires a cell only after its own word was `Sealed`,
    // and that only by whoever filled it (`Registered`).
    unsafe { Arena::new() }
}));

impl<const N: usize> Wakers<N> {
    const LAYOUT: Layout = Cells::<Node<(), Waker>, N, EXTRA>::LAYOUT;

    /// Puts a waker in, at this cell if that is free. `None`: every cell is taken, `EXTRA` of them and more
    /// by writers that are suspended. Lock-free. The waker is cloned before, and dropped after, anything is
    /// done.
    pub(super) fn register(&self, home: usize, waker: &Waker) -> Option<Registered<'_, N>> {
        let waker = waker.clone();
        let owned = self.0.claim(home, Want::Any)?;
        let index = owned.claim().index;
        let live = owned.fill(waker, None).linked();
        Some(Registered {
            wakers: self,
            index,
            live,
        })
    }

    /// Calls every waker. Lock-free. Should one panic, the others are called all the same.
    pub(super) fn wake_all(&self) {
        exhaust((0..N + EXTRA).map(|index| self.wake(index)));
    }

    /// Calls the waker in this cell, if there is one.
    #[inline(always)]
    fn wake(&self, index: usize) {
        let Self(arena) = self;
        // A look, behind the fence (27); the guard reads it again.
        if !arena.cells().cell(index).own.peek().is(State::Live) {
            return;
        }
        let guard = arena.hold(index);
        if guard.own().is(State::Live) {
            // SAFETY: I-LIVE: this guard's own word was `Live`.
            unsafe { guard.payload() }.wake_by_ref();
        }
    }
}

/// A waker that every writer calls, until this is dropped.
pub(super) struct Registered<'a, const N: usize> {
    wakers: &'a Wakers<N>,
    index: usize,
    /// The own word of the cell, which is ours to change (`I-OWNER`).
    live: Word,
}

impl<const N: usize> Registered<'_, N> {
    /// Whether it wakes the same task.
    pub(super) fn will_wake(&self, waker: &Waker) -> bool {
        let guard = self.wakers.0.hold(self.index);
        // SAFETY: I-LIVE: live until `self` is dropped, so also when the guard's hold became visible.
        guard.own() == self.live && unsafe { guard.payload() }.will_wake(waker)
    }
}

impl<const N: usize> Drop for Registered<'_, N> {
    fn drop(&mut self) {
        let Wakers(arena) = self.wakers;
        let sealed = Wakers::<N>::LAYOUT
            .bump(self.live)
            .with_state(State::Sealed);
        // SAFETY: it is live, and in no chain; retired below.
        if unsafe { arena.cells().cell(self.index).own.seal(self.live, sealed) } {
            // SAFETY: we sealed it.
            unsafe { arena.retire(self.index, sealed) };
        }
    }
}
