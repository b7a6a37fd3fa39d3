//! The map against its contract, one thread and a few.
//!
//! Everything here also runs under Miri and, but for `reused_cell` and the multi-threaded tests, with
//! `--cfg tagged_arena_tiny`: a two-bit generation really wraps, so that two threads may then
//! see a stale link as fresh, lose entries or walk in a circle. What must hold even so (memory
//! safety, claims that are exact) is tested in `tagged-arena`, where no chain can be lost.

mod at;
mod auto_traits;
mod backoff;
mod cache;
mod cache_fill;
mod cache_model;
mod cache_panics;
mod cache_ratios;
mod cache_repair;
#[cfg(not(tagged_arena_tiny))]
mod cache_threads;
mod cache_within;
mod capacity;
mod chains;
mod change_model;
mod config;
mod copy_capacity;
mod copy_model;
mod decided;
mod drops;
mod exclusive;
mod faces;
#[cfg(all(feature = "defmt", not(miri)))]
mod format;
mod frozen;
mod fuse;
mod guards;
#[cfg(not(any(target_pointer_width = "32", tagged_arena_narrow)))]
mod guests;
mod hash;
mod heap_values;
mod ids;
mod iterate;
mod iterate_within;
mod ledger;
mod left_chain;
mod lookups;
mod map_bench;
mod map_model;
mod moved;
mod panics;
mod plain_refused;
#[cfg(not(tagged_arena_tiny))]
mod plain_threads;
mod plain_types;
mod plain_values;
mod reentrant;
mod repair;
#[cfg(not(tagged_arena_tiny))]
mod reused_cell;
mod seed;
#[cfg(feature = "serde")]
mod serialize;
mod sets;
mod shape;
#[cfg(not(tagged_arena_tiny))]
mod shown_again;
mod sizing;
#[cfg(feature = "heapless")]
mod snapshot;
mod spread;
#[cfg(not(tagged_arena_tiny))]
mod stale_hold;
mod stats;
mod steps;
mod subject;
mod suspended;
#[cfg(not(tagged_arena_tiny))]
mod threads_copy;
#[cfg(not(tagged_arena_tiny))]
mod threads_map;
mod verdicts;
mod watch;
#[cfg(not(tagged_arena_tiny))]
mod watch_threads;
mod watch_wakers;
