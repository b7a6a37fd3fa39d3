//! The two maps that `cargo qemu size --capacity` proposes: for a target all their methods, as in
//! `evidence`; on the host a program that says how many entries get into chains.
//!
//! What they are like is in the environment when this is built: see `wanted`.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
mod chains;
#[path = "../../copy_map.rs"]
#[macro_use]
mod copy_map;
#[cfg(target_os = "none")]
#[path = "../../interrupts.rs"]
mod interrupts;
#[path = "../../map.rs"]
#[macro_use]
mod map;
#[path = "../../start.rs"]
mod start;
mod wanted;

use core::hint::black_box;

use arenamap::{CopyMap, Map};
use wanted::{COPY_N, EXTRA, Key, MAP_N, Value};

copy_map!(
    copies,
    "CopyMap",
    crate::Key,
    crate::Value,
    crate::COPY_N,
    crate::EXTRA[0],
    |v| *v
);
map!(
    guarded,
    "Map",
    crate::Key,
    crate::Value,
    crate::MAP_N,
    crate::EXTRA[0],
    |v| *v
);

/// A map with another `EXTRA`, for its size alone.
macro_rules! other {
    ($static:ident, $name:literal, $map:ident<$n:ident>, $extra:literal) => {
        #[unsafe(export_name = $name)]
        static $static: $map<Key, Value, $n, { EXTRA[$extra] }> = $map::new();
    };
}

other!(COPIES_1, "CopyMap, EXTRA 1", CopyMap<COPY_N>, 1);
other!(COPIES_2, "CopyMap, EXTRA 2", CopyMap<COPY_N>, 2);
other!(GUARDED_1, "Map, EXTRA 1", Map<MAP_N>, 1);
other!(GUARDED_2, "Map, EXTRA 2", Map<MAP_N>, 2);

/// As many bytes as a version has bits: an image that does not run can say so in sizes alone.
macro_rules! version {
    ($static:ident, $name:literal, $map:ident<$n:ident>) => {
        #[unsafe(export_name = $name)]
        static $static: [u8; $map::<Key, Value, $n, { EXTRA[0] }>::VERSION_BITS as usize] = [0; _];
    };
}

version!(COPIES_VERSION, "CopyMap, version", CopyMap<COPY_N>);
version!(GUARDED_VERSION, "Map, version", Map<MAP_N>);

/// Makes the linker keep all of it: the addresses are used.
fn keep() {
    black_box(copies::addresses());
    black_box(guarded::addresses());
    black_box((&COPIES_1, &COPIES_2, &COPIES_VERSION));
    black_box((&GUARDED_1, &GUARDED_2, &GUARDED_VERSION));
}

#[cfg(not(target_os = "none"))]
fn main() {
    keep();
    chains::print();
}
