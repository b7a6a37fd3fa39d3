//! What a map is to the driver, and the values that count their drops.

use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, Hasher};
use std::rc::Rc;

use arenamap::{Compute, Computed, DefaultHashBuilder};

/// There was no cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// What `try_insert` came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It is in the map now.
    Inserted,
    /// This value was there.
    Occupied(u32),
    /// No cell.
    Full,
}

/// What a census says, by its own names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Census {
    pub len: usize,
    pub is_empty: bool,
    pub is_full: bool,
    pub live: usize,
    pub removed: usize,
    pub in_progress: usize,
    pub free: usize,
}

/// A map of bytes to numbers. Guards that an operation returns are kept by the subject if `hold` is set, in
/// the order in which they come, until they are released.
#[allow(missing_docs)]
pub trait Subject {
    fn capacity(&self) -> usize;
    fn cells(&self) -> usize;
    /// Replacing a value takes no cell.
    fn in_place(&self) -> bool;
    /// There are guards.
    fn holds(&self) -> bool;
    fn insert(&self, key: u8, value: u32, hold: bool) -> Result<Option<u32>, Full>;
    fn try_insert(&self, key: u8, value: u32, hold: bool) -> Tried;
    /// The second part of the result: whether the value was made.
    fn get_or_insert(&self, key: u8, value: u32, hold: bool) -> (Result<u32, Full>, bool);
    /// Fails if the closure saw something else than what is returned.
    fn update(&self, key: u8, value: u32, hold: bool) -> Result<Option<u32>, Full>;
    /// Fails if a closure was called that should not be, or saw something else than is returned.
    fn upsert(&self, key: u8, value: u32, hold: bool) -> Result<Option<u32>, Full>;
    /// Fails if the closure saw something else than is returned.
    fn compute(&self, key: u8, what: Compute<u32>, hold: bool) -> Result<Computed<u32>, Full>;
    fn remove(&self, key: u8, hold: bool) -> Option<u32>;
    /// Fails if the closure saw something else than is returned.
    fn remove_if(&self, key: u8, wanted: bool, hold: bool) -> Option<u32>;
    fn retain(&self, wanted: &mut dyn FnMut(u8, u32) -> bool);
    fn clear(&self);
    fn get(&self, key: u8, hold: bool) -> Option<u32>;
    fn contains(&self, key: u8) -> bool;
    fn iterate(&self, hold: bool) -> Vec<(u8, u32)>;
    fn census(&self) -> Census;
    /// What the guard at this place reads.
    fn held(&self, at: usize) -> (u8, u32);
    /// Drops the guard at this place; the last one takes the place.
    fn release(&self, at: usize);
    /// How many values there are that were not dropped, if they are counted.
    fn alive(&self) -> Option<usize>;
}

/// The same decision with another value.
pub fn decided<V>(what: Compute<u32>, value: impl FnOnce(u32) -> V) -> Compute<V> {
    match what {
        Compute::Put(number) => Compute::Put(value(number)),
        Compute::Remove => Compute::Remove,
        Compute::Keep => Compute::Keep,
    }
}

/// The same as numbers; and what was there.
pub fn told<R>(done: Computed<R>, number: impl FnOnce(R) -> u32) -> (Computed<u32>, Option<u32>) {
    let (made, old): (fn(u32) -> Computed<u32>, R) = match done {
        Computed::Inserted => return (Computed::Inserted, None),
        Computed::Absent => return (Computed::Absent, None),
        Computed::Replaced(old) => (Computed::Replaced, old),
        Computed::Removed(old) => (Computed::Removed, old),
        Computed::Kept(old) => (Computed::Kept, old),
    };
    let old = number(old);
    (made(old), Some(old))
}

/// The default hasher, or all keys in one bucket.
#[derive(Clone, Debug)]
pub enum Spread {
    /// The default.
    Even(DefaultHashBuilder),
    /// One bucket.
    OneChain,
}

impl Spread {
    /// As an input says.
    pub fn new(one_chain: bool) -> Spread {
        if one_chain {
            Spread::OneChain
        } else {
            Spread::Even(DefaultHashBuilder::new())
        }
    }
}

/// A hasher of a [`Spread`].
pub struct SpreadHasher(Option<<DefaultHashBuilder as BuildHasher>::Hasher>);

impl BuildHasher for Spread {
    type Hasher = SpreadHasher;

    fn build_hasher(&self) -> SpreadHasher {
        match self {
            Spread::Even(even) => SpreadHasher(Some(even.build_hasher())),
            Spread::OneChain => SpreadHasher(None),
        }
    }
}

impl Hasher for SpreadHasher {
    fn finish(&self) -> u64 {
        self.0.as_ref().map_or(0, Hasher::finish)
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.0 {
            hasher.write(bytes);
        }
    }
}

/// How often each value was dropped.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Rc<Book>);

#[derive(Debug, Default)]
struct Book {
    dropped: RefCell<Vec<bool>>,
    alive: Cell<usize>,
    twice: Cell<bool>,
}

impl Ledger {
    /// A new value.
    pub fn value(&self, number: u32) -> Counted {
        let mut dropped = self.0.dropped.borrow_mut();
        dropped.push(false);
        self.0.alive.set(self.0.alive.get() + 1);
        Counted {
            number,
            line: dropped.len() - 1,
            ledger: self.clone(),
        }
    }

    /// How many values were not dropped.
    ///
    /// # Panics
    /// If one was dropped twice.
    pub fn alive(&self) -> usize {
        assert!(!self.0.twice.get(), "a value was dropped twice");
        self.0.alive.get()
    }
}

/// A value of a [`Ledger`].
#[derive(Debug)]
pub struct Counted {
    number: u32,
    line: usize,
    ledger: Ledger,
}

impl Counted {
    /// The number.
    ///
    /// # Panics
    /// If the value was dropped already.
    pub fn number(&self) -> u32 {
        let dropped = self.ledger.0.dropped.borrow();
        assert!(!dropped[self.line], "a value is read after its drop");
        self.number
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Book {
            dropped,
            alive,
            twice,
        } = &*self.ledger.0;
        let before = std::mem::replace(&mut dropped.borrow_mut()[self.line], true);
        if before {
            twice.set(true);
        } else {
            alive.set(alive.get() - 1);
        }
    }
}
