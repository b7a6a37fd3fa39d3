//! The maps and pools, and how they are named in a history.

use arenamap::{CopyMap, DefaultHashBuilder, Map};
use core::sync::atomic::AtomicUsize;
use tagged_arena::Pool;

use crate::pool::{Numbered, Places};
use crate::subject::{Mortal, Narrow, OneChain, Subject, Wide};

/// A map or a pool.
pub enum What {
    /// A map of either type.
    Map(&'static dyn Subject),
    /// A pool, and where its identifiers are handed over.
    Pool(&'static dyn Numbered, &'static Places),
}

/// One of them, with its name.
pub struct Entry {
    /// Its name in the history.
    pub name: &'static str,
    /// Itself.
    pub what: What,
    /// Whether it has no spare cells, so that replacements may be refused.
    pub refuses: bool,
}

impl Entry {
    /// How many entries it promises to hold.
    pub fn capacity(&self) -> usize {
        match self.what {
            What::Map(map) => map.capacity(),
            What::Pool(pool, _) => pool.capacity(),
        }
    }
}

/// A map, which is a static: its name; its type, values and capacity; hasher; cells beyond the capacity.
macro_rules! map {
    ($name:literal, $map:ident<$value:ty, $n:literal>, $hasher:ty, $extra:literal) => {{
        static MAP: $map<u32, $value, $n, $hasher, $extra> = $map::with_hasher(<$hasher>::new());
        Entry {
            name: $name,
            what: What::Map(&MAP),
            refuses: $extra == 0,
        }
    }};
}

macro_rules! pool {
    ($name:literal, $n:literal) => {{
        static POOL: Pool<Mortal, $n> = Pool::new();
        static PLACES: Places = [const { AtomicUsize::new(0) }; _];
        Entry {
            name: $name,
            what: What::Pool(&POOL, &PLACES),
            refuses: false,
        }
    }};
}

/// All.
pub static ALL: [Entry; 19] = [
    map!("copy_map::narrow", CopyMap<Narrow, 16>, DefaultHashBuilder, 8),
    map!("copy_map::narrow_chain", CopyMap<Narrow, 16>, OneChain, 8),
    map!("copy_map::narrow_full", CopyMap<Narrow, 4>, OneChain, 8),
    map!("copy_map::narrow_bare", CopyMap<Narrow, 4>, DefaultHashBuilder, 0),
    map!("copy_map::word", CopyMap<u32, 16>, DefaultHashBuilder, 8),
    map!("copy_map::word_chain", CopyMap<u64, 16>, OneChain, 8),
    map!("copy_map::wide", CopyMap<Wide, 16>, DefaultHashBuilder, 8),
    map!("copy_map::wide_chain", CopyMap<Wide, 16>, OneChain, 8),
    map!("copy_map::full", CopyMap<u64, 4>, DefaultHashBuilder, 8),
    map!("copy_map::full_chain", CopyMap<u64, 4>, OneChain, 8),
    map!("copy_map::bare", CopyMap<u64, 4>, DefaultHashBuilder, 0),
    map!("copy_map::bare_chain", CopyMap<Wide, 4>, OneChain, 0),
    map!("map::spread", Map<Mortal, 16>, DefaultHashBuilder, 8),
    map!("map::chain", Map<Mortal, 16>, OneChain, 8),
    map!("map::full", Map<Mortal, 4>, DefaultHashBuilder, 8),
    map!("map::full_chain", Map<Mortal, 4>, OneChain, 8),
    map!("map::bare", Map<Mortal, 4>, DefaultHashBuilder, 0),
    pool!("pool::spread", 32),
    pool!("pool::full", 4),
];
