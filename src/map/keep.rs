//! An entry that is held, taken out only if it is still there, and, for a [`Cache`](crate::Cache), only on a
//! look that is new enough.

use super::at::Placed;
use super::entry::{Held, MapTable};
use super::write::MapGuard;
use super::{Map, Ref, Spot};
use crate::backoff::Backoff;
use crate::table::position::{At, Position};
use crate::table::{Bucket, Table};
use core::hash::{BuildHasher, Hash};
use tagged_arena::word::{Class, Word};

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    /// The key's bucket, if a look at the labels of its seats says that the key is absent, and there is no
    /// chain. Not validated: that it is absent is sure once something is put in from there (`T-WORD`).
    #[inline(always)]
    pub(crate) fn without(&self, spot: Spot) -> Option<Bucket<'_>> {
        let bucket = Bucket::read(&self.table, spot.group);
        let chained = MapTable::<K, V, N, EXTRA>::SHAPE.has_chain(bucket.word());
        (!chained && self.seats(&bucket, spot.label) == 0).then_some(bucket)
    }

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
    /// the bucket's, or, in a chain, perhaps the entry's own. Both are changed here. What the caller wrote
    /// before is seen by whoever reads a touched word: so it does not do that somebody else has changed one
    /// of them meanwhile.
    ///
    /// Behind another entry the bucket's word comes first, so that a frozen own word may be changed, too
    /// (`T-FREEZE`). At the head it comes last, as for those who take the first out: were the order another
    /// one, the two could spoil each other's attempts for ever. Tried again, it tidies the chain before, for
    /// the reason that [`take_first`](crate::table::chain::take_first) gives.
    ///
    /// Lock-free. It also is one of the writes that take part in the order of all operations (22).
    #[cold]
    #[inline(never)]
    pub(crate) fn touch(&self, entry: &Ref<'_, K, V>) -> bool {
        let mut backoff = Backoff::new();
        let mut again = false;
        loop {
            let Some((bucket, position)) = self.place(entry.guard(), again) else {
                return false;
            };
            let touch = || bucket.change::<MapTable<K, V, N, EXTRA>>(bucket.word(), None);
            let touched = match position.at {
                At::Seat(_) => touch(),
                At::Behind => touch() && self.touch_own(position.index, position.own),
                At::First => self.touch_first(position, touch),
            };
            if touched {
                return true;
            }
            again = true;
            backoff.lost();
        }
    }

    /// The same of a chain's first; `touch` changes the bucket's word.
    fn touch_first(&self, position: Position, touch: impl Fn() -> bool) -> bool {
        let own = self.table.own(position.index);
        // SAFETY: the entry was found live, with this word.
        let frozen = unsafe { own.freeze(MapTable::<K, V, N, EXTRA>::OWN, position.own) };
        let Some(frozen) = frozen else {
            return false;
        };
        let touched = touch();
        if touched {
            // No longer frozen than need be. If it is another word now, others are at it.
            self.touch_own(position.index, frozen);
        }
        touched
    }

    /// The bucket's word was changed since the entry was found with this word: so nobody who froze it so can
    /// take it out any more.
    fn touch_own(&self, index: usize, own: Word) -> bool {
        let at = self.table.own(index);
        // SAFETY: the entry was found live, with this word, under the bucket's word, which was changed since
        // (T-FREEZE).
        unsafe { at.touch(MapTable::<K, V, N, EXTRA>::OWN, own) }
    }

    /// Takes out the entry that was found in this [seat](Self::seat_of): without a hold, for its bucket's
    /// word says that it was there all the while (`T-WORD`). `None`: the bucket has changed. Wait-free.
    #[inline(always)]
    pub(crate) fn take_seated(
        &self,
        bucket: &Bucket<'_>,
        position: Position,
    ) -> Option<Ref<'_, K, V>> {
        if !position.take_out(&self.table, bucket) {
            return None;
        }
        self.table.arena.cells().hint(position.index);
        // SAFETY: `take_out` cleared the seat's bit, with the fence (22) behind it.
        let guard = unsafe { self.table.arena.own_unlisted(position.index) };
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
