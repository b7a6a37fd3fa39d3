//! Where the buckets' words lie: an array beside the cells.

use tagged_arena::cell::LinkWord;
use tagged_arena::sync::{AtomicUsize, Init};
use tagged_arena::{impl_init, init};

/// A native atomic word.
///
/// # Safety
/// It is laid out as a native word, any bits of which are valid, and changes through shared references.
pub(crate) unsafe trait Whole: Init {}

// SAFETY: it is a transparent atomic word.
unsafe impl Whole for LinkWord {}
// SAFETY: as above.
unsafe impl Whole for AtomicUsize {}

/// One word for each group of cells, and all zero bits when new.
///
/// INVARIANT `W-ROOM`: a group has four cells, so a quarter of a word for each of the `N + EXTRA` cells is
/// room for all groups but a last, incomplete one, whose word is `first`. The three fields follow each other
/// without a gap (`repr(C)`, the pieces are smaller than a word), so they are `1 + (N + EXTRA) / 4` words.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Words<const N: usize, const EXTRA: usize, W = LinkWord> {
    first: W,
    main: [Piece<W>; N],
    extra: [Piece<W>; EXTRA],
}

impl_init!([const N: usize, const EXTRA: usize, W: Whole] Words<N, EXTRA, W> = Words {
    first: init!(W),
    main: init!([Piece<W>; N]),
    extra: init!([Piece<W>; EXTRA]),
});

pub(crate) use imp::Piece;

#[cfg(not(any(tagged_arena_loom, tagged_arena_shuttle)))]
mod imp {
    use super::{Whole, Words};
    use core::marker::PhantomData;
    use tagged_arena::impl_init;
    use tagged_arena::sync::UnsafeCell;

    /// A quarter of a word.
    #[repr(transparent)]
    pub(crate) struct Piece<W>(UnsafeCell<[u8; size_of::<usize>() / 4]>, PhantomData<W>);

    impl_init!([W] Piece<W> = Piece(UnsafeCell::new([0; size_of::<usize>() / 4]), PhantomData));

    // SAFETY: the pieces are only accessed as parts of atomic words (`Words::word`).
    unsafe impl<W: Sync> Sync for Piece<W> {}

    impl<W> core::fmt::Debug for Piece<W> {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("Piece")
        }
    }

    impl<const N: usize, const EXTRA: usize, W: Whole> Words<N, EXTRA, W> {
        /// How many words there are.
        const COUNT: usize = 1 + (N + EXTRA) / 4;

        /// The word of this number.
        #[inline(always)]
        pub(crate) fn word(&self, number: usize) -> &W {
            const { assert!(size_of::<W>() == size_of::<usize>()) };
            const { assert!(size_of::<Self>() >= Self::COUNT * size_of::<usize>()) };
            debug_assert!(number < Self::COUNT);
            let first = core::ptr::from_ref(self).cast::<W>();
            // SAFETY: W-ROOM, and `number` is a group's, of which there are at most so many words
            // (`Shape`), or a place of a ring, of which there are fewer; `Whole`; all of it lies in cells
            // that allow changes through a shared reference, is initialised, and is accessed as whole
            // words only.
            unsafe { &*first.add(number) }
        }
    }
}

// The atomics of loom and shuttle are not laid out as plain words: one for each cell, most of them unused.
#[cfg(any(tagged_arena_loom, tagged_arena_shuttle))]
mod imp {
    use super::{Whole, Words};

    pub(crate) type Piece<W> = W;

    impl<const N: usize, const EXTRA: usize, W: Whole> Words<N, EXTRA, W> {
        /// The word of this number.
        pub(crate) fn word(&self, number: usize) -> &W {
            match number.checked_sub(1) {
                None => &self.first,
                Some(number) if number < N => &self.main[number],
                Some(number) => &self.extra[number - N],
            }
        }
    }
}
