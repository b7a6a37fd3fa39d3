//! The worst case: all keys in one bucket, the operation at the end of the chain.

use core::hash::{BuildHasher, Hasher};

use crate::cases::Case;
use crate::lines::{self, Place};
use crate::store::{Copies, Guarded, Store, Word};

/// The longest chain that is measured.
const LONGEST: u32 = 8;

/// Counts the operations at the end of chains of growing length.
pub fn run() {
    chains::<Copies<Small, OneBucket>>("copy_map");
    chains::<Guarded<Small, OneBucket>>("map");
    chains::<Guarded<Small, OneHash>>("map_one_hash");
}

/// Small numbers: their hashes differ only where a map does not look for the bucket.
pub type Small = u32;

#[inline(never)]
fn chains<S: Store<Small>>(map: &'static str) {
    let store = S::new();
    let place = Place {
        table: "chain",
        key: Small::NAME,
        map,
    };
    for length in 1..=LONGEST {
        store.insert(length, length);
        let behind = length + 1;
        for (case, key) in [
            (Case::get_hit("get_hit"), length),
            (Case::get_miss("get_miss"), behind),
            (Case::insert("insert"), behind),
            (Case::replace("replace"), length),
            (Case::remove_present("remove"), length),
        ] {
            let count = case.count(&store, core::iter::once(key));
            lines::count(place, format_args!("{}_{length}", case.name), count);
        }
    }
}

/// The number itself chooses its place, a small one the first bucket: different labels.
#[derive(Default)]
pub struct OneBucket;

/// See [`OneBucket`].
pub struct Identity(u64);

impl BuildHasher for OneBucket {
    type Hasher = Identity;

    #[inline(always)]
    fn build_hasher(&self) -> Identity {
        Identity(0)
    }
}

impl Hasher for Identity {
    #[inline(always)]
    fn finish(&self) -> u64 {
        arenamap::placed(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0 << 8 | u64::from(byte);
        }
    }

    #[inline(always)]
    fn write_u32(&mut self, number: u32) {
        self.0 = u64::from(number);
    }
}

/// One hash for all keys: a map that compares hashes first has to compare keys, too.
#[derive(Default)]
struct OneHash;

struct Zero;

impl BuildHasher for OneHash {
    type Hasher = Zero;

    #[inline(always)]
    fn build_hasher(&self) -> Zero {
        Zero
    }
}

impl Hasher for Zero {
    #[inline(always)]
    fn finish(&self) -> u64 {
        0
    }

    #[inline(always)]
    fn write(&mut self, _: &[u8]) {}
}
