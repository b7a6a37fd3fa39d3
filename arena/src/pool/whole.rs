//! The whole [`Pool`]: what goes through all its values, and what an exclusive borrow allows.

use super::{Id, Pool, PoolGuard};
use crate::cells::Claim;
use crate::exhaust::exhaust;
use crate::word::{Class, State};
use core::fmt;
use core::iter::FusedIterator;

impl<T, const N: usize> Pool<T, N> {
    /// All values with their identifiers, each held by a guard while it is yielded.
    ///
    /// A value that is live during the whole iteration comes once; one that comes or goes meanwhile comes
    /// or does not. In the order of the cells, which says nothing.
    ///
    /// Progress: as [`get`](Self::get), for each value. Complexity: the cells. Interrupts: yes. Panics: as
    /// `get`.
    ///
    /// ```
    /// use tagged_arena::Pool;
    ///
    /// let jobs: Pool<&str, 4> = Pool::new();
    /// let read = jobs.insert("read")?;
    /// jobs.insert("write")?;
    /// for (id, job) in &jobs {
    ///     assert_eq!(id == read, *job == "read");
    /// }
    /// # Ok::<(), tagged_arena::Full<&str>>(())
    /// ```
    pub fn iter(&self) -> PoolIter<'_, T, N> {
        PoolIter {
            pool: self,
            next: 0,
        }
    }

    /// Removes every value that is live during the whole call: as [`remove`](Self::remove) of each.
    ///
    /// Lock-free. Complexity: the cells. Interrupts: yes. Panics: only if `T`'s drop does; the values
    /// behind that one are not removed then.
    ///
    /// ```
    /// use tagged_arena::Pool;
    ///
    /// let jobs: Pool<&str, 4> = Pool::new();
    /// let id = jobs.insert("read")?;
    /// jobs.clear();
    /// assert!(jobs.is_empty() && !jobs.contains(id));
    /// # Ok::<(), tagged_arena::Full<&str>>(())
    /// ```
    pub fn clear(&self) {
        for index in 0..N {
            if let Some(id) = self.live(index) {
                drop(self.remove(id));
            }
        }
    }

    /// The value that `id` names, to be changed where it is; `None` if it was removed.
    ///
    /// Complexity: constant. Panics: never.
    ///
    /// ```
    /// use tagged_arena::Pool;
    ///
    /// let mut jobs: Pool<String, 4> = Pool::new();
    /// let id = jobs.insert("re".to_string())?;
    /// jobs.get_mut(id).expect("it is there").push_str("ad");
    /// assert_eq!(*jobs.get(id).expect("it is there"), "read");
    /// # Ok::<(), tagged_arena::Full<String>>(())
    /// ```
    pub fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        let index = Self::index(id).filter(|_| self.contains(id))?;
        // SAFETY: I-FULL: it is live. The pool is exclusively ours for as long as the reference lives.
        Some(unsafe { &mut *self.arena.payload(index) })
    }

    /// Empties the pool and yields what was in it, with the identifiers, which name nothing from then on.
    /// What the iterator has not yielded when it is dropped is dropped then; should it be leaked, that
    /// stays.
    ///
    /// Complexity: the cells. Panics: only if `T`'s drop does; the others are removed all the same.
    ///
    /// ```
    /// use tagged_arena::Pool;
    ///
    /// let mut jobs: Pool<String, 4> = Pool::new();
    /// let id = jobs.insert("read".to_string())?;
    /// assert!(jobs.drain().eq([(id, "read".to_string())]));
    /// assert!(jobs.is_empty());
    /// # Ok::<(), tagged_arena::Full<String>>(())
    /// ```
    pub fn drain(&mut self) -> PoolDrain<'_, T, N> {
        PoolDrain {
            pool: self,
            next: 0,
        }
    }

    /// Brings the pool into order after its users stopped anywhere and will never go on: after a reset, if
    /// its memory keeps what is in it, or when a core was declared dead.
    ///
    /// Every value that an identifier names is there still, also one whose [`insert`](Self::insert)
    /// stopped just before it returned: [`iter`](Self::iter) finds it. Every other cell is free again:
    /// what was claimed, removed and held, or leaked with a guard. What those cells held is dropped,
    /// exactly once, but for what a context had in its own hands when it stopped: a value that it was just
    /// moving into its cell or out of it, dropping, or looking at whether it may drop it.
    ///
    /// The exclusive borrow says that nobody else is at work in the pool, and that nobody ever goes on
    /// with an operation of it or with a guard. Of a `static` only you can know that: after a reset,
    /// before other cores and interrupts are started; or with the dead core held in reset and all others
    /// kept away. It may itself stop anywhere, by another reset, and be called again. What is in the
    /// memory must have been a pool (a new one is all zero bits), and what values refer to must still be
    /// there.
    ///
    /// Complexity: the cells. Panics: only if `T`'s drop does; the pool is in order then, too, and the
    /// others are dropped.
    ///
    /// ```
    /// use tagged_arena::Pool;
    ///
    /// let mut jobs: Pool<String, 1> = Pool::new();
    /// let id = jobs.insert("read".to_string())?;
    /// std::mem::forget(jobs.remove(id));          // its owner will never let go of it
    /// assert!(jobs.insert("write".to_string()).is_err());
    /// jobs.repair();
    /// assert!(jobs.insert("write".to_string()).is_ok());
    /// # Ok::<(), tagged_arena::Full<String>>(())
    /// ```
    pub fn repair(&mut self) {
        self.arena.forget_holds();
        for index in 0..N {
            let own = &self.arena.cells().cell(index).own;
            let now = own.peek();
            if now.is(State::Live) {
                continue;
            }
            // What is in it no identifier names.
            let next = Self::LAYOUT.abandoned(now, true);
            let next = Self::LAYOUT.with_class(index, next, Class::Ordinary);
            // SAFETY: nobody else is there (`&mut`); what is `Retired` now is initialised (I-FULL), and
            // what is `Free` now holds nothing, or what a context that is gone had in its hands.
            unsafe { own.link().restore(next) };
        }
        self.arena.cells_mut().restart();
        self.arena.reclaim_all();
    }

    /// Moves a value out, from the cell `next` on.
    fn pop(&mut self, next: &mut usize) -> Option<(Id, T)> {
        while *next < N {
            let index = *next;
            *next += 1;
            if let Some(id) = self.live(index) {
                // SAFETY: I-FULL: it is live, and ours alone (`&mut`). It is read once: its cell is free
                // next, and no user code runs in between.
                let value = unsafe { self.arena.payload(index).read() };
                let class = Class::Ordinary;
                // SAFETY: as above.
                unsafe { self.arena.cells().free(Claim { index, class }) };
                return Some((id, value));
            }
        }
        None
    }
}

/// Iterates over a [`Pool`]: see [`Pool::iter`].
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct PoolIter<'a, T, const N: usize> {
    pool: &'a Pool<T, N>,
    next: usize,
}

impl<'a, T, const N: usize> Iterator for PoolIter<'a, T, N> {
    type Item = (Id, PoolGuard<'a, T>);

    fn next(&mut self) -> Option<Self::Item> {
        while self.next < N {
            let id = self.pool.live(self.next);
            self.next += 1;
            let found = id.and_then(|id| Some((id, self.pool.get(id)?)));
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

impl<T, const N: usize> FusedIterator for PoolIter<'_, T, N> {}

impl<'a, T, const N: usize> IntoIterator for &'a Pool<T, N> {
    type Item = (Id, PoolGuard<'a, T>);
    type IntoIter = PoolIter<'a, T, N>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Empties a [`Pool`]: see [`Pool::drain`].
pub struct PoolDrain<'a, T, const N: usize> {
    pool: &'a mut Pool<T, N>,
    next: usize,
}

impl<T, const N: usize> Iterator for PoolDrain<'_, T, N> {
    type Item = (Id, T);

    fn next(&mut self) -> Option<(Id, T)> {
        self.pool.pop(&mut self.next)
    }
}

impl<T, const N: usize> FusedIterator for PoolDrain<'_, T, N> {}

impl<T, const N: usize> Drop for PoolDrain<'_, T, N> {
    fn drop(&mut self) {
        exhaust(self);
    }
}

/// Iterates over what was in a [`Pool`]: made by its `into_iter`. What it has not yielded is dropped with
/// it.
pub struct PoolIntoIter<T, const N: usize> {
    pool: Pool<T, N>,
    next: usize,
}

impl<T, const N: usize> Iterator for PoolIntoIter<T, N> {
    type Item = (Id, T);

    fn next(&mut self) -> Option<(Id, T)> {
        self.pool.pop(&mut self.next)
    }
}

impl<T, const N: usize> FusedIterator for PoolIntoIter<T, N> {}

impl<T, const N: usize> IntoIterator for Pool<T, N> {
    type Item = (Id, T);
    type IntoIter = PoolIntoIter<T, N>;

    fn into_iter(self) -> Self::IntoIter {
        PoolIntoIter {
            pool: self,
            next: 0,
        }
    }
}

/// Where an iterator is cannot be shown without moving it.
macro_rules! shown {
    ($($name:ident $(<$life:lifetime>)?,)*) => {
        $(
            impl<T, const N: usize> fmt::Debug for $name<$($life,)? T, N> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_struct(stringify!($name)).finish_non_exhaustive()
                }
            }

            #[cfg(feature = "defmt")]
            impl<T, const N: usize> defmt::Format for $name<$($life,)? T, N> {
                fn format(&self, f: defmt::Formatter<'_>) {
                    defmt::write!(f, "{=str} {{ .. }}", stringify!($name));
                }
            }
        )*
    };
}

shown! { PoolIter<'_>, PoolDrain<'_>, PoolIntoIter, }

#[cfg(all(test, not(tagged_arena_loom)))]
#[path = "whole_tests.rs"]
mod tests;
