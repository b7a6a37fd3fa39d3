//! Hashers that decide where keys go: the highest bits of what they place say the bucket.

use arenamap::placed;
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
        placed(0x5555_5555 << 32 | u64::from(self.0))
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = last_four(bytes);
    }
}

impl Hasher for OwnerHigh {
    fn finish(&self) -> u64 {
        let (owner, rest) = (u64::from(self.0 >> 16), u64::from(self.0 & 0xFFFF));
        // The lowest bits of the rest say which bucket of the owner's.
        placed(owner << 61 | rest << 61 >> 3 | rest)
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
    use arenamap::CopyMap;
    use core::hash::BuildHasher;

    /// How many buckets these keys are in.
    fn buckets_used<S: BuildHasher + Default>(keys: impl Iterator<Item = u32>) -> usize {
        let map: CopyMap<u32, u32, 400, 16, S> = CopyMap::default();
        for key in keys {
            assert!(map.insert(key, 0).is_ok());
        }
        map.stats().buckets_used
    }

    #[test]
    fn one_hash_is_one_bucket() {
        assert_eq!(OneHash::new().hash_one(1u32), OneHash::new().hash_one(2u32));
        assert_eq!(buckets_used::<OneHash>(0..100), 1);
    }

    #[test]
    fn one_chain_is_one_bucket_of_different_hashes() {
        let hash = |key: u32| OneChain::new().hash_one(key);
        assert_ne!(hash(1), hash(2));
        assert_eq!(buckets_used::<OneChain>((0..50).chain(0x100..0x132)), 1);
    }

    #[test]
    fn owners_share_no_bucket() {
        let hash = |key: u32| ByOwner::new().hash_one(key);
        assert_ne!(hash(0x3_0001), hash(0x3_0002));
        let of = |owner: u32| (0..50).map(move |rest| owner << 16 | rest);
        let alone: usize = (0..8).map(|owner| buckets_used::<ByOwner>(of(owner))).sum();
        assert!(alone > 8, "{alone}");
        assert_eq!(buckets_used::<ByOwner>((0..8).flat_map(of)), alone);
    }
}
