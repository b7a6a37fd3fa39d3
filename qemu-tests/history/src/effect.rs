//! What an operation answers and does, one after the other; and what its answer says that it did.

use crate::decision::{Decision, decided, kept, wanted};
use crate::{Answer, Kind, Op};

/// The answer of an operation on a key that is in this state, and the state behind it, if it is not refused.
/// `None`: it is about no key.
pub(crate) fn specified(
    kind: Kind,
    argument: u64,
    state: Option<u64>,
) -> Option<(Answer, Option<u64>)> {
    let there = state.map_or(Answer::Absent, Answer::There);
    let one_of = |right: bool, after: Option<u64>| match right {
        true => (there.clone(), after),
        false => (Answer::Absent, state),
    };
    Some(match kind {
        Kind::Get => (there, state),
        Kind::GetById => one_of(state == Some(argument), state),
        Kind::Contains => (Answer::Is(state.is_some()), state),
        Kind::Insert => (there, Some(argument)),
        Kind::TryInsert => (there, state.or(Some(argument))),
        Kind::GetOrInsert => {
            let value = state.unwrap_or(argument);
            (Answer::There(value), Some(value))
        }
        Kind::Remove => (there, None),
        Kind::RemoveIf => one_of(state.is_some_and(|old| wanted(old, argument)), None),
        Kind::RemoveById => one_of(state == Some(argument), None),
        Kind::Retain => (Answer::Done, state.filter(|old| kept(*old, argument))),
        Kind::Set => (there, state.map(|_| argument)),
        Kind::Add => (there, state.map(|old| old.wrapping_add(argument))),
        Kind::Upsert => (there, Some(state.unwrap_or(0) ^ argument)),
        Kind::Compute => match decided(state, argument) {
            Decision::Put(value) => (there, Some(value)),
            Decision::Remove => (there, None),
            Decision::Keep => (there, state),
        },
        Kind::Len | Kind::IsEmpty | Kind::IsFull | Kind::Walk => return None,
    })
}

/// Whether the operation may find no place for what it puts in a key that is in this state.
pub(crate) fn refusable(kind: Kind, argument: u64, state: Option<u64>, replacements: bool) -> bool {
    let puts = match kind {
        Kind::Insert | Kind::Upsert => true,
        Kind::TryInsert | Kind::GetOrInsert => state.is_none(),
        Kind::Set | Kind::Add => state.is_some(),
        Kind::Compute => matches!(decided(state, argument), Decision::Put(_)),
        _ => false,
    };
    puts && (state.is_none() || replacements)
}

/// What an operation did to its key, as its answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    /// It made the key present, with this value.
    Brings(u64),
    /// It replaced the first value by the other one.
    Replaces(u64, u64),
    /// It made the key absent, which had this value.
    Takes(u64),
    /// The answer does not say it, or there is none.
    Unknown,
}

pub(crate) fn change(op: &Op) -> Change {
    let argument = op.argument;
    match (op.kind, &op.answer) {
        (kind, _) if !kind.writes() => Change::Nothing,
        (Kind::Retain, _) | (_, None) => Change::Unknown,
        (Kind::Insert | Kind::TryInsert | Kind::Upsert, Some(Answer::Absent)) => {
            Change::Brings(argument)
        }
        (Kind::Compute, Some(Answer::Absent)) => match decided(None, argument) {
            Decision::Put(value) => Change::Brings(value),
            Decision::Keep | Decision::Remove => Change::Nothing,
        },
        // Whose value it is nobody knows; values are written once.
        (Kind::GetOrInsert, Some(Answer::There(value))) if *value == argument => {
            Change::Brings(argument)
        }
        (Kind::TryInsert | Kind::GetOrInsert, _) => Change::Nothing,
        (Kind::Compute, Some(Answer::There(old)))
            if decided(Some(*old), argument) == Decision::Keep =>
        {
            Change::Nothing
        }
        (kind, Some(Answer::There(old))) => match specified(kind, argument, Some(*old)) {
            Some((_, None)) => Change::Takes(*old),
            Some((_, Some(new))) => Change::Replaces(*old, new),
            None => Change::Nothing,
        },
        _ => Change::Nothing,
    }
}

/// Whether the operation made an absent key present, or may have.
pub(crate) fn may_bring(op: &Op) -> bool {
    use Kind::{Compute, GetOrInsert, Insert, TryInsert, Upsert};
    match change(op) {
        Change::Brings(_) => true,
        Change::Unknown => {
            matches!(op.kind, Insert | TryInsert | GetOrInsert | Upsert | Compute)
        }
        _ => false,
    }
}

/// Whether the operation made a present key absent, or may have.
pub(crate) fn may_take(op: &Op) -> bool {
    use Kind::{Compute, Remove, RemoveById, RemoveIf, Retain};
    match change(op) {
        Change::Takes(_) => true,
        Change::Unknown => {
            matches!(op.kind, Remove | RemoveIf | RemoveById | Retain | Compute)
        }
        _ => false,
    }
}

/// Whether the operation took an entry out of the map, or may have: it removed or replaced it.
pub(crate) fn takes_out(op: &Op) -> bool {
    match change(op) {
        Change::Replaces(..) | Change::Takes(_) => true,
        Change::Unknown => !matches!(op.kind, Kind::TryInsert | Kind::GetOrInsert),
        _ => false,
    }
}

/// Whether the map is the same after the operation.
pub(crate) fn changes_nothing(op: &Op) -> bool {
    change(op) == Change::Nothing
}
