//! What the map is compared with: `heapless`'s map without a lock, in a critical section and in a
//! spin lock.

use core::cell::{RefCell, UnsafeCell};
use core::hash::{BuildHasher, Hasher};

use arenamap::{DefaultHashBuilder, DefaultHasher};
use heapless::index_map::{FnvIndexMap, IndexMap};

use crate::store::{CAPACITY, Store, Update, Word, mix};

/// With the hasher that it has by itself.
pub type Fnv<W> = FnvIndexMap<W, W, CAPACITY>;

/// With the hasher of our maps.
pub type SameHash<W> = IndexMap<W, W, Same, CAPACITY>;

/// Our default hasher, without what it does for our maps to undo.
#[derive(Clone, Copy, Default)]
pub struct Same(DefaultHashBuilder);

/// See [`Same`].
pub struct SameHasher(DefaultHasher);

impl BuildHasher for Same {
    type Hasher = SameHasher;

    #[inline(always)]
    fn build_hasher(&self) -> SameHasher {
        SameHasher(self.0.build_hasher())
    }
}

impl Hasher for SameHasher {
    #[inline(always)]
    fn finish(&self) -> u64 {
        arenamap::place(self.0.finish()) as u64
    }

    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    #[inline(always)]
    fn write_u32(&mut self, value: u32) {
        self.0.write_u32(value);
    }

    #[inline(always)]
    fn write_u64(&mut self, value: u64) {
        self.0.write_u64(value);
    }
}

/// How a map is shared.
pub trait Lock<T> {
    /// With this in it.
    fn new(inner: T) -> Self;
    /// Lets `f` have it alone.
    fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R;
}

/// Not shared at all: for one core without interrupt handlers.
pub struct Bare<T>(UnsafeCell<T>);

impl<T> Lock<T> for Bare<T> {
    fn new(inner: T) -> Self {
        Self(UnsafeCell::new(inner))
    }

    #[inline(always)]
    fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: the type is not `Sync`, and no `f` of this program calls `with` again.
        f(unsafe { &mut *self.0.get() })
    }
}

/// The customary way on one core: interrupts are masked meanwhile.
pub struct Masked<T>(critical_section::Mutex<RefCell<T>>);

impl<T> Lock<T> for Masked<T> {
    fn new(inner: T) -> Self {
        Self(critical_section::Mutex::new(RefCell::new(inner)))
    }

    #[inline(always)]
    fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        critical_section::with(|section| f(&mut self.0.borrow_ref_mut(section)))
    }
}

/// For several cores; it does not mask interrupts, so a handler must not take it.
#[cfg(target_has_atomic = "ptr")]
impl<T> Lock<T> for spin::Mutex<T> {
    fn new(inner: T) -> Self {
        spin::Mutex::new(inner)
    }

    #[inline(always)]
    fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.lock())
    }
}

/// A map in a lock.
pub struct Locked<L, T> {
    lock: L,
    inner: core::marker::PhantomData<fn() -> T>,
}

impl<L, T> Locked<L, T> {
    /// The lock.
    pub fn lock(&self) -> &L {
        &self.lock
    }
}

impl<W, S, L> Store<W> for Locked<L, IndexMap<W, W, S, CAPACITY>>
where
    W: Word,
    S: BuildHasher + Default,
    L: Lock<IndexMap<W, W, S, CAPACITY>>,
{
    fn new() -> Self {
        Self {
            lock: L::new(IndexMap::default()),
            inner: core::marker::PhantomData,
        }
    }

    #[inline(always)]
    fn get(&self, key: W) -> Option<W> {
        self.lock.with(|map| map.get(&key).copied())
    }

    #[inline(always)]
    fn insert(&self, key: W, value: W) -> Option<W> {
        self.lock.with(|map| map.insert(key, value).ok().flatten())
    }

    #[inline(always)]
    fn remove(&self, key: W) -> Option<W> {
        self.lock.with(|map| map.remove(&key))
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.lock.with(|map| map.len())
    }

    #[inline(always)]
    fn mixed(&self) -> Option<W> {
        self.lock.with(|map| mix(map.values().copied()))
    }
}

impl<W, S, L> Update<W> for Locked<L, IndexMap<W, W, S, CAPACITY>>
where
    W: Word,
    S: BuildHasher + Default,
    L: Lock<IndexMap<W, W, S, CAPACITY>>,
{
    #[inline(always)]
    fn update(&self, key: W, by: W) -> Option<W> {
        self.lock.with(|map| {
            let value = map.get_mut(&key)?;
            Some(core::mem::replace(value, value.mixed(by)))
        })
    }
}
