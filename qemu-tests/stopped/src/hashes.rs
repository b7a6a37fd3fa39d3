//! Hashers that put all keys into one chain.

use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;

use arenamap::{CopyMap, DefaultHashBuilder};

use crate::subject::KEYS;

/// How a map hashes.
pub trait Hashes: BuildHasher + Default {
    /// Whether all hashes are equal.
    const EQUAL: bool = false;
}

impl Hashes for DefaultHashBuilder {}
impl Hashes for OneChain {}
impl Hashes for OneHash {
    const EQUAL: bool = true;
}

/// A hasher under which all keys have one hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneHash;

impl BuildHasher for OneHash {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self
    }
}

impl Hasher for OneHash {
    fn write(&mut self, _: &[u8]) {}

    fn finish(&self) -> u64 {
        0
    }
}

/// A hasher under which all keys are in one chain, with different hashes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneChain(u64);

impl BuildHasher for OneChain {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for OneChain {
    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are u64");
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = one_chain()[key as usize];
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Takes a key for its hash.
#[derive(Clone, Copy, Debug, Default)]
struct Identity(u64);

impl BuildHasher for Identity {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Identity {
    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are u64");
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A hash for each key, all of one bucket: found by trying which ones a map puts into one chain.
pub fn one_chain() -> &'static [u64] {
    static HASHES: OnceLock<Vec<u64>> = OnceLock::new();
    HASHES.get_or_init(|| {
        let together = |hash: &u64| {
            let map: CopyMap<u64, u64, 8, 8, Identity> = CopyMap::default();
            let there = map.insert(0, 0).is_ok() && map.insert(*hash, 0).is_ok();
            there && map.stats().fullest_bucket == 2
        };
        // Different in high bits and in low ones.
        let hashes = (1..).map(|i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        hashes.filter(together).take(KEYS).collect()
    })
}
