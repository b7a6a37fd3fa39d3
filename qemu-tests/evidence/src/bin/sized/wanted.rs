//! Key, value and sizes of the maps, from the environment.

/// Numbers: of key and value each a count and the bytes of a unit, `N` of the `CopyMap` and of the `Map`,
/// three times `EXTRA`, and the entries that there are at once.
const WANTED: &str = match option_env!("EVIDENCE_SIZED") {
    Some(text) => text,
    None => "4 0 4 0 256 256 8 128 256 256",
};

/// The number at this place.
const fn number(mut place: usize) -> usize {
    let (mut number, mut at, text) = (0, 0, WANTED.as_bytes());
    while at < text.len() {
        match text[at] {
            b' ' if place == 0 => break,
            b' ' => place -= 1,
            digit if place == 0 => number = 10 * number + (digit - b'0') as usize,
            _ => {}
        }
        at += 1;
    }
    number
}

/// `COUNT` units of so many bytes; of no bytes: one number of `COUNT` bytes.
pub struct Units<const COUNT: usize, const BYTES: usize>;

pub trait Type {
    type Of;
}

macro_rules! numbers {
    ($($count:literal: $of:ty,)*) => {
        $(impl Type for Units<$count, 0> {
            type Of = $of;
        })*
    };
}

macro_rules! arrays {
    ($($bytes:literal: $unit:ty,)*) => {
        $(impl<const COUNT: usize> Type for Units<COUNT, $bytes> {
            type Of = [$unit; COUNT];
        })*
    };
}

numbers!(0: (), 1: u8, 2: u16, 4: u32, 8: u64,);
arrays!(1: u8, 2: u16, 4: u32,);

pub type Key = <Units<{ number(0) }, { number(1) }> as Type>::Of;
pub type Value = <Units<{ number(2) }, { number(3) }> as Type>::Of;
pub const COPY_N: usize = number(4);
pub const MAP_N: usize = number(5);
pub const EXTRA: [usize; 3] = [number(6), number(7), number(8)];
#[cfg(not(target_os = "none"))]
pub const ENTRIES: usize = number(9);
