//! What is plain data, and the bits that are no value.

use super::config::{for_all, scaled};
use crate::plain::{AtomicPlain, Packed};
use crate::{Id, Plain, PlainInOption, impl_plain};
use bytemuck::{CheckedBitPattern, NoUninit, Pod, Zeroable, bytes_of};
use core::cmp::Ordering;
use core::fmt::Debug;
use core::marker::PhantomData;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use core::num::{NonZero, Saturating, Wrapping};
use core::time::Duration;
use proptest::prelude::*;
use std::vec::Vec;

/// The values come back from their bits and out of a place in memory, alone, in an array, in tuples and,
/// where there is one, in an `Option`; and their bits take so many bytes.
fn come_back<T: Plain + PartialEq + Debug>(bytes: usize, values: &[T]) {
    assert_eq!(size_of::<T::Bits>(), bytes);
    for &value in values {
        comes_back(value);
        comes_back([value; 3]);
        comes_back((value,));
        comes_back((7_u8, value, true));
        comes_back((value, [(); 0], (value, 'x')));
    }
}

fn comes_back<T: Plain + PartialEq + Debug>(value: T) {
    assert_eq!(T::from_bits(value.to_bits()), Some(value));
    let cell = AtomicPlain::<T>::ZERO;
    cell.store(value.to_bits());
    assert_eq!(T::from_bits(cell.load()), Some(value));
    let (once, again) = (value.to_bits(), value.to_bits());
    assert_eq!(bytes_of(&once), bytes_of(&again));
}

/// The same of the `Option`, whose bits take so many.
fn come_back_optional<T: Plain + PartialEq + Debug>(bytes: usize, values: &[T])
where
    Option<T>: Plain,
{
    let values: Vec<_> = values.iter().copied().map(Some).chain([None]).collect();
    come_back(bytes, &values);
    // The one around it always has a flag.
    let values: Vec<_> = values.into_iter().map(Some).chain([None]).collect();
    come_back(bytes + 1, &values);
}

#[test]
fn numbers() {
    come_back(1, &[u8::MIN, u8::MAX]);
    come_back(2, &[i16::MIN, -1, i16::MAX]);
    come_back(16, &[u128::MIN, 1 << 64, u128::MAX]);
    come_back(size_of::<usize>(), &[usize::MIN, usize::MAX]);
    come_back(4, &[-0.0_f32, f32::MIN_POSITIVE, f32::INFINITY]);
    come_back(8, &[f64::MIN, f64::EPSILON]);
    come_back(4, &[Wrapping(u32::MAX)]);
    come_back(2, &[Saturating(i16::MIN)]);
    come_back_optional(5, &[0, u32::MAX]);
    come_back_optional(9, &[0.0_f64, -1.5]);
    come_back_optional(5, &[Wrapping(0_u32)]);
    let nan = f32::from_bits(0x7FC0_0001);
    let back = <f32 as Plain>::from_bits(Plain::to_bits(nan)).map(f32::to_bits);
    assert_eq!(back, Some(0x7FC0_0001));
}

#[test]
fn types_with_bits_that_are_no_value() {
    come_back(1, &[false, true]);
    come_back_optional(1, &[false, true]);
    come_back(4, &['\0', '\u{D7FF}', '\u{E000}', char::MAX]);
    come_back_optional(4, &['\0', char::MAX]);
    let orderings = [Ordering::Less, Ordering::Equal, Ordering::Greater];
    come_back(1, &orderings);
    come_back_optional(1, &orderings);
    come_back(1, &[NonZero::<u8>::MIN, NonZero::<u8>::MAX]);
    come_back_optional(2, &[NonZero::<i16>::MIN, NonZero::<i16>::MAX]);
    come_back_optional(4, &[NonZero::<u32>::MIN, NonZero::<u32>::MAX]);
    come_back_optional(16, &[NonZero::<u128>::MIN, NonZero::<u128>::MAX]);
    come_back_optional(size_of::<usize>(), &[NonZero::<usize>::MIN]);
    come_back_optional(size_of::<usize>(), &[Id::from_bits(usize::MAX).unwrap()]);
    let durations = [
        Duration::ZERO,
        Duration::from_nanos(1),
        Duration::from_secs(1 << 32),
        Duration::MAX,
    ];
    come_back(12, &durations);
    come_back_optional(12, &durations);
    come_back_optional(1, &[()]);
    come_back(0, &[PhantomData::<*const u8>]);
}

#[test]
fn addresses() {
    let four = [
        Ipv4Addr::UNSPECIFIED,
        Ipv4Addr::new(192, 0, 2, 1),
        Ipv4Addr::BROADCAST,
    ];
    come_back(4, &four);
    come_back_optional(5, &four);
    let all = u128::MAX.into();
    let six = [
        Ipv6Addr::UNSPECIFIED,
        Ipv6Addr::LOCALHOST,
        four[1].to_ipv6_mapped(),
        all,
    ];
    come_back(16, &six);
    come_back_optional(17, &six);
    let both: Vec<IpAddr> = four
        .map(IpAddr::V4)
        .into_iter()
        .chain(six.map(IpAddr::V6))
        .collect();
    come_back(20, &both);
    come_back_optional(20, &both);
    let four = four.map(|address| SocketAddrV4::new(address, 0xFEDC));
    come_back(6, &four);
    come_back_optional(7, &four);
    let six = six.map(|address| SocketAddrV6::new(address, u16::MAX, u32::MAX, 0x1234_5678));
    come_back(28, &six);
    come_back_optional(29, &six);
    let both: Vec<SocketAddr> = four
        .map(SocketAddr::V4)
        .into_iter()
        .chain(six.map(SocketAddr::V6))
        .collect();
    come_back(28, &both);
    come_back_optional(28, &both);
}

/// Derived, with bits that are no value, and no padding.
#[derive(Clone, Copy, PartialEq, Debug, NoUninit, CheckedBitPattern)]
#[repr(C)]
struct Switch {
    on: bool,
    mode: Mode,
    level: u16,
    sign: char,
}

#[derive(Clone, Copy, PartialEq, Debug, NoUninit, CheckedBitPattern)]
#[repr(u8)]
enum Mode {
    Idle = 1,
    Run,
}

#[derive(Clone, Copy, PartialEq, Debug, Pod, Zeroable)]
#[repr(transparent)]
struct Frame<const LEN: usize>([u16; LEN]);

crate::impl_plain!(Switch, Mode);
crate::impl_plain!([const LEN: usize] Frame<LEN>);

/// By hand, through a tuple: its padding is not stored.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Motor {
    mode: Mode,
    speed: u32,
    reverse: bool,
}

impl Plain for Motor {
    type Bits = <(Mode, u32, bool) as Plain>::Bits;

    fn to_bits(self) -> Self::Bits {
        (self.mode, self.speed, self.reverse).to_bits()
    }

    fn from_bits(bits: Self::Bits) -> Option<Self> {
        let (mode, speed, reverse) = Plain::from_bits(bits)?;
        Some(Self {
            mode,
            speed,
            reverse,
        })
    }
}

impl PlainInOption for Motor {}

#[test]
fn types_of_ones_own() {
    come_back_optional(2, &[Mode::Idle, Mode::Run]);
    let switch = Switch {
        on: true,
        mode: Mode::Run,
        level: 0xFEDC,
        sign: char::MAX,
    };
    come_back_optional(9, &[switch]);
    come_back(6, &[Frame([1, 2, u16::MAX])]);
    let motor = Motor {
        mode: Mode::Idle,
        speed: u32::MAX,
        reverse: true,
    };
    come_back_optional(7, &[motor]);
}

fn refuses<T: Plain + PartialEq + Debug>(bits: impl IntoIterator<Item = T::Bits>) {
    for bits in bits {
        assert_eq!(T::from_bits(bits), None);
        // Wherever it is in something else.
        let array = [bits; 2];
        assert_eq!(<[T; 2]>::from_bits(array), None);
        assert_eq!(<(T, u8)>::from_bits(Packed(bits, 0)), None);
        assert_eq!(<(u8, T)>::from_bits(Packed(0, bits)), None);
    }
}

#[test]
fn bits_that_are_no_value_are_refused() {
    refuses::<bool>(2..=255);
    refuses::<Option<bool>>(3..=255);
    refuses::<char>([0xD800, 0xDFFF, 0x11_0000, u32::MAX]);
    refuses::<Option<char>>([0xD800, 0xDFFF, 0x11_0001, u32::MAX]);
    refuses::<Ordering>([-128, -2, 2, 127]);
    refuses::<Option<Ordering>>([-128, -2, 3, 127]);
    refuses::<Id>([0]);
    refuses::<NonZero<u8>>([0]);
    refuses::<NonZero<i128>>([0]);
    refuses::<Duration>([[0, 0, 1_000_000_000], [u32::MAX; 3]]);
    refuses::<Option<Duration>>([[0, 0, 1_000_000_001], [u32::MAX; 3]]);
    refuses::<IpAddr>([[0; 5], [1, 0, 0, 0, 5], [u32::MAX; 5]]);
    refuses::<Option<IpAddr>>([[1, 0, 0, 0, 5], [u32::MAX; 5]]);
    refuses::<SocketAddrV6>([[u32::MAX; 7], [0, 0, 0, 0, 0, 0, 0x1_0000]]);
    refuses::<SocketAddr>([[0; 7], [u32::MAX; 7], [0, 0, 0, 0, 0, 0, 5 << 16]]);
    refuses::<Option<SocketAddr>>([[u32::MAX; 7], [0, 0, 0, 0, 0, 0, 5 << 16]]);
    refuses::<Option<u32>>([Packed(0, 2), Packed(7, 255)]);
    refuses::<Option<Option<bool>>>([Packed(3, 1), Packed(0, 2)]);
    let mode = |byte: u8| bytemuck::cast(byte);
    refuses::<Mode>((3..=255).chain([0]).map(mode));
    refuses::<Switch>([
        bytemuck::cast([2, 1, 0, 0, 0, 0, 0, 0_u8]),
        bytemuck::cast([1, 0, 0, 0, 0, 0, 0, 0_u8]),
        bytemuck::cast([0xFF_u8; 8]),
    ]);
    refuses::<Motor>([Packed(mode(1), Packed(0, 2)), Packed(mode(3), Packed(0, 1))]);
}

/// A copy that is torn: each byte of the one value or of the other. It is one of them, another value, or
/// none; it is never undefined behaviour (Miri looks).
fn torn<T: Plain + PartialEq + Debug>((a, b, from_b): (T, T, u64)) {
    let (a, b) = (a.to_bits(), b.to_bits());
    let mut mixture = bytes_of(&a).to_vec();
    for (i, byte) in bytes_of(&b).iter().enumerate() {
        if from_b >> (i % 64) & 1 != 0 {
            mixture[i] = *byte;
        }
    }
    any_bits::<T>(bytemuck::pod_read_unaligned(&mixture));
}

/// What the bits are, if they are a value, has bits that are the same value.
fn any_bits<T: Plain + PartialEq + Debug>(bits: T::Bits) {
    if let Some(value) = T::from_bits(bits) {
        assert_eq!(T::from_bits(value.to_bits()), Some(value));
    }
}

fn durations() -> impl Strategy<Value = Duration> {
    (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(s, n)| Duration::new(s, n))
}

fn addresses_of_both() -> impl Strategy<Value = SocketAddr> {
    (any::<bool>(), any::<[u8; 16]>(), any::<u16>()).prop_map(|(six, bytes, port)| {
        let [a, b, c, d, ..] = bytes;
        let four = IpAddr::from([a, b, c, d]);
        SocketAddr::new(if six { bytes.into() } else { four }, port)
    })
}

#[test]
fn any_tuple_comes_back() {
    let cases = scaled(512, 4);
    let numbers = any::<(u8, i64, bool, char, (u16, f32), u8, u128, [i16; 3])>();
    for_all(cases, &numbers, comes_back);
    let options = any::<(
        Option<bool>,
        Option<char>,
        Option<u64>,
        [Option<(u8, bool)>; 3],
    )>();
    for_all(cases, &options, comes_back);
    let others = (durations(), addresses_of_both(), any::<Option<bool>>());
    for_all(cases, &others, |(time, address, flag)| {
        comes_back((time, address, address.ip(), flag));
        comes_back((Some(time), [Some(address.ip()); 2], Some(address)));
    });
}

#[test]
fn any_mixture_is_a_value_or_none() {
    let cases = scaled(512, 4);
    let pairs = any::<((bool, char, u8), (bool, char, u8), u64)>();
    for_all(cases, &pairs, torn);
    type Options = (Option<char>, Option<bool>, [Option<u16>; 2]);
    for_all(cases, &any::<(Options, Options, u64)>(), torn);
    for_all(cases, &(durations(), durations(), any::<u64>()), torn);
    let addresses = (addresses_of_both(), addresses_of_both(), any::<u64>());
    for_all(cases, &addresses, torn);
    for_all(cases, &addresses, |(a, b, from_b)| {
        torn((Some(a.ip()), Some(b.ip()), from_b))
    });
    let bytes = any::<[u8; 8]>();
    for_all(cases, &bytes, |bytes| {
        any_bits::<Switch>(bytemuck::cast(bytes))
    });
}

/// It has padding, and a field of another such type, which those who see this one need not see.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reading {
    millivolts: u16,
    quality: Quality,
    at: u32,
}

/// Its discriminants are not the places in the list.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Quality {
    Good = -7,
    Stale = 1000,
    Lost = 3,
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Celsius(i16);

impl_plain!(
    struct Reading {
        millivolts: u16,
        quality: Quality,
        at: u32,
    }
);
impl_plain!(
    enum Quality {
        Good,
        Lost,
        Stale,
    }
);
impl_plain!(struct Celsius(i16));

const QUALITIES: [Quality; 3] = [Quality::Good, Quality::Stale, Quality::Lost];

#[test]
fn types_of_ones_own_are_what_their_fields_are() {
    let readings = QUALITIES.map(|quality| Reading {
        millivolts: 3300,
        quality,
        at: u32::MAX,
    });
    come_back(7, &readings);
    come_back_optional(8, &readings);
    come_back(1, &QUALITIES);
    come_back_optional(2, &QUALITIES);
    come_back(2, &[Celsius(-3), Celsius(i16::MAX)]);
    come_back_optional(3, &[Celsius(-3)]);
    assert_eq!(QUALITIES.map(Plain::to_bits), [0, 2, 1]);
    for bits in 3..=u8::MAX {
        assert_eq!(Quality::from_bits(bits), None);
    }
    // Of one with a field that is no value there is none.
    let mut bytes = readings[0].to_bits();
    bytes[2] = 3;
    assert_eq!(Reading::from_bits(bytes), None);
}
