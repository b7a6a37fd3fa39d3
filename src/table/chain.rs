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
use tagged_arena::order::decide;
use tagged_arena::sync::Ordering;
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
    /// what `read` has read there, until it returns something. `None`: it did not, and the bucket is unchanged.
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
                        at: table.own(self.index),
                        word: self.own,
                    },
                    of_first: self.steps == 1,
                };
            }
            self.index = index;
            self.own = Place::read(table.own(index)).word;
            self.steps += 1;
            self.next = T::OWN.index(self.own);
            if self.own.linkable() {
                return Ok(true);
            }
            if !self.own.is(State::Sealed) || !self.unchanged() {
                return Err(Changed);
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

/// Unlinks every sealed cell of the chain.
#[cold]
#[inline(never)]
pub(crate) fn tidy<T: Table>(table: &T, group: usize) {
    while try_tidy(table, &Bucket::read(table, group)).is_err() {}
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
    let next = T::OWN.index(sealed);
    let to = if of_bucket {
        layout.link(place.word, next)
    } else {
        if of_first && place.word.is(State::Frozen) {
            // T-FREEZE: an attempt to take that one out fails from now on.
            let Place { at, word } = bucket.place;
            let over = T::SHAPE.link.bump(word);
            // (2) Relaxed: it publishes nothing, and goes on with the release sequence.
            if at
                .compare_exchange(word.0, over.0, Ordering::Relaxed, Ordering::Relaxed)
                .is_err()
            {
                return;
            }
        }
        layout.link(place.word, next).committed()
    };
    // (2) Release: pairs with (1): whoever comes by the new link sees the cell behind it, as we saw it
    // when we read the sealed cell's word (1).
    let unlinked = place
        .at
        .compare_exchange(place.word.0, to.0, Ordering::Release, Ordering::Relaxed)
        .is_ok();
    if unlinked {
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
    let frozen = T::OWN.bump(own).with_state(State::Frozen);
    // (2) Release: pairs with the Acquire loads of own words (1): who sees the word frozen anew, and then
    // reads the bucket's, finds no older one than we did (T-FREEZE).
    table
        .own(index)
        .compare_exchange(own.0, frozen.0, Ordering::Release, Ordering::Relaxed)
        .is_ok()
        && {
            let without = T::SHAPE.link.with_index(bucket.word(), T::OWN.index(own));
            bucket.change::<T>(without, new)
        }
}

/// Seals the own word of a chain's first that the caller has taken out: others may freeze it anew until then,
/// in vain, and what they wrote must not be lost, or its generation would go back.
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) fn seal_first<T: Table>(table: &T, index: usize) {
    let own = table.own(index);
    let mut word = Word(own.load(Ordering::Relaxed));
    // (2) Relaxed: it publishes nothing, and goes on with the release sequence of (6).
    while let Err(now) = own.compare_exchange(
        word.0,
        word.with_state(State::Sealed).0,
        Ordering::Relaxed,
        Ordering::Relaxed,
    ) {
        word = Word(now);
    }
}

/// Makes the own word of an entry behind another one `sealed` from `own`: decides. To be followed by
/// [`tidy`], which unlinks it; it may drop what others have sealed, so that user code may panic: whatever
/// else follows the decision comes before.
#[inline]
pub(crate) fn take_behind<T: Table>(table: &T, index: usize, own: Word, sealed: Word) -> bool {
    // (2) A replacement publishes the new entry here.
    decide(table.own(index), own.0, sealed.0)
}
