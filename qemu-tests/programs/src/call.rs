//! Operations and what they answer.

use std::fmt;

/// A key: for a pool, the value's identifier as the program knows it.
pub type Key = usize;
/// A value: half a word, so that it is one for both kinds of `CopyMap`.
pub type Value = u32;

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Call {
    Get(Key),
    Contains(Key),
    Insert(Key, Value),
    TryInsert(Key, Value),
    GetOrInsert(Key, Value),
    /// Adds to the value.
    Update(Key, Value),
    /// Inserts, or adds to the value.
    Upsert(Key, Value),
    /// As is decided by `decided`.
    Compute(Key, Value),
    Remove(Key),
    /// If it is `wanted`.
    RemoveIf(Key, Value),
}

/// What [`Call::Compute`] does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Decision {
    Put(Value),
    Remove,
    Keep,
}

/// What [`Call::Compute`] decides: each of the three comes up.
pub fn decided(old: Option<Value>, value: Value) -> Decision {
    match old {
        None => Decision::Put(value),
        Some(old) if old % 3 == 0 => Decision::Remove,
        Some(old) if old % 3 == 1 => Decision::Keep,
        Some(old) => Decision::Put(old + value),
    }
}

/// Whether [`Call::RemoveIf`] removes such a value.
pub fn wanted(old: Value, value: Value) -> bool {
    (old ^ value) & 1 == 0
}

impl Call {
    /// The key.
    pub fn key(self) -> Key {
        match self {
            Call::Get(key)
            | Call::Contains(key)
            | Call::Insert(key, _)
            | Call::TryInsert(key, _)
            | Call::GetOrInsert(key, _)
            | Call::Update(key, _)
            | Call::Upsert(key, _)
            | Call::Compute(key, _)
            | Call::Remove(key)
            | Call::RemoveIf(key, _) => key,
        }
    }

    /// Whether it can only look.
    pub fn reads(self) -> bool {
        matches!(self, Call::Get(_) | Call::Contains(_))
    }
}

/// What an operation said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Nothing was there.
    Nothing,
    /// This value: found, replaced or removed.
    Found(Value),
    /// `try_insert`: this value was there.
    Occupied(Value),
    /// `contains_key`.
    Is(bool),
    /// There was no cell.
    Full,
}

impl Answer {
    /// The value that was found.
    pub fn value(self) -> Option<Value> {
        match self {
            Answer::Found(value) => Some(value),
            _ => None,
        }
    }
}

/// An operation, what it said, and when it ran on a clock that all contexts share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct Event {
    pub call: Call,
    pub answer: Answer,
    pub begin: u64,
    pub end: u64,
}

impl Event {
    /// Whether the map is as it was before, so that the operation took part as a look-up does.
    pub fn changed_nothing(&self) -> bool {
        match (self.call, self.answer) {
            (Call::Get(_) | Call::Contains(_), _) | (_, Answer::Full | Answer::Occupied(_)) => true,
            (Call::Update(..) | Call::Remove(_) | Call::RemoveIf(..), answer) => {
                answer == Answer::Nothing
            }
            (Call::Compute(_, value), Answer::Found(old)) => {
                decided(Some(old), value) == Decision::Keep
            }
            // Somebody else's value was there.
            (Call::GetOrInsert(_, value), answer) => answer != Answer::Found(value),
            (Call::Insert(..) | Call::TryInsert(..), _) => false,
            (Call::Upsert(..) | Call::Compute(..), _) => false,
        }
    }

    /// Whether both were going on at one instant.
    pub fn overlaps(&self, other: &Event) -> bool {
        self.begin < other.end && other.begin < self.end
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Get(key) => write!(f, "get({key})"),
            Call::Contains(key) => write!(f, "contains_key({key})"),
            Call::Insert(key, value) => write!(f, "insert({key}, {value})"),
            Call::TryInsert(key, value) => write!(f, "try_insert({key}, {value})"),
            Call::GetOrInsert(key, value) => write!(f, "get_or_insert_with({key}, || {value})"),
            Call::Update(key, value) => write!(f, "update({key}, |old| old + {value})"),
            Call::Upsert(key, value) => write!(f, "upsert({key}, || {value}, |old| old + {value})"),
            Call::Compute(key, value) => write!(f, "compute({key}, |old| decided(old, {value}))"),
            Call::Remove(key) => write!(f, "remove({key})"),
            Call::RemoveIf(key, value) => write!(f, "remove_if({key}, |old| wanted(old, {value}))"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Nothing => f.write_str("nothing was there"),
            Answer::Found(value) => write!(f, "{value}"),
            Answer::Occupied(value) => write!(f, "Occupied by {value}"),
            Answer::Is(is) => write!(f, "{is}"),
            Answer::Full => f.write_str("Full"),
        }
    }
}
