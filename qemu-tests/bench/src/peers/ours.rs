//! The maps of this project.

use arenamap::{CopyMap, Map};

use super::sized::{Family, zeroed};
use crate::subject::{Session, Subject};

/// `CopyMap` with the default number of cells.
pub struct Copying;

impl Family for Copying {
    type Of<const N: usize> = Box<CopyMap<u64, u64, N>>;
}

/// `CopyMap` with twice the cells.
pub struct CopyingWide;

impl Family for CopyingWide {
    type Of<const N: usize> = Box<CopyMap<u64, u64, N, N>>;
}

/// `CopyMap` with values narrower than a word.
pub struct CopyingNarrow;

impl Family for CopyingNarrow {
    type Of<const N: usize> = Narrow<N>;
}

/// `Map`, which reads through a guard.
pub struct Guarded;

impl Family for Guarded {
    type Of<const N: usize> = Box<Map<u64, u64, N>>;
}

/// `Map` with twice the cells.
pub struct GuardedWide;

impl Family for GuardedWide {
    type Of<const N: usize> = Box<Map<u64, u64, N, N>>;
}

impl<const N: usize, const EXTRA: usize> Subject for Box<CopyMap<u64, u64, N, EXTRA>> {
    type Session<'a> = &'a CopyMap<u64, u64, N, EXTRA>;

    fn with_capacity(_: usize) -> Self {
        zeroed()
    }

    fn session(&self) -> Self::Session<'_> {
        self
    }
}

impl<const N: usize, const EXTRA: usize> Session for &CopyMap<u64, u64, N, EXTRA> {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        CopyMap::get(self, &key)
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        CopyMap::insert(self, key, value).is_ok()
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        CopyMap::remove(self, &key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        matches!(self.update(&key, |value| value + 1), Ok(Some(_)))
    }
}

/// A `CopyMap` of `u32`.
pub struct Narrow<const N: usize>(Box<CopyMap<u64, u32, N>>);

impl<const N: usize> Subject for Narrow<N> {
    type Session<'a> = &'a Self;

    fn with_capacity(_: usize) -> Self {
        Self(zeroed())
    }

    fn session(&self) -> &Self {
        self
    }
}

impl<const N: usize> Session for &Narrow<N> {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.0.get(&key).map(u64::from)
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        self.0.insert(key, value as u32).is_ok()
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        self.0.remove(&key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        matches!(
            self.0.update(&key, |value| value.wrapping_add(1)),
            Ok(Some(_))
        )
    }
}

impl<const N: usize, const EXTRA: usize> Subject for Box<Map<u64, u64, N, EXTRA>> {
    type Session<'a> = &'a Map<u64, u64, N, EXTRA>;

    fn with_capacity(_: usize) -> Self {
        zeroed()
    }

    fn session(&self) -> Self::Session<'_> {
        self
    }
}

impl<const N: usize, const EXTRA: usize> Session for &Map<u64, u64, N, EXTRA> {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        Map::get(self, &key).map(|value| *value)
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        Map::insert(self, key, value).is_ok()
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        Map::remove(self, &key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        matches!(self.update(&key, |value| value + 1), Ok(Some(_)))
    }
}
