//! The operations that are compared, under one name for every map.

use arenamap::{CopyMap, Map, Plain};
use core::hash::{BuildHasher, Hash};

/// The capacity of every map that is measured: boards with 32-bit cores have little memory, and the maps
/// lie on the stack.
pub const CAPACITY: usize = if cfg!(target_pointer_width = "64") {
    256
} else if targets::SMALL {
    16
} else {
    64
};

/// A key or a value.
pub trait Word: Plain + Eq + Hash + Send + Sync {
    /// What the runner calls it.
    const NAME: &'static str;
    /// The `index`th word: different for each index, in no order that a hash could like.
    fn nth(index: u32) -> Self;
    /// Another value, made from two.
    fn mixed(self, other: Self) -> Self;
}

impl Word for u32 {
    const NAME: &'static str = "u32";

    fn nth(index: u32) -> Self {
        // Odd: no two products are the same.
        index.wrapping_add(1).wrapping_mul(0x9E37_79B1)
    }

    #[inline(always)]
    fn mixed(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}

impl Word for u64 {
    const NAME: &'static str = "u64";

    fn nth(index: u32) -> Self {
        (u64::from(index) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[inline(always)]
    fn mixed(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}

/// A map under test. Values are copied out, and what a map hands out is dropped at once: an operation
/// is all that its caller has to do.
pub trait Store<W> {
    /// An empty one.
    fn new() -> Self;
    /// The key's value.
    fn get(&self, key: W) -> Option<W>;
    /// Inserts or replaces; the value replaced.
    fn insert(&self, key: W, value: W) -> Option<W>;
    /// Removes; the value removed.
    fn remove(&self, key: W) -> Option<W>;
    /// How many entries there are.
    fn len(&self) -> usize;
    /// All values, made one.
    fn mixed(&self) -> Option<W>;
}

/// One that changes a value where it is.
pub trait Update<W>: Store<W> {
    /// Changes the key's value by `by`; the value before.
    fn update(&self, key: W, by: W) -> Option<W>;
}

/// All values, made one.
#[inline(always)]
pub fn mix<W: Word>(values: impl Iterator<Item = W>) -> Option<W> {
    values.reduce(W::mixed)
}

/// A map of chains.
pub trait Chained {
    /// How long the longest one is.
    fn fullest_bucket(&self) -> usize;
    /// How many entries are in chains.
    fn chained(&self) -> usize;
}

/// The map of plain data.
pub type Copies<W, S> = CopyMap<W, W, CAPACITY, 8, S>;

/// The map with guards.
pub type Guarded<W, S> = Map<W, W, CAPACITY, 8, S>;

impl<W: Word, S: BuildHasher + Default> Store<W> for Copies<W, S> {
    fn new() -> Self {
        Self::default()
    }

    #[inline(always)]
    fn get(&self, key: W) -> Option<W> {
        CopyMap::get(self, &key)
    }

    #[inline(always)]
    fn insert(&self, key: W, value: W) -> Option<W> {
        CopyMap::insert(self, key, value).ok().flatten()
    }

    #[inline(always)]
    fn remove(&self, key: W) -> Option<W> {
        CopyMap::remove(self, &key)
    }

    #[inline(always)]
    fn len(&self) -> usize {
        CopyMap::len(self)
    }

    #[inline(always)]
    fn mixed(&self) -> Option<W> {
        mix(self.iter().map(|(_, value)| value))
    }
}

impl<W: Word, S: BuildHasher + Default> Update<W> for Copies<W, S> {
    #[inline(always)]
    fn update(&self, key: W, by: W) -> Option<W> {
        let old = CopyMap::update(self, &key, |old| old.mixed(by));
        old.ok().flatten()
    }
}

impl<W: Word, S: BuildHasher> Chained for Copies<W, S> {
    fn fullest_bucket(&self) -> usize {
        self.stats().fullest_bucket
    }

    fn chained(&self) -> usize {
        self.stats().chained
    }
}

impl<W: Word, S: BuildHasher + Default> Store<W> for Guarded<W, S> {
    fn new() -> Self {
        Self::default()
    }

    #[inline(always)]
    fn get(&self, key: W) -> Option<W> {
        Map::get(self, &key).map(|entry| *entry)
    }

    #[inline(always)]
    fn insert(&self, key: W, value: W) -> Option<W> {
        let old = Map::insert(self, key, value).ok().flatten();
        old.map(|entry| *entry)
    }

    #[inline(always)]
    fn remove(&self, key: W) -> Option<W> {
        Map::remove(self, &key).map(|entry| *entry)
    }

    #[inline(always)]
    fn len(&self) -> usize {
        Map::len(self)
    }

    #[inline(always)]
    fn mixed(&self) -> Option<W> {
        mix(self.iter().map(|entry| *entry))
    }
}

impl<W: Word, S: BuildHasher + Default> Update<W> for Guarded<W, S> {
    #[inline(always)]
    fn update(&self, key: W, by: W) -> Option<W> {
        let old = Map::update(self, &key, |old| old.mixed(by));
        old.ok().flatten().map(|entry| *entry)
    }
}

impl<W: Word, S: BuildHasher> Chained for Guarded<W, S> {
    fn fullest_bucket(&self) -> usize {
        self.stats().fullest_bucket
    }

    fn chained(&self) -> usize {
        self.stats().chained
    }
}
