//! The peers: one row of [`PEERS`] each.
//!
//! All hold `u64` values by `u64` keys and hash with [`arenamap::DefaultHashBuilder`], unless their
//! label names another hash. Each is used through its safe methods only: `scc::HashIndex`, which has
//! no safe change in place, replaces the entry instead, and its row for updates shows it.
//!
//! `sharded-slab` has no keys: it stands beside the pool in the tables of `choices`.

mod concurrent;
mod embedded;
mod locks;
mod ours;
mod own_hash;
mod sized;
mod testing;

use crate::drive::{Bench, Driver};
use crate::subject::Subject;
use crate::workload::{Cell, Workload};

pub use sized::{SIZES, leaked};

/// Makes an empty map of this size; `None` where the peer has none.
pub type Make = fn(usize) -> Option<Box<dyn Bench>>;

/// A map that takes part.
pub struct Peer {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name in tables.
    pub label: &'static str,
    /// Makes an empty one.
    pub make: Make,
    /// Where it takes part.
    pub takes: Takes,
}

/// In which cells a peer takes part.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// In all.
    All,
    /// Where one thread is alone: it is not synchronised.
    OneThread,
    /// Where no value is changed in place.
    NoUpdate,
    /// Only where one value is changed in place.
    OnlyUpdate,
    /// Only where asked for by name.
    Named,
}

impl Peer {
    /// The peer with this name.
    pub fn named(name: &str) -> Option<&'static Peer> {
        PEERS.iter().find(|peer| peer.name == name)
    }

    /// Whether the peer takes part in this cell.
    pub fn takes(&self, cell: &Cell) -> bool {
        let fits = cell.size <= 1 << 16 || !self.name.contains("heapless");
        fits && match self.takes {
            Takes::All | Takes::Named => true,
            Takes::OneThread => cell.threads == 1,
            Takes::NoUpdate => cell.workload != Workload::Hot,
            Takes::OnlyUpdate => cell.workload == Workload::Hot,
        }
    }
}

/// All peers, in the order of the tables.
pub const PEERS: &[Peer] = &[
    peer("copymap", "CopyMap", sized::of::<ours::Copying>),
    peer(
        "copymap-wide",
        "CopyMap, EXTRA = N",
        sized::of::<ours::CopyingWide>,
    ),
    Peer {
        takes: Takes::OnlyUpdate,
        ..peer(
            "copymap-u32",
            "CopyMap of u32",
            sized::of::<ours::CopyingNarrow>,
        )
    },
    peer("map", "Map (guard)", sized::of::<ours::Guarded>),
    peer(
        "map-wide",
        "Map (guard), EXTRA = N",
        sized::of::<ours::GuardedWide>,
    ),
    Peer {
        takes: Takes::OneThread,
        ..peer(
            "hashbrown",
            "hashbrown, unsynchronised",
            driver::<locks::Alone<locks::Hashbrown>>,
        )
    },
    Peer {
        takes: Takes::OneThread,
        ..peer(
            "heapless",
            "heapless FnvIndexMap, unsynchronised",
            sized::small::<embedded::HeaplessAlone>,
        )
    },
    Peer {
        takes: Takes::OneThread,
        ..peer(
            "heapless-same-hash",
            "heapless, same hasher, unsynchronised",
            sized::small::<embedded::HeaplessSameHash>,
        )
    },
    peer(
        "papaya-64",
        "papaya, a pin per 64",
        driver::<concurrent::PapayaBatch>,
    ),
    peer(
        "papaya",
        "papaya, a pin per op",
        driver::<concurrent::Papaya>,
    ),
    peer("leapfrog", "leapfrog::LeapMap", driver::<concurrent::Leap>),
    peer(
        "scc-index",
        "scc::HashIndex",
        driver::<concurrent::SccIndex>,
    ),
    peer("scc-map", "scc::HashMap", driver::<concurrent::SccMap>),
    peer("dashmap", "dashmap", driver::<concurrent::Dash>),
    peer(
        "flurry",
        "flurry, a pin per op",
        driver::<concurrent::Flurry>,
    ),
    Peer {
        takes: Takes::NoUpdate,
        ..peer(
            "concache-crossbeam",
            "concache, crossbeam (SipHash)",
            driver::<own_hash::ConcacheCrossbeam>,
        )
    },
    Peer {
        takes: Takes::NoUpdate,
        ..peer(
            "concache-manual",
            "concache, manual (SipHash)",
            driver::<own_hash::ConcacheManual>,
        )
    },
    peer("chashmap", "chashmap (SipHash)", driver::<own_hash::Chash>),
    peer(
        "std-mutex",
        "std Mutex<HashMap>",
        driver::<In<std::sync::Mutex<Hashbrown>, Hashbrown>>,
    ),
    peer(
        "std-rwlock",
        "std RwLock<HashMap>",
        driver::<In<std::sync::RwLock<Hashbrown>, Hashbrown>>,
    ),
    peer(
        "parking-lot-mutex",
        "parking_lot Mutex<HashMap>",
        driver::<In<parking_lot::Mutex<Hashbrown>, Hashbrown>>,
    ),
    peer(
        "parking-lot-rwlock",
        "parking_lot RwLock<HashMap>",
        driver::<In<parking_lot::RwLock<Hashbrown>, Hashbrown>>,
    ),
    peer(
        "spin-mutex-heapless",
        "spin::Mutex<FnvIndexMap>",
        sized::small::<embedded::SpinMutex>,
    ),
    peer(
        "spin-rwlock-heapless",
        "spin::RwLock<FnvIndexMap>",
        sized::small::<embedded::SpinRwLock>,
    ),
    peer(
        "critical-section-heapless",
        "critical_section<FnvIndexMap>",
        sized::small::<embedded::CriticalSection>,
    ),
    Peer {
        takes: Takes::Named,
        ..peer(
            "stuck",
            "a subject that hangs",
            driver::<Faulty<{ testing::STUCK }>>,
        )
    },
    Peer {
        takes: Takes::Named,
        ..peer(
            "broken",
            "a subject that panics",
            driver::<Faulty<{ testing::BROKEN }>>,
        )
    },
    Peer {
        takes: Takes::Named,
        ..peer(
            "forgetful",
            "a subject that loses entries",
            driver::<Faulty<{ testing::FORGETFUL }>>,
        )
    },
];

use locks::{Hashbrown, In};

/// Each session is the lock: a fault shows at the first operation.
type Faulty<const FAULT: u8> = locks::Alone<testing::Faulty<FAULT>>;

const fn peer(name: &'static str, label: &'static str, make: Make) -> Peer {
    Peer {
        name,
        label,
        make,
        takes: Takes::All,
    }
}

fn driver<S: Subject>(size: usize) -> Option<Box<dyn Bench>> {
    Some(Box::new(Driver::<S>::new(size)))
}
