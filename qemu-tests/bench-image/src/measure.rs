//! Counting one operation at a time.
//!
//! An operation is a function that is called by its address, between two readings of the counter. The
//! same machine code calls a function that does nothing, and what that takes is subtracted: what is
//! left is the operation with its call and its return, and none of the measuring.

use core::hint::black_box;

use targets::counter::{self, Unit};

use crate::store::Store;

/// An operation on a map, with a key and a value; what it found.
pub type Operation<S, W> = fn(&S, W, W) -> Option<W>;

/// What a function that does nothing takes itself: the call, the instruction that makes `None`, and
/// the return.
const NOTHING: u64 = 3;

/// How often each case is counted for each of so many keys. Instructions are exact, but some
/// operations do more in every second or eighth round; ticks need a mean over many operations.
pub const fn repeats(keys: usize) -> u32 {
    match counter::UNIT {
        Unit::Instructions => 8,
        Unit::Ticks => 1024_u32.div_ceil(keys as u32),
    }
}

/// What some operations took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    /// All together.
    pub total: u64,
    /// How many there were.
    pub operations: u32,
    /// The one that took the most.
    pub most: u64,
}

impl Count {
    /// One more operation.
    pub fn add(&mut self, units: u64) {
        self.total += units;
        self.operations += 1;
        self.most = self.most.max(units);
    }
}

/// What an operation takes that finds something (or not, as `hit` says).
pub fn one<S: Store<W>, W: Copy>(
    operation: Operation<S, W>,
    store: &S,
    key: W,
    value: W,
    hit: bool,
) -> u64 {
    let (units, found) = timed(operation, store, key, value);
    assert_eq!(found, hit, "a case found what it should not, or did not");
    let (idle, _) = timed(nothing, store, key, value);
    match counter::UNIT {
        Unit::Instructions => units + NOTHING - idle,
        // A tick may fall into either.
        Unit::Ticks => units.saturating_sub(idle),
    }
}

/// The two readings. One function for all operations of a map, so that they are measured by the same
/// code.
#[inline(never)]
fn timed<S, W: Copy>(operation: Operation<S, W>, store: &S, key: W, value: W) -> (u64, bool) {
    let operation = black_box(operation);
    let (key, value) = (black_box(key), black_box(value));
    let before = counter::read();
    let found = black_box(operation(store, key, value));
    let units = counter::since(before);
    (units, found.is_some())
}

#[inline(never)]
fn nothing<S, W>(_: &S, _: W, _: W) -> Option<W> {
    None
}

/// Passes a little time, another one in each round, so that ticks fall everywhere.
pub fn dither(round: u32) {
    if counter::UNIT == Unit::Ticks {
        for _ in 0..round % 61 {
            core::hint::spin_loop();
        }
    }
}

/// [`Store::get`] as a user's function.
#[inline(never)]
pub fn get<S: Store<W>, W>(store: &S, key: W, _: W) -> Option<W> {
    store.get(key)
}

/// [`Store::insert`] as a user's function.
#[inline(never)]
pub fn insert<S: Store<W>, W>(store: &S, key: W, value: W) -> Option<W> {
    store.insert(key, value)
}

/// [`Store::update`] as a user's function.
#[inline(never)]
pub fn update<S: Store<W>, W>(store: &S, key: W, value: W) -> Option<W> {
    store.update(key, value)
}

/// [`Store::remove`] as a user's function.
#[inline(never)]
pub fn remove<S: Store<W>, W>(store: &S, key: W, _: W) -> Option<W> {
    store.remove(key)
}
