//! The buckets' chains: one search for readers, one for writers, one way to unlink.
//!
//! A chain starts at its bucket's head and runs through the own words of its cells. This is
//! Harris's list (*A Pragmatic Implementation of Non-Blocking Linked-Lists*, DISC 2001) in Michael's
//! hash table (*High Performance Dynamic Lock-Free Hash Tables and List-Based Sets*, SPAA 2002), on
//! cells that never go back to an allocator, with two changes: links carry the generation of the
//! word they are in, so that a reader can walk without protecting anything, and a new entry is
//! appended at the tail only.
//!
//! # Why a reader may walk unprotected
//!
//! `L-LINKED`: the own word of a cell that was reached is linkable (not marked) while that cell is in its
//! chain, and what it links to is the next cell there. (A cell that an operation has filled and not linked
//! yet is linkable, too, but no word that has not changed leads to it.)
//!
//! The reader stands at a word `prev` and has read `link` there. It reads the linked cell's own
//! word, its key and whatever it needs, then reads `prev` again. Unchanged means that no
//! compare-and-swap succeeded on `prev` in between (each takes the next generation): `prev` was
//! linkable all the while, so the cell was linked there all the while, so it was not reused, and all
//! that was read belongs to one entry. Changed means: start over; somebody made progress.
//!
//! # Why there are no duplicates
//!
//! A new key goes in by a compare-and-swap on the tail's word, which the inserter reached by walking
//! the whole chain and found linking to nothing. Every other insert into that chain changes the same
//! word, so at most one of them succeeds and the others walk again.

use tagged_arena::order::decide;
use tagged_arena::sync::{AtomicUsize, NARROW, Ordering, fence};
use tagged_arena::word::{Layout, State, Word};

/// What the chains need to know of the cells.
pub(crate) trait Table {
    /// Where the fields of the words lie.
    const LAYOUT: Layout;
    /// The head of a bucket.
    fn head(&self, bucket: usize) -> &AtomicUsize;
    /// The own word of a cell.
    fn own(&self, index: usize) -> &AtomicUsize;
    /// Takes over a cell that the caller has just unlinked and whose own word it saw as `marked`.
    fn retire(&self, index: usize, marked: Word);
}

/// A word and what was read in it: where a cell is linked, or the tail.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) prev: &'a AtomicUsize,
    pub(crate) link: Word,
}

impl<'a> Place<'a> {
    #[inline(always)]
    pub(crate) fn read(prev: &'a AtomicUsize) -> Self {
        // (1) Acquire: pairs with every Release compare-and-swap on a link (2): the linked cell's
        // payload and own word are visible.
        let link = Word(prev.load(Ordering::Acquire));
        Self { prev, link }
    }

    /// Whether nothing happened to the word since it was read.
    #[inline(always)]
    pub(crate) fn unchanged(&self) -> bool {
        // (20) Acquire fence: if a relaxed load before it read what a later owner of the cell wrote,
        // that owner's fence (9, crate `tagged-arena`), and so the unlinking before it, happens
        // before the next load, which then cannot return the old link.
        fence(Ordering::Acquire);
        self.prev.load(Ordering::Relaxed) == self.link.0
    }

    /// Links a new cell at the tail, if nothing happened to it since: this decides an insert.
    #[inline(always)]
    pub(crate) fn append<T: Table>(&self, new: usize) -> bool {
        decide(
            self.prev,
            self.link.0,
            Self::linking::<T>(self.link, Some(new)).0,
        )
    }

    /// The next word, which links to another cell.
    #[inline(always)]
    fn linking<T: Table>(link: Word, new: Option<usize>) -> Word {
        // A cell that is linked to or unlinked behind is linked itself: if it was pending, it is live
        // now (its inserter tries only once, see `Filled::linked`).
        T::LAYOUT.link(link, new).committed()
    }

    /// Links to `new` instead, if nothing happened since: this unlinks what somebody marked, which decided
    /// its removal.
    #[inline(always)]
    fn swing<T: Table>(&self, new: Option<usize>) -> Option<Self> {
        let link = Self::linking::<T>(self.link, new);
        // (2) Release: pairs with (1): whoever comes by the new link sees the cell behind it, as we saw it
        // when we read the marked cell's word (1).
        self.prev
            .compare_exchange(self.link.0, link.0, Ordering::Release, Ordering::Relaxed)
            .ok()?;
        Some(Self {
            prev: self.prev,
            link,
        })
    }
}

/// What a look at one cell says.
pub(crate) enum Check<R> {
    /// The key, while it was linked at the place.
    Hit(R),
    /// Another key, while it was linked at the place.
    Miss,
    /// The place changed: start over.
    Changed,
}

/// Looks a key up without writing anything. `check` is called for each linked cell.
///
/// Lock-free: it starts over only when a word changed under it.
#[inline(always)]
pub(crate) fn search<'a, T: Table, R>(
    table: &'a T,
    bucket: usize,
    mut check: impl FnMut(usize, Word, &Place<'a>) -> Check<R>,
) -> Option<R> {
    if NARROW {
        // Where code is dear there is one loop.
        return search_carefully(table, bucket, check);
    }
    'restart: loop {
        let mut place = Place::read(table.head(bucket));
        loop {
            let index = T::LAYOUT.index(place.link)?;
            let next = Place::read(table.own(index));
            if !next.link.linkable() {
                return search_past_marks(table, bucket, check);
            }
            match check(index, next.link, &place) {
                Check::Hit(hit) => return Some(hit),
                Check::Miss => place = next,
                Check::Changed => continue 'restart,
            }
        }
    }
}

/// The same for a chain with marked cells in it, which it passes without helping.
///
/// A marked cell's own word is frozen while it is linked, and its successor cannot be unlinked before
/// it, since that takes a change of a marked word. So everything behind a marked cell is validated at
/// the last place in front of it that is not marked.
#[cold]
#[inline(never)]
fn search_past_marks<'a, T: Table, R>(
    table: &'a T,
    bucket: usize,
    check: impl FnMut(usize, Word, &Place<'a>) -> Check<R>,
) -> Option<R> {
    search_carefully(table, bucket, check)
}

#[inline(always)]
fn search_carefully<'a, T: Table, R>(
    table: &'a T,
    bucket: usize,
    mut check: impl FnMut(usize, Word, &Place<'a>) -> Check<R>,
) -> Option<R> {
    'restart: loop {
        let mut place = Place::read(table.head(bucket));
        let mut link = place.link;
        loop {
            let index = T::LAYOUT.index(link)?;
            let next = Place::read(table.own(index));
            if next.link.is(State::Marked) {
                if !place.unchanged() {
                    continue 'restart;
                }
                link = next.link;
                continue;
            }
            if !next.link.linkable() {
                continue 'restart;
            }
            match check(index, next.link, &place) {
                Check::Hit(hit) => return Some(hit),
                Check::Miss => {
                    place = next;
                    link = next.link;
                }
                Check::Changed => continue 'restart,
            }
        }
    }
}

/// Where a quick walk ended.
pub(crate) enum Walk<'a> {
    /// At a cell that looks like the one wanted: the place that led there.
    Like(Place<'a>, usize),
    /// At the tail.
    Tail(Place<'a>),
    /// Something was marked or changed: look again, with all care.
    Disturbed,
}

/// Walks to the first cell that `like` says may be the one: the common case of [`search`] and
/// [`locate`], without what they do when somebody interferes.
#[inline(always)]
pub(crate) fn walk<T: Table>(table: &T, bucket: usize, like: impl Fn(usize) -> bool) -> Walk<'_> {
    let mut place = Place::read(table.head(bucket));
    loop {
        let Some(index) = T::LAYOUT.index(place.link) else {
            return Walk::Tail(place);
        };
        let next = Place::read(table.own(index));
        if !next.link.linkable() {
            return Walk::Disturbed;
        }
        if like(index) {
            return Walk::Like(place, index);
        }
        if !place.unchanged() {
            return Walk::Disturbed;
        }
        place = next;
    }
}

/// What a writer found.
pub(crate) enum Found<'a, R> {
    /// The key: the place that links to its cell, and what `check` made of it.
    Hit(Place<'a>, R),
    /// Not there: the tail, which links to nothing.
    Tail(Place<'a>),
}

/// Looks a key up for a writer, as [`locate`] does as long as nobody interferes. `None`: something was
/// marked or changed.
#[inline(always)]
pub(crate) fn locate_undisturbed<'a, T: Table, R>(
    table: &'a T,
    bucket: usize,
    mut check: impl FnMut(usize, Word, &Place<'a>) -> Check<R>,
) -> Option<Found<'a, R>> {
    let mut place = Place::read(table.head(bucket));
    loop {
        let Some(index) = T::LAYOUT.index(place.link) else {
            return Some(Found::Tail(place));
        };
        let next = Place::read(table.own(index));
        if !next.link.linkable() {
            return None;
        }
        match check(index, next.link, &place) {
            Check::Hit(hit) => return Some(Found::Hit(place, hit)),
            Check::Miss => place = next,
            Check::Changed => return None,
        }
    }
}

/// Looks a key up for a writer and unlinks the marked cells on its way.
///
/// Lock-free: it starts over only when a word changed under it.
#[inline]
pub(crate) fn locate<'a, T: Table, R>(
    table: &'a T,
    bucket: usize,
    mut check: impl FnMut(usize, Word, &Place<'a>) -> Check<R>,
) -> Found<'a, R> {
    'restart: loop {
        let mut place = Place::read(table.head(bucket));
        loop {
            let Some(index) = T::LAYOUT.index(place.link) else {
                return Found::Tail(place);
            };
            let next = Place::read(table.own(index));
            if next.link.linkable() {
                match check(index, next.link, &place) {
                    Check::Hit(hit) => return Found::Hit(place, hit),
                    Check::Miss => place = next,
                    Check::Changed => continue 'restart,
                }
            } else {
                match help(table, place, index, next.link) {
                    Some(after) => place = after,
                    None => continue 'restart,
                }
            }
        }
    }
}

/// Unlinks a cell that somebody else has marked.
#[cold]
#[inline(never)]
fn help<'a, T: Table>(
    table: &'a T,
    place: Place<'a>,
    index: usize,
    marked: Word,
) -> Option<Place<'a>> {
    unlink(table, place, index, marked)
}

/// Unlinks the marked cell `index` from `place` and hands it over. `None` if the place changed.
#[inline(always)]
fn unlink<'a, T: Table>(
    table: &'a T,
    place: Place<'a>,
    index: usize,
    marked: Word,
) -> Option<Place<'a>> {
    if !marked.is(State::Marked) {
        return None;
    }
    let after = place.swing::<T>(T::LAYOUT.index(marked))?;
    table.retire(index, marked);
    Some(after)
}

/// Unlinks the cell that the caller has just marked, or makes sure that it is unlinked.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) fn detach<'a, T: Table>(
    table: &'a T,
    bucket: usize,
    place: &Place<'a>,
    index: usize,
    marked: Word,
) {
    let after = unlink(table, *place, index, marked);
    if after.is_none() {
        detach_again(table, bucket);
    }
}

/// Walks the chain to its end, unlinking every marked cell.
#[cold]
#[inline(never)]
fn detach_again<T: Table>(table: &T, bucket: usize) {
    locate(table, bucket, |_, _, place| {
        if place.unchanged() {
            Check::<()>::Miss
        } else {
            Check::Changed
        }
    });
}
