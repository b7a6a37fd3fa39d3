//! Subjects with a fault that the instruments must find.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use tagged_arena::sync::{AtomicUsize, Ordering};

use crate::call::{Answer, Call, Kind};
use crate::model::Rules;
use crate::subject::{Held, Named, Subject, named};

/// The entries of all planted subjects.
const CAPACITY: usize = 8;
/// The cells of those that count them.
const CELLS: usize = 16;

/// A lock is held meanwhile.
const LOCK: u8 = 0;
/// Three cells are taken meanwhile.
const THREE_CELLS: u8 = 1;
/// An update reads, then writes.
const LOST_UPDATE: u8 = 2;
/// A weak compare-and-swap that fails is taken for one that has succeeded.
const WEAK_TAKEN: u8 = 3;
/// Who replaces removes first.
const GAP: u8 = 4;
/// Each replacement costs a spare cell for good.
const LEAK: u8 = 5;
/// A look-up writes.
const WRITES: u8 = 6;
/// Two cells are taken meanwhile, and stay so when it is repaired.
const KEEPS: u8 = 7;

/// Who is suspended with the lock makes others wait.
pub const LOCKED: Named = named!("a lock", Planted<LOCK>);
/// Who is suspended costs three cells.
pub const COSTLY: Named = named!("three cells", Planted<THREE_CELLS>);
/// An update that is interrupted by another one undoes that.
pub const FORGETFUL: Named = named!("lost update", Planted<LOST_UPDATE>);
/// An insert whose weak compare-and-swap fails has not inserted, and says that it has.
pub const HASTY: Named = named!("weak taken", Planted<WEAK_TAKEN>);
/// Who is suspended while it replaces has removed the key, and others miss it.
pub const GAPPED: Named = named!("a gap", Planted<GAP>);
/// New keys find all cells free, and replacements one less each time.
pub const LEAKY: Named = named!("a leak", Planted<LEAK>);
/// A look-up that must not write does.
pub const WRITING: Named = named!("a read that writes", Planted<WRITES>);
/// Who is suspended costs two cells, also after a repair.
pub const UNREPAIRED: Named = named!("a repair that does nothing", Planted<KEEPS>);

/// A map of one context at a time, with a fault.
#[derive(Default)]
struct Planted<const FAULT: u8> {
    /// Key + 1, or zero; and the value. No hook is called for them.
    entries: [(AtomicU64, AtomicU64); CAPACITY],
    /// An access that can be hooked: a lock, a number of taken or lost cells, or just an access.
    word: AtomicUsize,
}

impl<const FAULT: u8> Planted<FAULT> {
    /// So many cells are taken while an operation is in progress.
    const TAKES: usize = match FAULT {
        THREE_CELLS => 3,
        KEEPS => 2,
        _ => 0,
    };

    fn enter(&self) {
        match FAULT {
            LOCK => {
                let (order, other) = (Ordering::Acquire, Ordering::Relaxed);
                while self.word.compare_exchange(0, 1, order, other).is_err() {}
                self.word.load(Ordering::Relaxed);
            }
            THREE_CELLS | KEEPS => {
                self.word.fetch_add(Self::TAKES, Ordering::AcqRel);
                self.word.load(Ordering::Relaxed);
            }
            _ => {}
        }
    }

    fn leave(&self) {
        match FAULT {
            LOCK => self.word.store(0, Ordering::Release),
            THREE_CELLS | KEEPS => {
                self.word.fetch_sub(Self::TAKES, Ordering::AcqRel);
            }
            _ => {}
        }
    }

    /// The value of a key.
    fn find(&self, key: u64) -> Option<&(AtomicU64, AtomicU64)> {
        self.entries
            .iter()
            .find(|entry| entry.0.load(Relaxed) == key + 1)
    }

    fn len(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.0.load(Relaxed) != 0)
            .count()
    }

    /// Whether a new entry has room. While it asks, its own cells are taken.
    fn fits(&self) -> bool {
        let taken = match Self::TAKES {
            0 => 0,
            own => self.word.load(Ordering::Relaxed).saturating_sub(own),
        };
        self.len() + taken < CAPACITY
    }

    fn plain(&self, Call { kind, key, value }: Call) -> Answer {
        let entry = self.find(key);
        let now = entry.map(|entry| entry.1.load(Relaxed));
        match (kind, entry) {
            (Kind::TryInsert, Some(entry)) => Answer::Occupied(entry.1.load(Relaxed)),
            (Kind::Insert | Kind::TryInsert, None) => {
                if !self.fits() {
                    return Answer::Full;
                }
                let (order, other) = (Ordering::AcqRel, Ordering::Relaxed);
                let weak = || self.word.compare_exchange_weak(0, 0, order, other);
                if FAULT != WEAK_TAKEN || weak().is_ok() {
                    let free = self.entries.iter().find(|entry| entry.0.load(Relaxed) == 0);
                    let free = free.expect("it fits");
                    free.1.store(value, Relaxed);
                    free.0.store(key + 1, Relaxed);
                }
                match kind {
                    Kind::Insert => Answer::Value(None),
                    _ => Answer::Inserted,
                }
            }
            (Kind::Insert, Some(entry)) => {
                if FAULT == GAP {
                    entry.0.store(0, Relaxed);
                    self.word.load(Ordering::Relaxed);
                    entry.0.store(key + 1, Relaxed);
                }
                if FAULT == LEAK {
                    self.word.fetch_add(1, Ordering::Relaxed);
                }
                Answer::Value(Some(entry.1.swap(value, Relaxed)))
            }
            (Kind::Remove, Some(entry)) => {
                entry.0.store(0, Relaxed);
                Answer::Value(now)
            }
            (Kind::Update, Some(entry)) => {
                self.word.load(Ordering::Relaxed);
                let old = now.unwrap_or_default();
                entry.1.store(crate::call::changed(old, value), Relaxed);
                Answer::Value(now)
            }
            (Kind::Len, _) => Answer::Count(self.len()),
            (Kind::Free, _) => {
                let taken = self.len() + self.word.load(Ordering::Relaxed);
                Answer::Count(CELLS.saturating_sub(taken))
            }
            (Kind::Get, _) if FAULT == WRITES => {
                self.word
                    .store(self.word.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                Answer::Value(now)
            }
            _ => Answer::Value(now),
        }
    }
}

impl<const FAULT: u8> Subject for Planted<FAULT> {
    fn rules(&self) -> Rules {
        Rules {
            capacity: CAPACITY,
            spares: None,
            cells: (FAULT == LEAK).then_some(CELLS),
            silent_reads: FAULT == WRITES,
            counts_cells: false,
            equal_hashes: false,
        }
    }

    fn has(&self, kind: Kind) -> bool {
        use Kind::{Get, Insert, Len, Remove, TryInsert, Update};
        matches!(kind, Get | Insert | TryInsert | Remove | Update | Len)
    }

    fn call(&self, call: Call) -> Answer {
        self.enter();
        let answer = self.plain(call);
        self.leave();
        answer
    }

    fn hold(&self, _: u64) -> Option<Box<dyn Held + '_>> {
        None
    }

    fn has_repair(&self) -> bool {
        FAULT == KEEPS
    }
}
