//! Hashers that decide where keys go: the map takes the bucket from the high bits.

use core::hash::{BuildHasherDefault, Hasher};

/// Gives every key the same hash.
pub type OneHash = BuildHasherDefault<Same>;

/// Sends every key into the same chain; hashes of different `u32` keys differ.
pub type OneChain = BuildHasherDefault<SameHigh>;

/// Keeps `u32` keys whose bits 16 to 18 differ in different chains, if the number of buckets is a
/// multiple of eight: each owner has an eighth of them.
pub type ByOwner = BuildHasherDefault<OwnerHigh>;

/// See [`OneHash`].
#[derive(Default)]
pub struct Same;

/// See [`OneChain`].
#[derive(Default)]
pub struct SameHigh(u32);

/// See [`ByOwner`].
#[derive(Default)]
pub struct OwnerHigh(u32);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        0x5555_5555_5555_5555
    }

    fn write(&mut self, _: &[u8]) {}
}

impl Hasher for SameHigh {
    fn finish(&self) -> u64 {
        0x5555_5555 << 32 | u64::from(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = last_four(bytes);
    }
}

impl Hasher for OwnerHigh {
    fn finish(&self) -> u64 {
        let (owner, rest) = (u64::from(self.0 >> 16), u64::from(self.0 & 0xFFFF));
        // The lowest bits of the rest say which bucket of the owner's.
        owner << 61 | rest << 61 >> 3 | rest
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = last_four(bytes);
    }
}

/// A `u32` comes as its four bytes.
fn last_four(bytes: &[u8]) -> u32 {
    bytes.try_into().map_or(0, u32::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hash::BuildHasher;

    #[test]
    fn hashes_go_where_they_should() {
        assert_eq!(OneHash::new().hash_one(1u32), OneHash::new().hash_one(2u32));
        let one = |key: u32| OneChain::new().hash_one(key);
        assert_eq!(one(1) >> 32, one(0xFFFF_FFFF) >> 32);
        assert_ne!(one(1), one(2));
        let own = |key: u32| ByOwner::new().hash_one(key);
        for buckets in [8, 24, 104] {
            let bucket = |key| (u128::from(own(key)) * buckets) >> 64;
            for rest in 0..100 {
                assert_eq!(bucket(0x3_0000 + rest) / (buckets / 8), 3);
            }
        }
        assert_ne!(own(0x3_0001), own(0x3_0002));
    }
}
