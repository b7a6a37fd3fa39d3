//! What a core did, kept in memory until all cores are done.

use heapless::Vec;
use spin::Mutex;
use targets::{clock, cores};

/// At most so many cores take part; further ones stand by.
pub const MOST_CORES: usize = if cores::MAX < 8 { cores::MAX } else { 8 };
/// Operations of a core in a round, at most.
pub const MOST_STEPS: usize = 1024;
/// Entries that the walks of a core in a round yield, at most.
const MOST_ENTRIES: usize = 1024;
/// At most so many entries of a walk are kept: more than there are keys.
pub const WALKED: usize = 16;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A look-up of the value.
    Get,
    /// A look-up of the key.
    Contains,
    /// Inserts or replaces.
    Insert,
    /// Inserts, never replaces.
    TryInsert,
    /// Gets, or inserts the value.
    GetOrInsert,
    /// A look-up by the identifier of the entry that has this value.
    GetById,
    /// Removes.
    Remove,
    /// Removes a value that is [wanted](crate::decision::wanted).
    RemoveIf,
    /// Removes the entry that has this value, by its identifier.
    RemoveById,
    /// Removes what is not [kept](crate::decision::kept): of all keys.
    Retain,
    /// Replaces the value of a key that is there by the argument.
    Set,
    /// Replaces the value of a key that is there by its sum with the argument.
    Add,
    /// Inserts the argument, or replaces the value by what both differ in (exclusive or).
    Upsert,
    /// Inserts, replaces, removes or leaves as it is, as is [decided](crate::decision::decided).
    Compute,
    /// The number of entries.
    Len,
    /// Whether there is none.
    IsEmpty,
    /// Whether there are as many as the capacity.
    IsFull,
    /// All entries.
    Walk,
}

/// What an operation answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The key was not there.
    Absent,
    /// This value was there (of [`Kind::GetOrInsert`]: is there now).
    There(u64),
    /// There was no place.
    Full,
    /// Yes or no.
    Is(bool),
    /// So many.
    Number(u64),
    /// Put into a pool under this identifier.
    Named(u64),
    /// Those entries of the log.
    Entries {
        /// The first one's place.
        first: usize,
        /// How many.
        count: usize,
    },
    /// Nothing: it was done.
    Done,
    /// Withheld: it never ended, as far as the log tells.
    Open,
}

/// The entries of one walk.
pub type Walked = Vec<(u64, u64), WALKED>;

/// One operation.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// A reading of the clock before it.
    pub start: u64,
    /// A reading after it.
    pub end: u64,
    /// What it does.
    pub kind: Kind,
    /// Its key, or its identifier.
    pub key: u64,
    /// Its value.
    pub argument: u64,
    /// What it answered.
    pub answer: Answer,
}

/// What one core did in a round.
pub struct Log {
    /// In the order of the program.
    pub records: Vec<Record, MOST_STEPS>,
    /// Of all walks.
    pub entries: Vec<(u64, u64), MOST_ENTRIES>,
}

/// The logs of all cores.
pub static LOGS: [Mutex<Log>; MOST_CORES] = [const { Mutex::new(Log::new()) }; MOST_CORES];

impl Log {
    /// An empty one.
    pub const fn new() -> Self {
        Self {
            records: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.records.clear();
        self.entries.clear();
    }

    /// How many more operations fit in.
    pub fn room(&self) -> usize {
        self.records.capacity() - self.records.len()
    }

    /// Whether the entries of one more walk fit in.
    pub fn walks(&self) -> bool {
        self.entries.capacity() - self.entries.len() >= WALKED
    }

    /// Runs an operation and writes it down. The clock has the fences on both sides of its readings.
    /// What the operation is about may be known only when it has ended.
    ///
    /// # Panics
    /// If there is no room.
    #[inline]
    pub fn note(&mut self, run: impl FnOnce(&mut Walked) -> (Kind, u64, u64, Answer)) -> Answer {
        let mut walked = Walked::new();
        let start = clock::ticks();
        let (kind, key, argument, mut answer) = run(&mut walked);
        let end = clock::ticks();
        if kind == Kind::Walk {
            answer = Answer::Entries {
                first: self.entries.len(),
                count: walked.len(),
            };
            self.entries.extend(walked);
        }
        let record = Record {
            start,
            end,
            kind,
            key,
            argument,
            answer,
        };
        assert!(self.records.push(record).is_ok(), "the log is full");
        answer
    }

    /// Writes the last operation down once more, for another key: of one that is about several.
    pub fn note_again(&mut self, key: u64) {
        if let Some(last) = self.records.last().copied() {
            assert!(
                self.records.push(Record { key, ..last }).is_ok(),
                "the log is full"
            );
        }
    }

    /// Withholds when the last operation ended and what it answered. It did end: what the others were
    /// answered must fit with it or without it.
    pub fn leave_open(&mut self) {
        if let Some(last) = self.records.last_mut() {
            last.answer = Answer::Open;
        }
    }
}
