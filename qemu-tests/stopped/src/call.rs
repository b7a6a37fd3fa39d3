//! Operations and their answers, alike for all subjects.

use std::fmt;

/// A public operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The key's value.
    Get,
    /// A copy of the key's value, of a map that otherwise gives guards.
    GetCopied,
    /// Whether the key is there.
    Contains,
    /// Inserts or replaces.
    Insert,
    /// Inserts, never replaces.
    TryInsert,
    /// The value that is there or is put there.
    GetOrInsert,
    /// Changes the value of a key that is there.
    Update,
    /// Inserts, or changes the value that is there.
    Upsert,
    /// Inserts, changes the value that is there, or removes it if it is [`wanted`].
    Compute,
    /// Removes.
    Remove,
    /// Removes a value that is [`wanted`].
    RemoveIf,
    /// All entries.
    Iterate,
    /// The number of entries.
    Len,
    /// Whether there is no entry.
    IsEmpty,
    /// Whether there are as many entries as the capacity.
    IsFull,
    /// Ends the last hold of an entry that was removed.
    DropGuard,
    /// How many cells are free: only asked when nothing else is going on but what is suspended.
    Free,
}

impl Kind {
    /// All that are tried: not [`Kind::Free`].
    pub const ALL: [Kind; 16] = [
        Kind::Get,
        Kind::GetCopied,
        Kind::Contains,
        Kind::Insert,
        Kind::TryInsert,
        Kind::GetOrInsert,
        Kind::Update,
        Kind::Upsert,
        Kind::Compute,
        Kind::Remove,
        Kind::RemoveIf,
        Kind::Iterate,
        Kind::Len,
        Kind::IsEmpty,
        Kind::IsFull,
        Kind::DropGuard,
    ];

    /// Whether it is about one key.
    pub fn has_key(self) -> bool {
        !self.counts() && !matches!(self, Kind::Iterate | Kind::Free)
    }

    /// Whether its answer is about the number of entries.
    pub fn counts(self) -> bool {
        matches!(self, Kind::Len | Kind::IsEmpty | Kind::IsFull)
    }

    /// Whether it changes nothing that a map holds.
    pub fn reads(self) -> bool {
        use Kind::{Contains, Get, GetCopied, Iterate};
        self.counts() || matches!(self, Get | GetCopied | Contains | Iterate)
    }
}

/// An operation with its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Which operation.
    pub kind: Kind,
    /// The key, if it is about one.
    pub key: u64,
    /// The value, or what the change depends on.
    pub value: u64,
}

impl Call {
    /// An operation with its arguments.
    pub fn new(kind: Kind, key: u64, value: u64) -> Self {
        Self { kind, key, value }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind.has_key() {
            write!(f, "{:?}({}, {})", self.kind, self.key, self.value)
        } else {
            write!(f, "{:?}", self.kind)
        }
    }
}

/// The value after an update of `old`: depends on both, and fits into 32 bits.
pub fn changed(old: u64, value: u64) -> u64 {
    (old.wrapping_mul(31).wrapping_add(value)) & u64::from(u32::MAX)
}

/// Whether a removal with a condition wants a value.
pub fn wanted(old: u64, value: u64) -> bool {
    (old ^ value) & 1 == 0
}

/// What an operation returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A value, or that there was none: the one found, replaced or removed.
    Value(Option<u64>),
    /// Yes or no.
    Bool(bool),
    /// `try_insert` has inserted.
    Inserted,
    /// `try_insert` found this value there.
    Occupied(u64),
    /// No cell is free.
    Full,
    /// A number.
    Count(usize),
    /// Entries, sorted by key.
    List(Vec<(u64, u64)>),
    /// Nothing.
    Done,
}
