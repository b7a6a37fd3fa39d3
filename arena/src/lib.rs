//! A lock-free pool of values in fixed, pre-allocated memory.
//!
//! A [`Pool`] keeps at most `N` values in place, and names each by an [`Id`]. It is for programs without a
//! heap whose cores, tasks and interrupt handlers share objects: sessions, timers, buffers that hardware
//! works on. `no_std`, no set-up, no registration. Any context may insert, read and remove at any time, also
//! one that interrupted another operation of the same pool; nothing ever waits.
//!
//! ```
//! use tagged_arena::{Id, Pool};
//!
//! /// What goes out, until the hardware says that it has gone.
//! static FRAMES: Pool<[u8; 64], 16> = Pool::new();
//!
//! /// In a task: the descriptor carries the identifier, a number.
//! fn send(frame: [u8; 64]) -> Option<usize> {
//!     let id = FRAMES.insert(frame).ok()?;      // 16 at most: else the frame comes back
//!     Some(id.to_bits())
//! }
//!
//! /// In the interrupt handler, which the hardware gives that number back.
//! fn sent(cookie: usize) -> bool {
//!     Id::from_bits(cookie).is_some_and(|id| FRAMES.remove(id).is_some())
//! }
//!
//! let cookie = send([7; 64]).expect("there is room");
//! assert!(sent(cookie));
//! assert!(!sent(cookie));                       // stale: it names nothing any more
//! ```
//!
//! # What it promises
//!
//! * **When full**, an insert is refused and hands the value back: when all `N` cells were taken at one
//!   instant, by live values, by removed ones that a guard still holds, or by operations in progress; or, in
//!   each of eight passes in which other operations claimed cells, whenever they were looked at.
//! * **A stale identifier names nothing**, also when its cell has a new value: `get` and `remove` say
//!   `None` (until the generation wraps exactly: *What a wrap could do*).
//! * **A guard** ([`PoolGuard`]) keeps its value readable, also after that was removed; the last one of a
//!   removed value gives it out ([`PoolGuard::try_unwrap`]). Values are dropped exactly once.
//! * **A context that is suspended for ever** at any instruction costs at most the cells that it is working
//!   on: two. A guard that is never dropped costs its cell and at most one of the slots.
//!
//! # Progress
//!
//! With native compare-and-swap every operation is lock-free, and reading a value is wait-free while
//! a hazard slot is free. **On targets without compare-and-swap** (thumbv6m, riscv32imc) atomics come
//! from the `critical-section` implementation that you link (feature `critical-section`), and **it is
//! not lock-free there**: each atomic access masks interrupts for a few instructions.
//!
//! # What a wrap could do
//!
//! Memory safety does not rest on generations: see [`raw::arena`]. An [`Id`] that is kept while its cell
//! is reused names a newer value if the cell's generation has wrapped *exactly* by then. No operation
//! need be suspended for that. `get` then returns that value, and `remove` removes it.
//!
//! Each reuse takes three or four generations, so it does not happen before 2^(*g* - 2) reuses of that
//! cell (*g*: [`Pool::GENERATION_BITS`]; at `N = 64` 53 on 64-bit targets, 21 on 32-bit ones: half a
//! million reuses). Only operations that find a removed value still held can make it sooner: more than
//! `N` vain attempts to free its cell take one generation.
//!
//! Tests run with 2-bit generations (`--cfg tagged_arena_tiny`).
//!
//! # Features
//!
//! * `critical-section`: atomics from the implementation that you link; see *Progress*. Off by
//!   default.
//! * `defmt`: `defmt::Format` for every public type; what `Debug` shows, where there is one. Off by
//!   default.
//!
//! # For those who build structures of their own
//!
//! What the pool, and the hash map `arenamap`, are made of is in [`raw`]: a protocol, whose rules are the
//! caller's business.
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

#[doc(hidden)]
pub mod arena;
#[doc(hidden)]
pub mod cell;
#[doc(hidden)]
pub mod cells;
#[doc(hidden)]
pub mod exhaust;
#[cfg(feature = "defmt")]
mod format;
#[doc(hidden)]
pub mod guard;
#[doc(hidden)]
pub mod order;
#[doc(hidden)]
pub mod owned;
#[doc(hidden)]
pub mod plain;
mod pool;
pub mod raw;
mod restart;
#[doc(hidden)]
pub mod slots;
#[doc(hidden)]
pub mod sync;
#[doc(hidden)]
pub mod word;

#[doc(hidden)]
pub use arena::Arena;
pub use plain::{Plain, PlainInOption};
pub use pool::{Full, Id, Pool, PoolDrain, PoolGuard, PoolIntoIter, PoolIter};

/// The README's example, compiled and run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
