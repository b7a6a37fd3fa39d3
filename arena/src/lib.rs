//! A lock-free arena in fixed, pre-allocated memory.
//!
//! `tagged-arena` keeps at most `N` values in place: no heap, no set-up, no registration. Any core,
//! thread, task or interrupt handler may insert, read and remove at any time, also one that
//! interrupted another operation of the same arena; nothing ever waits.
//!
//! * [`Pool`] is the safe face: values with generational identifiers, read through guards.
//! * [`Arena`] and [`cells::Cells`] are the low-level face for linked structures: each cell has an
//!   always-initialised atomic header, and one native [word] with its state, a
//!   link and a generation. The `arenamap` crate builds its hash map on them.
//!
//! # Progress
//!
//! With native compare-and-swap every operation is lock-free, and reading a value is wait-free while
//! a hazard slot is free. **On targets without compare-and-swap** (thumbv6m, riscv32imc) atomics come
//! from the `critical-section` implementation that you link (feature `critical-section`), and **it is
//! not lock-free there**: each atomic access masks interrupts for a few instructions.
//!
//! # What a stalled holder costs
//!
//! A context that is suspended for ever at any instruction costs at most the cells it is working on: two.
//! A guard that is never dropped costs its cell and at most one of the slots. Nothing else waits.
//!
//! # What a wrap could do
//!
//! Memory safety does not rest on generations: see [`arena`]. If a generation wraps *exactly*
//! while an operation is stopped between two reads of it (2^*g* changes of that one word, see
//! [`Pool::GENERATION_BITS`]: at `N = 64`, 53 on 64-bit targets and 21 on 32-bit ones), a stale
//! [`Id`] can name the newer value in its cell. Tests run with 2-bit generations
//! (`--cfg tagged_arena_tiny`).
//!
//! # Features
//!
//! * `critical-section`: atomics from the implementation that you link; see *Progress*. Off by
//!   default.
//! * `defmt`: `defmt::Format` for every public type; what `Debug` shows, where there is one. Off by
//!   default.
#![no_std]

#[cfg(any(test, tagged_arena_loom))]
extern crate std;

#[cfg(all(test, not(tagged_arena_loom)))]
mod tests;

#[cfg(all(test, tagged_arena_loom))]
mod loom_tests;

#[cfg(tagged_arena_loom)]
#[doc(hidden)]
pub mod models;

pub mod arena;
pub mod cell;
pub mod cells;
#[cfg(feature = "defmt")]
mod format;
pub mod guard;
pub mod order;
pub mod owned;
pub mod plain;
mod pool;
mod restart;
pub mod slots;
pub mod sync;
pub mod word;

pub use arena::Arena;
pub use plain::{Plain, PlainInOption};
pub use pool::{Full, Id, Pool, PoolGuard};

/// The README's example, compiled and run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
