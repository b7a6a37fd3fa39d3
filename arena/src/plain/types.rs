//! What is plain data.
//!
//! An error about a type that is not does not name those that are (`do_not_recommend`): the list would hide
//! what it says.

use super::{Packed, Plain, PlainInOption};
use crate::Id;
use bytemuck::Zeroable;
use core::cmp::Ordering;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use core::num::{NonZero, Saturating, Wrapping};
use core::time::Duration;

/// Types that are their own bits.
macro_rules! themselves {
    ($($type:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Plain for $type {
            type Bits = Self;

            #[inline(always)]
            fn to_bits(self) -> Self {
                self
            }

            #[inline(always)]
            fn from_bits(bits: Self) -> Option<Self> {
                Some(bits)
            }
        }
    )*};
}

themselves! { () u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 }

/// Types with bits of another type: how to take a value apart, and to make it again.
macro_rules! converted {
    ($($type:ty as $bits:ty: |$value:ident| $to:expr, |$from:pat_param| $made:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Plain for $type {
            type Bits = $bits;

            #[inline(always)]
            fn to_bits(self) -> $bits {
                let $value = self;
                $to
            }

            #[inline(always)]
            fn from_bits($from: $bits) -> Option<Self> {
                $made
            }
        }
    )*};
}

converted! {
    bool as u8: |value| value.into(), |bits| match bits {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    };
    char as u32: |value| value.into(), |bits| char::from_u32(bits);
    Ordering as i8: |value| value as i8, |bits| match bits {
        -1 => Some(Ordering::Less),
        0 => Some(Ordering::Equal),
        1 => Some(Ordering::Greater),
        _ => None,
    };
    NonZero<u8> as u8: |value| value.get(), |bits| Self::new(bits);
    NonZero<u16> as u16: |value| value.get(), |bits| Self::new(bits);
    NonZero<u32> as u32: |value| value.get(), |bits| Self::new(bits);
    NonZero<u64> as u64: |value| value.get(), |bits| Self::new(bits);
    NonZero<u128> as u128: |value| value.get(), |bits| Self::new(bits);
    NonZero<usize> as usize: |value| value.get(), |bits| Self::new(bits);
    NonZero<i8> as i8: |value| value.get(), |bits| Self::new(bits);
    NonZero<i16> as i16: |value| value.get(), |bits| Self::new(bits);
    NonZero<i32> as i32: |value| value.get(), |bits| Self::new(bits);
    NonZero<i64> as i64: |value| value.get(), |bits| Self::new(bits);
    NonZero<i128> as i128: |value| value.get(), |bits| Self::new(bits);
    NonZero<isize> as isize: |value| value.get(), |bits| Self::new(bits);
    // Least significant word first. `Duration::new` would carry too many nanoseconds, or panic.
    Duration as [u32; 3]: |value| {
        let seconds = value.as_secs();
        [seconds as u32, (seconds >> 32) as u32, value.subsec_nanos()]
    }, |[low, high, nanoseconds]| (nanoseconds < 1_000_000_000).then(|| {
        Duration::new(u64::from(high) << 32 | u64::from(low), nanoseconds)
    });
    Id as usize: |value| value.to_bits(), |bits| Self::from_bits(bits);
    Ipv4Addr as u32: |value| value.to_bits(), |bits| Some(Self::from_bits(bits));
    Ipv6Addr as [u32; 4]: |value| bytemuck::cast(value.octets()), |bits| {
        Some(bytemuck::cast::<_, [u8; 16]>(bits).into())
    };
    // The family comes last.
    IpAddr as [u32; 5]: |value| match value {
        IpAddr::V4(address) => [address.to_bits(), 0, 0, 0, 4],
        IpAddr::V6(address) => {
            let [a, b, c, d] = Plain::to_bits(address);
            [a, b, c, d, 6]
        }
    }, |[a, b, c, d, family]| match family {
        4 => Plain::from_bits(a).map(IpAddr::V4),
        6 => Plain::from_bits([a, b, c, d]).map(IpAddr::V6),
        _ => None,
    };
    SocketAddrV4 as [u16; 3]: |value| {
        let [a, b] = bytemuck::cast(value.ip().octets());
        [a, b, value.port()]
    }, |[a, b, port]| {
        let address: [u8; 4] = bytemuck::cast([a, b]);
        Some(Self::new(address.into(), port))
    };
    SocketAddrV6 as [u32; 7]: |value| {
        let [a, b, c, d] = Plain::to_bits(*value.ip());
        [a, b, c, d, value.flowinfo(), value.scope_id(), value.port().into()]
    }, |[a, b, c, d, flow, scope, port]| {
        let address = Plain::from_bits([a, b, c, d])?;
        let port = port.try_into().ok()?;
        Some(Self::new(address, port, flow, scope))
    };
    // The port, and the family above it, come last.
    SocketAddr as [u32; 7]: |value| match value {
        SocketAddr::V4(address) => {
            let port = u32::from(address.port());
            [address.ip().to_bits(), 0, 0, 0, 0, 0, 4 << 16 | port]
        }
        SocketAddr::V6(address) => {
            let [a, b, c, d, flow, scope, port] = Plain::to_bits(address);
            [a, b, c, d, flow, scope, 6 << 16 | port]
        }
    }, |[a, b, c, d, flow, scope, last]| match last >> 16 {
        4 => Some(SocketAddrV4::new(Plain::from_bits(a)?, last as u16).into()),
        6 => {
            let bits = [a, b, c, d, flow, scope, last & 0xFFFF];
            <SocketAddrV6 as Plain>::from_bits(bits).map(Self::V6)
        }
        _ => None,
    };
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Plain for PhantomData<T> {
    type Bits = ();

    #[inline(always)]
    fn to_bits(self) {}

    #[inline(always)]
    fn from_bits((): ()) -> Option<Self> {
        Some(PhantomData)
    }
}

macro_rules! wrappers {
    ($($type:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Plain> Plain for $type<T> {
            type Bits = T::Bits;

            #[inline(always)]
            fn to_bits(self) -> T::Bits {
                self.0.to_bits()
            }

            #[inline(always)]
            fn from_bits(bits: T::Bits) -> Option<Self> {
                T::from_bits(bits).map(Self)
            }
        }
    )*};
}

wrappers! { Wrapping Saturating }

#[diagnostic::do_not_recommend]
impl<T: Plain, const N: usize> Plain for [T; N] {
    type Bits = [T::Bits; N];

    #[inline(always)]
    fn to_bits(self) -> Self::Bits {
        let mut bits: Self::Bits = Zeroable::zeroed();
        // Loops that copy, where the elements are their own bits: the compiler knows them.
        for (bits, value) in bits.iter_mut().zip(&self) {
            *bits = value.to_bits();
        }
        bits
    }

    #[inline(always)]
    fn from_bits(bits: Self::Bits) -> Option<Self> {
        let mut values = MaybeUninit::<Self>::uninit();
        for (i, &bits) in bits.iter().enumerate() {
            let value = T::from_bits(bits)?;
            // SAFETY: it is the `i`th of `N`.
            unsafe { values.as_mut_ptr().cast::<T>().add(i).write(value) };
        }
        // SAFETY: each of them has been written.
        Some(unsafe { values.assume_init() })
    }
}

/// Tuples of these fields, and of their tails.
macro_rules! tuples {
    ($last:ident) => {
        #[diagnostic::do_not_recommend]
        impl<$last: Plain> Plain for ($last,) {
            type Bits = $last::Bits;

            #[inline(always)]
            fn to_bits(self) -> Self::Bits {
                self.0.to_bits()
            }

            #[inline(always)]
            fn from_bits(bits: Self::Bits) -> Option<Self> {
                Some(($last::from_bits(bits)?,))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$last: Plain> PlainInOption for ($last,) {}
    };
    ($first:ident $($rest:ident)+) => {
        tuples!($($rest)+);

        #[allow(non_snake_case)]
        #[diagnostic::do_not_recommend]
        impl<$first: Plain, $($rest: Plain),+> Plain for ($first, $($rest),+) {
            type Bits = Packed<$first::Bits, <($($rest,)+) as Plain>::Bits>;

            #[inline(always)]
            fn to_bits(self) -> Self::Bits {
                let ($first, $($rest),+) = self;
                Packed($first.to_bits(), ($($rest,)+).to_bits())
            }

            #[inline(always)]
            fn from_bits(Packed(first, rest): Self::Bits) -> Option<Self> {
                let first = $first::from_bits(first)?;
                let ($($rest,)+) = Plain::from_bits(rest)?;
                Some((first, $($rest),+))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$first: Plain, $($rest: Plain),+> PlainInOption for ($first, $($rest),+) {}
    };
}

tuples! { A B C D E F G H }
