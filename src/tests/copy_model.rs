//! `CopyMap` against `std::collections::HashMap`: random operations, one thread.

use super::config::{Spread, for_all, scaled, spreads};
use crate::{CopyMap, Full, Plain, TryInsertError};
use core::hash::{Hash, Hasher};
use proptest::prelude::*;
use std::collections::HashMap;
use std::format;
use std::vec::Vec;

/// Equal by its first byte; the others tell which of the equal keys it is.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
struct Key([u8; 5]);

// SAFETY: an array of bytes: all zero is a value.
unsafe impl bytemuck::Zeroable for Key {}
// SAFETY: `repr(transparent)` around an array of bytes: every pattern is a value, no padding.
unsafe impl bytemuck::Pod for Key {}
crate::impl_plain!(Key);

impl Key {
    fn new(id: u8, tag: u32) -> Self {
        let [a, b, c, d] = tag.to_le_bytes();
        Self([id, a, b, c, d])
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0[0] == other.0[0]
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0[0].hash(state);
    }
}

/// A value that carries a number in every part, so that a torn copy shows.
trait Number: Plain + PartialEq + core::fmt::Debug {
    fn from_number(number: u32) -> Self;
}

impl Number for u64 {
    fn from_number(number: u32) -> Self {
        u64::from(number) << 32 | u64::from(number)
    }
}

impl Number for [u8; 13] {
    fn from_number(number: u32) -> Self {
        let bytes = number.to_be_bytes();
        core::array::from_fn(|i| bytes[i % 4] ^ i as u8)
    }
}

impl Number for [u64; 6] {
    fn from_number(number: u32) -> Self {
        [u64::from(number); 6]
    }
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u8),
    TryInsert(u8),
    GetOrInsert(u8),
    Update(u8),
    Remove(u8),
    Get(u8),
    Iterate,
}

fn op((kind, key): (u8, u8)) -> Op {
    match kind {
        0..=4 => Op::Insert(key),
        5..=7 => Op::TryInsert(key),
        8..=10 => Op::GetOrInsert(key),
        11..=13 => Op::Update(key),
        14..=18 => Op::Remove(key),
        19..=21 => Op::Get(key),
        _ => Op::Iterate,
    }
}

fn ops(keys: u8) -> impl Strategy<Value = Vec<Op>> {
    // Not `prop_oneof`, which takes seconds for each case under Miri.
    let op = (0..23u8, 0..keys).prop_map(op);
    prop::collection::vec(op, 0..scaled(100, 14) as usize)
}

/// A map and what it ought to hold: the whole key and the value by the key's identity.
struct Bench<V: Plain, const N: usize, const EXTRA: usize> {
    map: CopyMap<Key, V, N, EXTRA, Spread>,
    spread: Spread,
    live: HashMap<u8, ([u8; 5], V)>,
    serial: u32,
}

impl<V: Number, const N: usize, const EXTRA: usize> Bench<V, N, EXTRA> {
    fn value(&self, id: u8) -> Option<V> {
        self.live.get(&id).map(|&(_, value)| value)
    }

    fn apply(&mut self, op: &Op) {
        self.serial += 1;
        let fresh = V::from_number(self.serial);
        let serial = self.serial;
        let key = |id| Key::new(id, serial);
        let has_room = self.live.len() < self.map.capacity();
        let has_spare = self.live.len() < N + EXTRA;
        match *op {
            Op::Insert(id) => {
                let was = self.value(id);
                let room = if was.is_some() { has_spare } else { has_room };
                match self.map.insert(key(id), fresh) {
                    Ok(replaced) => {
                        assert_eq!((replaced, room), (was, true));
                        self.live.insert(id, (key(id).0, fresh));
                    }
                    Err(Full((back, value))) => {
                        assert_eq!((back.0, value, room), (key(id).0, fresh, false));
                    }
                }
            }
            Op::TryInsert(id) => match (self.map.try_insert(key(id), fresh), self.value(id)) {
                (Ok(()), None) if has_room => {
                    self.live.insert(id, (key(id).0, fresh));
                }
                (
                    Err(TryInsertError::Occupied {
                        existing,
                        key: back,
                        value,
                    }),
                    Some(was),
                ) => assert_eq!((existing, back.0, value), (was, key(id).0, fresh)),
                (Err(TryInsertError::Full((back, value))), None) if !has_room => {
                    assert_eq!((back.0, value), (key(id).0, fresh));
                }
                wrong => panic!("{wrong:?}, room: {has_room}"),
            },
            Op::GetOrInsert(id) => {
                let was = self.value(id);
                let mut calls = 0;
                let got = self.map.get_or_insert_with(key(id), || {
                    calls += 1;
                    fresh
                });
                match got {
                    Ok(value) => {
                        assert!(was.is_some() || has_room);
                        assert_eq!((value, calls == 0), (was.unwrap_or(fresh), was.is_some()));
                        self.live.entry(id).or_insert((key(id).0, fresh));
                    }
                    Err(Full(back)) => {
                        assert_eq!((was, has_room, calls), (None, false, 0));
                        assert_eq!(back.0, key(id).0);
                    }
                }
            }
            Op::Update(id) => {
                let was = self.value(id);
                let updated = self.map.update(&key(id), |&old| {
                    assert_eq!(Some(old), was);
                    fresh
                });
                match updated {
                    Ok(previous) => {
                        assert!(was.is_none() || has_spare);
                        assert_eq!(previous, was);
                        // The key that is there stays.
                        if let Some(entry) = self.live.get_mut(&id) {
                            entry.1 = fresh;
                        }
                    }
                    Err(Full(())) => assert!(was.is_some() && !has_spare),
                }
            }
            Op::Remove(id) => {
                let removed = self.map.remove(&key(id));
                assert_eq!(removed, self.live.remove(&id).map(|(_, value)| value));
            }
            Op::Get(id) => {
                assert_eq!(self.map.get(&key(id)), self.value(id));
                assert_eq!(self.map.contains_key(&key(id)), self.live.contains_key(&id));
            }
            Op::Iterate => self.iterate(),
        }
        self.check();
    }

    fn iterate(&self) {
        let mut seen = HashMap::new();
        for (key, value) in self.map.iter() {
            assert_eq!(seen.insert(key.0[0], (key.0, value)), None, "yielded twice");
        }
        assert_eq!(seen, self.live);
        let pairs = self.map.iter().map(|(k, v)| format!("{k:?}: {v:?}"));
        let expected = pairs.collect::<Vec<_>>().join(", ");
        assert_eq!(format!("{:?}", self.map), format!("{{{expected}}}"));
    }

    fn check(&self) {
        let live = self.live.len();
        assert_eq!(self.map.len(), live);
        assert_eq!(self.map.is_empty(), live == 0);
        assert_eq!(self.map.is_full(), live == self.map.capacity());
        let stats = self.map.stats();
        assert_eq!((stats.live, stats.removed, stats.in_progress), (live, 0, 0));
        assert_eq!((stats.cells, stats.free), (N + EXTRA, N + EXTRA - live));
        assert_eq!(stats.capacity, self.map.capacity());
        assert!(stats.buckets_used <= live && stats.fullest_bucket <= live);
        if self.spread == Spread::OneChain {
            assert_eq!(
                (stats.fullest_bucket, stats.buckets_used),
                (live, live.min(1))
            );
        }
    }

    /// Every cell is to be had again, and in a full map each value can be replaced.
    fn finish(mut self) {
        for id in 0..28 {
            assert_eq!(self.map.get(&Key::new(id, 0)), self.value(id));
        }
        for id in 100.. {
            let before = self.live.len();
            self.apply(&Op::Insert(id));
            if self.live.len() == before {
                break;
            }
        }
        assert!(self.map.is_full());
        let ids: Vec<u8> = self.live.keys().copied().collect();
        for id in ids {
            self.apply(&Op::Insert(id));
            self.apply(&Op::Update(id));
        }
        self.iterate();
    }
}

fn run<V: Number, const N: usize, const EXTRA: usize>() {
    let capacity = N + EXTRA - EXTRA.min(8);
    let cases = (spreads(), ops(capacity as u8 + 3));
    for_all(scaled(60, 1), &cases, |(spread, ops)| {
        let mut bench = Bench::<V, N, EXTRA> {
            map: CopyMap::with_hasher(spread),
            spread,
            live: HashMap::new(),
            serial: 0,
        };
        assert_eq!(bench.map.capacity(), capacity);
        for op in &ops {
            bench.apply(op);
        }
        bench.finish();
    });
}

fn run_sizes<V: Number, const EXTRA: usize>() {
    run::<V, 2, EXTRA>();
    if cfg!(miri) {
        return;
    }
    run::<V, 1, EXTRA>();
    run::<V, 3, EXTRA>();
    run::<V, 5, EXTRA>();
    run::<V, 8, EXTRA>();
}

#[test]
fn words_without_spares() {
    run_sizes::<u64, 0>();
}

#[test]
fn words_with_one_spare() {
    run_sizes::<u64, 1>();
}

#[test]
fn words_with_eight_spares() {
    run_sizes::<u64, 8>();
}

#[test]
fn words_with_more_than_the_spares() {
    run_sizes::<u64, 16>();
}

#[test]
fn odd_sizes() {
    run_sizes::<[u8; 13], 1>();
}

#[test]
fn values_too_large_to_be_copied_with_the_key() {
    run_sizes::<[u64; 6], 0>();
    run_sizes::<[u64; 6], 8>();
}
