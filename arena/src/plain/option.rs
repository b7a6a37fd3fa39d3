//! `Option` of plain data.

use super::{Packed, Plain};
use crate::Id;
use bytemuck::Zeroable;
use core::cmp::Ordering;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use core::num::{NonZero, Saturating, Wrapping};
use core::time::Duration;

/// Plain data whose `Option` is stored with a flag: a byte more.
///
/// A trait of its own, because the `Option` of some types needs no flag: `Option<NonZero<u32>>` takes four
/// bytes. [`impl_plain!`](crate::impl_plain) implements it, too; for a type that implements [`Plain`] by hand
/// it is one line, and there is nothing in it.
///
/// ```
/// # extern crate tagged_arena as arenamap;
/// use arenamap::{Plain, PlainInOption};
///
/// #[derive(Clone, Copy, PartialEq, Debug)]
/// struct Celsius(i16);
///
/// impl Plain for Celsius {
///     type Bits = i16;
///
///     fn to_bits(self) -> i16 {
///         self.0
///     }
///
///     fn from_bits(bits: i16) -> Option<Self> {
///         Some(Self(bits))
///     }
/// }
///
/// impl PlainInOption for Celsius {}
///
/// let read = Some(Celsius(21));
/// assert_eq!(<Option<Celsius>>::from_bits(read.to_bits()), Some(read));
/// assert_eq!(size_of::<<Option<Celsius> as Plain>::Bits>(), 3);
/// ```
#[diagnostic::on_unimplemented(
    message = "`Option<{Self}>` is not plain data, and a `CopyMap` or `CopySet` takes nothing else",
    label = "use `Map` or `Set` for its `Option`",
    note = "a `Map` or `Set` takes any type and gives guards",
    note = "for a type of your own that implements `Plain`: `impl PlainInOption for {Self} {{}}`"
)]
pub trait PlainInOption: Plain {}

impl<T: PlainInOption> Plain for Option<T> {
    type Bits = Packed<T::Bits, u8>;

    #[inline(always)]
    fn to_bits(self) -> Self::Bits {
        match self {
            None => Packed(Zeroable::zeroed(), 0),
            Some(value) => Packed(value.to_bits(), 1),
        }
    }

    #[inline(always)]
    fn from_bits(Packed(bits, flag): Self::Bits) -> Option<Self> {
        match flag {
            0 => Some(None),
            1 => T::from_bits(bits).map(Some),
            _ => None,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T> PlainInOption for Option<T> where Option<T>: Plain {}
#[diagnostic::do_not_recommend]
impl<T: Plain, const N: usize> PlainInOption for [T; N] {}
#[diagnostic::do_not_recommend]
impl<T: ?Sized> PlainInOption for core::marker::PhantomData<T> where Self: Plain {}

macro_rules! with_a_flag {
    ($($type:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl PlainInOption for $type {}
    )*};
}

with_a_flag! {
    () u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64
    Ipv4Addr Ipv6Addr SocketAddrV4 SocketAddrV6
}

#[diagnostic::do_not_recommend]
impl<T> PlainInOption for Wrapping<T> where Wrapping<T>: Plain {}
#[diagnostic::do_not_recommend]
impl<T> PlainInOption for Saturating<T> where Saturating<T>: Plain {}

/// `None` is stored as a pattern that is no value, and all that match the other one are it.
macro_rules! without_a_flag {
    ($($type:ty: $none:expr, $pattern:pat => Some(None),)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Plain for Option<$type> {
            type Bits = <$type as Plain>::Bits;

            #[inline(always)]
            fn to_bits(self) -> Self::Bits {
                self.map_or($none, Plain::to_bits)
            }

            #[inline(always)]
            fn from_bits(bits: Self::Bits) -> Option<Self> {
                match bits {
                    $pattern => Some(None),
                    _ => Plain::from_bits(bits).map(Some),
                }
            }
        }
    )*};
}

without_a_flag! {
    bool: 2, 2 => Some(None),
    char: 0x11_0000, 0x11_0000 => Some(None),
    Ordering: 2, 2 => Some(None),
    Duration: [0, 0, 1_000_000_000], [.., 1_000_000_000] => Some(None),
    IpAddr: [0; 5], [.., 0] => Some(None),
    SocketAddr: [0; 7], [.., 0] => Some(None),
    Id: 0, 0 => Some(None),
    NonZero<u8>: 0, 0 => Some(None),
    NonZero<u16>: 0, 0 => Some(None),
    NonZero<u32>: 0, 0 => Some(None),
    NonZero<u64>: 0, 0 => Some(None),
    NonZero<u128>: 0, 0 => Some(None),
    NonZero<usize>: 0, 0 => Some(None),
    NonZero<i8>: 0, 0 => Some(None),
    NonZero<i16>: 0, 0 => Some(None),
    NonZero<i32>: 0, 0 => Some(None),
    NonZero<i64>: 0, 0 => Some(None),
    NonZero<i128>: 0, 0 => Some(None),
    NonZero<isize>: 0, 0 => Some(None),
}
