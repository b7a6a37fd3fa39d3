//! Recorded histories of the maps, and whether some order of the operations explains them.
//!
//! A [`History`] is what some contexts did to one map: for each operation what it was, what it answered,
//! and from when to when it ran. [`check`] says whether it is *linearizable*: whether there is an order of
//! the operations, each somewhere between its start and its end, in which a plain map gives the same
//! answers. Keys are checked one by one ([`key`]); counts and iteration are statements about intervals
//! ([`interval`]).
//!
//! Histories of boards come as text: [`text`] reads and checks it.

pub mod cached;
pub mod cross;
pub mod decision;
mod effect;
pub mod faulty;
pub mod interval;
pub mod key;
mod known;
mod minimal;
pub mod record;
mod room;
pub mod show;
pub mod subjects;
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
    /// A look-up by the identifier of the entry that has this value. (Values are written once then.)
    GetById,
    /// Removes.
    Remove,
    /// Removes a value that is [wanted](decision::wanted).
    RemoveIf,
    /// Removes the entry that has this value, by its identifier.
    RemoveById,
    /// Removes what is not [kept](decision::kept): what it does to one key of all.
    Retain,
    /// Replaces the value of a key that is there by the argument.
    Set,
    /// Replaces the value of a key that is there by its sum with the argument.
    Add,
    /// Inserts the argument, or replaces the value by what both differ in (exclusive or).
    Upsert,
    /// Inserts, replaces, removes or leaves as it is, as is [decided](decision::decided).
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

impl Kind {
    /// Whether it is about one key.
    pub fn has_key(self) -> bool {
        !matches!(self, Self::Len | Self::IsEmpty | Self::IsFull | Self::Walk)
    }

    /// Whether it may change the map.
    pub fn writes(self) -> bool {
        self.has_key() && !matches!(self, Self::Get | Self::Contains | Self::GetById)
    }

    /// Whether it has a value.
    pub fn has_argument(self) -> bool {
        self == Self::GetById || self.writes() && self != Self::Remove
    }

    /// Whether it may find no place.
    pub fn refusable(self) -> bool {
        use Kind::{Remove, RemoveById, RemoveIf, Retain};
        self.writes() && !matches!(self, Remove | RemoveIf | RemoveById | Retain)
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
    /// Nothing: it was done.
    Done,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// The context that ran it.
    pub context: usize,
    /// A reading of the clock that all contexts share, before it. Of two operations of which
    /// one ends when the other starts, both orders are possible.
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

impl History {
    /// Whether the subject is a pool: its name says it.
    pub fn is_pool(&self) -> bool {
        self.subject.starts_with("pool")
    }
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
    let same_key = ops.chunk_by(|one, other| one.key == other.key);
    same_key.map(overlapping_on_a_key).sum()
}

/// The same of operations on one key, in the order of their starts.
fn overlapping_on_a_key(ops: &[&Op]) -> u64 {
    // Which context's operation ends last so far, and when; and the same of all other contexts.
    let (mut last, mut other): (Option<(u64, usize)>, Option<u64>) = (None, None);
    let mut count = 0;
    for op in ops {
        let of_others = match last {
            Some((_, context)) if context == op.context => other,
            Some((until, _)) => Some(until),
            None => None,
        };
        count += u64::from(of_others.is_some_and(|until| op.start <= until));
        let end = op.end.unwrap_or(u64::MAX);
        match last {
            Some((until, context)) if context == op.context => {
                last = Some((end.max(until), context))
            }
            Some((until, _)) if end > until => {
                (last, other) = (Some((end, op.context)), Some(until))
            }
            Some(_) => other = other.max(Some(end)),
            None => last = Some((end, op.context)),
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faulty::{history, op};

    #[test]
    fn an_operation_overlaps_one_of_another_context_only() {
        let count = |ops: &[(usize, u64, u64)]| {
            let get =
                |&(context, start, end)| op(context, start, end, Kind::Get, 0, Answer::Absent);
            overlapping(&history(ops.iter().map(get).collect()))
        };
        // One context, three operations at one tick of a slow clock.
        assert_eq!(count(&[(0, 5, 5), (0, 5, 5), (0, 5, 5)]), 0);
        assert_eq!(count(&[(0, 5, 5), (0, 5, 5), (1, 5, 5)]), 1);
        assert_eq!(count(&[(0, 0, 9), (1, 1, 3), (1, 4, 5), (0, 10, 11)]), 2);
        assert_eq!(
            count(&[(0, 0, 9), (1, 1, 3), (0, 3, 9), (2, 5, 6), (1, 20, 21)]),
            3
        );
    }
}
