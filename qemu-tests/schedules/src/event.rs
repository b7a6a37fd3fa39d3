//! What is recorded of an operation.

use std::fmt;

/// An operation of the maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Get,
    Contains,
    Insert,
    TryInsert,
    GetOrInsert,
    Remove,
    Update,
    Add,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 8] = [
        Kind::Get,
        Kind::Contains,
        Kind::Insert,
        Kind::TryInsert,
        Kind::GetOrInsert,
        Kind::Remove,
        Kind::Update,
        Kind::Add,
    ];

    fn letter(self) -> char {
        match self {
            Kind::Get => 'g',
            Kind::Contains => 'c',
            Kind::Insert => 'i',
            Kind::TryInsert => 't',
            Kind::GetOrInsert => 'o',
            Kind::Remove => 'r',
            Kind::Update => 'u',
            Kind::Add => 'a',
        }
    }

    fn has_argument(self) -> bool {
        !matches!(self, Kind::Get | Kind::Contains | Kind::Remove)
    }
}

/// What an operation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was there.
    None,
    /// This value: replaced, removed or found.
    Some(u64),
    /// `try_insert`: this value was there.
    Occupied(u64),
    /// `contains_key`.
    Is(bool),
    /// There was no cell.
    Full,
}

/// An operation: who, when, what.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Event {
    pub context: u16,
    pub kind: Kind,
    pub key: u16,
    pub start: u64,
    pub end: u64,
    pub argument: u64,
    pub outcome: Outcome,
}

/// All operations on one map.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct History {
    pub subject: &'static str,
    pub capacity: usize,
    pub contexts: usize,
    pub events: Vec<Event>,
    /// Nobody may be told that the map is full.
    pub roomy: bool,
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subject, capacity, contexts) = (self.subject, self.capacity, self.contexts);
        writeln!(f, "H {subject} {capacity:x} {contexts:x} shared")?;
        for event in &self.events {
            writeln!(f, "{event}")?;
        }
        writeln!(f, "E")
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (context, start, end, key) = (self.context, self.start, self.end, self.key);
        let kind = self.kind.letter();
        write!(f, "h {context:x} {start:x} {end:x} {kind} {key:x} ")?;
        if self.kind.has_argument() {
            write!(f, "{:x} ", self.argument)?;
        } else {
            f.write_str("- ")?;
        }
        match self.outcome {
            Outcome::None => f.write_str("n"),
            Outcome::Some(value) => write!(f, "s{value:x}"),
            Outcome::Occupied(value) => write!(f, "o{value:x}"),
            Outcome::Is(true) => f.write_str("t"),
            Outcome::Is(false) => f.write_str("f"),
            Outcome::Full => f.write_str("F"),
        }
    }
}
