//! What composed values are stored as.

use super::Plain;
use bytemuck::{CheckedBitPattern, NoUninit, Pod, Zeroable};
use core::fmt;
use core::mem::MaybeUninit;

/// Two kinds of bits, one behind the other, without padding.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed)]
pub struct Packed<A: Copy, B: Copy>(pub A, pub B);

// SAFETY: all zero bits are valid for both fields, and there is nothing else.
unsafe impl<A: Pod, B: Pod> Zeroable for Packed<A, B> {}
// SAFETY: every pattern is valid for both fields, and neither has padding; there is none between them or
// behind them (`repr(C, packed)`).
unsafe impl<A: Pod, B: Pod> Pod for Packed<A, B> {}

/// How many bytes the bits of a value are: for [`impl_plain!`](crate::impl_plain).
pub const fn bytes<T: Plain>() -> usize {
    size_of::<T::Bits>()
}

/// The bits of a value as bytes, of which there are [`bytes`].
#[inline(always)]
pub fn to_bytes<T: Plain, const N: usize>(value: T) -> [u8; N] {
    bytemuck::cast(value.to_bits())
}

/// The value whose bits these bytes are, if there is one.
#[inline(always)]
pub fn from_bytes<T: Plain, const N: usize>(bytes: [u8; N]) -> Option<T> {
    T::from_bits(bytemuck::cast(bytes))
}

/// What [`impl_plain!`](crate::impl_plain) asks of a type: that it has no padding, and that bytes can be
/// checked.
#[diagnostic::on_unimplemented(
    message = "`bytemuck` does not know `{Self}`: `NoUninit` and `CheckedBitPattern`, or `Pod`, are missing",
    label = "must implement them",
    note = "derive them (`bytemuck`'s feature `derive`): the type must be `#[repr(C)]` or the like and have no padding",
    note = "or name its fields, whatever the layout: `impl_plain!(struct S {{ field: u32 }});`"
)]
pub trait Known: NoUninit + CheckedBitPattern {}

#[diagnostic::do_not_recommend]
impl<T: NoUninit + CheckedBitPattern> Known for T {}

/// The bytes of a `T`, which has no padding, with its size and alignment; not known to be one.
///
/// INVARIANT `I-RAW`: all of them are initialised. It is made of a `T` (no padding) or of bytes, by the
/// traits below; no safe code can make it of anything else.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Raw<T: Copy>(MaybeUninit<T>);

// SAFETY: any bytes will do for a `MaybeUninit`, zeros too.
unsafe impl<T: Known> Zeroable for Raw<T> {}
// SAFETY: any bytes will do for a `MaybeUninit`. All are initialised (I-RAW), none is padding: it is laid out
// as a `T`, which is `NoUninit`, and so is no `UnsafeCell` either.
unsafe impl<T: Known> Pod for Raw<T> {}

impl<T: Known> Raw<T> {
    /// The bytes of a value.
    #[inline(always)]
    pub fn new(value: T) -> Self {
        Self(MaybeUninit::new(value))
    }

    /// The value, if the bytes are one.
    #[inline(always)]
    pub fn value(self) -> Option<T> {
        bytemuck::checked::try_cast(self).ok()
    }
}

impl<T: Known> fmt::Debug for Raw<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Raw")
            .field(&bytemuck::bytes_of(self))
            .finish()
    }
}
