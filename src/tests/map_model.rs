//! `Map` against `std::collections::HashMap`: random operations, one thread, guards kept across
//! later operations.

use super::config::{for_all, scaled, spreads};
use super::ledger::{Counted, Ledger, Payload, Wide};
use super::map_bench::Bench;
use crate::{Equivalent, Map};
use core::hash::{Hash, Hasher};
use proptest::prelude::*;
use std::vec::Vec;

/// Equal by `id`; the `tag` tells which of the equal keys it is.
#[derive(Clone, Debug)]
pub(super) struct Key<P> {
    pub(super) id: u8,
    pub(super) tag: P,
}

impl<P> PartialEq for Key<P> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<P> Eq for Key<P> {}

impl<P> Hash for Key<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// Looks a [`Key`] up.
#[derive(Hash)]
pub(super) struct ById(pub(super) u8);

impl<P> Equivalent<Key<P>> for ById {
    fn equivalent(&self, key: &Key<P>) -> bool {
        self.0 == key.id
    }
}

#[derive(Clone, Debug)]
pub(super) enum Op {
    Insert(u8, bool),
    TryInsert(u8, bool),
    GetOrInsert(u8, bool),
    Update(u8, bool),
    Remove(u8, bool),
    Get(u8, bool),
    Iterate(bool),
    Release(usize),
    ReleaseAll,
}

fn op((kind, key, hold, at): (u8, u8, bool, usize)) -> Op {
    match kind {
        0..=5 => Op::Insert(key, hold),
        6..=8 => Op::TryInsert(key, hold),
        9..=11 => Op::GetOrInsert(key, hold),
        12..=14 => Op::Update(key, hold),
        15..=19 => Op::Remove(key, hold),
        20..=22 => Op::Get(key, hold),
        23 => Op::Iterate(hold),
        24..=27 => Op::Release(at),
        _ => Op::ReleaseAll,
    }
}

fn ops(keys: u8) -> impl Strategy<Value = Vec<Op>> {
    // Not `prop_oneof`, which takes seconds for each case under Miri.
    let op = (0..29u8, 0..keys, any::<bool>(), any::<usize>()).prop_map(op);
    prop::collection::vec(op, 0..scaled(80, 14) as usize)
}

fn run<P: Payload, const N: usize, const EXTRA: usize>() {
    let capacity = N + EXTRA - EXTRA.min(8);
    let cases = (spreads(), ops(capacity as u8 + 3));
    for_all(scaled(60, 1), &cases, |(spread, ops)| {
        let ledger = Ledger::default();
        let map = Map::with_hasher(spread);
        assert_eq!(map.capacity(), capacity);
        let mut bench = Bench::<P, N, EXTRA>::new(&map, spread, &ledger);
        for op in &ops {
            bench.apply(op);
        }
        bench.finish();
        drop(map);
        ledger.assert_closed();
    });
}

fn run_sizes<P: Payload, const EXTRA: usize>() {
    run::<P, 2, EXTRA>();
    if cfg!(miri) {
        return;
    }
    run::<P, 1, EXTRA>();
    run::<P, 3, EXTRA>();
    run::<P, 5, EXTRA>();
    run::<P, 8, EXTRA>();
}

#[test]
fn counted_values_without_spares() {
    run_sizes::<Counted, 0>();
}

#[test]
fn counted_values_with_one_spare() {
    run_sizes::<Counted, 1>();
}

#[test]
fn counted_values_with_eight_spares() {
    run_sizes::<Counted, 8>();
}

#[test]
fn counted_values_with_more_than_the_spares() {
    run_sizes::<Counted, 16>();
}

#[test]
fn plain_values_without_spares() {
    run_sizes::<Wide, 0>();
}

#[test]
fn plain_values_with_one_spare() {
    run_sizes::<Wide, 1>();
}

#[test]
fn plain_values_with_eight_spares() {
    run_sizes::<Wide, 8>();
}

#[test]
fn plain_values_with_more_than_the_spares() {
    run_sizes::<Wide, 16>();
}
