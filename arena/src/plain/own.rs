//! [`impl_plain!`](crate::impl_plain): plain data of one's own.

/// Implements [`Plain`](crate::Plain) and [`PlainInOption`](crate::PlainInOption) for types of your own.
///
/// ```
/// # extern crate tagged_arena as arenamap;
/// use arenamap::{Plain, impl_plain};
///
/// /// It has padding.
/// #[derive(Clone, Copy, PartialEq, Debug)]
/// struct Reading {
///     millivolts: u16,
///     quality: Quality,
///     at: u32,
/// }
///
/// #[derive(Clone, Copy, PartialEq, Debug)]
/// enum Quality {
///     Good,
///     Stale,
/// }
///
/// #[derive(Clone, Copy, PartialEq, Debug)]
/// struct Celsius(i16);
///
/// impl_plain!(struct Reading { millivolts: u16, quality: Quality, at: u32 });
/// impl_plain!(enum Quality { Good, Stale });
/// impl_plain!(struct Celsius(i16));
///
/// let reading = Reading { millivolts: 3300, quality: Quality::Good, at: 7 };
/// assert_eq!(Reading::from_bits(reading.to_bits()), Some(reading));
/// assert_eq!(Some(Celsius(21)), Plain::from_bits(Some(Celsius(21)).to_bits()).flatten());
/// # assert_eq!(size_of::<<Reading as Plain>::Bits>(), 7);
/// ```
///
/// * **A struct**: all its fields with their types, which are plain data themselves, eight at most; or, of
///   one with a single field without a name, that field's type. Stored are the fields, without the padding.
/// * **An enum without fields**: all its variants, 256 at most. Stored is one byte, the place in that list,
///   whatever the discriminants. A variant that is missing in the list does not compile.
/// * **What `bytemuck` knows** needs its name only: what is `bytemuck::NoUninit` (no padding) and
///   `bytemuck::CheckedBitPattern`, as every `bytemuck::Pod` type is. A generic one comes alone, behind its
///   parameters: `impl_plain!([const LEN: usize] Frame<LEN>);`
///
/// ```
/// # extern crate tagged_arena as arenamap;
/// use arenamap::{Plain, impl_plain};
/// use bytemuck::{Pod, Zeroable};
///
/// #[derive(Clone, Copy, PartialEq, Debug, Pod, Zeroable)]
/// #[repr(C)]
/// struct Flow {
///     addresses: [u32; 2],
///     ports: [u16; 2],
/// }
///
/// impl_plain!(Flow);
///
/// let flow = Flow { addresses: [1, 2], ports: [80, 81] };
/// assert_eq!(Flow::from_bits(flow.to_bits()), Some(flow));
/// ```
#[macro_export]
macro_rules! impl_plain {
    (struct $type:ident { $($field:ident : $of:ty),+ $(,)? }) => {
        impl $crate::plain::Plain for $type {
            // Bytes, for a type that others see may have fields of types that they do not see.
            type Bits = [u8; $crate::plain::bytes::<($($of,)+)>()];

            #[inline(always)]
            fn to_bits(self) -> Self::Bits {
                let Self { $($field),+ } = self;
                $crate::plain::to_bytes(($($field,)+))
            }

            #[inline(always)]
            fn from_bits(bits: Self::Bits) -> ::core::option::Option<Self> {
                let ($($field,)+): ($($of,)+) = $crate::plain::from_bytes(bits)?;
                ::core::option::Option::Some(Self { $($field),+ })
            }
        }

        impl $crate::plain::PlainInOption for $type {}
    };
    (struct $type:ident($of:ty)) => {
        impl $crate::plain::Plain for $type {
            type Bits = [u8; $crate::plain::bytes::<$of>()];

            #[inline(always)]
            fn to_bits(self) -> Self::Bits {
                $crate::plain::to_bytes(self.0)
            }

            #[inline(always)]
            fn from_bits(bits: Self::Bits) -> ::core::option::Option<Self> {
                $crate::plain::from_bytes::<$of, _>(bits).map(Self)
            }
        }

        impl $crate::plain::PlainInOption for $type {}
    };
    (enum $type:ident { $($variant:ident),+ $(,)? }) => {
        const _: () = ::core::assert!(
            [$($type::$variant),+].len() <= 256,
            "more variants than a byte tells apart"
        );

        impl $crate::plain::Plain for $type {
            type Bits = u8;

            #[inline(always)]
            fn to_bits(self) -> u8 {
                // All of them: else this does not compile.
                match self {
                    $(Self::$variant => {})+
                }
                let mut place = 0_u8;
                $(
                    if ::core::matches!(self, Self::$variant) {
                        return place;
                    }
                    place = place.wrapping_add(1);
                )+
                place
            }

            #[inline(always)]
            fn from_bits(bits: u8) -> ::core::option::Option<Self> {
                [$(Self::$variant),+].get(usize::from(bits)).copied()
            }
        }

        impl $crate::plain::PlainInOption for $type {}
    };
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $crate::plain::Plain for $type {
            type Bits = $crate::plain::Raw<Self>;

            #[inline(always)]
            fn to_bits(self) -> Self::Bits {
                $crate::plain::Raw::new(self)
            }

            #[inline(always)]
            fn from_bits(bits: Self::Bits) -> ::core::option::Option<Self> {
                $crate::plain::Raw::value(bits)
            }
        }

        impl<$($generics)*> $crate::plain::PlainInOption for $type {}
    };
    ($($type:ty),+ $(,)?) => {
        $($crate::impl_plain!([] $type);)+
    };
}
