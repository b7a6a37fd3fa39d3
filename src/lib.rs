//! Map.
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(all(test, not(tagged_arena_loom)))]
mod tests;

#[cfg(all(test, tagged_arena_loom))]
mod loom_tests;

mod chain;
mod copy_map;
mod error;
mod hash;
mod map;
mod stats;

pub use copy_map::CopyMap;
pub use equivalent::Equivalent;
pub use error::{Full, TryInsertError};
pub use hash::{DefaultHashBuilder, DefaultHasher};
pub use map::{Map, Ref};
pub use stats::Stats;
pub use tagged_arena::Plain;

/// The iterators.
pub mod iter {
    pub use crate::copy_map::Iter as CopyIter;
    pub use crate::map::Iter;
}
