//! Faults that are planted between the recorder and a map: what the checker must find.

use core::sync::atomic::{AtomicUsize, Ordering};

use targets::{clock, cores};

use crate::decision::{Decision, decided, kept, wanted};
use crate::log::{Answer, Kind, MOST_CORES, Walked};
use crate::subject::{MOST_KEYS, Subject};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Some reads give a value from long ago.
    StaleRead,
    /// Some inserts are forgotten.
    LostInsert,
    /// `try_insert` looks first and inserts then, in two steps.
    TwoWinners,
    /// An addition reads and writes in two steps.
    LostUpdate,
    /// An upsert does.
    LostUpsert,
    /// A compute does.
    LostCompute,
    /// `remove_if` looks first, and removes then whatever is there.
    Unwanted,
    /// `retain` does.
    Unasked,
    /// An identifier names what replaced its entry.
    NamesAnother,
    /// Some removals are undone later.
    Resurrected,
    /// Inserts of a key that is there are refused at times.
    RefusedThough,
    /// Inserts of a key that is not there are refused at times.
    RefusedWithout,
    /// The count is one too many at times.
    OneTooMany,
    /// It is empty at times, whatever is in it.
    EmptyThough,
    /// Some walks miss an entry.
    Missed,
    /// Some walks yield an entry twice.
    Twice,
    /// Of a pool: an identifier still names what was removed.
    StaleIdentifier,
}

/// No order of the operations on one key.
const NO_ORDER: &str = "no order of the operations explains the answers";

/// Every fault: its name on the command line, and what the checker must say of it.
pub const FAULTS: [(&str, Fault, &str); 17] = [
    ("stale-read", Fault::StaleRead, NO_ORDER),
    ("lost-insert", Fault::LostInsert, NO_ORDER),
    ("two-winners", Fault::TwoWinners, NO_ORDER),
    ("lost-update", Fault::LostUpdate, NO_ORDER),
    ("lost-upsert", Fault::LostUpsert, NO_ORDER),
    ("lost-compute", Fault::LostCompute, NO_ORDER),
    ("removed-though-unwanted", Fault::Unwanted, NO_ORDER),
    ("removed-unasked", Fault::Unasked, NO_ORDER),
    ("another-entry-named", Fault::NamesAnother, NO_ORDER),
    ("resurrected-value", Fault::Resurrected, NO_ORDER),
    // Of the first map: its replacements need no cell.
    ("refused-although-present", Fault::RefusedThough, NO_ORDER),
    (
        "refused-without-need",
        Fault::RefusedWithout,
        "answered Full",
    ),
    ("count-of-one-too-many", Fault::OneTooMany, "Len answered"),
    (
        "empty-although-present",
        Fault::EmptyThough,
        "IsEmpty answered",
    ),
    ("entry-missed", Fault::Missed, "a walk misses"),
    ("entry-twice", Fault::Twice, "twice"),
    ("stale-identifier", Fault::StaleIdentifier, NO_ORDER),
];

/// One of so many operations goes wrong, where a fault is not one of every operation.
const RARITY: u32 = 8;
/// Two steps that should be one are so many operations of other cores apart, if these go on.
const APART: usize = 8;
/// No core waits longer for others: they may have come to their end, or wait likewise.
const PATIENCE_NS: u64 = 5_000_000;

/// How many operations the cores have done, if a fault is planted.
static DONE: [AtomicUsize; MOST_CORES] = [const { AtomicUsize::new(0) }; MOST_CORES];

/// A map with a fault, as one core sees it.
pub struct Planted<'a> {
    subject: &'a dyn Subject,
    fault: Option<Fault>,
    count: u32,
    /// The first value that was seen of each key.
    first: [Option<u64>; MOST_KEYS as usize],
    /// A removal that is to be undone.
    undo: Option<(u64, u64)>,
}

impl<'a> Planted<'a> {
    /// The map, with this fault if there is one.
    pub fn new(subject: &'a dyn Subject, fault: Option<Fault>) -> Self {
        Self {
            subject,
            fault,
            count: 0,
            first: [None; MOST_KEYS as usize],
            undo: None,
        }
    }

    /// Whether this is one of the operations that go wrong.
    fn goes_wrong(&mut self) -> bool {
        self.count += 1;
        self.count % RARITY == 0
    }

    /// Runs one operation.
    pub fn run(&mut self, kind: Kind, key: u64, argument: u64, walked: &mut Walked) -> Answer {
        match self.fault {
            None => self.subject.run(kind, key, argument, walked),
            Some(fault) => self.run_wrong(fault, kind, key, argument, walked),
        }
    }

    fn run_wrong(
        &mut self,
        fault: Fault,
        kind: Kind,
        key: u64,
        argument: u64,
        walked: &mut Walked,
    ) -> Answer {
        let subject = self.subject;
        let mut run = |kind, argument| subject.run(kind, key, argument, walked);
        match (fault, kind) {
            (Fault::LostInsert, Kind::Insert) if self.goes_wrong() => run(Kind::Get, 0),
            (Fault::RefusedThough, Kind::Insert) if self.goes_wrong() => {
                match run(Kind::Contains, 0) {
                    Answer::Is(true) => Answer::Full,
                    _ => run(kind, argument),
                }
            }
            (Fault::TwoWinners, Kind::TryInsert) => {
                let found = run(Kind::Get, 0);
                if found != Answer::Absent {
                    return found;
                }
                wait();
                match run(Kind::Insert, argument) {
                    Answer::There(_) => Answer::Absent,
                    other => other,
                }
            }
            (Fault::LostUpdate, Kind::Add) => {
                let found = run(Kind::Get, 0);
                let Answer::There(old) = found else {
                    return found;
                };
                wait();
                match run(Kind::Set, old.wrapping_add(argument)) {
                    Answer::There(_) => found,
                    other => other,
                }
            }
            (Fault::LostUpsert, Kind::Upsert) => {
                let found = run(Kind::Get, 0);
                let old = value(found).unwrap_or(0);
                wait();
                match run(Kind::Insert, old ^ argument) {
                    Answer::Full => Answer::Full,
                    _ => found,
                }
            }
            (Fault::LostCompute, Kind::Compute) => {
                let found = run(Kind::Get, 0);
                let decided = decided(value(found), argument);
                wait();
                let done = match decided {
                    Decision::Put(value) => run(Kind::Insert, value),
                    Decision::Remove => run(Kind::Remove, 0),
                    Decision::Keep => found,
                };
                match done {
                    Answer::Full => done,
                    _ => found,
                }
            }
            (Fault::Unwanted, Kind::RemoveIf) => {
                let found = run(Kind::Get, 0);
                if !value(found).is_some_and(|value| wanted(value, argument)) {
                    return Answer::Absent;
                }
                wait();
                run(Kind::Remove, 0);
                found
            }
            (Fault::Unasked, Kind::Retain) => {
                for key in 0..u64::from(MOST_KEYS) {
                    let found = subject.run(Kind::Get, key, 0, walked);
                    if value(found).is_some_and(|value| !kept(value, argument)) {
                        wait();
                        subject.run(Kind::Remove, key, 0, walked);
                    }
                }
                Answer::Done
            }
            (Fault::NamesAnother, Kind::GetById) => run(Kind::Get, 0),
            (Fault::RefusedWithout, Kind::Insert) if self.goes_wrong() => {
                match run(Kind::Contains, 0) {
                    Answer::Is(false) => Answer::Full,
                    _ => run(kind, argument),
                }
            }
            (Fault::EmptyThough, Kind::IsEmpty) => Answer::Is(true),
            _ => {
                let answer = run(kind, argument);
                self.distort(fault, kind, key, answer, walked)
            }
        }
    }

    /// Distorts what a right operation answered.
    fn distort(
        &mut self,
        fault: Fault,
        kind: Kind,
        key: u64,
        answer: Answer,
        walked: &mut Walked,
    ) -> Answer {
        match (fault, kind, answer) {
            (Fault::StaleRead, Kind::Get, Answer::There(value)) => {
                let wrong = self.goes_wrong();
                let first = self.first[key as usize].get_or_insert(value);
                Answer::There(if wrong { *first } else { value })
            }
            (Fault::OneTooMany, Kind::Len, Answer::Number(count)) if self.goes_wrong() => {
                Answer::Number(count + 1)
            }
            (Fault::Resurrected, Kind::Remove, Answer::There(value)) if self.goes_wrong() => {
                self.undo = Some((key, value));
                answer
            }
            (Fault::Missed, Kind::Walk, _) if self.goes_wrong() => {
                walked.pop();
                answer
            }
            (Fault::Twice, Kind::Walk, _) if self.goes_wrong() => {
                let again = walked.first().copied();
                walked.extend(again);
                answer
            }
            _ => answer,
        }
    }

    /// What goes on when an operation has ended.
    pub fn afterwards(&mut self) {
        if self.fault.is_some() {
            DONE[cores::current()].fetch_add(1, Ordering::Relaxed);
        }
        if let Some((key, value)) = self.undo.take() {
            self.subject
                .run(Kind::Insert, key, value, &mut Walked::new());
        }
    }
}

/// The value that was found.
fn value(found: Answer) -> Option<u64> {
    match found {
        Answer::There(value) => Some(value),
        _ => None,
    }
}

/// Lets other cores work.
fn wait() {
    let others = || {
        let own = cores::current();
        let others = DONE.iter().enumerate().filter(|(core, _)| *core != own);
        others.fold(0, |sum: usize, (_, done)| {
            sum.wrapping_add(done.load(Ordering::Relaxed))
        })
    };
    let (before, start) = (others(), clock::now_ns());
    while others().wrapping_sub(before) < APART && clock::now_ns() - start < PATIENCE_NS {
        cores::pause();
    }
}
