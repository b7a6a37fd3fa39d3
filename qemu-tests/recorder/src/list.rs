//! The maps and pools, and how they are named in a history.

use arenamap::{CopyMap, DefaultHashBuilder, Map, WithId};
use core::sync::atomic::AtomicUsize;
use tagged_arena::Pool;

use crate::held::Held;
use crate::named::Named;
use crate::pool::{Numbered, Places};
use crate::subject::{MOST_KEYS, Mortal, Narrow, OneChain, Subject, Wide};

/// A map or a pool.
pub enum What {
    /// A map of either type, and how many keys: few, so that the cores meet, but more than fit into one
    /// that shall be full.
    Map(&'static dyn Subject, u32),
    /// A pool, and where its identifiers are handed over.
    Pool(&'static dyn Numbered, &'static Places),
}

/// One of them, with its name.
pub struct Entry {
    /// Its name in the history.
    pub name: &'static str,
    /// Itself.
    pub what: What,
}

impl Entry {
    /// How many entries it promises to hold.
    pub fn capacity(&self) -> usize {
        match self.what {
            What::Map(map, _) => map.capacity(),
            What::Pool(pool, _) => pool.capacity(),
        }
    }

    /// Cells beyond these, kept for replacements; none if a replacement needs no cell.
    pub fn spares(&self) -> Option<usize> {
        match self.what {
            What::Map(map, _) => map.spares(),
            What::Pool(..) => None,
        }
    }

    /// How many guards each core may hold between its operations; none if there are no guards.
    pub fn guards(&self) -> Option<usize> {
        match self.what {
            What::Map(map, _) => map.guards(),
            What::Pool(..) => Some(0),
        }
    }
}

/// A map, which is a static: its name, and that of its type; values; capacity and cells beyond it;
/// hasher; keys.
macro_rules! map {
    ($name:literal, $map:ident<$value:ty, $n:literal + $extra:literal>, $hasher:ty, $keys:literal) => {{
        const { assert!(0 < $keys && $keys <= MOST_KEYS) };
        static MAP: $map<u32, $value, $n, $extra, $hasher> = $map::with_hasher(<$hasher>::new());
        Entry {
            name: $name,
            what: What::Map(&MAP, $keys),
        }
    }};
}

/// A map whose guards are held from one look-up to the next.
macro_rules! held {
    ($name:literal, $n:literal, $keys:literal) => {{
        static MAP: Map<u32, Mortal, $n> = Map::new();
        static HELD: Held<$n> = Held::new(&MAP);
        Entry {
            name: $name,
            what: What::Map(&HELD, $keys),
        }
    }};
}

/// A map whose entries have identifiers.
macro_rules! named {
    ($name:literal, $n:literal, $keys:literal) => {{
        static MAP: Map<u32, WithId<Mortal>, $n> = Map::new();
        static NAMED: Named<$n> = Named::new(&MAP);
        Entry {
            name: $name,
            what: What::Map(&NAMED, $keys),
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
        }
    }};
}

/// All.
pub static ALL: [Entry; 23] = [
    map!("copy_map::narrow", CopyMap<Narrow, 16 + 8>, DefaultHashBuilder, 2),
    map!("copy_map::narrow_chain", CopyMap<Narrow, 16 + 8>, OneChain, 4),
    map!("copy_map::narrow_full", CopyMap<Narrow, 4 + 8>, OneChain, 6),
    map!("copy_map::narrow_bare", CopyMap<Narrow, 2 + 0>, DefaultHashBuilder, 3),
    map!("copy_map::word", CopyMap<u32, 16 + 8>, DefaultHashBuilder, 2),
    map!("copy_map::word_chain", CopyMap<u64, 16 + 8>, OneChain, 5),
    map!("copy_map::wide", CopyMap<Wide, 16 + 8>, DefaultHashBuilder, 2),
    map!("copy_map::wide_chain", CopyMap<Wide, 16 + 8>, OneChain, 8),
    map!("copy_map::full", CopyMap<u64, 4 + 8>, DefaultHashBuilder, 6),
    map!("copy_map::full_chain", CopyMap<u64, 2 + 8>, OneChain, 3),
    map!("copy_map::bare", CopyMap<u64, 2 + 0>, DefaultHashBuilder, 3),
    map!("copy_map::bare_chain", CopyMap<Wide, 4 + 0>, OneChain, 6),
    map!("map::spread", Map<Mortal, 16 + 8>, DefaultHashBuilder, 2),
    map!("map::chain", Map<Mortal, 16 + 8>, OneChain, 5),
    map!("map::full", Map<Mortal, 4 + 8>, DefaultHashBuilder, 6),
    map!("map::full_chain", Map<Mortal, 2 + 8>, OneChain, 3),
    map!("map::bare", Map<Mortal, 2 + 0>, DefaultHashBuilder, 3),
    held!("map::held", 16, 3),
    held!("map::held_full", 2, 4),
    named!("map::named", 16, 2),
    named!("map::named_full", 2, 3),
    pool!("pool::spread", 32),
    pool!("pool::full", 4),
];
