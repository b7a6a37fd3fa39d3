//! One lock around one sequential map, and that map without a lock as the floor.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::{self, MutexGuard, PoisonError};

use arenamap::DefaultHashBuilder;

use crate::subject::{Session, Subject};

/// A map for one thread at a time.
pub trait Sequential: Send + Sync + 'static {
    /// An empty map with room for `capacity` entries.
    fn with_capacity(capacity: usize) -> Self;
    /// As in [`Session`], and so are the others.
    fn get(&self, key: u64) -> Option<u64>;
    /// Inserts or replaces.
    fn put(&mut self, key: u64, value: u64) -> bool;
    /// Removes.
    fn take(&mut self, key: u64) -> bool;
    /// Adds one to the value.
    fn add_one(&mut self, key: u64) -> bool;
}

/// `std`'s map is `hashbrown` too: with the same hasher a row for either would say the same.
pub type Hashbrown = hashbrown::HashMap<u64, u64, DefaultHashBuilder>;

impl Sequential for Hashbrown {
    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, DefaultHashBuilder::new())
    }

    #[inline(always)]
    fn get(&self, key: u64) -> Option<u64> {
        self.get(&key).copied()
    }

    #[inline(always)]
    fn put(&mut self, key: u64, value: u64) -> bool {
        self.insert(key, value);
        true
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

/// Unsynchronised: one thread locks it once, for the whole round.
pub struct Alone<M>(sync::Mutex<M>);

impl<M: Sequential> Subject for Alone<M> {
    type Session<'a> = Locked<'a, M>;

    const BATCH: usize = usize::MAX;

    fn with_capacity(capacity: usize) -> Self {
        Self(sync::Mutex::new(M::with_capacity(capacity)))
    }

    fn session(&self) -> Locked<'_, M> {
        Locked(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The floor while a thread has it.
pub struct Locked<'a, M>(MutexGuard<'a, M>);

impl<M: Sequential> Session for Locked<'_, M> {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.0.get(key)
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        self.0.put(key, value)
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        self.0.take(key)
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        self.0.add_one(key)
    }
}

/// A lock around an `M`: how to have it for reading and for writing.
pub trait Lock<M>: Send + Sync + 'static {
    /// The lock around this map.
    fn around(map: M) -> Self;
    /// Does this with the map locked for reading, or just locked if the lock knows no difference.
    fn reading<R>(&self, act: impl FnOnce(&M) -> R) -> R;
    /// Does this with the map locked for writing.
    fn writing<R>(&self, act: impl FnOnce(&mut M) -> R) -> R;
}

/// An `M` in the lock `L`.
pub struct In<L, M>(L, PhantomData<fn() -> M>);

impl<L: Lock<M>, M: Sequential> Subject for In<L, M> {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self(L::around(M::with_capacity(capacity)), PhantomData)
    }

    fn session(&self) -> &Self {
        self
    }
}

impl<L: Lock<M>, M: Sequential> Session for &In<L, M> {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.0.reading(|map| map.get(key))
    }

    #[inline(always)]
    fn insert(&mut self, key: u64, value: u64) -> bool {
        self.0.writing(|map| map.put(key, value))
    }

    #[inline(always)]
    fn remove(&mut self, key: u64) -> bool {
        self.0.writing(|map| map.take(key))
    }

    #[inline(always)]
    fn add_one(&mut self, key: u64) -> bool {
        self.0.writing(|map| map.add_one(key))
    }
}

impl<M: Sequential> Lock<M> for sync::Mutex<M> {
    fn around(map: M) -> Self {
        Self::new(map)
    }

    #[inline(always)]
    fn reading<R>(&self, act: impl FnOnce(&M) -> R) -> R {
        act(&self.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[inline(always)]
    fn writing<R>(&self, act: impl FnOnce(&mut M) -> R) -> R {
        act(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<M: Sequential> Lock<M> for sync::RwLock<M> {
    fn around(map: M) -> Self {
        Self::new(map)
    }

    #[inline(always)]
    fn reading<R>(&self, act: impl FnOnce(&M) -> R) -> R {
        act(&self.read().unwrap_or_else(PoisonError::into_inner))
    }

    #[inline(always)]
    fn writing<R>(&self, act: impl FnOnce(&mut M) -> R) -> R {
        act(&mut self.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<M: Sequential> Lock<M> for parking_lot::Mutex<M> {
    fn around(map: M) -> Self {
        Self::new(map)
    }

    #[inline(always)]
    fn reading<R>(&self, act: impl FnOnce(&M) -> R) -> R {
        act(&self.lock())
    }

    #[inline(always)]
    fn writing<R>(&self, act: impl FnOnce(&mut M) -> R) -> R {
        act(&mut self.lock())
    }
}

impl<M: Sequential> Lock<M> for parking_lot::RwLock<M> {
    fn around(map: M) -> Self {
        Self::new(map)
    }

    #[inline(always)]
    fn reading<R>(&self, act: impl FnOnce(&M) -> R) -> R {
        act(&self.read())
    }

    #[inline(always)]
    fn writing<R>(&self, act: impl FnOnce(&mut M) -> R) -> R {
        act(&mut self.write())
    }
}

impl<M: Sequential> Lock<M> for spin::Mutex<M> {
    fn around(map: M) -> Self {
        Self::new(map)
    }

    #[inline(always)]
    fn reading<R>(&self, act: impl FnOnce(&M) -> R) -> R {
        act(&self.lock())
    }

    #[inline(always)]
    fn writing<R>(&self, act: impl FnOnce(&mut M) -> R) -> R {
        act(&mut self.lock())
    }
}

impl<M: Sequential> Lock<M> for spin::RwLock<M> {
    fn around(map: M) -> Self {
        Self::new(map)
    }

    #[inline(always)]
    fn reading<R>(&self, act: impl FnOnce(&M) -> R) -> R {
        act(&self.read())
    }

    #[inline(always)]
    fn writing<R>(&self, act: impl FnOnce(&mut M) -> R) -> R {
        act(&mut self.write())
    }
}

/// On the host, where no interrupts can be masked, one lock for the whole process stands in.
impl<M: Sequential> Lock<M> for critical_section::Mutex<RefCell<M>> {
    fn around(map: M) -> Self {
        Self::new(RefCell::new(map))
    }

    #[inline(always)]
    fn reading<R>(&self, act: impl FnOnce(&M) -> R) -> R {
        critical_section::with(|section| act(&self.borrow_ref(section)))
    }

    #[inline(always)]
    fn writing<R>(&self, act: impl FnOnce(&mut M) -> R) -> R {
        critical_section::with(|section| act(&mut self.borrow_ref_mut(section)))
    }
}
