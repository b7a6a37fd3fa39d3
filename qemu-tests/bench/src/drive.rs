//! The loops: each workload over any subject, compiled for every subject.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

use hdrhistogram::Histogram;

use crate::script::{Kind, Task, unpack};
use crate::subject::{Session, Subject};
use crate::workload::Workload;

/// What a loop saw.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Operations done.
    pub operations: u64,
    /// A sum of the results, equal for all peers where the workload is deterministic.
    pub checksum: u64,
    /// Inserts for which a map of fixed capacity had no room.
    pub refused: u64,
}

/// A subject behind one call for a whole round.
pub trait Bench: Send + Sync {
    /// Puts the keys in, each as its own value.
    fn fill(&self, keys: &[u64]);
    /// The key's value.
    fn get(&self, key: u64) -> Option<u64>;
    /// Sets the key's value; `false` if there is no room.
    #[cfg(test)]
    fn set(&self, key: u64, value: u64) -> bool;
    /// Removes the key; `false` if it was not there.
    #[cfg(test)]
    fn remove(&self, key: u64) -> bool;
    /// Does so many operations of a workload without roles.
    fn run(&self, workload: Workload, task: &mut Task, operations: usize) -> Tally;
    /// Reads until told to stop.
    fn read_until(&self, task: &mut Task, stop: &AtomicBool) -> Tally;
    /// Reads until told to stop, and records how long each get took, in nanoseconds.
    fn time_until(&self, task: &mut Task, stop: &AtomicBool, times: &mut Histogram<u64>) -> Tally;
    /// Removes and inserts until told to stop.
    fn churn_until(&self, task: &mut Task, stop: &AtomicBool) -> Tally;
}

/// The loops over an `S`.
pub struct Driver<S>(S);

impl<S: Subject> Driver<S> {
    /// An empty map.
    pub fn new(size: usize) -> Self {
        Self(S::with_capacity(size))
    }
}

/// How often an endless loop looks whether it is over.
const CHUNK: usize = 64;

impl<S: Subject> Bench for Driver<S> {
    fn fill(&self, keys: &[u64]) {
        let mut session = self.0.session();
        for &key in keys {
            assert!(session.insert(key, key), "no room for the first entries");
        }
    }

    fn get(&self, key: u64) -> Option<u64> {
        self.0.session().get(key)
    }

    #[cfg(test)]
    fn set(&self, key: u64, value: u64) -> bool {
        self.0.session().insert(key, value)
    }

    #[cfg(test)]
    fn remove(&self, key: u64) -> bool {
        self.0.session().remove(key)
    }

    fn run(&self, workload: Workload, task: &mut Task, operations: usize) -> Tally {
        match workload {
            Workload::Read | Workload::Miss | Workload::Zipf | Workload::Hotget => {
                reads(&self.0, task, operations)
            }
            Workload::Mix98 | Workload::Mix50 => mixed(&self.0, task, operations),
            Workload::Churn => churn(&self.0, task, operations / 2),
            Workload::Hot => hot(&self.0, task.words[0], operations),
            Workload::Beside | Workload::Latency => unreachable!("these run until told to stop"),
        }
    }

    fn read_until(&self, task: &mut Task, stop: &AtomicBool) -> Tally {
        let mut all = Tally::default();
        while !stop.load(Relaxed) {
            all += reads(&self.0, task, CHUNK);
        }
        all
    }

    fn time_until(&self, task: &mut Task, stop: &AtomicBool, times: &mut Histogram<u64>) -> Tally {
        let mut all = Tally::default();
        while !stop.load(Relaxed) {
            let mut session = self.0.session();
            let keys = task.next(CHUNK);
            for &key in keys {
                let start = Instant::now();
                black_box(session.get(black_box(key)));
                times.saturating_record(start.elapsed().as_nanos() as u64);
            }
            all.operations += keys.len() as u64;
        }
        all
    }

    fn churn_until(&self, task: &mut Task, stop: &AtomicBool) -> Tally {
        let mut all = Tally::default();
        while !stop.load(Relaxed) {
            all += churn(&self.0, task, CHUNK / 2);
        }
        all
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.operations += other.operations;
        self.checksum = self.checksum.wrapping_add(other.checksum);
        self.refused += other.refused;
    }
}

#[inline(always)]
fn reads<S: Subject>(subject: &S, task: &mut Task, operations: usize) -> Tally {
    let mut sum = 0u64;
    let mut left = operations;
    while left > 0 {
        let mut session = subject.session();
        let keys = task.next(left.min(S::BATCH));
        for &key in keys {
            sum = sum.wrapping_add(session.get(black_box(key)).unwrap_or(1));
        }
        left -= keys.len();
    }
    Tally {
        operations: operations as u64,
        checksum: sum,
        refused: 0,
    }
}

#[inline(always)]
fn mixed<S: Subject>(subject: &S, task: &mut Task, operations: usize) -> Tally {
    let mut sum = 0u64;
    let mut refused = 0;
    let mut left = operations;
    while left > 0 {
        let mut session = subject.session();
        let words = task.next(left.min(S::BATCH));
        for &word in words {
            let (key, kind) = unpack(black_box(word));
            match kind {
                Kind::Get => sum = sum.wrapping_add(session.get(key).unwrap_or(1)),
                Kind::Insert => refused += u64::from(!session.insert(key, key)),
                Kind::Remove => sum = sum.wrapping_add(session.remove(key).into()),
            }
        }
        left -= words.len();
    }
    Tally {
        operations: operations as u64,
        checksum: sum,
        refused,
    }
}

#[inline(always)]
fn churn<S: Subject>(subject: &S, task: &mut Task, pairs: usize) -> Tally {
    let mut removed = 0;
    let mut refused = 0;
    let mut left = pairs;
    let ring = &task.words[..];
    let mut oldest = task.at;
    let mut next = (oldest + task.live) % ring.len();
    while left > 0 {
        let mut session = subject.session();
        let batch = left.min(S::BATCH / 2);
        for _ in 0..batch {
            removed += u64::from(session.remove(black_box(ring[oldest])));
            let key = black_box(ring[next]);
            refused += u64::from(!session.insert(key, key));
            oldest = if oldest + 1 == ring.len() {
                0
            } else {
                oldest + 1
            };
            next = if next + 1 == ring.len() { 0 } else { next + 1 };
        }
        left -= batch;
    }
    task.at = oldest;
    Tally {
        operations: 2 * pairs as u64,
        checksum: removed,
        refused,
    }
}

#[inline(always)]
fn hot<S: Subject>(subject: &S, key: u64, operations: usize) -> Tally {
    let mut done = 0;
    let mut left = operations;
    while left > 0 {
        let mut session = subject.session();
        let batch = left.min(S::BATCH);
        for _ in 0..batch {
            done += u64::from(session.add_one(black_box(key)));
        }
        left -= batch;
    }
    Tally {
        operations: operations as u64,
        checksum: done,
        refused: 0,
    }
}
