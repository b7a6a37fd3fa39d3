//! Bits in native atomic pieces: read and written concurrently without a data race.
//!
//! They are stored as whole native words and a tail of smaller pieces, each an atomic of its own. A read
//! that overlaps a write may be *torn* (some pieces old, some new): still valid bits, because every pattern
//! of them is. The caller finds out by validation and throws them away. Nothing of this is undefined
//! behaviour, and Miri and loom see every access.

use super::Plain;
use crate::sync::{Half, Init, Ordering};
use core::marker::PhantomData;

// The atomics of loom and shuttle are not laid out as plain data: a value cannot lie in them byte by byte.
#[cfg(not(any(tagged_arena_loom, tagged_arena_shuttle)))]
mod imp {
    use super::{Ordering, Plain, Tagged};
    use crate::sync::{AtomicU8, AtomicU16, AtomicU32, AtomicUsize, UnsafeCell};
    use core::marker::PhantomData;
    use core::mem::{ManuallyDrop, MaybeUninit, align_of, size_of};

    const WORD: usize = size_of::<usize>();

    /// The bits of a `T`, whose pieces are loaded and stored atomically.
    ///
    /// INVARIANT `I-PLAIN`: every access is an atomic access, either of the piece sizes that `pieces`
    /// yields and no other, or of the whole native word ([`Self::word`]), never of both kinds at once; the
    /// memory starts aligned to a native word and is always initialised.
    #[repr(transparent)]
    pub struct AtomicPlain<T: Plain>(UnsafeCell<Aligned<T::Bits>>, PhantomData<T>);

    /// At the start of a native word, which it fills up: also when it is moved, so that what is kept
    /// beside a narrow value moves with it. (A field's padding would not.)
    #[cfg_attr(target_pointer_width = "32", repr(C, packed(4)))]
    #[cfg_attr(target_pointer_width = "64", repr(C, packed(8)))]
    union Aligned<B> {
        _bits: ManuallyDrop<MaybeUninit<B>>,
        _word: MaybeUninit<usize>,
    }

    // SAFETY: all access through a shared reference is atomic (I-PLAIN), and what comes out is a
    // copy: `T` only has to be allowed to move to another thread.
    unsafe impl<T: Plain + Send> Sync for AtomicPlain<T> {}
    // SAFETY: the bits are the `T`, which may be sent. (Anybody can make any bits anywhere, so that nothing
    // can rest on where their own type may go.)
    unsafe impl<T: Plain + Send> Send for AtomicPlain<T> {}

    impl<T: Plain> core::fmt::Debug for AtomicPlain<T> {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("AtomicPlain")
        }
    }

    impl<T: Plain> AtomicPlain<T> {
        /// All zero bits.
        #[allow(clippy::declare_interior_mutable_const)]
        pub const ZERO: Self =
            // SAFETY: any bits will do for a union of `MaybeUninit`s.
            unsafe { MaybeUninit::zeroed().assume_init() };
    }

    /// Calls `word`, `four`, `two`, `one` with the byte offset of each piece of `size` bytes.
    #[inline(always)]
    fn pieces(size: usize, mut piece: impl FnMut(usize, usize)) {
        // Without loops where it matters: at opt-level "s" they would stay, with their table of
        // widths, and be run at every load.
        let mut at = 0;
        if size >= WORD {
            piece(0, WORD);
            at = WORD;
        }
        if size >= 2 * WORD {
            piece(WORD, WORD);
            at = 2 * WORD;
        }
        while size - at >= WORD {
            piece(at, WORD);
            at += WORD;
        }
        if WORD > 4 && size - at >= 4 {
            piece(at, 4);
            at += 4;
        }
        if size - at >= 2 {
            piece(at, 2);
            at += 2;
        }
        if size - at >= 1 {
            piece(at, 1);
        }
    }

    impl<T: Plain> AtomicPlain<T> {
        const ALIGNED: () = assert!(align_of::<Self>() >= WORD);

        /// The native word of a value that takes at most half of one: see [`Tagged`].
        ///
        /// # Safety
        /// Nobody calls [`load`](Self::load) or [`store`](Self::store) of this value while the word is
        /// accessed: atomic accesses of different sizes to one place must not race.
        #[inline(always)]
        pub unsafe fn word(&self) -> &AtomicUsize {
            const { Self::ALIGNED };
            assert!(Tagged::<T>::FITS && size_of::<Self>() == WORD);
            // SAFETY: I-PLAIN: it is aligned and a native word long, the cell covers all of it, and
            // this value is reached in no other way.
            self.0.with(|word| unsafe { &*word.cast::<AtomicUsize>() })
        }

        /// Copies the bits out, piece by piece, in no order: torn if it overlaps a store.
        #[inline(always)]
        pub fn load(&self) -> T::Bits {
            let mut out = MaybeUninit::uninit();
            self.load_into(&mut out);
            // SAFETY: `load_into` writes it.
            unsafe { out.assume_init() }
        }

        /// The same, to where the bits are to be.
        #[inline(always)]
        pub fn load_into<'o>(&self, out: &'o mut MaybeUninit<T::Bits>) -> &'o mut T::Bits {
            const { Self::ALIGNED };
            let to = out.as_mut_ptr().cast::<u8>();
            self.0.with(|from| {
                let from = from.cast::<u8>();
                pieces(size_of::<T::Bits>(), |at, width| {
                    // SAFETY: I-PLAIN: `at` is a multiple of `width` and `at + width` is within the
                    // bits, on both sides; the source is initialised and only accessed atomically;
                    // the destination is ours and may be unaligned for bits less aligned than a word.
                    unsafe {
                        let (from, to) = (from.add(at), to.add(at));
                        match width {
                            4 => to.cast::<u32>().write_unaligned(
                                (*from.cast::<AtomicU32>()).load(Ordering::Relaxed),
                            ),
                            2 => to.cast::<u16>().write_unaligned(
                                (*from.cast::<AtomicU16>()).load(Ordering::Relaxed),
                            ),
                            1 => to.write((*from.cast::<AtomicU8>()).load(Ordering::Relaxed)),
                            _ => to.cast::<usize>().write_unaligned(
                                (*from.cast::<AtomicUsize>()).load(Ordering::Relaxed),
                            ),
                        }
                    }
                });
            });
            // SAFETY: all bytes are written, and every pattern of them is valid (`Pod`).
            unsafe { out.assume_init_mut() }
        }

        /// Stores the bits, piece by piece, in no order. One writer at a time.
        #[inline(always)]
        pub fn store(&self, bits: T::Bits) {
            const { Self::ALIGNED };
            let from = core::ptr::from_ref(&bits).cast::<u8>();
            self.0.with_mut(|to| {
                let to = to.cast::<u8>();
                pieces(size_of::<T::Bits>(), |at, width| {
                    // SAFETY: as in `load`, the other way round; `bits` has no padding (`Pod`).
                    unsafe {
                        let (from, to) = (from.add(at), to.add(at));
                        match width {
                            4 => (*to.cast::<AtomicU32>())
                                .store(from.cast::<u32>().read_unaligned(), Ordering::Relaxed),
                            2 => (*to.cast::<AtomicU16>())
                                .store(from.cast::<u16>().read_unaligned(), Ordering::Relaxed),
                            1 => (*to.cast::<AtomicU8>()).store(from.read(), Ordering::Relaxed),
                            _ => (*to.cast::<AtomicUsize>())
                                .store(from.cast::<usize>().read_unaligned(), Ordering::Relaxed),
                        }
                    }
                });
            });
        }
    }
}

#[cfg(any(tagged_arena_loom, tagged_arena_shuttle))]
mod imp {
    use super::{Ordering, Plain};
    use crate::sync::AtomicUsize;
    use core::marker::PhantomData;
    use core::mem::MaybeUninit;

    /// The form of the checks: one atomic a byte would explode the state space, so it holds values of up to
    /// two words.
    #[derive(Debug)]
    pub struct AtomicPlain<T: Plain> {
        words: [AtomicUsize; 2],
        _value: PhantomData<T>,
    }

    impl<T: Plain> AtomicPlain<T> {
        /// All zero bits.
        #[cfg(tagged_arena_shuttle)]
        #[allow(clippy::declare_interior_mutable_const)]
        pub const ZERO: Self = Self {
            words: [const { AtomicUsize::new(0) }; 2],
            _value: PhantomData,
        };

        /// All zero bits.
        #[cfg(tagged_arena_loom)]
        pub fn zero() -> Self {
            Self {
                words: core::array::from_fn(|_| AtomicUsize::new(0)),
                _value: PhantomData,
            }
        }
    }

    impl<T: Plain> AtomicPlain<T> {
        const WORDS: usize = size_of::<T::Bits>().div_ceil(size_of::<usize>());

        /// See the other form.
        ///
        /// # Safety
        /// None is needed here; that of the other form.
        pub unsafe fn word(&self) -> &AtomicUsize {
            &self.words[0]
        }

        /// Copies the bits out, word by word.
        pub fn load(&self) -> T::Bits {
            let mut raw = [0usize; 2];
            for (to, word) in raw.iter_mut().zip(&self.words).take(Self::WORDS) {
                *to = word.load(Ordering::Relaxed);
            }
            bytemuck::pod_read_unaligned(&bytemuck::bytes_of(&raw)[..size_of::<T::Bits>()])
        }

        /// The same, to where the bits are to be.
        pub fn load_into<'o>(&self, out: &'o mut MaybeUninit<T::Bits>) -> &'o mut T::Bits {
            out.write(self.load())
        }

        /// Stores the bits, word by word.
        pub fn store(&self, bits: T::Bits) {
            let mut raw = [0usize; 2];
            bytemuck::bytes_of_mut(&mut raw)[..size_of::<T::Bits>()]
                .copy_from_slice(bytemuck::bytes_of(&bits));
            for (word, from) in self.words.iter().zip(raw).take(Self::WORDS) {
                word.store(from, Ordering::Relaxed);
            }
        }
    }
}

pub use imp::AtomicPlain;

/// The bits of a value, half a native word of them at most, and half a word beside them, in one word: so that
/// a compare-and-swap can change the one on condition of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tagged<T: Plain>(pub usize, PhantomData<T>);

impl<T: Plain> Tagged<T> {
    /// Whether a value leaves room for the other half. (A value of no bytes has nothing to change.)
    pub const FITS: bool =
        size_of::<T::Bits>() > 0 && 2 * size_of::<T::Bits>() <= size_of::<usize>();

    /// A word that was loaded.
    #[inline(always)]
    pub fn from_word(word: usize) -> Self {
        Self(word, PhantomData)
    }

    /// Both halves.
    #[inline(always)]
    pub fn new(value: T::Bits, tag: Half) -> Self {
        let mut bytes = [0; size_of::<usize>()];
        bytes[..size_of::<T::Bits>()].copy_from_slice(bytemuck::bytes_of(&value));
        let value = usize::from_le_bytes(bytes);
        Self::from_word(value | (tag as usize) << (usize::BITS / 2))
    }

    /// The value's bits.
    #[inline(always)]
    pub fn value(self) -> T::Bits {
        bytemuck::pod_read_unaligned(&self.0.to_le_bytes()[..size_of::<T::Bits>()])
    }

    /// The other half.
    #[inline(always)]
    pub fn tag(self) -> Half {
        (self.0 >> (usize::BITS / 2)) as Half
    }

    /// The same with another value.
    #[inline(always)]
    pub fn with_value(self, value: T::Bits) -> Self {
        Self::new(value, self.tag())
    }
}

impl<T: Plain> Init for AtomicPlain<T> {
    #[cfg(not(tagged_arena_loom))]
    #[allow(clippy::declare_interior_mutable_const)]
    const INIT: Self = Self::ZERO;
    #[cfg(tagged_arena_loom)]
    fn init() -> Self {
        Self::zero()
    }
}
