//! What firmware uses today: `heapless::IndexMap`, alone and behind the locks of `no_std`.
//!
//! It holds 2^16 entries at most. With its own FNV hasher unless said otherwise.

use std::cell::RefCell;
use std::hash::BuildHasher;

use arenamap::DefaultHashBuilder;
use heapless::index_map::{FnvIndexMap, IndexMap};

use super::locks::{Alone, In, Sequential};
use super::sized::{Family, zeroed};

type Fnv<const N: usize> = Box<FnvIndexMap<u64, u64, N>>;

impl<S, const N: usize> Sequential for Box<IndexMap<u64, u64, S, N>>
where
    S: BuildHasher + Default + Send + Sync + 'static,
{
    fn with_capacity(_: usize) -> Self {
        zeroed()
    }

    #[inline(always)]
    fn get(&self, key: u64) -> Option<u64> {
        IndexMap::get(self, &key).copied()
    }

    #[inline(always)]
    fn put(&mut self, key: u64, value: u64) -> bool {
        self.insert(key, value).is_ok()
    }

    #[inline(always)]
    fn take(&mut self, key: u64) -> bool {
        self.remove(&key).is_some()
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        self.get_mut(&key).map(|value| *value += 1).is_some()
    }
}

/// Unsynchronised.
pub struct HeaplessAlone;

impl Family for HeaplessAlone {
    type Of<const N: usize> = Alone<Fnv<N>>;
}

/// Unsynchronised, with the hasher that the other peers use.
pub struct HeaplessSameHash;

impl Family for HeaplessSameHash {
    type Of<const N: usize> = Alone<Box<IndexMap<u64, u64, DefaultHashBuilder, N>>>;
}

/// In a `spin::Mutex`.
pub struct SpinMutex;

impl Family for SpinMutex {
    type Of<const N: usize> = In<spin::Mutex<Fnv<N>>, Fnv<N>>;
}

/// In a `spin::RwLock`.
pub struct SpinRwLock;

impl Family for SpinRwLock {
    type Of<const N: usize> = In<spin::RwLock<Fnv<N>>, Fnv<N>>;
}

/// In a `critical_section::Mutex`.
pub struct CriticalSection;

impl Family for CriticalSection {
    type Of<const N: usize> = In<critical_section::Mutex<RefCell<Fnv<N>>>, Fnv<N>>;
}
