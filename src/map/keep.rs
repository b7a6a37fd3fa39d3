//! An entry that is held, taken out only if it is still there, and, for a [`Cache`](crate::Cache), only on a
//! look that is new enough.

use super::at::Placed;
use super::entry::{Held, MapTable};
use super::write::MapGuard;
use super::{Map, Ref};
use crate::backoff::Backoff;
use crate::table::Table;
use crate::table::position::At;
use core::hash::{BuildHasher, Hash};
use tagged_arena::word::{Class, Word};

impl<K: Eq + Hash, V, const N: usize, S: BuildHasher, const EXTRA: usize> Map<K, V, N, S, EXTRA> {
    /// Where the entry is that the guard holds; `None`: it has left. It does not come back, and nothing else
    /// comes into its cell while that is held.
    #[inline]
    fn place<'a>(&'a self, guard: &MapGuard<'a, K, V>, tidy: bool) -> Option<Placed<'a>> {
        let index = guard.index();
        if guard.own().is_live() {
            // SAFETY: M-LIVE: it is the guard of a `Ref`.
            let (key, _) = unsafe { guard.payload() };
            self.chained_at(index, key, tidy)
        } else {
            self.seat_of(index)
        }
    }

    /// Makes every attempt to take this very entry out fail that looked at its place before. `false`: it has
    /// left, or is just leaving.
    ///
    /// `M-TOUCH`: whoever takes an entry out does so by a compare-and-swap from a word that it has read:
    /// the bucket's, or, in a chain, perhaps the entry's own. Both are changed here, the bucket's first:
    /// so a frozen own word may be changed, too (`T-FREEZE`). What the caller wrote before is seen by whoever
    /// reads a touched word: so it does not do that somebody else has changed one of them meanwhile.
    ///
    /// Lock-free: it starts over only if somebody else changed the bucket or the own word. It also is one of
    /// the writes that take part in the order of all operations (22).
    #[cold]
    #[inline(never)]
    pub(crate) fn touch(&self, entry: &Ref<'_, K, V>) -> bool {
        let mut backoff = Backoff::new();
        loop {
            let Some((bucket, position)) = self.place(entry.guard(), false) else {
                return false;
            };
            if bucket.change::<MapTable<K, V, N, EXTRA>>(bucket.word(), None) {
                let touched = match position.at {
                    At::Seat(_) => true,
                    At::First | At::Behind => self.touch_own(position.index, position.own),
                };
                if touched {
                    return true;
                }
            }
            backoff.lost();
        }
    }

    fn touch_own(&self, index: usize, own: Word) -> bool {
        let at = self.table.own(index);
        // SAFETY: the entry was found live, with this word, under the bucket's word, which was changed since
        // (T-FREEZE).
        unsafe { at.touch(MapTable::<K, V, N, EXTRA>::OWN, own) }
    }

    /// Takes out the entry that is in the cell `index`, if it is in a seat and `ready` says so: without a
    /// hold, for its bucket's word says at the end that the entry was there all the while (`T-WORD`).
    /// `ready` is asked as by [`take_held`](Self::take_held). `None`: it is not in a seat, or is not
    /// ready, or the bucket has changed. Lock-free.
    #[inline]
    pub(crate) fn take_seated(
        &self,
        index: usize,
        ready: impl FnOnce() -> bool,
    ) -> Option<Ref<'_, K, V>> {
        let (bucket, position) = self.seat_of(index)?;
        if !ready() || !position.take_out(&self.table, &bucket) {
            return None;
        }
        self.table.arena.cells().hint(index);
        // SAFETY: `take_out` cleared the seat's bit, with the fence (22) behind it.
        let guard = unsafe { self.table.arena.own_unlisted(index) };
        // SAFETY: M-LIVE: it was in the map, and is ours since.
        Some(unsafe { Ref::new(guard) })
    }

    /// Takes out the very entry that is held, if it is still there and `ready` says so. `ready` is asked
    /// behind each look at the entry's place, so that a [`touch`](Self::touch) before its answer is either
    /// seen by it or makes the attempt fail. What `taken` makes, once the entry is out and before a drop
    /// of another one may panic, comes with it. Lock-free.
    pub(crate) fn take_held<'a, T>(
        &'a self,
        entry: Ref<'a, K, V>,
        mut ready: impl FnMut(&MapGuard<'a, K, V>) -> bool,
        taken: impl FnOnce() -> T,
    ) -> Option<(Ref<'a, K, V>, T)> {
        let guard = entry.into_guard();
        let mut backoff = Backoff::new();
        loop {
            let (bucket, position) = self.place(&guard, true)?;
            if !ready(&guard) {
                return None;
            }
            if position.take_out(&self.table, &bucket) {
                let with = taken();
                let old = Held::new(guard, position);
                return Some((self.taken(&bucket, old, Class::Ordinary), with));
            }
            backoff.lost();
        }
    }
}
