//! A map beside the `HashMap` that says what it ought to do.

use std::collections::HashMap;

use arenamap::{Compute, Computed};

use crate::input::{Op, What};
use crate::subject::{Full, Subject, Tried};

/// More cells than these are kept for replacements and not part of the capacity: documented.
const SPARES: usize = 8;

/// Whether there is a cell for what is to be put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Yes,
    No,
    /// It depends on which cells replacements happened to take.
    Either,
}

struct Model<'a> {
    subject: &'a dyn Subject,
    live: HashMap<u8, u32>,
    held: Vec<(u8, u32)>,
    /// Entries out of the map that a guard holds; `true` for replaced ones.
    dead: HashMap<u32, bool>,
    serial: u32,
}

/// Applies the operations to a subject and to its model, and ends with a map without guards that is filled.
///
/// # Panics
/// If they differ.
pub fn drive(subject: &dyn Subject, ops: &[Op]) {
    let mut model = Model {
        subject,
        live: HashMap::new(),
        held: Vec::new(),
        dead: HashMap::new(),
        serial: 0,
    };
    for &op in ops {
        model.apply(op);
    }
    model.finish();
}

impl Model<'_> {
    fn key(&self, key: u8) -> u8 {
        key % (self.subject.capacity() as u8 + 3)
    }

    fn fresh(&mut self) -> u32 {
        self.serial += 1;
        self.serial
    }

    fn room(&self, key: u8) -> Room {
        let (capacity, cells) = (self.subject.capacity(), self.subject.cells());
        let taken = self.live.len() + self.dead.len();
        if self.live.contains_key(&key) {
            if self.subject.in_place() || taken < cells {
                Room::Yes
            } else {
                Room::No
            }
        } else {
            let replaced = self.dead.values().filter(|&&replaced| replaced).count();
            let spares = (cells - capacity).min(SPARES);
            if taken < capacity {
                Room::Yes
            } else if taken - replaced + replaced.saturating_sub(spares) >= capacity {
                Room::No
            } else {
                Room::Either
            }
        }
    }

    fn keep(&mut self, key: u8, value: u32, hold: bool) {
        if hold && self.subject.holds() {
            self.held.push((key, value));
        }
    }

    fn bury(&mut self, key: u8, value: u32, replaced: bool, hold: bool) {
        self.dead.insert(value, replaced);
        self.keep(key, value, hold);
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Insert { key, hold } => self.insert(self.key(key), hold),
            Op::TryInsert { key, hold } => self.try_insert(self.key(key), hold),
            Op::GetOrInsert { key, hold } => self.get_or_insert(self.key(key), hold),
            Op::Update { key, hold } => self.update(self.key(key), hold),
            Op::Remove { key, hold } => {
                let key = self.key(key);
                let was = self.live.remove(&key);
                assert_eq!(self.subject.remove(key, hold), was, "remove {key}");
                if let Some(was) = was {
                    self.bury(key, was, false, hold);
                }
            }
            Op::Upsert { key, hold } => self.upsert(self.key(key), hold),
            Op::Compute { key, what, hold } => self.compute(self.key(key), what, hold),
            Op::RemoveIf { key, wanted, hold } => {
                let key = self.key(key);
                let was = self.live.get(&key).copied().filter(|_| wanted);
                let removed = self.subject.remove_if(key, wanted, hold);
                assert_eq!(removed, was, "remove_if {key}");
                if let Some(was) = was {
                    self.live.remove(&key);
                    self.bury(key, was, false, hold);
                }
            }
            Op::Retain { odd } => self.retain(|key| (key % 2 == 1) == odd),
            Op::Clear => {
                self.subject.clear();
                self.forget(|_| false);
            }
            Op::Get { key, hold } => {
                let key = self.key(key);
                let was = self.live.get(&key).copied();
                assert_eq!(self.subject.get(key, hold), was, "get {key}");
                assert_eq!(self.subject.contains(key), was.is_some(), "contains {key}");
                if let Some(was) = was {
                    self.keep(key, was, hold);
                }
            }
            Op::Iterate { hold } => {
                let pairs = self.subject.iterate(hold);
                let seen: HashMap<u8, u32> = pairs.iter().copied().collect();
                assert_eq!(pairs.len(), seen.len(), "a key is yielded twice: {pairs:?}");
                assert_eq!(seen, self.live, "iteration");
                for (key, value) in pairs {
                    self.keep(key, value, hold);
                }
            }
            Op::Release { .. } if self.held.is_empty() => {}
            Op::Release { at } => self.release(usize::from(at) % self.held.len()),
            Op::ReleaseAll => self.release_all(),
        }
        let held = &self.held;
        self.dead
            .retain(|&dead, _| held.iter().any(|&(_, value)| value == dead));
        self.check();
    }

    fn insert(&mut self, key: u8, hold: bool) {
        let (room, was, value) = (self.room(key), self.live.get(&key).copied(), self.fresh());
        match self.subject.insert(key, value, hold) {
            Ok(old) => {
                assert_ne!(room, Room::No, "insert {key} into a full map");
                assert_eq!(old, was, "what insert {key} replaced");
                self.live.insert(key, value);
                if let Some(was) = was {
                    self.bury(key, was, true, hold);
                }
            }
            Err(Full) => assert_ne!(room, Room::Yes, "insert {key} was refused"),
        }
    }

    fn upsert(&mut self, key: u8, hold: bool) {
        let (room, was, value) = (self.room(key), self.live.get(&key).copied(), self.fresh());
        match self.subject.upsert(key, value, hold) {
            Ok(old) => {
                assert_ne!(room, Room::No, "upsert {key} into a full map");
                assert_eq!(old, was, "what upsert {key} replaced");
                self.live.insert(key, value);
                if let Some(was) = was {
                    self.bury(key, was, true, hold);
                }
            }
            Err(Full) => assert_ne!(room, Room::Yes, "upsert {key} was refused"),
        }
    }

    fn compute(&mut self, key: u8, what: What, hold: bool) {
        let (room, was, value) = (self.room(key), self.live.get(&key).copied(), self.fresh());
        let decision = match what {
            What::Put => Compute::Put(value),
            What::Remove => Compute::Remove,
            What::Keep => Compute::Keep,
        };
        let should = match (what, was) {
            (What::Put, None) => Computed::Inserted,
            (What::Put, Some(was)) => Computed::Replaced(was),
            (What::Remove, Some(was)) => Computed::Removed(was),
            (What::Keep, Some(was)) => Computed::Kept(was),
            (What::Remove | What::Keep, None) => Computed::Absent,
        };
        let Ok(done) = self.subject.compute(key, decision, hold) else {
            assert!(
                what == What::Put && room != Room::Yes,
                "compute {key} was refused"
            );
            return;
        };
        assert_eq!(done, should, "compute {key}");
        assert!(
            what != What::Put || room != Room::No,
            "compute {key} into a full map"
        );
        match done {
            Computed::Inserted => _ = self.live.insert(key, value),
            Computed::Replaced(was) => {
                self.live.insert(key, value);
                self.bury(key, was, true, hold);
            }
            Computed::Removed(was) => {
                self.live.remove(&key);
                self.bury(key, was, false, hold);
            }
            Computed::Kept(was) => self.keep(key, was, hold),
            Computed::Absent => {}
        }
    }

    fn retain(&mut self, wanted: impl Fn(u8) -> bool) {
        let mut asked = HashMap::new();
        self.subject.retain(&mut |key, value| {
            assert_eq!(
                asked.insert(key, value),
                None,
                "retain asks twice about {key}"
            );
            wanted(key)
        });
        assert_eq!(asked, self.live, "what retain asks about");
        self.forget(wanted);
    }

    /// What is not wanted was removed; a guard may still hold it.
    fn forget(&mut self, wanted: impl Fn(u8) -> bool) {
        let live = std::mem::take(&mut self.live).into_iter();
        let (live, dead) = live.partition(|(key, _)| wanted(*key));
        self.live = live;
        let dead: HashMap<u8, u32> = dead;
        self.dead
            .extend(dead.into_values().map(|value| (value, false)));
    }

    fn try_insert(&mut self, key: u8, hold: bool) {
        let (room, was, value) = (self.room(key), self.live.get(&key).copied(), self.fresh());
        match self.subject.try_insert(key, value, hold) {
            Tried::Inserted => {
                assert_eq!(was, None, "try_insert {key} of a present key");
                assert_ne!(room, Room::No, "try_insert {key} into a full map");
                self.live.insert(key, value);
                self.keep(key, value, hold);
            }
            Tried::Occupied(there) => {
                assert_eq!(Some(there), was, "what try_insert {key} found");
                self.keep(key, there, hold);
            }
            Tried::Full => {
                assert_eq!(was, None, "try_insert {key}: full though present");
                assert_ne!(room, Room::Yes, "try_insert {key} was refused");
            }
        }
    }

    fn get_or_insert(&mut self, key: u8, hold: bool) {
        let (room, was, value) = (self.room(key), self.live.get(&key).copied(), self.fresh());
        let (result, made) = self.subject.get_or_insert(key, value, hold);
        match result {
            Ok(there) => {
                assert_eq!(made, was.is_none(), "made only if {key} is missing");
                assert!(
                    was.is_some() || room != Room::No,
                    "get_or_insert {key}: full"
                );
                assert_eq!(there, was.unwrap_or(value), "get_or_insert {key}");
                self.live.insert(key, there);
                self.keep(key, there, hold);
            }
            Err(Full) => {
                assert_eq!(was, None, "get_or_insert {key}: full though present");
                assert_ne!(room, Room::Yes, "get_or_insert {key} was refused");
                assert!(!made, "made though full");
            }
        }
    }

    fn update(&mut self, key: u8, hold: bool) {
        let (room, was, value) = (self.room(key), self.live.get(&key).copied(), self.fresh());
        match self.subject.update(key, value, hold) {
            Ok(old) => {
                assert_eq!(old, was, "what update {key} replaced");
                if let Some(was) = was {
                    assert_ne!(room, Room::No, "update {key} without a cell");
                    self.live.insert(key, value);
                    self.bury(key, was, true, hold);
                }
            }
            Err(Full) => {
                assert!(was.is_some(), "update {key}: full though absent");
                assert_ne!(room, Room::Yes, "update {key} was refused");
            }
        }
    }

    fn release(&mut self, at: usize) {
        let expected = self.held.swap_remove(at);
        assert_eq!(self.subject.held(at), expected, "what a guard reads");
        self.subject.release(at);
    }

    fn release_all(&mut self) {
        while !self.held.is_empty() {
            self.release(self.held.len() - 1);
        }
    }

    fn check(&self) {
        let (live, dead) = (self.live.len(), self.dead.len());
        let census = self.subject.census();
        assert_eq!((census.len, census.live), (live, live), "len");
        assert_eq!(census.is_empty, live == 0, "is_empty");
        assert_eq!(census.is_full, live >= self.subject.capacity(), "is_full");
        assert_eq!(census.in_progress, 0, "nothing goes on");
        let cells = census.live + census.removed + census.free;
        assert_eq!(cells, self.subject.cells(), "all cells: {census:?}");
        assert_eq!(census.removed, dead, "removed entries that a guard holds");
        if let Some(alive) = self.subject.alive() {
            assert_eq!(alive, live + dead, "values that were not dropped");
        }
        for (at, &expected) in self.held.iter().enumerate() {
            assert_eq!(self.subject.held(at), expected, "what a guard reads");
        }
    }

    /// Without guards every cell is to be had again.
    fn finish(mut self) {
        self.apply(Op::ReleaseAll);
        for key in 0..self.subject.capacity() as u8 {
            self.apply(Op::Insert { key, hold: false });
        }
        for key in 0..self.subject.capacity() as u8 + 3 {
            self.apply(Op::TryInsert { key, hold: false });
            self.apply(Op::Get { key, hold: false });
        }
        assert!(self.subject.census().is_full, "the map can be filled");
        self.apply(Op::Iterate { hold: false });
    }
}
