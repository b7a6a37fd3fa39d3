//! Words that link to a cell.

use crate::order::decide;
use crate::sync::{AtomicUsize, COUNTING, Ordering, fence};
use crate::word::{Layout, Word};
use crate::{impl_init, init};

/// A word that links to a cell: a cell's own word, or one from which a chain starts.
#[repr(transparent)]
pub struct LinkWord(pub(super) AtomicUsize);

impl_init!([] LinkWord = LinkWord(init!(AtomicUsize)));

impl LinkWord {
    /// The word, for whoever goes by it to what it links to, or to what it tells of.
    #[inline(always)]
    pub fn read(&self) -> Word {
        // (1) Acquire: pairs with every Release that changes such a word. Of a link (2): the payload and the
        // own word of the entry behind it are visible. Of an own word: what is in the cell (6), by the
        // release sequence that (2, 19) go on with.
        Word(self.0.load(Ordering::Acquire))
    }

    /// The word alone: nothing else is known by it.
    #[inline(always)]
    pub fn peek(&self) -> Word {
        Word(self.0.load(Ordering::Relaxed))
    }

    /// The word where it is counted: with an acquire fence behind it, it is as [`read`](Self::read).
    #[inline(always)]
    pub fn peek_counted(&self) -> Word {
        Word(self.0.load(COUNTING))
    }

    /// Whether it is still `word`, for whoever has an acquire fence (20) in front of it.
    #[inline(always)]
    pub fn is(&self, word: Word) -> bool {
        self.peek() == word
    }

    /// Whether nothing happened to it since it was `word`: validates what was read since then.
    #[inline(always)]
    pub fn unchanged(&self, word: Word) -> bool {
        // (20) Acquire fence: if a relaxed load before it read what a later owner of a cell wrote, that
        // owner's fence (9), and so the change that freed the cell, happens before the next load, which then
        // cannot return the old word.
        fence(Ordering::Acquire);
        self.is(word)
    }

    /// Makes it `to` if it is `from`: decides an operation ([`crate::order`]).
    ///
    /// # Safety
    /// It is no own word. Guards may be good by it: what it says to be there was filled by the caller, and
    /// what it says no more is the caller's, to be let go of as `I-DROP` says.
    #[inline(always)]
    pub unsafe fn decide(&self, from: Word, to: Word) -> bool {
        decide(&self.0, from.0, to.0)
    }

    /// Makes it `to`, which links past a sealed cell, if it is `from`, which links to that one. Whoever does
    /// it has detached the cell.
    ///
    /// # Safety
    /// `from` links to a sealed cell and `to` to what that one links to; if it is an own word, `from` is
    /// linkable and `to` is [committed](Word::committed); nothing else differs but the generation.
    #[inline(always)]
    pub unsafe fn relink(&self, from: Word, to: Word) -> bool {
        // (2) Release: pairs with (1): whoever comes by the new link sees the cell behind it, as we saw it
        // when we read the sealed cell's word (1).
        self.0
            .compare_exchange(from.0, to.0, Ordering::Release, Ordering::Relaxed)
            .is_ok()
    }

    /// Takes the generation on, if it is `from`: who rests on that word has to look again.
    ///
    /// # Safety
    /// It is no own word, and `layout` is the one that it is read by.
    #[inline(always)]
    pub unsafe fn disturb(&self, layout: Layout, from: Word) -> bool {
        let to = layout.bump(from);
        // (2) Relaxed: it publishes nothing, and goes on with the release sequence.
        self.0
            .compare_exchange(from.0, to.0, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }

    /// Makes it `to`, whatever it was: for whoever brings all cells into order after their users stopped
    /// anywhere.
    ///
    /// # Safety
    /// The caller has all cells to itself: no operation of them is in progress or will go on, and no guard
    /// is used any more. An own word never says of a payload that it is there when it is not (`I-FULL`), nor
    /// that a cell is `Free` whose payload is still needed.
    pub unsafe fn restore(&self, to: Word) {
        // Relaxed: nobody else is there.
        self.0.store(to.0, Ordering::Relaxed);
    }
}

impl core::fmt::Debug for LinkWord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.peek().fmt(f)
    }
}
