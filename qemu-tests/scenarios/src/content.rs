//! Keys and values that tell a torn or misplaced read.

use bytemuck::{Pod, Zeroable};
use core::hash::Hash;
use tagged_arena::{Plain, impl_plain};

/// A key that is made from a small number.
pub trait Key: Plain + Eq + Hash + Send + Sync + 'static {
    /// The key with this number.
    fn new(number: u32) -> Self;
    /// The number, unless the key is torn.
    fn number(self) -> Option<u32>;
}

impl Key for u32 {
    #[inline]
    fn new(number: u32) -> Self {
        number
    }

    #[inline]
    fn number(self) -> Option<u32> {
        Some(self)
    }
}

/// A key of two words that belong together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Pod, Zeroable)]
#[repr(transparent)]
pub struct WideKey([u64; 2]);

impl_plain!(WideKey);

impl Key for WideKey {
    fn new(number: u32) -> Self {
        Self([u64::from(number), !u64::from(number)])
    }

    fn number(self) -> Option<u32> {
        let [number, complement] = self.0;
        u32::try_from(number).ok().filter(|_| complement == !number)
    }
}

/// A value that knows its key and what it was named when it was made.
pub trait Witness: Send + Sync + 'static {
    /// Its token, unless it is torn, dropped or another key's.
    fn token(&self, key: u32) -> Option<u64>;
}

/// A value that is plain data.
pub trait Value: Witness + Copy {
    /// The value of this key with this token.
    fn new(key: u32, token: u64) -> Self;
}

/// A token, and words that depend on key, token and place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Pod, Zeroable)]
#[repr(transparent)]
pub struct Stamp<const WORDS: usize>([u64; WORDS]);

impl_plain!([const WORDS: usize] Stamp<WORDS>);

impl<const WORDS: usize> Value for Stamp<WORDS> {
    #[inline]
    fn new(key: u32, token: u64) -> Self {
        const { assert!(WORDS >= 2, "a token and a check word at least") };
        Self(core::array::from_fn(|place| match place {
            0 => token,
            _ => check_word(key, token, place),
        }))
    }
}

impl<const WORDS: usize> Witness for Stamp<WORDS> {
    #[inline]
    fn token(&self, key: u32) -> Option<u64> {
        (*self == Self::new(key, self.0[0])).then_some(self.0[0])
    }
}

#[inline]
fn check_word(key: u32, token: u64, place: usize) -> u64 {
    mix(token ^ u64::from(key).rotate_left(32)).wrapping_add(place as u64)
}

/// Spreads every bit over the word (the finaliser of splitmix64).
#[inline]
pub fn mix(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// Names values: no two that cores make during one run are named alike, and each name fits in 32
/// bits.
#[derive(Clone, Copy, Debug)]
pub struct Tokens(u64);

impl Tokens {
    /// The tokens of this core.
    pub fn of(core: usize) -> Self {
        Self((core as u64 + 1) << 24)
    }

    /// The next one; never 0.
    pub fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torn_and_misplaced_values_are_told() {
        let (old, new) = (Stamp::<3>::new(5, 1), Stamp::<3>::new(5, 2));
        assert_eq!(old.token(5), Some(1));
        assert_eq!(old.token(6), None);
        for place in 0..3 {
            let mut torn = old;
            torn.0[place] = new.0[place];
            assert_eq!(torn.token(5), None);
        }
        let (a, b) = (WideKey::new(1), WideKey::new(2));
        assert_eq!(a.number(), Some(1));
        assert_eq!(WideKey([a.0[0], b.0[1]]).number(), None);
    }
}
