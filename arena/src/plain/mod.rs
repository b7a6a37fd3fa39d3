//! Plain data: values that are stored as bits, so that they can be copied piece by piece while another
//! context writes.
//!
//! Such a copy may be a mixture of two values, or of one and what was in the place before. It is found out
//! and thrown away; but until then it exists, and at a counter that wraps exactly it may even pass for good.
//! For a `bool` or a `char` that would be undefined behaviour, if it were a `bool` or a `char`. So what is
//! stored and copied is [`Plain::Bits`], of which every pattern is valid, and a value is made of them by a
//! conversion that checks them, each time.

mod atomic;
mod bits;
mod option;
mod own;
mod types;

pub use atomic::{AtomicPlain, Tagged};
pub use bits::{Known, Packed, Raw, bytes, from_bytes, to_bytes};
pub use option::PlainInOption;

use bytemuck::Pod;

/// A type whose values can be taken apart into bits and made of bits again: what a map of copies takes.
///
/// | type | bits | bytes |
/// |---|---|---|
/// | integers, `f32`, `f64` | itself | as many |
/// | `bool` | `u8` | 1 |
/// | `char` | `u32` | 4 |
/// | [`NonZero`](core::num::NonZero) of an integer, [`Id`](crate::Id) | the integer | as many |
/// | [`Ipv4Addr`](core::net::Ipv4Addr), [`Ipv6Addr`](core::net::Ipv6Addr), [`IpAddr`](core::net::IpAddr) | words | 4, 16, 20 |
/// | [`SocketAddrV4`](core::net::SocketAddrV4), [`SocketAddrV6`](core::net::SocketAddrV6), [`SocketAddr`](core::net::SocketAddr) | halves, words, words | 6, 28, 28 |
/// | [`Duration`](core::time::Duration) | words | 12 |
/// | [`Ordering`](core::cmp::Ordering) | `i8` | 1 |
/// | `()`, [`PhantomData`](core::marker::PhantomData) | `()` | 0 |
/// | [`Wrapping`](core::num::Wrapping), [`Saturating`](core::num::Saturating) | those of the number | as many |
/// | `[T; N]` | `[T::Bits; N]` | those of all elements |
/// | tuples, up to eight | those of the fields, [packed](Packed) | the sum |
/// | `Option` of `NonZero`, `Id`, `bool`, `char`, `Ordering`, `Duration`, `IpAddr`, `SocketAddr` | a pattern that is no value is `None` | as many as without |
/// | `Option` of the others | those of the value and a flag | one more |
/// | structs and enums of your own | see below | the sum of the fields; of an enum without fields 1 |
///
/// What it costs: for numbers, arrays of them and `bytemuck::Pod` structs nothing, for they are their own
/// bits; for the others a comparison or two when a value is copied out. By their bytes goes what a map can do
/// with them: a key of 1, 2, 4 or, on 64-bit targets, 8 bytes is compared in one piece; a value of one byte
/// to half a native word is changed in place. A type of more than some words is copied in as many steps, and
/// the copy is thrown away if one of them came too late: for large values take a map with guards.
///
/// # For a type of your own
///
/// One line: [`impl_plain!`](crate::impl_plain) with the fields of a struct, which are plain themselves, or
/// with the variants of an enum that has no fields. Padding is in nobody's way. What else there is, by hand,
/// through a type that is plain already:
///
/// ```
/// # extern crate tagged_arena as arenamap;
/// use arenamap::{Plain, impl_plain};
///
/// #[derive(Clone, Copy, PartialEq, Debug)]
/// enum Mode {
///     Idle,
///     Run,
/// }
/// impl_plain!(enum Mode { Idle, Run });
///
/// #[derive(Clone, Copy, PartialEq, Debug)]
/// struct Motor {
///     mode: Mode,
///     speed: u32,
///     reverse: bool,
/// }
/// impl_plain!(struct Motor { mode: Mode, speed: u32, reverse: bool });
///
/// #[derive(Clone, Copy, PartialEq, Debug)]
/// enum Job {
///     Idle,
///     Until(u32),
/// }
/// impl Plain for Job {
///     type Bits = <(bool, u32) as Plain>::Bits;
///
///     fn to_bits(self) -> Self::Bits {
///         match self {
///             Self::Idle => (false, 0),
///             Self::Until(time) => (true, time),
///         }
///         .to_bits()
///     }
///
///     fn from_bits(bits: Self::Bits) -> Option<Self> {
///         let (is_until, time) = Plain::from_bits(bits)?;
///         Some(if is_until { Self::Until(time) } else { Self::Idle })
///     }
/// }
///
/// let motor = Motor { mode: Mode::Run, speed: 900, reverse: false };
/// assert_eq!(Motor::from_bits(motor.to_bits()), Some(motor));
/// assert_eq!(Job::from_bits(Job::Until(7).to_bits()), Some(Job::Until(7)));
/// assert_eq!(Mode::from_bits(2), None);
/// # assert_eq!(size_of::<<Motor as Plain>::Bits>(), 6);
/// ```
///
/// The trait is safe to implement: whatever the two functions do, memory stays safe. What must hold, or a map
/// gives wrong answers:
///
/// * `from_bits(value.to_bits())` is `Some(value)`. Builds with debug assertions check that it is something
///   whenever a value is stored, and panic if not.
/// * `to_bits` makes the same bits of a value each time; of keys that are equal (`Eq`), too, if an iterator
///   is to count them as one.
/// * Neither panics or changes anything. Both may be called more often than one thinks, `from_bits` also with
///   bits that were never stored together.
///
/// What `from_bits` refuses although it was stored counts as absent: see `CopyMap` in the crate `arenamap`.
///
/// # Why there is no blanket implementation
///
/// One for everything that is [`bytemuck::CheckedBitPattern`] and [`bytemuck::NoUninit`] would cover numbers,
/// `bool`, `char`, `NonZero` and all derived types, without a line. But beside it we could implement the
/// trait for no other foreign type (`bytemuck` might implement its own for that one day): neither for
/// addresses nor for `Duration`, tuples or `Option`. And those have no layout that is promised, or padding,
/// so `bytemuck` never will. One line for each type of your own buys them, and whatever is made of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not plain data, and a `CopyMap` or `CopySet` takes nothing else",
    label = "use `Map` or `Set` for this type",
    note = "a `Map` or `Set` takes any type and gives guards",
    note = "a type of your own that is `Copy` may implement `Plain`: `impl_plain!(struct S {{ field: u32 }});` or \
            `impl_plain!(enum E {{ A, B }});`, or by hand"
)]
pub trait Plain: Copy {
    /// What is stored: every pattern of it is valid, and it has no padding.
    type Bits: Pod;

    /// Takes the value apart.
    fn to_bits(self) -> Self::Bits;

    /// The value that has these bits, or `None` if none has. They may be any.
    fn from_bits(bits: Self::Bits) -> Option<Self>;
}
