//! Subjects with a fault that the layer must find.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use stops_image::{answer, changed, kind};

use crate::subject::{Subject, number};
use crate::words::{Answer, Call, Room};

/// The entries of all planted subjects.
const CAPACITY: usize = 8;
/// The cells of those that count them.
const CELLS: u64 = 16;

/// Who is stopped holds a lock.
pub const LOCK: u8 = 0;
/// Who is stopped costs three cells.
pub const THREE_CELLS: u8 = 1;
/// Who replaces removes first.
pub const GAP: u8 = 2;
/// Who updates reads, then writes.
pub const LOST_UPDATE: u8 = 3;
/// Each replacement costs a spare cell for good.
pub const LEAK: u8 = 4;

/// A map of one context at a time, with a fault.
pub struct Planted<const FAULT: u8> {
    /// Key + 1, or zero; and the value.
    entries: [(AtomicU64, AtomicU64); CAPACITY],
    /// A lock, or a number of taken or lost cells.
    word: AtomicU64,
}

impl<const FAULT: u8> Planted<FAULT> {
    /// An empty one.
    pub const fn new() -> Self {
        Self {
            entries: [const { (AtomicU64::new(0), AtomicU64::new(0)) }; CAPACITY],
            word: AtomicU64::new(0),
        }
    }

    fn enter(&self) {
        match FAULT {
            LOCK => {
                while self.word.compare_exchange(0, 1, Acquire, Relaxed).is_err() {
                    core::hint::spin_loop();
                }
            }
            THREE_CELLS => drop(self.word.fetch_add(3, AcqRel)),
            _ => {}
        }
    }

    fn leave(&self) {
        match FAULT {
            LOCK => self.word.store(0, Release),
            THREE_CELLS => drop(self.word.fetch_sub(3, AcqRel)),
            _ => {}
        }
    }

    fn find(&self, word: u64) -> Option<&(AtomicU64, AtomicU64)> {
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.0.load(Relaxed) == word)
    }

    fn len(&self) -> usize {
        let entries = self.entries.iter();
        entries.filter(|entry| entry.0.load(Relaxed) != 0).count()
    }

    /// Whether a new entry has room. While it asks, its own three are taken.
    fn fits(&self) -> bool {
        let taken = match FAULT {
            THREE_CELLS => self.word.load(Relaxed).saturating_sub(3) as usize,
            _ => 0,
        };
        self.len() + taken < CAPACITY
    }

    fn put_new(&self, key: u64, value: u64, done: Answer) -> Answer {
        match self.find(0).filter(|_| self.fits()) {
            Some(free) => {
                free.1.store(value, Relaxed);
                free.0.store(key + 1, Release);
                done
            }
            None => [answer::FULL, 0],
        }
    }

    fn plain(&self, Call { kind, key, value }: Call) -> Answer {
        let entry = self.find(key + 1);
        let now = entry.map(|entry| entry.1.load(Relaxed));
        match (kind, entry) {
            (kind::INSERT, None) => self.put_new(key, value, [answer::NONE, 0]),
            (kind::TRY_INSERT, None) => self.put_new(key, value, [answer::INSERTED, 0]),
            (kind::TRY_INSERT, Some(entry)) => [answer::OCCUPIED, entry.1.load(Relaxed)],
            (kind::INSERT, Some(entry)) => {
                if FAULT == GAP {
                    entry.0.store(0, Relaxed);
                }
                if FAULT == LEAK {
                    self.word.fetch_add(1, Relaxed);
                }
                entry.1.store(value, Release);
                entry.0.store(key + 1, Release);
                number(now)
            }
            (kind::UPDATE, Some(entry)) => {
                let old = entry.1.load(Acquire);
                entry.1.store(changed(old, value), Release);
                number(Some(old))
            }
            (kind::REMOVE, Some(entry)) => {
                entry.0.store(0, Relaxed);
                number(now)
            }
            (kind::LEN, _) => [answer::COUNT, self.len() as u64],
            (kind::FREE, _) => {
                let taken = self.len() as u64 + self.word.load(Relaxed);
                [answer::COUNT, CELLS.saturating_sub(taken)]
            }
            _ => number(now),
        }
    }
}

impl<const FAULT: u8> Subject for Planted<FAULT> {
    fn call(&self, call: Call, _: &mut Room) -> Answer {
        self.enter();
        let answer = self.plain(call);
        self.leave();
        answer
    }
}
