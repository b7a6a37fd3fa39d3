//! Operations and their answers, alike for all subjects.

use std::fmt;

/// A public operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The key's value.
    Get,
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
    /// Removes.
    Remove,
    /// All entries.
    Iterate,
    /// The number of entries.
    Len,
    /// Ends the last hold of an entry that was removed.
    DropGuard,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 10] = [
        Kind::Get,
        Kind::Contains,
        Kind::Insert,
        Kind::TryInsert,
        Kind::GetOrInsert,
        Kind::Update,
        Kind::Remove,
        Kind::Iterate,
        Kind::Len,
        Kind::DropGuard,
    ];

    /// Whether it is about one key.
    pub fn has_key(self) -> bool {
        !matches!(self, Kind::Iterate | Kind::Len)
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
