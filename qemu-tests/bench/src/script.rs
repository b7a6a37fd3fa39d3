//! The keys of a cell and the order in which each thread uses them: the same for every peer.

use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, Zipf};

use crate::workload::{Cell, Workload};

/// A shorter order would be learnt by the branch predictor.
const SHORTEST: usize = 1 << 16;
/// Low bits of a scripted word that say what to do with the key above them.
pub const KIND_BITS: u32 = 2;

/// What to do with the key of a scripted word of a mixed workload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Get it.
    Get,
    /// Insert it.
    Insert,
    /// Remove it.
    Remove,
}

/// A scripted word.
fn scripted(key: u64, kind: Kind) -> u64 {
    key << KIND_BITS | kind as u64
}

/// A scripted word's key and what to do with it.
#[inline(always)]
pub fn unpack(word: u64) -> (u64, Kind) {
    let kind = match word & ((1 << KIND_BITS) - 1) {
        0 => Kind::Get,
        1 => Kind::Insert,
        _ => Kind::Remove,
    };
    (word >> KIND_BITS, kind)
}

/// What one thread does to one map, and how far it has come.
#[derive(Clone)]
pub struct Task {
    /// Keys, scripted words, or the ring of keys that the thread churns.
    pub words: Arc<[u64]>,
    /// The next word.
    pub at: usize,
    /// How many keys of a ring are in the map: those from `at` on.
    pub live: usize,
}

impl Task {
    /// Up to `limit` words from where the thread is; it moves on past them.
    #[inline(always)]
    pub fn next(&mut self, limit: usize) -> &[u64] {
        let from = self.at;
        let to = self.words.len().min(from.saturating_add(limit));
        self.at = if to == self.words.len() { 0 } else { to };
        &self.words[from..to]
    }
}

/// The script of a cell.
pub struct Script {
    /// The keys that a map starts with.
    pub present: Vec<u64>,
    /// One task a thread.
    pub tasks: Vec<Task>,
}

impl Script {
    /// The same for the same cell, always.
    pub fn new(cell: &Cell) -> Self {
        let entries = cell.entries();
        let mut random = fastrand::Rng::with_seed(cell.size as u64);
        // 61 random bits: all different, and free of what some peers reserve.
        let mut key = |low: u64| (random.u64(..) >> 3) & !1 | low;
        let present: Vec<u64> = (0..entries).map(|_| key(1)).collect();
        let absent: Vec<u64> = (0..entries).map(|_| key(0)).collect();
        let tasks = tasks(cell, &present, &absent);
        Self { present, tasks }
    }
}

fn tasks(cell: &Cell, present: &[u64], absent: &[u64]) -> Vec<Task> {
    let length = SHORTEST.max(cell.size);
    let mut random = fastrand::Rng::with_seed(length as u64);
    let mut any = |keys: &[u64]| keys[random.usize(..keys.len())];
    let words: Arc<[u64]> = match cell.workload {
        Workload::Read | Workload::Beside | Workload::Latency => {
            (0..length).map(|_| any(present)).collect()
        }
        Workload::Miss => (0..length).map(|_| any(absent)).collect(),
        Workload::Zipf => zipf(present, length),
        Workload::Mix98 => mixed(present, absent, length, 1),
        Workload::Mix50 => mixed(present, absent, length, 25),
        Workload::Hot => [present[0]].into(),
        Workload::Hotget => vec![present[0]; length].into(),
        Workload::Churn => [].into(),
    };
    let rings = if cell.workload.has_roles() {
        cell.writers
    } else {
        cell.threads
    };
    (0..cell.threads)
        .map(|thread| {
            // In a cell with roles the writers come first.
            let churns = match cell.workload {
                Workload::Churn => true,
                workload => workload.has_roles() && thread < cell.writers,
            };
            if churns {
                ring(thread, rings, present, absent)
            } else {
                let words = words.clone();
                let at = words.len() / cell.threads * thread;
                Task { words, at, live: 0 }
            }
        })
        .collect()
}

/// A thread's share of the keys: first those in the map, then as many that are not.
fn ring(thread: usize, threads: usize, present: &[u64], absent: &[u64]) -> Task {
    let live = present.len() / threads;
    let share = live * thread..live * (thread + 1);
    let words = [&present[share.clone()], &absent[share]].concat();
    Task {
        words: words.into(),
        at: 0,
        live,
    }
}

fn zipf(present: &[u64], length: usize) -> Arc<[u64]> {
    let ranks = Zipf::new(present.len() as f64, 0.99).expect("a positive number of keys");
    let mut random = SmallRng::seed_from_u64(present.len() as u64);
    (0..length)
        .map(|_| present[ranks.sample(&mut random) as usize - 1])
        .collect()
}

/// `percent` of the words insert and as many remove.
fn mixed(present: &[u64], absent: &[u64], length: usize, percent: u8) -> Arc<[u64]> {
    let mut random = fastrand::Rng::with_seed(percent.into());
    (0..length)
        .map(|_| {
            let keys = if random.bool() { present } else { absent };
            let key = keys[random.usize(..keys.len())];
            let kind = match random.u8(..100) {
                low if low < percent => Kind::Insert,
                low if low < 2 * percent => Kind::Remove,
                _ => Kind::Get,
            };
            scripted(key, kind)
        })
        .collect()
}
