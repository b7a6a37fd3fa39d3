//! Plain data in native atomic pieces: read and written concurrently without a data race.
//!
//! A value is stored as whole native words and a tail of smaller pieces, each an atomic of its own.
//! A read that overlaps a write may be *torn* (some pieces old, some new): still a valid value of
//! the type, because every bit pattern is one. The caller finds out by validation and throws it
//! away. Nothing of this is undefined behaviour, and Miri and loom see every access.

use crate::sync::{Init, Ordering};
use bytemuck::{AnyBitPattern, NoUninit};

/// Plain data: every bit pattern is a valid value and there is no padding, so that a value can be
/// taken apart into words and put together again.
///
/// Implemented for everything that is [`bytemuck::AnyBitPattern`] and [`bytemuck::NoUninit`], so in
/// particular for every [`bytemuck::Pod`] type; derive that for your own `#[repr(C)]` structs.
pub trait Plain: AnyBitPattern + NoUninit {}

impl<T: AnyBitPattern + NoUninit> Plain for T {}

#[cfg(not(tagged_arena_loom))]
mod imp {
    use super::{Ordering, Plain};
    use crate::sync::{AtomicU8, AtomicU16, AtomicU32, AtomicUsize, UnsafeCell};
    use core::mem::{MaybeUninit, align_of, size_of};

    const WORD: usize = size_of::<usize>();

    /// A `T` whose pieces are loaded and stored atomically.
    ///
    /// INVARIANT `I-PLAIN`: every access is an atomic access, of the piece sizes that `pieces` yields
    /// and no other; the memory starts aligned to a native word and is always initialised.
    #[repr(C)]
    pub struct AtomicPlain<T> {
        align: [usize; 0],
        value: UnsafeCell<MaybeUninit<T>>,
    }

    // SAFETY: all access through a shared reference is atomic (I-PLAIN), and what comes out is a
    // copy: `T` only has to be allowed to move to another thread.
    unsafe impl<T: Send> Sync for AtomicPlain<T> {}

    impl<T> core::fmt::Debug for AtomicPlain<T> {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("AtomicPlain")
        }
    }

    impl<T> AtomicPlain<T> {
        /// All zero bits.
        #[allow(clippy::declare_interior_mutable_const)]
        pub const ZERO: Self = Self {
            align: [],
            value: UnsafeCell::new(MaybeUninit::zeroed()),
        };
    }

    /// Calls `word`, `four`, `two`, `one` with the byte offset of each piece of `size` bytes.
    #[inline(always)]
    fn pieces(size: usize, mut piece: impl FnMut(usize, usize)) {
        let mut at = 0;
        while size - at >= WORD {
            piece(at, WORD);
            at += WORD;
        }
        for width in [4, 2, 1] {
            if size - at >= width {
                piece(at, width);
                at += width;
            }
        }
    }

    impl<T: Plain> AtomicPlain<T> {
        const ALIGNED: () = assert!(align_of::<Self>() >= WORD);

        /// Copies the value out, piece by piece, in no order: torn if it overlaps a store.
        #[inline(always)]
        pub fn load(&self) -> T {
            const { Self::ALIGNED };
            let mut out = MaybeUninit::<T>::uninit();
            let to = out.as_mut_ptr().cast::<u8>();
            self.value.with(|from| {
                let from = from.cast::<u8>();
                pieces(size_of::<T>(), |at, width| {
                    // SAFETY: I-PLAIN: `at` is a multiple of `width` and `at + width` is within the
                    // value, on both sides; the source is initialised and only accessed atomically;
                    // the destination is ours and may be unaligned for `T` less aligned than a word.
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
            // SAFETY: all bytes are written, and every bit pattern is a `T` (`Plain`).
            unsafe { out.assume_init() }
        }

        /// Stores the value, piece by piece, in no order. One writer at a time.
        #[inline(always)]
        pub fn store(&self, value: T) {
            const { Self::ALIGNED };
            let from = core::ptr::from_ref(&value).cast::<u8>();
            self.value.with_mut(|to| {
                let to = to.cast::<u8>();
                pieces(size_of::<T>(), |at, width| {
                    // SAFETY: as in `load`, the other way round; `value` has no padding (`Plain`).
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

#[cfg(tagged_arena_loom)]
mod imp {
    use super::{Ordering, Plain};
    use crate::sync::AtomicUsize;
    use core::marker::PhantomData;

    /// The loom form: one loom atomic a byte of at most `LEN` bytes would explode the state space,
    /// so it holds values of up to two words.
    #[derive(Debug)]
    pub struct AtomicPlain<T> {
        words: [AtomicUsize; 2],
        _value: PhantomData<T>,
    }

    impl<T> AtomicPlain<T> {
        /// All zero bits.
        pub fn zero() -> Self {
            Self {
                words: core::array::from_fn(|_| AtomicUsize::new(0)),
                _value: PhantomData,
            }
        }
    }

    impl<T: Plain> AtomicPlain<T> {
        const WORDS: usize = size_of::<T>().div_ceil(size_of::<usize>());

        /// Copies the value out, word by word.
        pub fn load(&self) -> T {
            let mut raw = [0usize; 2];
            for i in 0..Self::WORDS {
                raw[i] = self.words[i].load(Ordering::Relaxed);
            }
            bytemuck::pod_read_unaligned(&bytemuck::bytes_of(&raw)[..size_of::<T>()])
        }

        /// Stores the value, word by word.
        pub fn store(&self, value: T) {
            let mut raw = [0usize; 2];
            bytemuck::bytes_of_mut(&mut raw)[..size_of::<T>()]
                .copy_from_slice(bytemuck::bytes_of(&value));
            for i in 0..Self::WORDS {
                self.words[i].store(raw[i], Ordering::Relaxed);
            }
        }
    }
}

pub use imp::AtomicPlain;

impl<T> Init for AtomicPlain<T> {
    #[cfg(not(tagged_arena_loom))]
    #[allow(clippy::declare_interior_mutable_const)]
    const INIT: Self = Self::ZERO;
    #[cfg(tagged_arena_loom)]
    fn init() -> Self {
        Self::zero()
    }
}

#[cfg(all(test, not(tagged_arena_loom)))]
mod tests {
    use super::*;

    fn round_trip<T: Plain + PartialEq + core::fmt::Debug>(value: T) {
        let cell = AtomicPlain::<T>::ZERO;
        assert!(bytemuck::bytes_of(&cell.load()).iter().all(|&b| b == 0));
        cell.store(value);
        assert_eq!(cell.load(), value);
    }

    #[test]
    fn every_size_comes_back_whole() {
        round_trip(());
        round_trip(0xA5u8);
        round_trip([1u8, 2, 3]);
        round_trip(0xBEEFu16);
        round_trip([1u16, 2, 3]);
        round_trip([1u8, 2, 3, 4, 5, 6, 7]);
        round_trip(0xDEAD_BEEFu32);
        round_trip([7u32, 8, 9]);
        round_trip(u64::MAX - 5);
        round_trip([0x0123_4567_89AB_CDEFu64; 5]);
        round_trip(u128::MAX / 7);
        round_trip(core::array::from_fn::<u8, 29, _>(|i| i as u8 + 1));
        round_trip(-1.5f64);
    }
}
