//! Recorded histories of the maps, and whether some order of the operations explains them.
//!
//! A [`History`] is what some contexts did to one map: for each operation what it was, what it answered,
//! and from when to when it ran. [`check`] says whether it is *linearizable*: whether there is an order of
//! the operations, each somewhere between its start and its end, in which a plain map gives the same
//! answers. Keys are checked one by one ([`key`]); counts and iteration are statements about intervals
//! ([`interval`]).
//!
//! Histories of boards come as text: [`text`] reads and checks it.

pub mod cross;
pub mod faulty;
pub mod interval;
pub mod key;
mod known;
mod minimal;
pub mod record;
mod room;
pub mod show;
pub mod text;
pub mod verdict;

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
    /// Removes.
    Remove,
    /// Replaces the value of a key that is there by the argument.
    Set,
    /// Replaces the value of a key that is there by its sum with the argument.
    Add,
    /// The number of entries.
    Len,
    /// Whether there is none.
    IsEmpty,
    /// Whether there are as many as the capacity.
    IsFull,
    /// All entries.
    Walk,
}

impl Kind {
    /// Whether it is about one key.
    pub fn has_key(self) -> bool {
        !matches!(self, Self::Len | Self::IsEmpty | Self::IsFull | Self::Walk)
    }

    /// Whether it may change the map.
    pub fn writes(self) -> bool {
        self.has_key() && !matches!(self, Self::Get | Self::Contains)
    }
}

/// What an operation answered.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// These entries, in this order.
    Entries(Vec<(u64, u64)>),
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// The context that ran it.
    pub context: usize,
    /// A reading of the clock that all contexts share, before it. Of two operations of which one ends when the other starts, both
    /// orders are possible.
    pub start: u64,
    /// A reading after it; none if it never ended.
    pub end: Option<u64>,
    /// What it does.
    pub kind: Kind,
    /// Its key, if it has one.
    pub key: u64,
    /// Its value, if it has one.
    pub argument: u64,
    /// What it answered; none if it never ended.
    pub answer: Option<Answer>,
}

/// What contexts did to one map that was empty at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Which map.
    pub subject: String,
    /// How many entries it promises to hold.
    pub capacity: usize,
    /// Cells beyond these, kept for replacements; none if a replacement needs no cell.
    pub spares: Option<usize>,
    /// How many guards each context may hold between its operations; none if there are no guards.
    pub guards: Option<usize>,
    /// The operations, in any order.
    pub ops: Vec<Op>,
}

/// Why a history cannot be explained.
#[derive(Clone, Debug)]
pub struct Violation {
    /// What is wrong, in a sentence.
    pub what: String,
    /// The operations that show it, in the order of their starts.
    pub window: Vec<Op>,
}

/// Checks all of it.
///
/// # Errors
/// The first violation found.
pub fn check(history: &History) -> Result<(), Violation> {
    key::check(history)?;
    interval::check(history)
}

/// How many operations started while one of another context on the same key ran: without such ones a history
/// shows little.
pub fn overlapping(history: &History) -> u64 {
    let mut ops: Vec<&Op> = history.ops.iter().filter(|op| op.kind.has_key()).collect();
    ops.sort_by_key(|op| (op.key, op.start));
    let mut last: Option<(u64, u64)> = None;
    let mut count = 0;
    for op in ops {
        let end = op.end.unwrap_or(u64::MAX);
        let (key, until) = last.unwrap_or((op.key, 0));
        let same = last.is_some() && key == op.key;
        count += u64::from(same && op.start <= until);
        last = Some((op.key, if same { end.max(until) } else { end }));
    }
    count
}
