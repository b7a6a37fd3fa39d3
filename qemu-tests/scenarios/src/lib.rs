//! The scenarios: what all cores do to one map at once, and what must be true of it.
//!
//! One source without the standard library and without an allocator, which runs on threads
//! (`cargo test -p scenarios`), under Miri and on every board (package `image`). [`ALL`] lists them.
//!
//! A scenario knows no board: an [`Env`] runs a function on all cores. It draws its numbers from the
//! seed, so a run with the same seed does the same operations on each core, in whatever order the
//! cores meet. What it found wrong is a [`Failure`]. Maps are statics whose names end in `_MAP`.
//!
//! The scenarios rest on generations that do not wrap within a run: they are not meant for
//! `--cfg tagged_arena_tiny`.
#![no_std]
// There is no heap to put a failure on, and the good case does not touch its bytes.
#![allow(clippy::result_large_err)]

#[cfg(test)]
extern crate std;

mod balance;
mod by_id;
mod cache;
mod conservation;
mod content;
mod drops;
mod env;
mod failure;
mod full_exact;
mod guards;
mod hashers;
mod iteration;
mod ledger;
mod list;
mod pool;
mod put_if_absent;
pub mod reentrant;
mod replace;
mod rest;
mod stale;
mod subject;
mod turnover;
mod watch;

pub use env::{Core, Env, Interrupt, MOST_CORES, Machine, Scale};
pub use failure::Failure;
pub use list::{ALL, REENTRANT, Scenario};
