//! Reads beside the unsynchronised floor, one thread, half full.

use crate::table::{self, Subject, keys, shuffled, sum};
use arenamap::{CopyMap, DefaultHashBuilder, Map};

const READS: usize = 1 << 16;

/// Prints the tables.
pub fn run(rounds: usize) {
    capacity::<1024>(rounds);
    capacity::<65536>(rounds);
}

fn capacity<const N: usize>(rounds: usize) {
    let (present, absent) = keys(N / 2, N as u64);
    for (workload, pool) in [("read", &present), ("miss", &absent)] {
        let order: &'static [u64] = shuffled(pool, READS).leak();
        let title = format!("{workload}, capacity {N}, half full, 1 thread");
        table::run(&title, READS, rounds, subjects::<N>(&present, order));
    }
}

fn subjects<const N: usize>(present: &[u64], order: &'static [u64]) -> Vec<Subject> {
    let hasher = DefaultHashBuilder::new();
    let mut floor = hashbrown::HashMap::with_capacity_and_hasher(N, hasher);
    let tight: &'static CopyMap<u64, u64, N> = Box::leak(Box::default());
    let wide: &'static CopyMap<u64, u64, N, DefaultHashBuilder, N> = Box::leak(Box::default());
    let guarded: &'static Map<u64, u64, N> = Box::leak(Box::default());
    let guarded_wide: &'static Map<u64, u64, N, DefaultHashBuilder, N> = Box::leak(Box::default());
    for &key in present {
        floor.insert(key, !key);
        assert!(tight.insert(key, !key).is_ok());
        assert!(wide.insert(key, !key).is_ok());
        assert!(guarded.insert(key, !key).is_ok());
        assert!(guarded_wide.insert(key, !key).is_ok());
    }
    vec![
        Subject::new("hashbrown, unsynchronised", move || {
            sum(order, |key| floor.get(&key).copied().unwrap_or(1))
        }),
        Subject::new("CopyMap::get", || {
            sum(order, |key| tight.get(&key).unwrap_or(1))
        }),
        Subject::new("CopyMap::get, EXTRA = N", || {
            sum(order, |key| wide.get(&key).unwrap_or(1))
        }),
        Subject::new("Map::get (guard)", || {
            sum(order, |key| guarded.get(&key).map_or(1, |value| *value))
        }),
        Subject::new("Map::get (guard), EXTRA = N", || {
            sum(order, |key| {
                guarded_wide.get(&key).map_or(1, |value| *value)
            })
        }),
    ]
}
