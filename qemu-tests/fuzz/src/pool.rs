//! `Pool` against a list of identifiers.

use std::collections::HashMap;

use tagged_arena::{Full, Id, Pool, PoolGuard};

use crate::input::{Input, Op};
use crate::planted::Fault;
use crate::subject::{Counted, Ledger};

/// Runs an input.
pub fn run((input, fault): (&Input, Option<Fault>)) {
    match input.size % 8 {
        0 => run_sized::<1>(&input.ops, fault),
        1 => run_sized::<2>(&input.ops, fault),
        2 => run_sized::<3>(&input.ops, fault),
        3 => run_sized::<4>(&input.ops, fault),
        4 => run_sized::<5>(&input.ops, fault),
        5 => run_sized::<6>(&input.ops, fault),
        6 => run_sized::<7>(&input.ops, fault),
        _ => run_sized::<8>(&input.ops, fault),
    }
}

/// Identifiers that are remembered, of values in the pool or not.
const REMEMBERED: usize = 32;

struct Model<'p, const N: usize> {
    pool: &'p Pool<Counted, N>,
    ledger: Ledger,
    /// By the identifier's bits: with few generations, an old identifier can name a new value.
    live: HashMap<usize, u32>,
    ids: Vec<Id>,
    held: Vec<(PoolGuard<'p, Counted>, u32)>,
    serial: u32,
    fault: Option<Fault>,
    /// How often it could have shown.
    chances: u32,
}

fn run_sized<const N: usize>(ops: &[Op], fault: Option<Fault>) {
    let ledger = Ledger::default();
    let pool = Pool::new();
    assert_eq!(pool.capacity(), N);
    let mut model = Model::<N> {
        pool: &pool,
        ledger: ledger.clone(),
        live: HashMap::new(),
        ids: Vec::new(),
        held: Vec::new(),
        serial: 0,
        fault,
        chances: 0,
    };
    for &op in ops {
        model.apply(op);
    }
    model.apply(Op::ReleaseAll);
    for _ in 0..=N {
        model.insert();
        model.check();
    }
    assert_eq!(pool.len(), N, "the pool can be filled");
    drop(model);
    drop(pool);
    assert_eq!(ledger.alive(), 0, "values that outlive their pool");
}

impl<'p, const N: usize> Model<'p, N> {
    fn apply(&mut self, op: Op) {
        match op {
            Op::Insert { .. }
            | Op::TryInsert { .. }
            | Op::GetOrInsert { .. }
            | Op::Upsert { .. } => self.insert(),
            Op::Update { key, .. } | Op::Compute { key, .. } => {
                let Some(id) = self.id(key) else { return };
                let bits = id.to_bits();
                assert_eq!(Id::from_bits(bits), Some(id), "bits of an identifier");
                assert_eq!(
                    self.pool.contains(id),
                    self.live.contains_key(&bits),
                    "contains"
                );
                // Any number may be asked for; only an identifier of a value that is there has one.
                if let Some(other) = Id::from_bits(bits ^ 1 << (key % 64)) {
                    let known = self.live.get(&other.to_bits()).copied();
                    let found = self.pool.get(other).map(|guard| guard.number());
                    assert_eq!(found, known, "a number that is no identifier");
                }
            }
            Op::Remove { key, hold } | Op::RemoveIf { key, hold, .. } => {
                let Some(id) = self.id(key) else { return };
                let was = self.live.remove(&id.to_bits());
                let guard = if was.is_some() && self.due(Fault::PoolForgets, 3) {
                    self.pool.get(id)
                } else {
                    self.pool.remove(id)
                };
                self.keep(guard, was, hold, "remove");
            }
            Op::Get { key, hold } => {
                let Some(id) = self.id(key) else { return };
                let was = self.live.get(&id.to_bits()).copied();
                let guard = self.pool.get(id);
                self.keep(guard, was, hold, "get");
            }
            Op::Iterate { .. } | Op::Retain { .. } => {
                for &id in &self.ids {
                    let was = self.live.get(&id.to_bits()).copied();
                    assert_eq!(
                        self.pool.get(id).map(|guard| guard.number()),
                        was,
                        "get all"
                    );
                }
            }
            Op::Release { .. } if self.held.is_empty() => {}
            Op::Release { at } => {
                let at = usize::from(at) % self.held.len();
                let (guard, number) = self.held.swap_remove(at);
                assert_eq!(guard.number(), number, "what a guard reads");
            }
            Op::ReleaseAll | Op::Clear => self.held.clear(),
        }
        self.check();
    }

    /// Whether this is the `n`th, `2n`th, ... time that the fault could show.
    fn due(&mut self, fault: Fault, n: u32) -> bool {
        if self.fault != Some(fault) {
            return false;
        }
        self.chances += 1;
        self.chances % n == 0
    }

    fn id(&self, key: u8) -> Option<Id> {
        let at = usize::from(key) % self.ids.len().max(1);
        self.ids.get(at).copied()
    }

    /// Removed values that a guard holds.
    fn dead(&self) -> usize {
        let mut dead: Vec<u32> = self.held.iter().map(|held| held.1).collect();
        dead.retain(|number| !self.live.values().any(|live| live == number));
        dead.sort_unstable();
        dead.dedup();
        dead.len()
    }

    fn insert(&mut self) {
        self.serial += 1;
        let room = self.live.len() + self.dead() < N;
        let value = self.ledger.value(self.serial);
        let result = if room && self.due(Fault::PoolRefuses, 5) {
            Err(Full(value))
        } else {
            self.pool.insert(value)
        };
        match result {
            Ok(id) => {
                assert!(room, "insert into a full pool");
                let before = self.live.insert(id.to_bits(), self.serial);
                assert_eq!(before, None, "an identifier that is in use");
                if self.ids.len() == REMEMBERED {
                    let old = self
                        .ids
                        .iter()
                        .position(|id| !self.live.contains_key(&id.to_bits()));
                    self.ids.remove(old.unwrap_or(0));
                }
                self.ids.push(id);
            }
            Err(Full(back)) => {
                assert!(!room, "insert was refused");
                assert_eq!(back.number(), self.serial, "what comes back");
            }
        }
    }

    fn keep(
        &mut self,
        guard: Option<PoolGuard<'p, Counted>>,
        was: Option<u32>,
        hold: bool,
        what: &str,
    ) {
        assert_eq!(guard.as_ref().map(|guard| guard.number()), was, "{what}");
        if let (Some(guard), Some(was), true) = (guard, was, hold) {
            self.held.push((guard, was));
        }
    }

    fn check(&self) {
        assert_eq!(self.pool.len(), self.live.len(), "len");
        assert_eq!(self.pool.is_empty(), self.live.is_empty(), "is_empty");
        let expected = self.live.len() + self.dead();
        assert_eq!(
            self.ledger.alive(),
            expected,
            "values that were not dropped"
        );
        for (guard, number) in &self.held {
            assert_eq!(guard.number(), *number, "what a guard reads");
        }
    }
}
