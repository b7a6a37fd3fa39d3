//! The protocol that the pool, and the hash map `arenamap`, are built on: cells, their words, holds.
//!
//! For linked structures of your own in fixed memory. Each cell has one native [word] with its state, a link
//! and a generation, and an always-initialised header. [`cell`] draws the life of a cell, and each step of
//! it is one function there; [`arena`] has the invariants that memory safety rests on; [`order`] says how
//! all operations come into one order.
//!
//! **Not for the faint of heart, and not stable**: what is safe to call here is so because whoever made the
//! [`Arena`] or the [`Cells`](cells::Cells) promised, by an `unsafe` constructor, to keep to the protocol.
//! Between versions it may change in any way.
//!
//! From the bottom up: [`sync`] is the one place that names a library of atomics; [`word`] and [`cell`] are
//! one cell; [`cells`] finds free ones; [`slots`] and [`guard`] hold what is read; [`owned`] is what is on
//! its way in; [`arena`] puts them together. [`plain`] stores plain data as atomic words.

#[doc(inline)]
pub use crate::{arena, cell, cells, guard, order, owned, plain, slots, sync, word};

#[doc(inline)]
pub use crate::arena::Arena;
