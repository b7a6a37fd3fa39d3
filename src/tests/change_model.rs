//! What removes and changes by a closure, and what needs an exclusive borrow, against
//! `std::collections::HashMap`: random operations, one thread.

use super::config::{Spread, for_all, scaled, spreads};
use super::faces::{Face, Guarded};
use crate::{Compute, Computed};
use proptest::prelude::*;
use std::collections::HashMap;
use std::vec::Vec;

#[derive(Clone, Debug)]
enum Op {
    Insert(u32),
    RemoveIf(u32, bool),
    Upsert(u32),
    Put(u32),
    Remove(u32),
    Keep(u32),
    Retain(u32),
    Clear,
    Extend(u32, u32),
    Drain(usize, bool),
}

fn op((kind, key, count, yes): (u8, u32, u32, bool)) -> Op {
    match kind {
        0..=5 => Op::Insert(key),
        6..=9 => Op::RemoveIf(key, yes),
        10..=14 => Op::Upsert(key),
        15..=17 => Op::Put(key),
        18..=19 => Op::Remove(key),
        20 => Op::Keep(key),
        21 => Op::Retain(count + 2),
        22 if yes => Op::Clear,
        22..=24 => Op::Extend(key, count),
        _ => Op::Drain(count as usize, yes),
    }
}

fn ops(keys: u32) -> impl Strategy<Value = Vec<Op>> {
    // Not `prop_oneof`, which takes seconds for each case under Miri.
    let op = (0..26u8, 0..keys, 0..6u32, any::<bool>()).prop_map(op);
    prop::collection::vec(op, 0..scaled(60, 12) as usize)
}

/// A map and what it ought to hold.
struct Bench<M> {
    map: M,
    live: HashMap<u32, u32>,
    serial: u32,
    /// How many spare cells there are: a full map replaces by them. In place, as many as one likes.
    spares: usize,
}

impl<M: Face> Bench<M> {
    fn room(&self, key: u32) -> bool {
        let spares = if self.live.contains_key(&key) {
            self.spares
        } else {
            0
        };
        self.live.len() < self.map.capacity() + spares
    }

    fn apply(&mut self, op: &Op) {
        self.serial += 1;
        let fresh = 1000 + self.serial;
        match *op {
            Op::Insert(key) => {
                let put = self.map.insert(key, fresh);
                self.put(key, fresh, put);
            }
            Op::RemoveIf(key, yes) => {
                let was = self.live.get(&key).copied();
                let mut calls = 0;
                let removed = self.map.remove_if(key, |there, number| {
                    calls += 1;
                    assert_eq!((there, Some(number)), (key, was));
                    yes
                });
                assert_eq!((removed, calls == 1), (was.filter(|_| yes), was.is_some()));
                if yes {
                    self.live.remove(&key);
                }
            }
            Op::Upsert(key) => {
                let was = self.live.get(&key).copied();
                let (mut made, mut changed) = (0, 0);
                let init = || {
                    made += 1;
                    fresh
                };
                let put = self.map.upsert(key, init, |old| {
                    changed += 1;
                    assert_eq!(Some(old), was);
                    fresh
                });
                assert_eq!(
                    (made, changed),
                    (was.is_none().into(), was.is_some().into())
                );
                self.put(key, fresh, put);
            }
            Op::Put(key) => {
                let was = self.live.get(&key).copied();
                let done = self.map.compute(key, |old| {
                    assert_eq!(old, was);
                    Compute::Put(fresh)
                });
                let put = done.map(|done| match done {
                    Computed::Inserted => None,
                    Computed::Replaced(old) => Some(old),
                    wrong => panic!("{wrong:?}"),
                });
                self.put(key, fresh, put);
            }
            Op::Remove(key) => {
                let done = self.map.compute(key, |_| Compute::Remove);
                let removed = self.live.remove(&key);
                let expected = removed.map_or(Computed::Absent, Computed::Removed);
                assert_eq!(done, Ok(expected));
            }
            Op::Keep(key) => {
                let done = self.map.compute(key, |_| Compute::Keep);
                let kept = self.live.get(&key).copied();
                let expected = kept.map_or(Computed::Absent, Computed::Kept);
                assert_eq!(done, Ok(expected));
            }
            Op::Retain(modulus) => {
                let mut asked = HashMap::new();
                self.map.retain(|key, number| {
                    assert_eq!(asked.insert(key, number), None, "asked twice");
                    number % modulus != 0
                });
                assert_eq!(asked, self.live);
                self.live.retain(|_, number| *number % modulus != 0);
            }
            Op::Clear => {
                self.map.clear();
                self.live.clear();
            }
            Op::Extend(key, count) => {
                let pairs: Vec<_> = (key..key + count).map(|key| (key, fresh + key)).collect();
                let mut fit = 0;
                while fit < pairs.len() && self.room(pairs[fit].0) {
                    self.live.insert(pairs[fit].0, pairs[fit].1);
                    fit += 1;
                }
                let expected = if fit < pairs.len() {
                    Err(pairs[fit..].to_vec())
                } else {
                    Ok(())
                };
                assert_eq!(self.map.try_extend(&pairs), expected);
            }
            Op::Drain(most, leak) => {
                for (key, number) in self.map.drain(most, leak) {
                    assert_eq!(self.live.remove(&key), Some(number));
                }
                if !leak {
                    self.live.clear();
                }
            }
        }
        self.check();
    }

    fn put(&mut self, key: u32, fresh: u32, put: Result<Option<u32>, (u32, u32)>) {
        let was = self.live.get(&key).copied();
        let expected = if self.room(key) {
            self.live.insert(key, fresh);
            Ok(was)
        } else {
            Err((key, fresh))
        };
        assert_eq!(put, expected);
    }

    fn check(&self) {
        self.map.check();
        assert_eq!(self.map.len(), self.live.len());
        let mut live: Vec<_> = self
            .live
            .iter()
            .map(|(&key, &number)| (key, number))
            .collect();
        live.sort_unstable();
        assert_eq!(self.map.entries(), live);
    }

    /// The whole capacity is there, and what `into_iter` yields is what is in the map.
    fn finish(mut self, most: usize) {
        for key in 100.. {
            let before = self.live.len();
            self.apply(&Op::Upsert(key));
            if self.live.len() == before {
                break;
            }
        }
        assert_eq!(self.live.len(), self.map.capacity());
        let keys: Vec<u32> = self.live.keys().copied().collect();
        for key in keys {
            self.apply(&Op::Upsert(key));
            self.apply(&Op::Put(key));
        }
        let pairs = self.map.into_pairs(most);
        assert_eq!(pairs.len(), most.min(self.live.len()));
        for (key, number) in pairs {
            assert_eq!(self.live.remove(&key), Some(number));
        }
    }
}

fn run<M: Face>(spares: usize) {
    let capacity = M::new(Spread::Even).capacity() as u32;
    let cases = (spreads(), ops(capacity + 3), 0..20usize);
    for_all(scaled(40, 1), &cases, |(spread, ops, most)| {
        let mut bench = Bench::<M> {
            map: M::new(spread),
            live: HashMap::new(),
            serial: 0,
            spares,
        };
        for op in &ops {
            bench.apply(op);
        }
        bench.finish(most);
    });
}

fn in_place<M: Face>() {
    run::<M>(1000);
}

fn without_spares<M: Face>() {
    run::<M>(0);
}

fn with_one_spare<M: Face>() {
    run::<M>(1);
}

type Narrow<const N: usize, const EXTRA: usize> = crate::CopyMap<u32, u16, N, EXTRA, Spread>;
type Wide<const N: usize, const EXTRA: usize> = crate::CopyMap<u32, [u64; 2], N, EXTRA, Spread>;

#[test]
fn values_changed_in_place() {
    in_place::<Narrow<3, 0>>();
    if !cfg!(miri) {
        in_place::<Narrow<1, 0>>();
        in_place::<Narrow<5, 1>>();
        in_place::<Narrow<14, 0>>();
    }
}

#[test]
fn wide_values() {
    with_one_spare::<Wide<3, 1>>();
    if !cfg!(miri) {
        without_spares::<Wide<1, 0>>();
        without_spares::<Wide<5, 0>>();
        with_one_spare::<Wide<14, 1>>();
    }
}

#[test]
fn counted_values() {
    with_one_spare::<Guarded<3, 1>>();
    if !cfg!(miri) {
        without_spares::<Guarded<1, 0>>();
        without_spares::<Guarded<5, 0>>();
        with_one_spare::<Guarded<14, 1>>();
    }
}
