//! The states in which an operation begins.

use std::ptr::NonNull;

use crate::call::{Answer, Call, Kind};
use crate::model::State;
use crate::subject::{Held, Subject};

/// How many entries there are, and whether something is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Three entries.
    Few,
    /// Room for one more.
    NearlyFull,
    /// As many as the capacity.
    Full,
    /// Few, and so many guards that each place where a guard can be written down is taken.
    Held,
}

impl Shape {
    /// All of them.
    pub const ALL: [Shape; 4] = [Shape::Few, Shape::NearlyFull, Shape::Full, Shape::Held];
}

/// A key that is there.
pub const PRESENT: u64 = 1;
/// Another one.
pub const OTHER: u64 = 2;
/// A key that is not there.
pub const ABSENT: u64 = 50;
/// The key of which many guards are held; nothing else is done with it.
const HELD: u64 = 0;
/// Where keys begin that no operation has used before.
pub const FRESH: u64 = 60;
/// More than there are places for.
const GUARDS: usize = 20;

/// A subject in a state that is the same each time.
pub struct Prepared {
    /// What is in it.
    pub state: State,
    holds: Vec<Box<dyn Held>>,
    subject: NonNull<dyn Subject>,
    /// Whether it is a box that is to be dropped.
    boxed: bool,
}

impl Prepared {
    /// `None` if the subject has no such state.
    pub fn new(subject: Box<dyn Subject>, shape: Shape) -> Option<Self> {
        let subject = NonNull::from(Box::leak(subject));
        let mut prepared = Self {
            state: State::new(),
            holds: Vec::new(),
            subject,
            boxed: true,
        };
        prepared.set(shape).then_some(prepared)
    }

    /// The same where the subject is.
    ///
    /// # Safety
    /// A fresh subject is there, of which nobody else knows, and it stays.
    pub unsafe fn in_place(subject: NonNull<dyn Subject>, shape: Shape) -> Option<Self> {
        let mut prepared = Self {
            state: State::new(),
            holds: Vec::new(),
            subject,
            boxed: false,
        };
        prepared.set(shape).then_some(prepared)
    }

    fn set(&mut self, shape: Shape) -> bool {
        self.state = self.fill(shape);
        if shape == Shape::Held {
            // SAFETY: it lives until `drop`, which ends the holds first, or longer.
            let subject: &'static dyn Subject = unsafe { self.subject.as_ref() };
            self.holds = (0..GUARDS).filter_map(|_| subject.hold(HELD)).collect();
            return self.holds.len() == GUARDS;
        }
        true
    }

    /// The subject.
    pub fn subject(&self) -> &dyn Subject {
        // SAFETY: it lives as long as `self`, or longer.
        unsafe { self.subject.as_ref() }
    }

    /// The subject, exclusively: what was held is held for ever.
    pub fn abandoned(&mut self) -> &mut dyn Subject {
        for hold in self.holds.drain(..) {
            std::mem::forget(hold);
        }
        // SAFETY: as above; whatever else borrowed it borrowed `self`, or was forgotten.
        unsafe { self.subject.as_mut() }
    }

    /// Fills and empties it twice, so that each cell has been used, then puts in what belongs in it.
    fn fill(&self, shape: Shape) -> State {
        let subject = self.subject();
        let capacity = subject.rules().capacity as u64;
        for round in 0..2 {
            for key in 10..10 + capacity {
                let insert = Call::new(Kind::TryInsert, key, 1000 + round);
                assert_eq!(
                    subject.call(insert),
                    Answer::Inserted,
                    "a new key, and room for it"
                );
            }
            for key in 10..10 + capacity {
                subject.call(Call::new(Kind::Remove, key, 0));
            }
        }
        let keys = match shape {
            Shape::Few => 1..4,
            Shape::NearlyFull => 1..capacity,
            Shape::Full => 1..capacity + 1,
            Shape::Held => HELD..3,
        };
        let state: State = keys.map(|key| (key, 100 + key)).collect();
        for (&key, &value) in &state {
            let answer = subject.call(Call::new(Kind::TryInsert, key, value));
            assert_eq!(answer, Answer::Inserted, "a new key, and room for it");
        }
        state
    }

    /// An operation that is about to begin; `state` becomes the one that it begins in. `None`: not in this
    /// one.
    pub fn begin(&self, call: Call, state: &mut State) -> Option<Box<dyn FnOnce() -> Answer + '_>> {
        let subject = self.subject();
        if call.kind != Kind::DropGuard {
            return Some(Box::new(move || subject.call(call)));
        }
        let hold = subject.hold(call.key)?;
        state.remove(&call.key);
        subject.call(Call::new(Kind::Remove, call.key, 0));
        Some(Box::new(move || {
            drop(hold);
            Answer::Done
        }))
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        self.holds.clear();
        if self.boxed {
            // SAFETY: from `Box::leak`; the holds are gone, and whatever else borrowed it borrowed `self`.
            drop(unsafe { Box::from_raw(self.subject.as_ptr()) });
        }
    }
}

/// The operations that a subject has, of a key that is there and of one that is not.
pub fn calls(subject: &dyn Subject) -> Vec<Call> {
    let kinds = Kind::ALL.into_iter().filter(|kind| subject.has(*kind));
    let calls = kinds.flat_map(|kind| {
        let keys: &[u64] = match kind {
            Kind::DropGuard => &[PRESENT],
            _ if kind.has_key() => &[PRESENT, ABSENT],
            _ => &[0],
        };
        keys.iter()
            .map(move |&key| Call::new(kind, key, 7000 + key))
    });
    calls.collect()
}
