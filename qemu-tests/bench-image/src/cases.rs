//! What is done to a map: one operation that is counted, between others that put back what it changed.

use crate::interrupted::{Interruptible, update_interrupted};
use crate::measure::{
    self, Count, NOTHING, Operation, dither, get, insert, iterate, len, remove, repeats, update,
};
use crate::store::{Store, Update, Word};

/// What is counted, and what stands around it.
pub struct Case<S, W> {
    /// What the runner calls it.
    pub name: &'static str,
    /// What goes before, uncounted.
    before: Option<Operation<S, W>>,
    counted: Operation<S, W>,
    /// What goes behind, uncounted.
    after: Option<Operation<S, W>>,
    /// Whether the counted operation finds the key.
    hit: bool,
}

impl<S: Store<W>, W: Word> Case<S, W> {
    const fn new(name: &'static str, counted: Operation<S, W>, hit: bool) -> Self {
        Self {
            name,
            before: None,
            counted,
            after: None,
            hit,
        }
    }

    /// A present key.
    pub const fn get_hit(name: &'static str) -> Self {
        Self::new(name, get, true)
    }

    /// An absent key.
    pub const fn get_miss(name: &'static str) -> Self {
        Self::new(name, get, false)
    }

    /// A present key gets another value.
    pub const fn replace(name: &'static str) -> Self {
        Self::new(name, insert, true)
    }

    /// A present key's value is changed.
    pub const fn update(name: &'static str) -> Self
    where
        S: Update<W>,
    {
        Self::new(name, update, true)
    }

    /// The same, interrupted by another update of the key: both together.
    pub const fn update_interrupted(name: &'static str) -> Self
    where
        S: Interruptible<W>,
    {
        Self::new(name, update_interrupted, true)
    }

    /// The whole map: how many entries there are.
    pub const fn len() -> Self {
        Self::new("len", len, true)
    }

    /// The whole map: each value once.
    pub const fn iterate() -> Self {
        Self::new("iterate", iterate, true)
    }

    /// An absent key; it is removed again.
    pub const fn insert(name: &'static str) -> Self {
        Self {
            after: Some(remove),
            ..Self::new(name, insert, false)
        }
    }

    /// An absent key, which is inserted first.
    pub const fn remove(name: &'static str) -> Self {
        Self {
            before: Some(insert),
            ..Self::new(name, remove, true)
        }
    }

    /// An absent key, which stays.
    pub const fn insert_only(name: &'static str) -> Self {
        Self::new(name, insert, false)
    }

    /// A present key, which is gone then.
    pub const fn remove_only(name: &'static str) -> Self {
        Self::new(name, remove, true)
    }

    /// A present key; it is inserted again.
    pub const fn remove_present(name: &'static str) -> Self {
        Self {
            after: Some(insert),
            ..Self::new(name, remove, true)
        }
    }

    /// Counts it for each of the keys, several times over. The first pass is not counted.
    pub fn count(&self, store: &S, keys: impl Iterator<Item = W> + Clone) -> Count {
        let mut count = Count::default();
        for round in 0..=repeats(keys.clone().count()) {
            for key in keys.clone() {
                let units = self.once(store, key, round);
                if round > 0 {
                    count.add(units);
                }
            }
        }
        count.in_instructions(NOTHING)
    }

    /// Counts it once, for this key.
    pub fn once(&self, store: &S, key: W, round: u32) -> u64 {
        let value = W::nth(round);
        if let Some(before) = self.before {
            before(store, key, value);
        }
        dither(round);
        let units = measure::one(self.counted, store, key, value, self.hit);
        if let Some(after) = self.after {
            after(store, key, value);
        }
        units
    }
}
