//! Values with drop glue, every one of which is accounted for.

use crate::content::Witness;
use crate::failure::{Failure, ensure};
use arenamap::Equivalent;
use core::hash::{Hash, Hasher};
use portable_atomic::{AtomicU32, AtomicUsize, Ordering};

/// So many values may be alive at once.
const PLACES: usize = if targets::SMALL { 64 } else { 256 };

/// Knows which values are alive.
///
/// Each value takes a place when it is made, writes its name there, and clears it when it is
/// dropped; a second drop, or a look at a dropped value, does not find the name.
pub struct Ledger {
    /// The names of the values that are alive; 0: nobody.
    alive: [AtomicUsize; PLACES],
    /// How many were made.
    made: AtomicUsize,
    /// How many drops found another name, or none.
    wrong_drops: AtomicU32,
    /// How many found no place.
    homeless: AtomicU32,
    /// How often a value was compared, hashed or cloned that was not alive.
    dead_uses: AtomicU32,
}

impl Ledger {
    /// Nobody is alive.
    pub const fn new() -> Self {
        Self {
            alive: [const { AtomicUsize::new(0) }; PLACES],
            made: AtomicUsize::new(0),
            wrong_drops: AtomicU32::new(0),
            homeless: AtomicU32::new(0),
            dead_uses: AtomicU32::new(0),
        }
    }

    /// How many values are alive.
    pub fn alive(&self) -> usize {
        let taken = |place: &&AtomicUsize| place.load(Ordering::Relaxed) != 0;
        self.alive.iter().filter(taken).count()
    }

    /// Fails unless `expected` values are alive and each was dropped at most once.
    pub fn check(&self, expected: usize) -> Result<(), Failure> {
        let wrong = self.wrong_drops.load(Ordering::Relaxed);
        ensure(
            wrong == 0,
            format_args!("{wrong} drops of values that were dropped already, or never made"),
        )?;
        let dead = self.dead_uses.load(Ordering::Relaxed);
        ensure(
            dead == 0,
            format_args!("{dead} comparisons or hashes of keys that were dropped already"),
        )?;
        let homeless = self.homeless.load(Ordering::Relaxed);
        ensure(
            homeless == 0,
            format_args!("more than {PLACES} values were alive at once: some are never dropped"),
        )?;
        let alive = self.alive();
        ensure(
            alive == expected,
            format_args!("{alive} values are alive, it should be {expected}"),
        )
    }

    /// Fails if anything is alive: for the start of a scenario.
    pub fn must_be_new(&self) -> Result<(), Failure> {
        self.check(0)?;
        self.made.store(0, Ordering::Relaxed);
        Ok(())
    }
}

/// A value that its ledger knows.
pub struct Counted {
    ledger: &'static Ledger,
    place: usize,
    name: usize,
    key: u32,
    token: u64,
}

impl Counted {
    /// A new value of this key with this token.
    pub fn new(ledger: &'static Ledger, key: u32, token: u64) -> Self {
        // All Relaxed: the map alone has to order what cores do to a value. Each place is only
        // changed by read-modify-writes, which see the newest name.
        let name = ledger.made.fetch_add(1, Ordering::Relaxed) + 1;
        // An odd stride: neighbours in time do not share a line.
        let start = name.wrapping_mul(37);
        for step in 0..PLACES {
            let place = (start + step) % PLACES;
            let taken =
                ledger.alive[place].compare_exchange(0, name, Ordering::Relaxed, Ordering::Relaxed);
            if taken.is_ok() {
                return Self {
                    ledger,
                    place,
                    name,
                    key,
                    token,
                };
            }
        }
        ledger.homeless.fetch_add(1, Ordering::Relaxed);
        Self {
            ledger,
            place: PLACES,
            name,
            key,
            token,
        }
    }

    /// Its key, if it is alive.
    pub fn key(&self) -> Option<u32> {
        self.is_alive().then_some(self.key)
    }

    /// Its key, for the map's own purposes; told if it is not alive.
    fn use_key(&self) -> u32 {
        if !self.is_alive() {
            self.ledger.dead_uses.fetch_add(1, Ordering::Relaxed);
        }
        self.key
    }

    fn is_alive(&self) -> bool {
        let named = |place: &AtomicUsize| place.load(Ordering::Relaxed) == self.name;
        self.ledger.alive.get(self.place).is_some_and(named)
    }
}

impl Witness for Counted {
    fn token(&self, key: u32) -> Option<u64> {
        (self.is_alive() && self.key == key).then_some(self.token)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(place) = self.ledger.alive.get(self.place) {
            let left = place.compare_exchange(self.name, 0, Ordering::Relaxed, Ordering::Relaxed);
            if left.is_err() {
                self.ledger.wrong_drops.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// As a key it is its number.
impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.use_key() == other.use_key()
    }
}

impl Eq for Counted {}

impl Hash for Counted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.use_key().hash(state);
    }
}

/// A counted key is cloned by an update.
impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(self.ledger, self.use_key(), self.token)
    }
}

/// Looks a counted key up by its number.
#[derive(Hash)]
pub struct Number(pub u32);

impl Equivalent<Counted> for Number {
    fn equivalent(&self, key: &Counted) -> bool {
        key.use_key() == self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaks_and_double_drops_are_told() {
        static LEDGER: Ledger = Ledger::new();
        let value = Counted::new(&LEDGER, 1, 2);
        assert_eq!(value.token(1), Some(2));
        assert_eq!(value.token(3), None);
        assert!(LEDGER.check(0).is_err());
        assert!(LEDGER.check(1).is_ok());
        // The same value, as a second owner would see it.
        let copy = Counted {
            ledger: value.ledger,
            place: value.place,
            name: value.name,
            key: value.key,
            token: value.token,
        };
        drop(value);
        assert!(LEDGER.check(0).is_ok());
        assert_eq!(copy.token(1), None);
        assert!(Number(1).equivalent(&copy));
        assert!(LEDGER.check(0).is_err());
        LEDGER.dead_uses.store(0, Ordering::Relaxed);
        drop(copy);
        assert!(LEDGER.check(0).is_err());
    }

    #[test]
    fn a_ledger_without_a_place_says_so() {
        static LEDGER: Ledger = Ledger::new();
        let all: [Counted; PLACES] = core::array::from_fn(|_| Counted::new(&LEDGER, 0, 1));
        assert!(LEDGER.check(PLACES).is_ok());
        drop(Counted::new(&LEDGER, 0, 1));
        assert!(LEDGER.check(PLACES).is_err());
        drop(all);
    }
}
