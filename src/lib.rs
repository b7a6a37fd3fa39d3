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
//! * [`CopyMap`] for plain data (integers, `#[repr(C)]` structs with `bytemuck::Pod`): values are copied in
//!   and out, and a read stores nothing to shared memory.
//! * [`Map`] for any type: `get` gives a guard ([`Ref`]) that dereferences to the value. Use it for values
//!   that are large, that own something, or that are changed in place (atomics).
//! * [`CopySet`] and [`Set`] are the same without values.
//!
//! # The contract
//!
//! 1. **No heap, no registration, no set-up.** `const fn new()`, all zero bits, `.bss`.
//! 2. **Callable from anywhere**, also from an interrupt handler that interrupted another operation of the
//!    same map on the same core. Nothing masks interrupts, takes a lock or waits. Lock-free on targets with
//!    native compare-and-swap; see below for those without.
//! 3. **Capacity is a promise.** A new key is refused only when [`Map::capacity`] cells are taken: by live
//!    entries, by removed entries that a guard still holds, or by operations in progress (two cells each at
//!    most; a replacement in progress counts, too). Of `k` contexts that insert at once, those that race
//!    for one key hold a cell each until they learn that they lost: where `N` must hold for sure under such
//!    races, add one cell a context. Replacing works in a full map. A refusal hands key and value back. A
//!    refusal is given when all those cells were taken at one instant at which the key was absent (for a
//!    replacement: present). The search for a cell ends after eight passes over the cells in any case: then
//!    each cell was taken whenever it was looked at, and in each pass another operation claimed one. A cell
//!    counts as taken until the store that frees it has become visible to the core that looks: behind the
//!    look-ups that its context goes on with, perhaps, but before that one's next change of the map. On
//!    32-bit targets `N + EXTRA` is at most 4,095: more does not compile, because a link must keep 16 bits
//!    of generation.
//! 4. **Robust.** A context that is suspended for good, at any instruction, blocks nobody and costs at
//!    most two cells (in [`Map::iter`]'s `next`, and so in `keys`, `retain` and `clear`, three). A leaked
//!    guard costs its cell. A panic in your
//!    `Eq`, `Hash`, closure or `Drop` corrupts nothing. Drops of removed entries may run inside any
//!    operation of a `Map`, look-ups included: whoever ends the last hold runs them. A context that is
//!    suspended for good while it searches a full map costs no cell, but every later claim then writes one
//!    word that all cores share. At most 65,534 guards of one entry can be counted: with more at once
//!    (beyond those in the slots) its cell is never free again, and its key and value are not dropped. A
//!    value that holds the guard of another entry, which holds the next one's, is dropped by recursion: a
//!    chain of some ten thousand overflows a stack.
//! 5. **Linearizable**, operations on different keys included, also on weakly ordered processors (module
//!    `order` of `tagged-arena`); [`Map::len`] is at least the number of entries that were there during the
//!    whole call and at most the number of those that were there at any time of it; iteration is a weak
//!    snapshot with numbered caveats ([`Map::iter`]). Values are dropped exactly once.
//! 6. **Memory safety does not rest on a counter not wrapping**: see [`design`].
//! 7. **[`CopyMap`] reads write nothing**; a stalled reader holds nothing back.
//!
//! # Targets without compare-and-swap
//!
//! On thumbv6m (Cortex-M0, RP2040) and riscv32imc atomics come from the `critical-section` implementation
//! that you link, through the feature `critical-section`. **There the map is not lock-free**: each atomic
//! access masks interrupts for a few instructions. Without the feature the crate does not build for such a
//! target.
//!
//! # Features
//!
//! * `critical-section`: as above; off by default. Leave it off everywhere else.
//! * `defmt`: `defmt::Format` for every public type, and for those of `tagged-arena`; off by default. A map
//!   is logged as its entries, a weak snapshot as by [`Map::iter`], while your logger is acquired: keys'
//!   `Hash` and `Eq` run there, and in a `Map` perhaps the drop of a removed entry. They must not log.
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(all(test, not(tagged_arena_loom)))]
mod tests;

#[cfg(all(test, tagged_arena_loom))]
mod loom_tests;

mod backoff;
mod compute;
mod copy_map;
mod error;
mod extend;
#[cfg(feature = "defmt")]
mod format;
mod hash;
mod map;
mod set;
mod stats;
mod table;

pub use compute::{Compute, Computed};
pub use copy_map::CopyMap;
pub use equivalent::Equivalent;
pub use error::{Full, TryInsertError};
pub use hash::{DefaultHashBuilder, DefaultHasher};
pub use map::{KeyRef, Map, Ref};
pub use set::{CopySet, Set};
pub use stats::Stats;
pub use tagged_arena::Plain;

/// The iterators.
pub mod iter {
    pub use crate::copy_map::{CopyDrain, CopyIntoIter, CopyIter, CopyKeys, CopyValues};
    pub use crate::map::{Drain, IntoIter, Iter, IterMut, Keys};
    pub use crate::set::Members;
}

#[doc = include_str!("design.md")]
pub mod design {}

// For rustdoc only: what the compiler reads would be built anew, for every target, with every change
// of the page, which is written from such builds.
#[cfg(doc)]
#[doc = include_str!("targets.md")]
pub mod targets {}

// For rustdoc only, as the page before.
#[cfg(doc)]
#[doc = include_str!("verification.md")]
pub mod verification {}

/// The README's example, compiled and run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
