//! Faults that a fuzzer has to find: a subject that does something wrong now and then.

use std::cell::Cell;

use arenamap::{Compute, Computed};

use crate::subject::{Census, Full, Subject, Tried};

/// A planted fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `insert` of a present key returns the new value instead of the one replaced.
    InsertReturnsNew,
    /// Every third `remove` of a present key returns its value and leaves it in the map.
    RemoveForgets,
    /// Every fifth `try_insert` of a missing key says that the map is full.
    RefusesInsert,
    /// Every third `upsert` of a present key leaves the value that is there.
    UpsertForgets,
    /// Every third `compute` that is to remove a key leaves it in the map.
    ComputeForgets,
    /// Every third `remove_if` of a key that is not wanted removes it.
    RemovesUnwanted,
    /// Every third `retain` keeps all.
    RetainsAll,
    /// A guard that is released second is not dropped.
    LeaksGuard,
    /// Every third `remove` from a pool returns the value and leaves it there.
    PoolForgets,
    /// Every fifth insert into a pool with room says that it is full.
    PoolRefuses,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 10] = [
        Fault::InsertReturnsNew,
        Fault::RemoveForgets,
        Fault::RefusesInsert,
        Fault::UpsertForgets,
        Fault::ComputeForgets,
        Fault::RemovesUnwanted,
        Fault::RetainsAll,
        Fault::LeaksGuard,
        Fault::PoolForgets,
        Fault::PoolRefuses,
    ];

    /// In a few words.
    pub fn what(self) -> &'static str {
        match self {
            Fault::InsertReturnsNew => "insert that returns the new value for the replaced one",
            Fault::RemoveForgets => "remove that leaves every third key in the map",
            Fault::RefusesInsert => "try_insert that refuses every fifth key",
            Fault::UpsertForgets => "upsert that leaves every third value as it is",
            Fault::ComputeForgets => "compute that leaves every third key in the map",
            Fault::RemovesUnwanted => "remove_if that removes every third key that is not wanted",
            Fault::RetainsAll => "retain that keeps all every third time",
            Fault::LeaksGuard => "guard whose entry is never dropped",
            Fault::PoolForgets => "remove that leaves every third value in the pool",
            Fault::PoolRefuses => "insert that refuses every fifth value though the pool has room",
        }
    }
}

/// Hands the subject on, with the fault if there is one.
pub fn with(fault: Option<Fault>, inner: &dyn Subject, run: impl FnOnce(&dyn Subject)) {
    match fault {
        None => run(inner),
        Some(fault) => run(&Planted {
            inner,
            fault,
            calls: Cell::new(0),
        }),
    }
}

/// A subject with a fault.
pub struct Planted<'a> {
    inner: &'a dyn Subject,
    fault: Fault,
    calls: Cell<u32>,
}

impl Planted<'_> {
    /// Whether this is the `n`th, `2n`th, ... time that the fault could show.
    fn due(&self, fault: Fault, n: u32) -> bool {
        if self.fault != fault {
            return false;
        }
        self.calls.set(self.calls.get() + 1);
        self.calls.get() % n == 0
    }
}

impl Subject for Planted<'_> {
    fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    fn cells(&self) -> usize {
        self.inner.cells()
    }

    fn in_place(&self) -> bool {
        self.inner.in_place()
    }

    fn holds(&self) -> bool {
        self.inner.holds()
    }

    fn insert(&self, key: u8, value: u32, hold: bool) -> Result<Option<u32>, Full> {
        let old = self.inner.insert(key, value, hold)?;
        if old.is_some() && self.due(Fault::InsertReturnsNew, 1) {
            return Ok(Some(value));
        }
        Ok(old)
    }

    fn try_insert(&self, key: u8, value: u32, hold: bool) -> Tried {
        if !self.inner.contains(key) && self.due(Fault::RefusesInsert, 5) {
            return Tried::Full;
        }
        self.inner.try_insert(key, value, hold)
    }

    fn get_or_insert(&self, key: u8, value: u32, hold: bool) -> (Result<u32, Full>, bool) {
        self.inner.get_or_insert(key, value, hold)
    }

    fn update(&self, key: u8, value: u32, hold: bool) -> Result<Option<u32>, Full> {
        self.inner.update(key, value, hold)
    }

    fn upsert(&self, key: u8, value: u32, hold: bool) -> Result<Option<u32>, Full> {
        if self.inner.contains(key) && self.due(Fault::UpsertForgets, 3) {
            return Ok(self.inner.get(key, hold));
        }
        self.inner.upsert(key, value, hold)
    }

    fn compute(&self, key: u8, what: Compute<u32>, hold: bool) -> Result<Computed<u32>, Full> {
        if what == Compute::Remove && self.due(Fault::ComputeForgets, 3) {
            let there = self.inner.get(key, hold);
            return Ok(there.map_or(Computed::Absent, Computed::Removed));
        }
        self.inner.compute(key, what, hold)
    }

    fn remove_if(&self, key: u8, wanted: bool, hold: bool) -> Option<u32> {
        if !wanted && self.due(Fault::RemovesUnwanted, 3) {
            self.inner.remove(key, hold);
        }
        self.inner.remove_if(key, wanted, hold)
    }

    fn retain(&self, wanted: &mut dyn FnMut(u8, u32) -> bool) {
        if !self.due(Fault::RetainsAll, 3) {
            self.inner.retain(wanted);
        }
    }

    fn clear(&self) {
        self.inner.clear();
    }

    fn remove(&self, key: u8, hold: bool) -> Option<u32> {
        if self.inner.contains(key) && self.due(Fault::RemoveForgets, 3) {
            return self.inner.get(key, hold);
        }
        self.inner.remove(key, hold)
    }

    fn get(&self, key: u8, hold: bool) -> Option<u32> {
        self.inner.get(key, hold)
    }

    fn contains(&self, key: u8) -> bool {
        self.inner.contains(key)
    }

    fn iterate(&self, hold: bool) -> Vec<(u8, u32)> {
        self.inner.iterate(hold)
    }

    fn census(&self) -> Census {
        self.inner.census()
    }

    fn held(&self, at: usize) -> (u8, u32) {
        self.inner.held(at)
    }

    fn release(&self, at: usize) {
        if !self.due(Fault::LeaksGuard, 2) {
            self.inner.release(at);
        }
    }

    fn alive(&self) -> Option<usize> {
        self.inner.alive()
    }
}
