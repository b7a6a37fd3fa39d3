//! The caches that are compared. All keep as many entries, and take the same hasher.

use std::num::NonZeroUsize;

use arenamap::{Cache, DefaultHashBuilder};
use parking_lot::Mutex;

use super::simulation::Simulation;
use super::{Done, SIZES, go_through};

/// A cache under test.
pub struct Subject {
    /// Its name in tables.
    pub name: &'static str,
    /// Whether its time means anything.
    pub timed: bool,
    /// Runs so many threads through requests: one function for each of the sizes.
    pub run: [fn(&[u64], usize) -> Done; 3],
}

/// The name of the simulation.
pub const SIMULATION: &str = "policy, simulated";

/// The name of the subject that ratios are to.
pub const COMPARED_TO: &str = "quick_cache";

const SMALL: usize = SIZES[0];
const MIDDLE: usize = SIZES[1];
const LARGE: usize = SIZES[2];

/// All of them.
pub const SUBJECTS: [Subject; 7] = [
    Subject {
        name: "Cache",
        timed: true,
        run: [
            ours::<SMALL, SMALL>,
            ours::<MIDDLE, MIDDLE>,
            ours::<LARGE, LARGE>,
        ],
    },
    Subject {
        name: "Cache, EXTRA = N / 2",
        timed: true,
        run: [
            ours::<SMALL, { SMALL / 2 }>,
            ours::<MIDDLE, { MIDDLE / 2 }>,
            ours::<LARGE, { LARGE / 2 }>,
        ],
    },
    Subject {
        name: "Cache, EXTRA = 8",
        timed: true,
        run: [ours::<SMALL, 8>, ours::<MIDDLE, 8>, ours::<LARGE, 8>],
    },
    Subject {
        name: COMPARED_TO,
        timed: true,
        run: [quick::<SMALL>, quick::<MIDDLE>, quick::<LARGE>],
    },
    Subject {
        name: "moka",
        timed: true,
        run: [moka::<SMALL>, moka::<MIDDLE>, moka::<LARGE>],
    },
    Subject {
        name: "LRU, in a mutex",
        timed: true,
        run: [lru::<SMALL>, lru::<MIDDLE>, lru::<LARGE>],
    },
    Subject {
        name: SIMULATION,
        timed: false,
        run: [simulated::<SMALL>, simulated::<MIDDLE>, simulated::<LARGE>],
    },
];

fn ours<const N: usize, const EXTRA: usize>(requests: &[u64], threads: usize) -> Done {
    let cache: Box<Cache<u64, u64, N, EXTRA>> = Box::default();
    go_through(&*cache, requests, threads, |cache, key| {
        let hit = cache.get(&key).is_some();
        if !hit {
            assert!(cache.insert(key, !key).is_ok(), "nothing is held or pinned");
        }
        hit
    })
}

fn quick<const N: usize>(requests: &[u64], threads: usize) -> Done {
    use quick_cache::UnitWeighter;
    use quick_cache::sync::{Cache, DefaultLifecycle};
    let hasher = DefaultHashBuilder::new();
    let cache = Cache::with(
        N,
        N as u64,
        UnitWeighter,
        hasher,
        DefaultLifecycle::default(),
    );
    go_through(&cache, requests, threads, |cache, key| {
        let hit = cache.get(&key).is_some();
        if !hit {
            cache.insert(key, !key);
        }
        hit
    })
}

fn moka<const N: usize>(requests: &[u64], threads: usize) -> Done {
    let builder = ::moka::sync::Cache::builder().max_capacity(N as u64);
    let cache = builder.build_with_hasher(DefaultHashBuilder::new());
    go_through(&cache, requests, threads, |cache, key| {
        let hit = cache.get(&key).is_some();
        if !hit {
            cache.insert(key, !key);
        }
        hit
    })
}

fn lru<const N: usize>(requests: &[u64], threads: usize) -> Done {
    let entries = const { NonZeroUsize::new(N).expect("not zero") };
    let cache = ::lru::LruCache::with_hasher(entries, DefaultHashBuilder::new());
    go_through(&Mutex::new(cache), requests, threads, |cache, key| {
        let hit = cache.lock().get(&key).is_some();
        if !hit {
            cache.lock().put(key, !key);
        }
        hit
    })
}

fn simulated<const N: usize>(requests: &[u64], threads: usize) -> Done {
    let simulation = Mutex::new(Simulation::new(N));
    go_through(&simulation, requests, threads, |simulation, key| {
        simulation.lock().request(key)
    })
}
