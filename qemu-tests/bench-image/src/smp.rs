//! Operations per second of several cores at once, on our map and on a map in a spin lock.
//!
//! The maps take turns within one boot, round by round: what the emulator's host does meanwhile hits
//! them all alike, and the runner compares their medians.

use core::hint::black_box;
use core::sync::atomic::{AtomicUsize, Ordering};

use arenamap::DefaultHashBuilder;
use spin::Mutex;
use targets::{clock, cores, exit::Status};

use crate::lines;
use crate::locked::{Fnv, Locked, SameHash};
use crate::store::{CAPACITY, Copies, Guarded, Store, Word};

/// Keys in use; half of them are in the map at first.
const KEYS: u32 = CAPACITY as u32;
/// How many operations there are between two looks at the clock.
const BATCH: u32 = 64;

/// What the cores do.
#[derive(Clone, Copy)]
struct Mix {
    name: &'static str,
    /// Of 100 operations, so many insert or replace, and as many remove.
    writes: u32,
}

const MIXES: [Mix; 2] = [
    Mix {
        name: "reads",
        writes: 0,
    },
    Mix {
        name: "98_1_1",
        writes: 1,
    },
];

/// Measures every mix on 1, 2, 4, ... cores, so many rounds of so many milliseconds.
pub fn run(rounds: u32, milliseconds: u32) -> Status {
    lines::about();
    let time = u64::from(milliseconds) * 1_000_000;
    let copies = filled::<Copies<u64, DefaultHashBuilder>>();
    let guarded = filled::<Guarded<u64, DefaultHashBuilder>>();
    let fnv = filled::<Locked<Mutex<Fnv<u64>>, Fnv<u64>>>();
    let same_hash = filled::<Locked<Mutex<SameHash<u64>>, SameHash<u64>>>();
    let mut active = 1;
    while active <= cores::available() {
        for mix in MIXES {
            // The first round warms up.
            for round in 0..=rounds {
                let rates = [
                    ("copy_map", rate(&copies, mix, active, time)),
                    ("map", rate(&guarded, mix, active, time)),
                    ("spin_fnv", rate(&fnv, mix, active, time)),
                    ("spin", rate(&same_hash, mix, active, time)),
                ];
                if round > 0 {
                    for (map, rate) in rates {
                        targets::println!("rate,{},{active},{map},{round},{rate}", mix.name);
                    }
                }
            }
        }
        active *= 2;
    }
    Status::SUCCESS
}

fn filled<S: Store<u64>>() -> S {
    let store = S::new();
    for index in (0..KEYS).step_by(2) {
        store.insert(u64::nth(index), 1);
    }
    store
}

/// Operations per second of all active cores together.
#[inline(never)]
fn rate<S: Store<u64> + Sync>(store: &S, mix: Mix, active: usize, time: u64) -> usize {
    let (ready, sum) = (AtomicUsize::new(0), AtomicUsize::new(0));
    cores::run(&|core| {
        if core >= active {
            return;
        }
        // Relaxed: only a meeting point; the maps order their own memory.
        ready.fetch_add(1, Ordering::Relaxed);
        while ready.load(Ordering::Relaxed) < active {
            core::hint::spin_loop();
        }
        sum.fetch_add(one_core(store, mix, core, time), Ordering::Relaxed);
    });
    sum.into_inner()
}

/// Operations per second of one core.
fn one_core<S: Store<u64>>(store: &S, mix: Mix, core: usize, time: u64) -> usize {
    let mut random = 0x2545_F491 ^ (core as u32 + 1).wrapping_mul(0x9E37_79B1);
    let mut operations = 0;
    let start = clock::now_ns();
    loop {
        for _ in 0..BATCH {
            // Marsaglia's xorshift: never zero, cheap.
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            let key = u64::nth(random % KEYS);
            let part = (random >> 16) % 100;
            black_box(if part < mix.writes {
                store.insert(key, 1)
            } else if part < 2 * mix.writes {
                store.remove(key)
            } else {
                store.get(key)
            });
        }
        operations += u64::from(BATCH);
        let elapsed = clock::now_ns() - start;
        if elapsed >= time {
            // Below 2^32, which no emulated core reaches.
            return (operations * 1_000_000_000 / elapsed.max(1)) as usize;
        }
    }
}
