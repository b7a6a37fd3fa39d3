//! The pool, the cells and the arena's guards against their contract.
//!
//! All of it also runs under Miri and with `--cfg tagged_arena_tiny`. A two-bit generation wraps
//! with every reuse of a cell, so that stale identifiers are then not told apart; that claims are
//! exclusive and payloads dropped once must hold all the same.

mod arena;
mod cells;
mod cells_moves;
mod cells_threads;
mod config;
#[cfg(all(feature = "defmt", not(miri)))]
mod format;
mod guards;
mod plain;
mod plain_threads;
mod plain_types;
mod pool;
mod pool_model;
mod pool_threads;
mod put_back;
mod steps;
mod word;
