//! What both maps share: groups of cells under one bucket word each, and chains for what overflows.
//!
//! A key's hash chooses a *group* of home cells with a *bucket word*: a version, the first cell of a chain,
//! and a bit for each of the bucket's *seats* (its home cells, and some of the neighbouring group's). An
//! entry is in the map while its seat's bit is set, or while it is live in the chain.
//!
//! # The rule
//!
//! `T-WORD`: what the seats of a bucket hold changes only by a compare-and-swap on its bucket word, and every
//! insert is one, wherever its cell is. Each takes the next version, but one that only clears a seat's bit:
//! without the others no bit is set again. (The link to the chain is another matter. A cell that was the
//! first may come back behind another one, without the bucket word, and be the first again when that one
//! leaves.) So two equal reads of a bucket word mean that between them no seat's entry came, went or was
//! replaced, no key came into the chain, and its first did not leave.
//!
//! * *Look-up*: read the word, compare the seats whose bits are set, copy what is wanted, read the word
//!   again. Unchanged: all of it was there together. Not found, and no chain: absent.
//! * *Insert* of a new key: claim a cell, fill it, and set its bit; or, if it is no seat of this bucket, link
//!   it in front of the chain. The compare-and-swap is from the word under which the key was found absent: no
//!   duplicates.
//! * *Removal* from a seat clears the bit. Whoever cleared it owns the entry and its cell.
//! * *Replacement* of what is in a seat: clear the bit and put the new entry in, in one compare-and-swap.
//!
//! # Chains
//!
//! See [`chain`].

pub(crate) mod chain;
pub(crate) mod exclusive;
pub(crate) mod position;
pub(crate) mod repair;
pub(crate) mod shape;
pub(crate) mod words;

use shape::Shape;
use tagged_arena::cell::{LinkWord, Own};
use tagged_arena::word::{Layout, Word};

/// What the two maps differ in: where words lie, and what becomes of a cell that has left a chain.
pub(crate) trait Table {
    /// The groups.
    const SHAPE: Shape;
    /// Where the fields of own words lie.
    const OWN: Layout;
    /// The word of a bucket.
    fn bucket(&self, group: usize) -> &LinkWord;
    /// The own word of a cell.
    fn own(&self, index: usize) -> &Own;
    /// Takes over a cell that the caller has just unlinked and whose own word it saw as `sealed`.
    fn retire(&self, index: usize, sealed: Word);
}

/// Somebody else has changed the bucket: look again.
#[derive(Debug)]
pub(crate) struct Changed;

/// A word and what was read in it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) at: &'a LinkWord,
    pub(crate) word: Word,
}

impl<'a> Place<'a> {
    #[inline(always)]
    pub(crate) fn read(at: &'a LinkWord) -> Self {
        // (1) With what is behind it (2).
        let word = at.read();
        Self { at, word }
    }

    /// Whether nothing happened to the word since it was read.
    #[inline(always)]
    pub(crate) fn unchanged(&self) -> bool {
        self.at.unchanged(self.word)
    }
}

/// A bucket, as it was read.
#[derive(Clone, Copy)]
pub(crate) struct Bucket<'a> {
    pub(crate) group: usize,
    pub(crate) place: Place<'a>,
}

impl<'a> Bucket<'a> {
    #[inline(always)]
    pub(crate) fn read<T: Table>(table: &'a T, group: usize) -> Self {
        let place = Place::read(table.bucket(group));
        Self { group, place }
    }

    #[inline(always)]
    pub(crate) fn word(&self) -> Word {
        self.place.word
    }

    #[inline(always)]
    pub(crate) fn unchanged(&self) -> bool {
        self.place.unchanged()
    }

    /// Clears the seat `bit`: decides. T-WORD: it takes no version.
    #[inline(always)]
    pub(crate) fn remove(&self, bit: usize) -> bool {
        let Place { at, word } = self.place;
        // SAFETY: the entry is the caller's then, to be let go of.
        unsafe { at.decide(word, Word(word.0 & !bit)) }
    }

    /// Clears the seat `bit`, if it is not zero, and puts a new entry in: at its seat, or, filled so that it
    /// links to [`first`](Self::first), in front of the chain.
    #[inline(always)]
    pub(crate) fn replace<T: Table>(&self, bit: usize, new: usize) -> bool {
        self.change::<T>(Word(self.word().0 & !bit), Some(new))
    }

    /// Clears the seat `bit`, if it is not zero, and sets `seat`, whose cell has a new entry: decides.
    #[inline(always)]
    pub(crate) fn reseat<T: Table>(&self, bit: usize, seat: usize) -> bool {
        let reseated = Word(self.word().0 & !bit | seat);
        self.put(T::SHAPE.link.bump(reseated))
    }

    /// The first cell of the chain.
    #[inline(always)]
    pub(crate) fn first<T: Table>(&self) -> Option<usize> {
        T::SHAPE.link.index(self.word())
    }

    /// Makes the word `to`, with the next version and with a new entry, if there is one, at its seat or at
    /// the head of the chain: decides.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline)]
    pub(crate) fn change<T: Table>(&self, mut to: Word, new: Option<usize>) -> bool {
        if let Some(new) = new {
            let bit = T::SHAPE.bit(self.group, new);
            // The bit may be set, if the word was read before the cell became free: then it has changed.
            to = match bit {
                0 => T::SHAPE.link.with_index(to, Some(new)),
                _ => Word(to.0 | bit),
            };
        }
        self.put(T::SHAPE.link.bump(to))
    }

    #[inline(always)]
    fn put(&self, to: Word) -> bool {
        // SAFETY: the caller has filled the new entry's cell; what was replaced is the caller's, to be let go
        // of.
        unsafe { self.place.at.decide(self.word(), to) }
    }

    /// What `claim` makes of the first seat that is free, and the seat's bit.
    #[inline(always)]
    pub(crate) fn claim_seat<T: Table, C>(
        &self,
        claim: impl Fn(usize) -> Option<C>,
    ) -> Option<(C, usize)> {
        let mut free = !self.word().0 & T::SHAPE.seat_bits();
        while free != 0 {
            let index = T::SHAPE.cell(self.group, free.trailing_zeros());
            if index < T::OWN.cells() {
                if let Some(claimed) = claim(index) {
                    return Some((claimed, free & free.wrapping_neg()));
                }
            }
            free &= free - 1;
        }
        None
    }

    /// Whether the cell is a seat of this bucket: what is put in there is `Sealed`, and in the chain it is
    /// not.
    #[inline(always)]
    pub(crate) fn seats<T: Table>(&self, cell: usize) -> bool {
        T::SHAPE.bit(self.group, cell) != 0
    }
}
