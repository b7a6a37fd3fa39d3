//! Chains: what found no seat.
//!
//! A chain starts at its bucket's word and runs through the own words of its cells. This is Harris's list (*A
//! Pragmatic Implementation of Non-Blocking Linked-Lists*, DISC 2001) in Michael's hash table (*High
//! Performance Dynamic Lock-Free Hash Tables and List-Based Sets*, SPAA 2002), on cells that never go back to
//! an allocator, with three changes. Links carry the generation of the word they are in, so that a reader can
//! walk without protecting anything. Entries are put in at the head only, by the bucket's word. And the head
//! is left by the bucket's word, too, so that a replacement can move to a seat.
//!
//! # How an entry leaves
//!
//! * *Behind another one*: its own word is sealed, which decides (a replacement is linked behind it in the
//!   same compare-and-swap), and it is unlinked then, by whoever comes first.
//! * *At the head*: its own word is **frozen** first: its link does not change any more. Then one
//!   compare-and-swap on the bucket's word takes it out (to where it links), puts its replacement in, and
//!   decides. Whoever did it owns the cell. A frozen entry is still live; should that operation be suspended,
//!   it is in nobody's way:
//!   * `T-FREEZE` Each attempt freezes the word itself, anew (with the next generation), after it read the
//!     bucket's word and before it changes that. An entry behind which a new one comes to the head is frozen
//!     in vain, for the attempt's bucket word has changed. So a frozen word may be changed by whoever saw its
//!     entry *behind* another one, under a bucket word that was read before and has not changed since; or by
//!     whoever changed the bucket's word itself, after it read it.
//!
//! # Why a reader may walk unprotected
//!
//! `T-LINKED`: the own word of a cell that was reached is linkable (not sealed) while that cell is in its
//! chain behind another one or frozen at its head, and what it links to is the next cell there.
//!
//! The reader stands at a word and has read a link there. It reads the linked cell's own word, its key and
//! whatever it needs, then reads that word again, and the bucket's. Unchanged means that the cell was linked
//! there all the while, so it was not reused, and all that was read belongs to one entry. Changed means:
//! start over; somebody made progress. A sealed cell's word is fixed while it is linked, and its successor
//! cannot be unlinked before it; so what is behind it is validated at the place in front.

use super::position::{At, Position};
use super::{Bucket, Changed, Place, Table};
use tagged_arena::word::{State, Word};

/// A word that links to a cell of a chain.
#[derive(Clone, Copy)]
struct Link<'a> {
    place: Place<'a>,
    /// It is the own word of the chain's first cell (or else the bucket's, or that of one behind).
    of_first: bool,
}

/// A walk along a chain, and the cell that it has come to.
pub(crate) struct Walk<'a> {
    bucket: Bucket<'a>,
    /// The place that links to the cell, unless there are sealed ones in between.
    link: Link<'a>,
    next: Option<usize>,
    /// How many cells it has come to.
    steps: usize,
    pub(crate) index: usize,
    /// The cell's own word.
    pub(crate) own: Word,
}

impl<'a> Walk<'a> {
    #[inline(always)]
    fn new<T: Table>(bucket: &Bucket<'a>) -> Self {
        Self {
            bucket: *bucket,
            link: Link {
                place: bucket.place,
                of_first: false,
            },
            next: bucket.first::<T>(),
            steps: 0,
            index: 0,
            own: Word(State::Sealed as usize),
        }
    }

    /// Looks along the chain: of each live cell, or of each one if `sealed` ones count, too, `found` is told
    /// what `read` has read there, until it returns something. `None`: it did not, and the bucket is
    /// unchanged.
    #[inline(always)]
    pub(crate) fn find<T: Table, R, F>(
        table: &'a T,
        bucket: &Bucket<'a>,
        sealed: bool,
        mut read: impl FnMut(&Self) -> R,
        mut found: impl FnMut(&Self, R) -> Result<Option<F>, Changed>,
    ) -> Result<Option<F>, Changed> {
        let mut walk = Self::new::<T>(bucket);
        while walk.step(table, sealed)? {
            let there = read(&walk);
            if !walk.unchanged() {
                return Err(Changed);
            }
            if let Some(found) = found(&walk, there)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Goes on to the next cell. It is not validated.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn step<T: Table>(&mut self, table: &'a T, sealed: bool) -> Result<bool, Changed> {
        while let Some(index) = self.next {
            if !self.own.is(State::Sealed) {
                self.link = Link {
                    place: Place {
                        at: table.own(self.index).link(),
                        word: self.own,
                    },
                    of_first: self.steps == 1,
                };
            }
            self.index = index;
            // (1) With the cell behind it.
            self.own = table.own(index).read();
            self.steps += 1;
            self.next = T::OWN.index(self.own);
            if self.own.linkable() {
                return Ok(true);
            }
            if !self.own.is(State::Sealed) || !self.unchanged() {
                return Err(Changed);
            }
            if self.next == Some(index) {
                // What links to itself is in a seat (a counter has wrapped): the chain ends there.
                self.next = None;
            }
            if sealed {
                return Ok(true);
            }
        }
        if self.bucket.unchanged() {
            Ok(false)
        } else {
            Err(Changed)
        }
    }

    /// Whether the cell has been linked from before its own word was read until now.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn unchanged(&self) -> bool {
        self.link.place.unchanged() && self.bucket.unchanged()
    }

    /// Where the cell is.
    #[inline]
    pub(crate) fn position(&self) -> Position {
        Position {
            index: self.index,
            at: if self.steps == 1 {
                At::First
            } else {
                At::Behind
            },
            own: self.own,
        }
    }
}

/// Unlinks every sealed cell of the chain, also if the drop of what was in one of them panics.
#[cold]
#[inline(never)]
pub(crate) fn tidy<T: Table>(table: &T, group: usize) {
    struct Rest<'a, T: Table>(&'a T, usize);

    impl<T: Table> Drop for Rest<'_, T> {
        fn drop(&mut self) {
            tidy(self.0, self.1);
        }
    }

    let rest = Rest(table, group);
    while try_tidy(table, &Bucket::read(table, group)).is_err() {}
    core::mem::forget(rest);
}

/// The same, unless somebody interferes. Each cell that is unlinked is a change, too.
#[cfg_attr(target_pointer_width = "64", inline)]
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) fn try_tidy<T: Table>(table: &T, bucket: &Bucket<'_>) -> Result<(), Changed> {
    Walk::find(
        table,
        bucket,
        true,
        |walk| walk.own,
        |walk, own| {
            if !own.is(State::Sealed) {
                return Ok(None);
            }
            unlink(table, bucket, walk.link, walk.index, own);
            Err(Changed)
        },
    )
    .map(|_: Option<()>| ())
}

/// Unlinks a sealed cell, if nothing happened to the word that links to it, and hands it over.
fn unlink<T: Table>(table: &T, bucket: &Bucket<'_>, link: Link<'_>, index: usize, sealed: Word) {
    let Link { place, of_first } = link;
    let of_bucket = core::ptr::eq(place.at, bucket.place.at);
    let layout = if of_bucket { T::SHAPE.link } else { T::OWN };
    debug_assert!(layout.index(place.word) == Some(index));
    // As in `step`: the chain ends at what links to itself.
    let next = T::OWN.index(sealed).filter(|&next| next != index);
    let to = if of_bucket {
        layout.link(place.word, next)
    } else {
        if of_first && place.word.is(State::Frozen) {
            // T-FREEZE: an attempt to take that one out fails from now on.
            let Place { at, word } = bucket.place;
            // SAFETY: the bucket's word is no own word, and this its layout.
            if !unsafe { at.disturb(T::SHAPE.link, word) } {
                return;
            }
        }
        layout.link(place.word, next).committed()
    };
    // SAFETY: the place was validated: it linked to the sealed cell when that one's word was read, which does
    // not change while it is linked.
    if unsafe { place.at.relink(place.word, to) } {
        table.retire(index, sealed);
    }
}

/// Takes the chain's first entry out, whose own word is `own`, and puts the cell `new` in, if there is one,
/// at its seat or at the head: decides. The cell is the caller's then.
///
/// Whoever tries again tidies the chain before: an operation behind this entry that the freeze disturbed need
/// not try again then, so that the two cannot keep each other from their ends.
#[cfg_attr(target_pointer_width = "64", inline)]
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) fn take_first<T: Table>(
    table: &T,
    bucket: &Bucket<'_>,
    index: usize,
    own: Word,
    new: Option<usize>,
) -> bool {
    // SAFETY: the entry was found live, with this word.
    let frozen = unsafe { table.own(index).freeze(T::OWN, own) };
    frozen.is_some() && {
        let without = T::SHAPE.link.with_index(bucket.word(), T::OWN.index(own));
        bucket.change::<T>(without, new)
    }
}

/// Seals the own word of a chain's first that the caller has taken out.
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) fn seal_first<T: Table>(table: &T, index: usize) {
    // SAFETY: the caller has taken the entry out.
    unsafe { table.own(index).seal_taken() };
}

/// Makes the own word of an entry behind another one `sealed` from `own`: decides. To be followed by
/// [`tidy`], which unlinks it; it may drop what others have sealed, so that user code may panic: whatever
/// else follows the decision comes before.
#[inline]
pub(crate) fn take_behind<T: Table>(table: &T, index: usize, own: Word, sealed: Word) -> bool {
    // (2) A replacement publishes the new entry here.
    // SAFETY: the entry was found live, with this word, and the new one's cell is filled; who unlinks the
    // cell hands it over.
    unsafe { table.own(index).seal(own, sealed) }
}
