//! Counting one operation at a time.
//!
//! An operation is a function that is called by its address, between two readings of the counter. The
//! same machine code calls a function that does nothing, and what that takes is subtracted: what is
//! left is the operation, and none of the measuring.

use core::hint::black_box;

use targets::counter::{self, Unit};

use crate::store::{Store, Update, Word};

/// An operation on a map, with a key and a value; what it found.
pub type Operation<S, W> = fn(&S, W, W) -> Option<W>;

/// The instructions of [`nothing`] itself: the call, the one that makes `None`, the return. They belong
/// to every operation and are added again.
pub const NOTHING: u64 = 3;

/// How often each case is counted for each of so many keys. Instructions are exact, but some
/// operations do more in every second or eighth round; ticks need a mean over many operations.
pub const fn repeats(keys: usize) -> u32 {
    match counter::UNIT {
        Unit::Instructions => 8,
        Unit::Ticks { .. } | Unit::Nanoseconds => 1024_u32.div_ceil(keys as u32),
    }
}

/// What some operations took, in units of the counter.
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

    /// The same in instructions, of which each operation took so many more than were counted.
    pub fn in_instructions(self, uncounted: u64) -> Self {
        let (ticks, instructions, uncounted) = match counter::UNIT {
            Unit::Instructions => (1, 1, uncounted),
            Unit::Ticks {
                ticks,
                instructions,
            } => (ticks, instructions, uncounted),
            Unit::Nanoseconds => (1, 1, 0),
        };
        let rounded = |units: u64| (units * instructions + ticks / 2) / ticks;
        Self {
            total: rounded(self.total) + uncounted * u64::from(self.operations),
            operations: self.operations,
            most: rounded(self.most) + uncounted,
        }
    }
}

/// How many units more than [`nothing`] an operation takes that finds something (or not, as `hit`
/// says).
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
    // A tick may fall into either.
    units.saturating_sub(idle)
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
    if matches!(counter::UNIT, Unit::Ticks { .. }) {
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

/// [`Update::update`] as a user's function.
#[inline(never)]
pub fn update<S: Update<W>, W>(store: &S, key: W, value: W) -> Option<W> {
    store.update(key, value)
}

/// [`Store::remove`] as a user's function.
#[inline(never)]
pub fn remove<S: Store<W>, W>(store: &S, key: W, _: W) -> Option<W> {
    store.remove(key)
}

/// [`Store::len`] as a user's function.
#[inline(never)]
pub fn len<S: Store<W>, W: Word>(store: &S, _: W, _: W) -> Option<W> {
    Some(W::nth(store.len() as u32))
}

/// [`Store::mixed`] as a user's function.
#[inline(never)]
pub fn iterate<S: Store<W>, W>(store: &S, _: W, _: W) -> Option<W> {
    store.mixed()
}
