//! What operations may answer, if each runs within the one before it.

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
    /// `upsert`
    Upsert,
    /// `compute`, which removes what is there, or else inserts
    Compute,
    /// `remove`
    Remove,
    /// `remove_if` whatever the value is
    RemoveIf,
    /// `iter` to its end
    Iterate,
    /// `contains_key`
    Contains,
    /// `get_copied`
    GetCopied,
    /// `len`, `is_empty`, `is_full` and `stats`
    Census,
    /// The end of a guard that was taken before, where the map gives out guards
    LetGo,
}

/// All kinds.
pub const KINDS: [Kind; 14] = [
    Kind::Get,
    Kind::Insert,
    Kind::TryInsert,
    Kind::GetOrInsert,
    Kind::Update,
    Kind::Upsert,
    Kind::Compute,
    Kind::Remove,
    Kind::RemoveIf,
    Kind::Iterate,
    Kind::Contains,
    Kind::GetCopied,
    Kind::Census,
    Kind::LetGo,
];

impl Kind {
    /// Whether it changes no entry and no cell.
    pub const fn reads(self) -> bool {
        match self {
            Self::Get | Self::Iterate | Self::Contains | Self::GetCopied | Self::Census => true,
            // The end of a guard may be what its cell waits for.
            Self::LetGo => false,
            Self::Insert | Self::TryInsert | Self::GetOrInsert | Self::Update => false,
            Self::Upsert | Self::Compute | Self::Remove | Self::RemoveIf => false,
        }
    }
}

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
    /// Whether the key is there.
    Is(bool),
    /// So many entries. Two that do not agree, or a map that calls itself full or empty: `usize::MAX`.
    Counted(usize),
    /// It is done.
    Done,
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
        (Kind::Contains, _) => return Answer::Is(before.is_some()),
        (Kind::Census, _) => return Answer::Counted(state.iter().flatten().count()),
        (Kind::LetGo, _) => return Answer::Done,
        (Kind::GetOrInsert, Some(there)) => return Answer::Has(there),
        (Kind::GetOrInsert, None) => {
            *place = Some(token);
            return Answer::Has(token);
        }
        (Kind::Insert | Kind::Upsert, _)
        | (Kind::TryInsert | Kind::Compute, None)
        | (Kind::Update, Some(_)) => *place = Some(token),
        (Kind::Remove | Kind::RemoveIf, _) | (Kind::Compute, Some(_)) => *place = None,
        (Kind::Get | Kind::GetCopied | Kind::TryInsert | Kind::Update, _) => {}
    }
    before.map_or(Answer::Absent, Answer::There)
}

/// Whether the answers and the end are those of the operations one after the other, in some order.
///
/// If `within[i]`, those from `i + 1` on ran within operation `i`: before or after it. Else they followed
/// it.
///
/// A walk is no single moment: of a key that comes or goes within it, it may say either. Nor is a census: it
/// may count such a key or not.
pub fn explains<const N: usize>(
    begin: State,
    operations: [Operation; N],
    answers: [Answer; N],
    end: State,
    within: [bool; N],
) -> bool {
    Orders {
        operations,
        answers,
        end,
        within,
    }
    .some(begin, [false; N])
}

struct Orders<const N: usize> {
    operations: [Operation; N],
    answers: [Answer; N],
    end: State,
    within: [bool; N],
}

impl<const N: usize> Orders<N> {
    /// Whether some order of those that are not done yet explains the rest.
    fn some(&self, state: State, done: [bool; N]) -> bool {
        if done == [true; N] {
            return state == self.end;
        }
        let follows = |next: usize| (0..next).all(|before| done[before] || self.within[before]);
        (0..N)
            .filter(|&next| !done[next] && follows(next))
            .any(|next| {
                let (mut state, mut done) = (state, done);
                done[next] = true;
                let before = state;
                let expected = apply(&mut state, self.operations[next]);
                self.fits(next, &before, expected) && self.some(state, done)
            })
    }

    fn fits(&self, which: usize, state: &State, expected: Answer) -> bool {
        match (expected, self.answers[which]) {
            (Answer::Walk(expected), Answer::Walk(yielded)) => {
                (expected ^ yielded) & !self.changing(which) == 0
            }
            (Answer::Counted(_), Answer::Counted(counted)) => {
                let changing = self.changing(which);
                let stays = |key: &usize| state[*key].is_some() && changing >> key & 1 == 0;
                let always = (0..KEYS).filter(stays).count();
                (always..=always + changing.count_ones() as usize).contains(&counted)
            }
            (expected, answer) => expected == answer,
        }
    }

    /// The keys that came or went within an operation: those that it interrupted stood still.
    fn changing(&self, which: usize) -> u32 {
        let within = if self.within[which] { which + 1 } else { N };
        let changes = |&other: &usize| match (self.operations[other].kind, self.answers[other]) {
            (Kind::Insert | Kind::TryInsert | Kind::Upsert, Answer::Absent) => true,
            (Kind::GetOrInsert, Answer::Has(token)) => token == self.operations[other].token,
            (Kind::Remove | Kind::RemoveIf, Answer::There(_)) => true,
            (Kind::Compute, _) => true,
            _ => false,
        };
        let others = (within..N).filter(changes);
        others.fold(0, |bits, other| bits | 1 << self.operations[other].key)
    }
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
        let explains = |begin, operations, answers, end| {
            super::explains(begin, operations, answers, end, [true; 2])
        };
        let (five, nine) = (Answer::There(5), Answer::There(9));
        assert!(explains(begin, both, [five, Answer::Absent], new));
        assert!(explains(begin, both, [nine, five], gone));
        // A lost value, a value that came out twice, and one that came from nowhere.
        assert!(!explains(begin, both, [five, Answer::Absent], gone));
        assert!(!explains(begin, both, [five, five], new));
        assert!(!explains(begin, both, [Answer::There(7), five], gone));
    }

    /// Whether a census or a walk may answer this beside an operation on key 1 that answers that, where keys
    /// 1 and 3 were there, and those of `end` are afterwards.
    fn beside(kind: Kind, answer: Answer, end: u32, saw: Answer, within: bool) -> bool {
        let state = |keys: u32| {
            let token = |key: usize| (keys >> key & 1 == 1).then_some(5);
            core::array::from_fn(token)
        };
        let operation = |kind| Operation {
            kind,
            key: 1,
            token: 5,
        };
        let look = match saw {
            Answer::Walk(_) => Kind::Iterate,
            _ => Kind::Census,
        };
        let (begin, end) = (state(0b1010), state(end));
        let operations = [operation(look), operation(kind)];
        explains(begin, operations, [saw, answer], end, [within, false])
    }

    #[test]
    fn a_census_is_off_by_what_comes_or_goes_within_it_only() {
        let counts = |kind, answer, end, within| {
            let fits = |count| beside(kind, answer, end, Answer::Counted(count), within);
            let counts = core::array::from_fn(fits);
            assert!(!fits(usize::MAX));
            counts
        };
        let five = Answer::There(5);
        let only_two = [false, false, true, false];
        assert_eq!(
            counts(Kind::Remove, five, 0b1000, true),
            [false, true, true, false]
        );
        assert_eq!(counts(Kind::Remove, five, 0b1000, false), only_two);
        // These change no key's presence.
        for within in [true, false] {
            assert_eq!(counts(Kind::Update, five, 0b1010, within), only_two);
            assert_eq!(counts(Kind::TryInsert, five, 0b1010, within), only_two);
            assert_eq!(counts(Kind::Get, five, 0b1010, within), only_two);
        }
    }

    #[test]
    fn a_walk_may_differ_in_what_comes_or_goes_within_it_only() {
        let walks =
            |kind, answer, end, within, keys| beside(kind, answer, end, Answer::Walk(keys), within);
        let five = Answer::There(5);
        let remove = |within, keys| walks(Kind::Remove, five, 0b1000, within, keys);
        assert!(remove(true, 0b1010) && remove(true, 0b1000) && !remove(true, 0b0010));
        assert!(remove(false, 0b1010) && !remove(false, 0b1000));
        for within in [true, false] {
            let found = |keys| walks(Kind::TryInsert, five, 0b1010, within, keys);
            assert!(found(0b1010) && !found(0b1000) && !found(0b1110));
        }
        // An absent key that a removal did not find.
        let (walk, remove) = (Kind::Iterate, Kind::Remove);
        let operation = |kind| Operation {
            kind,
            key: 1,
            token: 0,
        };
        let operations = [operation(walk), operation(remove)];
        let answers = [Answer::Walk(0b0010), Answer::Absent];
        let nothing = [None; KEYS];
        assert!(!explains(nothing, operations, answers, nothing, [true; 2]));
    }

    #[test]
    fn what_did_not_run_within_follows() {
        let operation = |kind, token| Operation {
            kind,
            key: 1,
            token,
        };
        let both = [operation(Kind::Insert, 9), operation(Kind::Get, 0)];
        let (begin, end) = ([None; KEYS], [None, Some(9), None, None]);
        let stale = [Answer::Absent; 2];
        assert!(explains(begin, both, stale, end, [true, false]));
        assert!(!explains(begin, both, stale, end, [false, false]));
    }

    #[test]
    fn three_in_some_order() {
        let operation = |kind, token| Operation {
            kind,
            key: 1,
            token,
        };
        let three = [
            operation(Kind::Insert, 7),
            operation(Kind::Remove, 0),
            operation(Kind::Insert, 9),
        ];
        let (begin, within) = ([None; KEYS], [true, true, false]);
        let end = [None, Some(7), None, None];
        // The third, the second, the first.
        let answers = [Answer::Absent, Answer::There(9), Answer::Absent];
        assert!(explains(begin, three, answers, end, within));
        // Both inserts put in what was absent, and nothing was removed.
        let lost = [Answer::Absent; 3];
        assert!(!explains(begin, three, lost, end, within));
        // Right in another order only than the one that there was.
        assert!(!explains(begin, three, answers, end, [false, false, false]));
    }
}
