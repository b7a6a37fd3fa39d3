//! What can go wrong: the map is full, or the key is there already.

pub use tagged_arena::Full;

use core::fmt;

/// Why [`Map::try_insert`](crate::Map::try_insert) or
/// [`CopyMap::try_insert`](crate::CopyMap::try_insert) did not insert. Key and value come back.
///
/// `R` is what stands for the entry that is there: a [`Ref`](crate::Ref), or a copy of its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TryInsertError<K, V, R> {
    /// The key is in the map.
    Occupied {
        /// The entry that is there.
        existing: R,
        /// The key that was not inserted.
        key: K,
        /// The value that was not inserted.
        value: V,
    },
    /// The map is full.
    Full((K, V)),
}

impl<K, V, R> fmt::Debug for TryInsertError<K, V, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Occupied { .. } => "Occupied { .. }",
            Self::Full(_) => "Full(..)",
        })
    }
}

impl<K, V, R> fmt::Display for TryInsertError<K, V, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Occupied { .. } => f.write_str("the key is in the map already"),
            Self::Full(pair) => Full(pair).fmt(f),
        }
    }
}

impl<K, V, R> core::error::Error for TryInsertError<K, V, R> {}
