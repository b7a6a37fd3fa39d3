//! `Map` as a subject: the guards that it returns are kept beside it.

use std::cell::RefCell;

use arenamap::{Compute, Computed, Map, Ref, TryInsertError};

use crate::drive::drive;
use crate::planted::with;
use crate::subject::{Census, Counted, Full, Ledger, Spread, Subject, Tried, decided, told};
use crate::{Fault, Input, sized};

type Bare<const N: usize, const EXTRA: usize> = Map<u8, Counted, N, EXTRA, Spread>;

/// A map and the guards on it.
struct Guarded<'m, const N: usize, const EXTRA: usize> {
    map: &'m Bare<N, EXTRA>,
    ledger: Ledger,
    held: RefCell<Vec<Ref<'m, u8, Counted>>>,
}

/// Runs an input.
pub fn run(task: (&Input, Option<Fault>)) {
    sized!(task.0.size, task, run_sized);
}

fn run_sized<const N: usize, const EXTRA: usize>((input, fault): (&Input, Option<Fault>)) {
    let ledger = Ledger::default();
    let map: Bare<N, EXTRA> = Map::with_hasher(Spread::new(input.one_chain));
    let guarded = Guarded {
        map: &map,
        ledger: ledger.clone(),
        held: RefCell::default(),
    };
    with(fault, &guarded, |subject| drive(subject, &input.ops));
    drop(guarded);
    drop(map);
    assert_eq!(ledger.alive(), 0, "values that outlive their map");
}

impl<'m, const N: usize, const EXTRA: usize> Guarded<'m, N, EXTRA> {
    /// Reads an entry through its guard, and keeps the guard if it is to be held.
    fn keep(&self, guard: Ref<'m, u8, Counted>, hold: bool) -> u32 {
        let number = guard.number();
        if hold {
            self.held.borrow_mut().push(guard);
        }
        number
    }
}

impl<const N: usize, const EXTRA: usize> Subject for Guarded<'_, N, EXTRA> {
    fn capacity(&self) -> usize {
        self.map.capacity()
    }

    fn cells(&self) -> usize {
        self.map.cells()
    }

    fn in_place(&self) -> bool {
        false
    }

    fn holds(&self) -> bool {
        true
    }

    fn insert(&self, key: u8, value: u32, hold: bool) -> Result<Option<u32>, Full> {
        match self.map.insert(key, self.ledger.value(value)) {
            Ok(old) => Ok(old.map(|old| self.keep(old, hold))),
            Err(arenamap::Full((back, number))) => {
                assert_eq!((back, number.number()), (key, value), "what comes back");
                Err(Full)
            }
        }
    }

    fn try_insert(&self, key: u8, value: u32, hold: bool) -> Tried {
        let (tried, back) = match self.map.try_insert(key, self.ledger.value(value)) {
            Ok(guard) => {
                assert_eq!(self.keep(guard, hold), value, "what was put in");
                return Tried::Inserted;
            }
            Err(TryInsertError::Occupied {
                existing,
                key,
                value,
            }) => (Tried::Occupied(self.keep(existing, hold)), (key, value)),
            Err(TryInsertError::Full(back)) => (Tried::Full, back),
        };
        assert_eq!((back.0, back.1.number()), (key, value), "what comes back");
        tried
    }

    fn get_or_insert(&self, key: u8, value: u32, hold: bool) -> (Result<u32, Full>, bool) {
        let mut made = false;
        let result = self.map.get_or_insert_with(key, || {
            made = true;
            self.ledger.value(value)
        });
        let result = result.map(|guard| self.keep(guard, hold)).map_err(|back| {
            assert_eq!(back.0, key, "the key that comes back");
            Full
        });
        (result, made)
    }

    fn update(&self, key: u8, value: u32, hold: bool) -> Result<Option<u32>, Full> {
        let mut seen = None;
        let result = self.map.update(&key, |old| {
            seen = Some(old.number());
            self.ledger.value(value)
        });
        let old = result.map_err(|_| Full)?.map(|old| self.keep(old, hold));
        assert_eq!(seen, old, "what the closure saw and what was replaced");
        Ok(old)
    }

    fn upsert(&self, key: u8, value: u32, hold: bool) -> Result<Option<u32>, Full> {
        let (mut made, mut seen) = (false, None);
        let init = || {
            made = true;
            self.ledger.value(value)
        };
        let result = self.map.upsert(key, init, |old| {
            seen = Some(old.number());
            self.ledger.value(value)
        });
        let old = match result {
            Ok(old) => old.map(|old| self.keep(old, hold)),
            Err(arenamap::Full((back, number))) => {
                assert_eq!((back, number.number()), (key, value), "what comes back");
                return Err(Full);
            }
        };
        assert_eq!(
            (made, seen),
            (old.is_none(), old),
            "which closures were called"
        );
        Ok(old)
    }

    fn compute(&self, key: u8, what: Compute<u32>, hold: bool) -> Result<Computed<u32>, Full> {
        let mut seen = None;
        let result = self.map.compute(key, |old| {
            seen = old.map(Counted::number);
            decided(what, |number| self.ledger.value(number))
        });
        let done = result.map_err(|_| Full)?;
        let (done, old) = told(done, |old| self.keep(old, hold));
        assert_eq!(seen, old, "what the closure saw and what is returned");
        Ok(done)
    }

    fn remove_if(&self, key: u8, wanted: bool, hold: bool) -> Option<u32> {
        let mut seen = None;
        let removed = self.map.remove_if(&key, |there, old| {
            assert_eq!(*there, key, "the entry of another key");
            seen = Some(old.number());
            wanted
        });
        let removed = removed.map(|old| self.keep(old, hold));
        assert_eq!(
            removed,
            seen.filter(|_| wanted),
            "what the closure saw and what was removed"
        );
        removed
    }

    fn retain(&self, wanted: &mut dyn FnMut(u8, u32) -> bool) {
        self.map.retain(|key, value| wanted(*key, value.number()));
    }

    fn clear(&self) {
        self.map.clear();
    }

    fn remove(&self, key: u8, hold: bool) -> Option<u32> {
        self.map.remove(&key).map(|guard| self.keep(guard, hold))
    }

    fn get(&self, key: u8, hold: bool) -> Option<u32> {
        self.map.get(&key).map(|guard| self.keep(guard, hold))
    }

    fn contains(&self, key: u8) -> bool {
        self.map.contains_key(&key)
    }

    fn iterate(&self, hold: bool) -> Vec<(u8, u32)> {
        let guards = self.map.iter();
        guards
            .map(|guard| (*guard.key(), self.keep(guard, hold)))
            .collect()
    }

    fn census(&self) -> Census {
        let stats = self.map.stats();
        assert_eq!(
            (stats.capacity, stats.cells),
            (self.capacity(), self.cells())
        );
        Census {
            len: self.map.len(),
            is_empty: self.map.is_empty(),
            is_full: self.map.is_full(),
            live: stats.live,
            removed: stats.removed,
            in_progress: stats.in_progress,
            free: stats.free,
        }
    }

    fn held(&self, at: usize) -> (u8, u32) {
        let held = self.held.borrow();
        (*held[at].key(), held[at].number())
    }

    fn release(&self, at: usize) {
        let guard = self.held.borrow_mut().swap_remove(at);
        drop(guard);
    }

    fn alive(&self) -> Option<usize> {
        Some(self.ledger.alive())
    }
}
