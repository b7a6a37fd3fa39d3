//! What two operations on one map may answer, if one of them runs within the other.

/// Keys are fewer than this.
pub const KEYS: usize = 4;

/// An operation on one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `get`
    Get,
    /// `insert`
    Insert,
    /// `try_insert`
    TryInsert,
    /// `get_or_insert_with`
    GetOrInsert,
    /// `update`
    Update,
    /// `remove`
    Remove,
    /// `iter` to its end
    Iterate,
}

/// All kinds.
pub const KINDS: [Kind; 7] = [
    Kind::Get,
    Kind::Insert,
    Kind::TryInsert,
    Kind::GetOrInsert,
    Kind::Update,
    Kind::Remove,
    Kind::Iterate,
];

/// An operation: what, on which key, with which new token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// What.
    pub kind: Kind,
    /// On which key.
    pub key: u32,
    /// What the value that it puts in is named.
    pub token: u64,
}

/// What an operation answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The token of the value that was there: found, replaced, in the way or removed.
    There(u64),
    /// The key was absent.
    Absent,
    /// `get_or_insert_with` gives this token, which may be its own.
    Has(u64),
    /// Full, though there is room: never right.
    Refused,
    /// Bit `key` is set for each key that was yielded. Twice, or with a value that was never there:
    /// `u32::MAX`.
    Walk(u32),
}

/// What is in the map: each key's token.
pub type State = [Option<u64>; KEYS];

/// Does the operation on the model.
pub fn apply(state: &mut State, operation: Operation) -> Answer {
    let Operation { kind, key, token } = operation;
    let place = &mut state[key as usize];
    let before = *place;
    match (kind, before) {
        (Kind::Iterate, _) => {
            let bits = (0..KEYS).filter(|key| state[*key].is_some());
            return Answer::Walk(bits.fold(0, |bits, key| bits | 1 << key));
        }
        (Kind::GetOrInsert, Some(there)) => return Answer::Has(there),
        (Kind::GetOrInsert, None) => {
            *place = Some(token);
            return Answer::Has(token);
        }
        (Kind::Insert, _) | (Kind::TryInsert, None) | (Kind::Update, Some(_)) => {
            *place = Some(token);
        }
        (Kind::Remove, _) => *place = None,
        (Kind::Get | Kind::TryInsert | Kind::Update, _) => {}
    }
    before.map_or(Answer::Absent, Answer::There)
}

/// Whether the answers and the end are those of the two operations one after the other, in either
/// order.
///
/// A walk is no single moment: of the key that the other operation changes it may say either.
pub fn explains(
    begin: State,
    operations: [Operation; 2],
    answers: [Answer; 2],
    end: State,
) -> bool {
    [[0, 1], [1, 0]].into_iter().any(|order| {
        let mut state = begin;
        let fits = order.into_iter().all(|which| {
            let other = operations[1 - which].key;
            let expected = apply(&mut state, operations[which]);
            match (expected, answers[which]) {
                (Answer::Walk(expected), Answer::Walk(yielded)) => {
                    (expected ^ yielded) & !(1 << other) == 0
                }
                (expected, answer) => expected == answer,
            }
        });
        fits && state == end
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_order_explains_and_nothing_else() {
        let remove = Operation {
            kind: Kind::Remove,
            key: 1,
            token: 0,
        };
        let insert = Operation {
            kind: Kind::Insert,
            key: 1,
            token: 9,
        };
        let begin = [None, Some(5), None, None];
        let gone = [None; KEYS];
        let new = [None, Some(9), None, None];
        let both = [remove, insert];
        let (five, nine) = (Answer::There(5), Answer::There(9));
        assert!(explains(begin, both, [five, Answer::Absent], new));
        assert!(explains(begin, both, [nine, five], gone));
        // A lost value, a value that came out twice, and one that came from nowhere.
        assert!(!explains(begin, both, [five, Answer::Absent], gone));
        assert!(!explains(begin, both, [five, five], new));
        assert!(!explains(begin, both, [Answer::There(7), five], gone));
    }
}
