//! The pool against a map of what it ought to hold: random operations, guards kept.

use super::config::{Census, Counted, for_all, scaled};
use crate::{Full, Id, Pool, PoolGuard};
use proptest::prelude::*;
use std::vec::Vec;

#[derive(Clone, Copy, Debug)]
enum Op {
    Insert,
    /// The identifier at this place of all that ever were.
    Get(usize, bool),
    Remove(usize, bool),
    Release(usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = (0..15u8, any::<usize>(), any::<bool>()).prop_map(|(kind, at, hold)| match kind {
        0..=4 => Op::Insert,
        5..=7 => Op::Get(at, hold),
        8..=11 => Op::Remove(at, hold),
        _ => Op::Release(at),
    });
    prop::collection::vec(op, 0..scaled(120, 40) as usize)
}

struct Bench<'a, const N: usize> {
    pool: &'a Pool<Counted, N>,
    census: Census,
    /// All identifiers that ever were, with their values' numbers, and whether they are live.
    known: Vec<(Id, u32, bool)>,
    held: Vec<(PoolGuard<'a, Counted>, u32)>,
}

impl<const N: usize> Bench<'_, N> {
    /// Values out of the pool that a guard holds.
    fn dead(&self) -> usize {
        let live = |number: &u32| self.known.iter().any(|&(_, n, live)| live && n == *number);
        let mut dead: Vec<u32> = self.held.iter().map(|&(_, number)| number).collect();
        dead.sort_unstable();
        dead.dedup();
        dead.iter().filter(|number| !live(number)).count()
    }

    fn live(&self) -> usize {
        self.known.iter().filter(|(_, _, live)| *live).count()
    }

    /// Whether `at` may be asked about: a live one, or a stale one that the generation tells apart.
    fn pick(&self, at: usize) -> Option<usize> {
        let at = at.checked_rem(self.known.len())?;
        (self.known[at].2 || cfg!(not(tagged_arena_tiny))).then_some(at)
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Insert => {
                let number = self.known.len() as u32;
                let room = self.live() + self.dead() < N;
                match self.pool.insert(self.census.counted(number)) {
                    Ok(id) => {
                        assert!(room);
                        let twin = |&(other, _, live): &(Id, u32, bool)| live && other == id;
                        assert!(!self.known.iter().any(twin));
                        self.known.push((id, number, true));
                    }
                    Err(Full(value)) => assert_eq!((value.number, room), (number, false)),
                }
            }
            Op::Get(at, hold) => {
                let Some(at) = self.pick(at) else { return };
                let (id, number, live) = self.known[at];
                let guard = self.pool.get(id);
                assert_eq!(
                    guard.as_ref().map(|value| value.number),
                    live.then_some(number)
                );
                assert_eq!(self.pool.contains(id), live);
                self.held
                    .extend(guard.filter(|_| hold).map(|guard| (guard, number)));
            }
            Op::Remove(at, hold) => {
                let Some(at) = self.pick(at) else { return };
                let (id, number, live) = self.known[at];
                let guard = self.pool.remove(id);
                assert_eq!(
                    guard.as_ref().map(|value| value.number),
                    live.then_some(number)
                );
                self.known[at].2 = false;
                self.held
                    .extend(guard.filter(|_| hold).map(|guard| (guard, number)));
            }
            Op::Release(_) if self.held.is_empty() => {}
            Op::Release(at) => {
                let (guard, number) = self.held.swap_remove(at % self.held.len());
                assert_eq!(guard.number, number);
            }
        }
        assert_eq!(self.pool.len(), self.live());
        assert_eq!(
            self.census.alive(),
            self.live() + self.dead(),
            "dropped promptly"
        );
    }
}

fn run<const N: usize>() {
    for_all(scaled(200, 3), &ops(), |ops| {
        let census = Census::default();
        let pool = Pool::<Counted, N>::new();
        let mut bench = Bench {
            pool: &pool,
            census: census.clone(),
            known: Vec::new(),
            held: Vec::new(),
        };
        ops.into_iter().for_each(|op| bench.apply(op));
        bench.held.clear();
        while bench.live() < N {
            bench.apply(Op::Insert);
        }
        bench.apply(Op::Insert);
        drop(bench);
        drop(pool);
        assert_eq!(census.alive(), 0);
    });
}

#[test]
fn any_sequence_of_operations() {
    run::<2>();
    if cfg!(not(miri)) {
        run::<1>();
        run::<3>();
        run::<8>();
    }
}
