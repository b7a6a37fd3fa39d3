//! `CopyMap` of types of which not every bit pattern is a value: what comes out is what was put in.

use super::plain_values::operations;
use crate::CopySet;
use core::cmp::Ordering;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::num::NonZero;
use core::time::Duration;

fn byte(i: u8) -> NonZero<u8> {
    NonZero::new(i + 1).unwrap()
}

pub(super) fn half(i: u8) -> NonZero<u16> {
    byte(i).into()
}

fn word(i: u8) -> NonZero<u32> {
    byte(i).into()
}

pub(super) fn sign(i: u8) -> char {
    char::from_u32(0x10_FF00 | u32::from(i)).unwrap()
}

/// Of both families.
pub(super) fn address(i: u8) -> IpAddr {
    match i % 2 {
        0 => Ipv4Addr::new(192, 0, 2, i).into(),
        _ => Ipv6Addr::from(u128::from(i) << 120 | 1).into(),
    }
}

pub(super) fn socket(i: u8) -> SocketAddr {
    SocketAddr::new(address(i), 0xFF00 | u16::from(i))
}

pub(super) fn time(i: u8) -> Duration {
    Duration::new(u64::from(i) << 32 | 7, 999_999_999 - u32::from(i))
}

fn order(i: u8) -> Ordering {
    i.cmp(&2)
}

pub(super) fn even<T>(value: impl Fn(u8) -> T) -> impl Fn(u8) -> Option<T> {
    move |i| (i % 2 == 0).then(|| value(i))
}

#[test]
fn all_operations() {
    operations(sign, |i| i % 2 == 0);
    operations(byte, order);
    operations(word, even(half));
    operations(address, even(sign));
    operations(|i| Some(sign(i)), |i| [i % 2 == 0, i % 3 == 0]);
    operations(socket, time);
    operations(
        |i| (i, address(i)),
        |i| (even(time)(i), even(socket)(i), ()),
    );
    operations(
        |i| [Some(u16::from(i)), None],
        |i| Some(even(|i| (i, sign(i), f64::from(i)))(i)),
    );
    operations(time, |i| [even(address)(i); 3]);
    operations(|i| Ipv4Addr::from([10, 0, 0, i]), |i| even(u64::from)(i));
}

#[test]
fn keys_that_zero_bits_are_not() {
    // Of cells in which nothing was ever put.
    let set: CopySet<NonZero<u32>, 4> = CopySet::new();
    assert!(!set.contains(&word(0)) && !set.remove(&word(0)));
    assert_eq!(set.iter().count(), 0);
    assert_eq!(set.insert(word(1)), Ok(true));
    assert!(set.contains(&word(1)) && !set.contains(&word(0)));
}
