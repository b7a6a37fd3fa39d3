//! What a guard costs: by a slot or by a count, of a map or of a pool, and as `sharded-slab` does it.

use std::hint::black_box;

use arenamap::{CopyMap, Map};
use sharded_slab::Slab;
use tagged_arena::Pool;

use crate::peers::leaked;
use crate::table::{self, Subject, keys, shuffled, sum};

const READS: usize = 1 << 16;

/// Prints the tables.
pub fn run(rounds: usize) {
    guard::<1024>(rounds, 1);
    guard::<1024>(rounds, 2);
    by_name::<1024>(rounds, 1);
    by_name::<1024>(rounds, 2);
}

/// A guard by slot against a guard by count: in the third map every slot is held, so that each guard
/// counts itself in the entry's cell.
fn guard<const N: usize>(rounds: usize, threads: usize) {
    let (present, _) = keys(N / 2, N as u64);
    let order: &'static [u64] = shuffled(&present, READS).leak();
    let copies: &'static CopyMap<u64, u64, N> = leaked();
    let by_slot: &'static Map<u64, u64, N> = leaked();
    let by_count: &'static Map<u64, u64, N> = leaked();
    for &key in &present {
        assert_eq!(copies.insert(key, !key), Ok(None));
        assert!(by_slot.insert(key, !key).is_ok());
        assert!(by_count.insert(key, !key).is_ok());
    }
    for _ in 0..64 {
        std::mem::forget(by_count.get(&present[0]));
    }
    let subjects = vec![
        Subject::new("CopyMap::get: nothing held", move || {
            on_threads(threads, || sum(order, |key| copies.get(&key).unwrap_or(1)))
        }),
        Subject::new("Map::get: held by a slot", move || {
            on_threads(threads, || {
                sum(order, |key| by_slot.get(&key).map_or(1, |value| *value))
            })
        }),
        Subject::new("Map::get: held by a count in the cell", move || {
            on_threads(threads, || {
                sum(order, |key| by_count.get(&key).map_or(1, |value| *value))
            })
        }),
    ];
    let title =
        format!("guard: capacity {N}, half full, {threads} thread(s), ns per operation in all");
    table::run(&title, READS * threads, rounds, subjects);
}

/// A value by its identifier, without a look-up: the pool beside `sharded-slab`, which is on the heap.
fn by_name<const N: usize>(rounds: usize, threads: usize) {
    let (values, _) = keys(N / 2, N as u64);
    let order: &'static [u64] = shuffled(&values, READS).leak();
    let pool: &'static Pool<u64, N> = leaked();
    let slab: &'static Slab<u64> = Box::leak(Box::default());
    let mut ids = std::collections::HashMap::new();
    for &value in &values {
        let id = pool.insert(value).expect("half full");
        ids.insert(value, (id, slab.insert(value).expect("room")));
    }
    let ids: &'static [_] = order
        .iter()
        .map(|value| ids[value])
        .collect::<Vec<_>>()
        .leak();
    let subjects = vec![
        Subject::new("tagged_arena::Pool::get", move || {
            on_threads(threads, || {
                let value = |id| pool.get(id).map_or(1, |value| *value);
                ids.iter().fold(0, |sum: u64, &(id, _)| {
                    sum.wrapping_add(value(black_box(id)))
                })
            })
        }),
        Subject::new("sharded_slab::Slab::get", move || {
            on_threads(threads, || {
                let value = |id| slab.get(id).map_or(1, |value| *value);
                ids.iter().fold(0, |sum: u64, &(_, id)| {
                    sum.wrapping_add(value(black_box(id)))
                })
            })
        }),
    ];
    let title = format!(
        "guard by identifier: {N} values at most, half full, {threads} thread(s), ns per operation in all"
    );
    table::run(&title, READS * threads, rounds, subjects);
}

/// Runs the same work on so many threads at once; the sum of what they return.
fn on_threads(threads: usize, work: impl Fn() -> u64 + Sync) -> u64 {
    if threads == 1 {
        return work();
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_default())
            .fold(0, u64::wrapping_add)
    })
}
