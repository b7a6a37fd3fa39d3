//! Subjects with a fault that the instruments must find.

use std::cell::RefCell;
use std::collections::HashMap;

use tagged_arena::sync::{AtomicUsize, Ordering};

use crate::call::{Answer, Call, Kind};
use crate::model::Rules;
use crate::subject::{Held, Subject};

/// The entries of all planted subjects.
const CAPACITY: usize = 8;

/// What is done wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A lock is held meanwhile.
    Lock,
    /// Three cells are taken meanwhile.
    ThreeCells,
    /// An update reads, then writes.
    LostUpdate,
    /// A weak compare-and-swap that fails is taken for one that has succeeded.
    WeakTaken,
}

/// A hash map of one context at a time, with a fault.
struct Planted {
    fault: Fault,
    entries: RefCell<HashMap<u64, u64>>,
    /// An access that can be hooked: a lock, a number of free cells, or just an access.
    word: AtomicUsize,
}

/// A lock: who is suspended with it makes others wait.
pub fn lock() -> Box<dyn Subject> {
    new(Fault::Lock)
}

/// Who is suspended costs three cells.
pub fn three_cells() -> Box<dyn Subject> {
    new(Fault::ThreeCells)
}

/// An update that is interrupted by another one undoes that.
pub fn lost_update() -> Box<dyn Subject> {
    new(Fault::LostUpdate)
}

/// An insert whose weak compare-and-swap fails has not inserted, and says that it has.
pub fn weak_taken() -> Box<dyn Subject> {
    new(Fault::WeakTaken)
}

fn new(fault: Fault) -> Box<dyn Subject> {
    Box::new(Planted {
        fault,
        entries: RefCell::default(),
        word: AtomicUsize::new(0),
    })
}

impl Planted {
    fn enter(&self) {
        match self.fault {
            Fault::Lock => {
                let (order, other) = (Ordering::Acquire, Ordering::Relaxed);
                while self.word.compare_exchange(0, 1, order, other).is_err() {}
                self.word.load(Ordering::Relaxed);
            }
            Fault::ThreeCells => {
                self.word.fetch_add(3, Ordering::AcqRel);
                self.word.load(Ordering::Relaxed);
            }
            Fault::LostUpdate | Fault::WeakTaken => {}
        }
    }

    fn leave(&self) {
        match self.fault {
            Fault::Lock => self.word.store(0, Ordering::Release),
            Fault::ThreeCells => {
                self.word.fetch_sub(3, Ordering::AcqRel);
            }
            Fault::LostUpdate | Fault::WeakTaken => {}
        }
    }

    /// Whether a new entry has room. While it asks, its own three are taken.
    fn fits(&self) -> bool {
        let taken = match self.fault {
            Fault::ThreeCells => self.word.load(Ordering::Relaxed).saturating_sub(3),
            _ => 0,
        };
        self.entries.borrow().len() + taken < CAPACITY
    }

    fn plain(&self, Call { kind, key, value }: Call) -> Answer {
        let now = self.entries.borrow().get(&key).copied();
        match kind {
            Kind::Get => Answer::Value(now),
            Kind::TryInsert if now.is_some() => Answer::Occupied(now.unwrap_or_default()),
            Kind::TryInsert | Kind::Insert if now.is_none() && !self.fits() => Answer::Full,
            Kind::TryInsert => {
                let (order, other) = (Ordering::AcqRel, Ordering::Relaxed);
                let weak = || self.word.compare_exchange_weak(0, 0, order, other);
                if self.fault == Fault::WeakTaken && weak().is_err() {
                    return Answer::Inserted;
                }
                self.entries.borrow_mut().insert(key, value);
                Answer::Inserted
            }
            Kind::Insert => Answer::Value(self.entries.borrow_mut().insert(key, value)),
            Kind::Remove => Answer::Value(self.entries.borrow_mut().remove(&key)),
            Kind::Update => {
                self.word.load(Ordering::Relaxed);
                if let Some(old) = now {
                    let new = crate::call::changed(old, value);
                    self.entries.borrow_mut().insert(key, new);
                }
                Answer::Value(now)
            }
            _ => Answer::Count(self.entries.borrow().len()),
        }
    }
}

impl Subject for Planted {
    fn rules(&self) -> Rules {
        Rules {
            capacity: CAPACITY,
            spares: None,
            counts_early: false,
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
}
