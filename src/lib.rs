//! A lock-free concurrent hash map in a fixed, pre-allocated arena.
//!
//! `no_std`, no heap, no set-up, no registration: a `static` is the whole set-up, and it lies in `.bss`.
//! Cores, threads, tasks and interrupt handlers share it; none of them ever waits for another.
//!
//! ```
//! use arenamap::CopyMap;
//!
//! static SENSORS: CopyMap<u16, u32, 256> = CopyMap::new();
//!
//! SENSORS.insert(0x40, 2150)?;                  // from an interrupt handler, say
//! assert_eq!(SENSORS.get(&0x40), Some(2150));   // from any core or task
//! # Ok::<(), arenamap::Full<(u16, u32)>>(())
//! ```
//!
//! # Which map
//!
//! * [`CopyMap`] for plain data ([`Plain`]: numbers, `bool`, `char`, IP addresses, `Duration`, arrays, tuples
//!   and `Option` of them, structs and enums of your own): values are copied in and out, and a read stores
//!   nothing to shared memory.
//! * [`Map`] for any type: `get` gives a guard ([`Ref`]) that dereferences to the value. Use it for values
//!   that are large, that own something, or that are changed in place (atomics).
//! * [`CopySet`] and [`Set`] are the same without values.
//! * A `Map` of values [`WithId`] names each entry by a number, an [`EntryId`]: for descriptors, mailboxes.
//! * [`Watched`] is any of these with tasks that wait for its changes: `async`, with any executor.
//! * [`Cache`] is a `Map` that evicts to make room. An insert is refused only if no entry may go (each is
//!   pinned or held) or every cell is taken. Entries may have a time to live.
//!
//! # The contract
//!
//! * **A. No heap, no registration, no set-up.** `const fn new()`, all zero bits, `.bss`.
//! * **B. Callable from anywhere**, also from an interrupt handler that interrupted another operation of the
//!   same map on the same core. On targets with compare-and-swap nothing masks interrupts, takes a lock or
//!   waits.
//! * **C. Lock-free** on targets with native compare-and-swap; see below for those without.
//! * **D. Capacity is a promise.** A new key is refused only when [`Map::capacity`] cells are taken: by live
//!   entries, by removed ones that a guard still holds, or by operations in progress (two cells each at
//!   most, an iterator of a `Map` three). Replacing works in a full map while `EXTRA` is at least one. On
//!   32-bit targets `N + EXTRA` is at most 4,095: more does not compile.
//! * **E. Nothing is lost.** A refusal hands key and value back. Values are dropped exactly once.
//! * **F. Robust.** A context that is suspended for good, at any instruction, blocks nobody and costs at most
//!   two cells (in an iterator three, in an insert into a `Cache` three or four). A leaked guard costs its
//!   cell. A panic in your `Eq`, `Hash`, closure or `Drop` corrupts nothing.
//! * **G. Memory safety does not rest on a counter not wrapping.**
//! * **H. Linearizable**, operations on different keys included, also on weakly ordered processors. Iteration
//!   is a weak snapshot with numbered caveats ([`Map::iter`]).
//! * **I. [`CopyMap`] reads write nothing**; a stalled reader holds nothing back.
//!
//! The exact words, the limits of each promise and what holds it: [`guide::guarantees`]. Choosing `N`:
//! [`guide::sizing`]. Boards: [`guide::porting`]. Coming from a lock: [`guide::migrating`]. Deadlines:
//! [`worst_cases`]. Sizes: [`targets`]. How it is tested: [`verification`].
//!
//! # Targets without compare-and-swap
//!
//! On thumbv6m (Cortex-M0, RP2040) and riscv32imc atomics come from the `critical-section` implementation
//! that you link, through the feature `critical-section`. **There the map is not lock-free**: each atomic
//! access masks interrupts for a few instructions. Without the feature the crate does not build for such a
//! target, unless you declare a single core ([porting](guide::porting)).
//!
//! # Features
//!
//! * `critical-section`: as above; off by default. On other targets it changes nothing. It excludes
//!   `portable-atomic`'s `unsafe-assume-single-core`.
//! * `defmt`: `defmt::Format` for every public type, and for those of `tagged-arena`; off by default. A map
//!   is logged as its entries, a weak snapshot as by [`Map::iter`], while your logger is acquired: keys'
//!   `Hash` and `Eq` run there, and in a `Map` perhaps the drop of a removed entry. They must not log.
//! * `heapless`: `snapshot` of each map and set in a `heapless::Vec`, maps from `heapless::Vec` and
//!   `IndexMap`, and an `IndexMap` from a [`CopyMap`]; off by default.
//! * `serde`: `Serialize`, `Deserialize` and `DeserializeSeed` (into a `static`) for each map and set; off
//!   by default. Nothing is allocated: what is written is collected on the stack first, so that its length
//!   is exact.
//! * `siphash`: `SeededState`, a hasher with a secret seed, for keys that an adversary may choose; off by
//!   default.
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(all(test, not(tagged_arena_loom)))]
mod tests;

#[cfg(all(test, tagged_arena_loom))]
mod loom_tests;

mod backoff;
mod cache;
mod compute;
mod copy_map;
mod error;
mod extend;
#[cfg(feature = "defmt")]
mod format;
mod handle;
mod hash;
mod map;
#[cfg(any(feature = "siphash", test))]
mod seed;
#[cfg(feature = "siphash")]
mod seeded;
#[cfg(feature = "serde")]
mod serialize;
mod set;
#[cfg(feature = "heapless")]
mod snapshot;
mod stats;
mod table;
mod watch;

pub use cache::{Cache, CacheStats, Inserted};
pub use compute::{Compute, Computed};
pub use copy_map::CopyMap;
pub use equivalent::Equivalent;
pub use error::{Full, TryInsertError};
pub use handle::{EntryId, WithId};
pub use hash::{DefaultHashBuilder, DefaultHasher};
#[doc(hidden)]
pub use hash::{place, placed};
pub use map::{KeyRef, Map, Ref};
#[cfg(feature = "siphash")]
pub use seed::SeedError;
#[cfg(feature = "siphash")]
pub use seeded::{SeededHasher, SeededState};
pub use set::{CopySet, Set};
pub use stats::Stats;
pub use tagged_arena::{Plain, PlainInOption, impl_plain};
pub use watch::{Changed, TooManyWatchers, WaitUntil, Watched, Watcher};

/// The iterators.
pub mod iter;

/// Guides: guarantees, features beside others, choosing sizes, moving from a locked map, and porting to a
/// board.
#[cfg(any(doc, doctest))]
pub mod guide {
    #[doc = include_str!("guide/guarantees.md")]
    pub mod guarantees {}
    #[doc = include_str!("guide/features.md")]
    pub mod features {}
    #[doc = include_str!("guide/sizing.md")]
    pub mod sizing {}
    #[doc = include_str!("guide/migrating.md")]
    pub mod migrating {}
    #[doc = include_str!("guide/porting.md")]
    pub mod porting {}
}

#[doc = include_str!("design.md")]
pub mod design {}

// For rustdoc only: it is written from what a command measures.
#[cfg(doc)]
#[doc = include_str!("speed.md")]
pub mod speed {}

// For rustdoc only: what the compiler reads would be built anew, for every target, with every change
// of the page, which is written from such builds.
#[cfg(doc)]
#[doc = include_str!("targets.md")]
pub mod targets {}

// For rustdoc only, as the page before.
#[cfg(doc)]
#[doc = include_str!("verification.md")]
pub mod verification {}

// For rustdoc only, as the pages before.
#[cfg(doc)]
#[doc = include_str!("worst_cases.md")]
pub mod worst_cases {}

/// The README's example, compiled and run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
