//! What a map may answer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::call::{Answer, Call, Kind, changed, wanted};

/// The limits of a subject.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The entries that it promises to hold.
    pub capacity: usize,
    /// The cells that are kept for replacements; `None` if a replacement needs no cell.
    pub spares: Option<usize>,
    /// All cells, if the subject says how many are free, and says it exactly when nothing is going on.
    pub cells: Option<usize>,
    /// Whether reads write nothing, so that one that is suspended costs nothing.
    pub silent_reads: bool,
    /// Whether entries are counted cell by cell: one that is not published yet, and one that is put back
    /// meanwhile, may count.
    pub counts_cells: bool,
    /// Whether all keys have one hash: then an iteration may miss a key that changes meanwhile, or list it
    /// twice.
    pub equal_hashes: bool,
}

/// Which keys are there, with their values.
pub type State = BTreeMap<u64, u64>;

impl Rules {
    /// A key's value after the call, if the call may have answered so: `now` is its value before, `live` the
    /// number of entries before, `lost` the number of cells that others may occupy.
    pub fn explain(
        &self,
        call: Call,
        now: Option<u64>,
        live: usize,
        lost: usize,
        answer: &Answer,
    ) -> Option<Option<u64>> {
        let fits = live < self.capacity;
        let new_may_be_refused = now.is_none() && live + lost >= self.capacity;
        let old_may_be_refused = now.is_some()
            && self
                .spares
                .is_some_and(|spares| live + lost >= self.capacity + spares);
        let right = match (call.kind, answer) {
            (Kind::Get | Kind::GetCopied, Answer::Value(value)) => *value == now,
            (Kind::Contains, Answer::Bool(there)) => *there == now.is_some(),
            (Kind::Insert | Kind::Upsert | Kind::Compute, Answer::Value(old)) => {
                *old == now && (now.is_some() || fits)
            }
            (Kind::Insert | Kind::Upsert, Answer::Full) => new_may_be_refused || old_may_be_refused,
            (Kind::Compute, Answer::Full) => {
                let removes = now.is_some_and(|now| wanted(now, call.value));
                new_may_be_refused || old_may_be_refused && !removes
            }
            (Kind::TryInsert, Answer::Inserted) => now.is_none() && fits,
            (Kind::TryInsert, Answer::Occupied(value)) => now == Some(*value),
            (Kind::TryInsert | Kind::GetOrInsert, Answer::Full) => new_may_be_refused,
            (Kind::GetOrInsert, Answer::Value(Some(value))) => match now {
                Some(now) => *value == now,
                None => *value == call.value && fits,
            },
            (Kind::Update | Kind::Remove, Answer::Value(old)) => *old == now,
            (Kind::RemoveIf, Answer::Value(old)) => {
                *old == now.filter(|now| wanted(*now, call.value))
            }
            (Kind::Update, Answer::Full) => old_may_be_refused,
            (Kind::DropGuard, Answer::Done) => true,
            _ => false,
        };
        right.then(|| match answer {
            Answer::Full => now,
            _ => effect(call, now),
        })
    }

    /// Whether the answer is right for one of these numbers of entries.
    pub fn counted(&self, kind: Kind, answer: &Answer, mut live: RangeInclusive<usize>) -> bool {
        match (kind, answer) {
            (Kind::Len, Answer::Count(count)) => live.contains(count),
            (Kind::IsEmpty, Answer::Bool(is)) => live.any(|live| (live == 0) == *is),
            (Kind::IsFull, Answer::Bool(is)) => live.any(|live| (live >= self.capacity) == *is),
            _ => false,
        }
    }

    /// How many cells are neither free nor one of so many entries.
    pub fn missing(&self, entries: usize, free: usize) -> usize {
        self.cells
            .map_or(0, |cells| cells.saturating_sub(entries + free))
    }

    /// Performs the call on a whole state; whether the answer is right.
    pub fn apply(&self, state: &mut State, call: Call, lost: usize, answer: &Answer) -> bool {
        match (call.kind, answer) {
            (kind, answer) if kind.counts() => {
                self.counted(kind, answer, state.len()..=state.len())
            }
            (Kind::Iterate, Answer::List(list)) => {
                list.iter().copied().eq(state.iter().map(|(k, v)| (*k, *v)))
            }
            _ => {
                let now = state.get(&call.key).copied();
                match self.explain(call, now, state.len(), lost, answer) {
                    Some(Some(value)) => state.insert(call.key, value),
                    Some(None) => state.remove(&call.key),
                    None => return false,
                };
                true
            }
        }
    }
}

/// What a call that succeeds makes of its key's value.
pub(crate) fn effect(call: Call, now: Option<u64>) -> Option<u64> {
    match call.kind {
        Kind::Insert => Some(call.value),
        Kind::TryInsert | Kind::GetOrInsert => now.or(Some(call.value)),
        Kind::Update => now.map(|now| changed(now, call.value)),
        Kind::Upsert => Some(now.map_or(call.value, |now| changed(now, call.value))),
        Kind::Compute => match now {
            Some(now) if wanted(now, call.value) => None,
            Some(now) => Some(changed(now, call.value)),
            None => Some(call.value),
        },
        Kind::Remove => None,
        Kind::RemoveIf => now.filter(|now| !wanted(*now, call.value)),
        _ => now,
    }
}

/// What is known of calls that overlapped, whatever their order was.
struct Overlap<'a> {
    rules: &'a Rules,
    start: &'a State,
    end: &'a State,
    /// Whether there are at most two of them.
    exact: bool,
    /// How many entries there may have been.
    counts: RangeInclusive<usize>,
    /// All entries that there may have been.
    entries: BTreeSet<(u64, u64)>,
}

/// Whether calls that overlapped are explained by one of their orders: `calls` with their answers lead from
/// `start` to `end`. An iteration is no single step: what it lists must have been there before, after or
/// between the others, and what was there all the while must be in it.
pub fn in_some_order(
    rules: &Rules,
    calls: &[(Call, Answer)],
    lost: &[usize],
    start: &State,
    end: &State,
) -> bool {
    fn go(overlap: &Overlap<'_>, left: &[(Call, Answer, usize)], state: &State) -> bool {
        if left.is_empty() {
            return state == overlap.end;
        }
        (0..left.len()).any(|i| {
            let mut left = left.to_vec();
            let (call, answer, lost) = left.remove(i);
            // Holds that have not ended yet take their cells.
            let held = left.iter().filter(|one| one.0.kind == Kind::DropGuard);
            let lost = lost + held.count();
            let mut state = state.clone();
            let rules = overlap.rules;
            let right = match (call.kind, &answer) {
                (Kind::Iterate, Answer::List(list)) => overlap.snapshot(list),
                // Beside one other it is one step; beside two it may count what was never there at once.
                (kind, answer) if kind.counts() && !overlap.exact => {
                    rules.counted(kind, answer, overlap.counts.clone())
                }
                _ => rules.apply(&mut state, call, lost, &answer),
            };
            right && go(overlap, &left, &state)
        })
    }
    let mut entries: BTreeSet<_> = start.iter().map(|(key, value)| (*key, *value)).collect();
    possible(calls, start, &mut entries);
    let calls: Vec<_> = calls
        .iter()
        .zip(lost)
        .map(|((call, answer), lost)| (*call, answer.clone(), *lost))
        .collect();
    let overlap = Overlap {
        rules,
        start,
        end,
        exact: calls.len() <= 2,
        counts: counts(rules, &calls, start, end),
        entries,
    };
    go(&overlap, &calls, start)
}

/// Adds all entries that these calls may make of the state, in whatever order.
fn possible(calls: &[(Call, Answer)], state: &State, entries: &mut BTreeSet<(u64, u64)>) {
    for i in 0..calls.len() {
        let mut left = calls.to_vec();
        let (call, answer) = left.remove(i);
        let mut state = state.clone();
        if call.kind.has_key() && answer != Answer::Full {
            match effect(call, state.get(&call.key).copied()) {
                Some(value) => {
                    entries.insert((call.key, value));
                    state.insert(call.key, value);
                }
                None => drop(state.remove(&call.key)),
            }
        }
        possible(&left, &state, entries);
    }
}

/// The contract of a count that others overlapped: at least the keys that were there all the while, at most
/// those that were there at some time.
fn counts(
    rules: &Rules,
    calls: &[(Call, Answer, usize)],
    start: &State,
    end: &State,
) -> RangeInclusive<usize> {
    let (mut always, mut ever) = (start.clone(), start.clone());
    ever.extend(end);
    let mut again = 0;
    for (call, answer, _) in calls {
        use Kind::{Compute, GetOrInsert, Insert, Remove, RemoveIf, TryInsert, Upsert};
        let kind = call.kind;
        if matches!(kind, Remove | RemoveIf | Compute) {
            always.remove(&call.key);
        }
        let puts = matches!(kind, Insert | TryInsert | GetOrInsert | Upsert | Compute);
        if puts && *answer != Answer::Full {
            // A key that is put back has two values, in two cells.
            let twice = ever.insert(call.key, 0).is_some();
            again += usize::from(twice && rules.counts_cells);
        }
    }
    always.len()..=ever.len() + again
}

impl Overlap<'_> {
    /// The contract of an iteration.
    fn snapshot(&self, list: &[(u64, u64)]) -> bool {
        let (start, end, exact) = (self.start, self.end, self.exact);
        let loose = |key: &u64| self.rules.equal_hashes && start.get(key) != end.get(key);
        let once = |pair: &[(u64, u64)]| pair[0].0 < pair[1].0 || loose(&pair[0].0);
        let stayed = |key: &&u64| match (start.get(key), end.get(key)) {
            // One operation does not remove a key and put it back.
            (Some(first), Some(last)) => first == last || exact && !loose(key),
            _ => false,
        };
        let there = |key: &u64| list.iter().any(|(listed, _)| listed == key);
        list.windows(2).all(once)
            && list.iter().all(|entry| self.entries.contains(entry))
            && start.keys().filter(stayed).all(there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        capacity: 2,
        spares: Some(0),
        cells: None,
        silent_reads: false,
        counts_cells: false,
        equal_hashes: false,
    };

    #[test]
    fn two_inserts_have_one_winner() {
        let call = |value| Call::new(Kind::TryInsert, 1, value);
        let end = State::from([(1, 5)]);
        let lost = [0, 0];
        let good = [(call(5), Answer::Inserted), (call(6), Answer::Occupied(5))];
        assert!(in_some_order(&RULES, &good, &lost, &State::new(), &end));
        let bad = [(call(5), Answer::Inserted), (call(6), Answer::Inserted)];
        assert!(!in_some_order(&RULES, &bad, &lost, &State::new(), &end));
    }

    #[test]
    fn a_count_is_a_statement_about_an_interval() {
        let remove = (Call::new(Kind::Remove, 1, 0), Answer::Value(Some(5)));
        let insert = (Call::new(Kind::Insert, 3, 7), Answer::Value(None));
        let len = |count| (Call::new(Kind::Len, 0, 0), Answer::Count(count));
        let (start, end) = (State::from([(1, 5), (2, 6)]), State::from([(2, 6), (3, 7)]));
        let explained = |count| {
            let calls = [remove.clone(), insert.clone(), len(count)];
            in_some_order(&RULES, &calls, &[0; 3], &start, &end)
        };
        assert!(explained(1) && explained(2) && explained(3));
        assert!(!explained(0) && !explained(4));
        let alone = State::from([(2, 6)]);
        let two = |count| {
            in_some_order(
                &RULES,
                &[remove.clone(), len(count)],
                &[0; 2],
                &start,
                &alone,
            )
        };
        assert!(two(1) && two(2) && !two(3));
    }

    #[test]
    fn empty_and_full_are_statements_about_the_count() {
        let right = |kind, is, live| RULES.counted(kind, &Answer::Bool(is), live);
        assert!(right(Kind::IsEmpty, true, 0..=0) && !right(Kind::IsEmpty, false, 0..=0));
        assert!(right(Kind::IsFull, true, 2..=2) && !right(Kind::IsFull, true, 1..=1));
        assert!(right(Kind::IsFull, true, 1..=2) && right(Kind::IsFull, false, 1..=2));
    }

    #[test]
    fn an_iteration_within_two_others_lists_only_what_one_of_them_could_write() {
        let update = (Call::new(Kind::Update, 1, 7), Answer::Value(Some(5)));
        let insert = (Call::new(Kind::Insert, 3, 8), Answer::Value(None));
        let remove = (Call::new(Kind::Remove, 3, 0), Answer::Value(Some(8)));
        let start = State::from([(1, 5)]);
        let explained = |others: [&(Call, Answer); 2], end: &State, list: &[(u64, u64)]| {
            let iterate = Call::new(Kind::Iterate, 0, 0);
            let iterated = (iterate, Answer::List(list.to_vec()));
            let calls = [others[0].clone(), others[1].clone(), iterated];
            in_some_order(&RULES, &calls, &[0; 3], &start, end)
        };
        let new = changed(5, 7);
        let (both, only) = (State::from([(1, new), (3, 8)]), State::from([(1, 5)]));
        assert!(explained([&update, &insert], &both, &[(1, 5), (3, 8)]));
        assert!(explained([&update, &insert], &both, &[(1, new)]));
        assert!(explained([&insert, &remove], &only, &[(1, 5), (3, 8)]));
        // A key that nobody ever inserted, and a value that nobody ever wrote.
        assert!(!explained([&insert, &remove], &only, &[(1, 5), (57, 999)]));
        assert!(!explained([&update, &insert], &both, &[(1, 6), (3, 8)]));
        assert!(!explained([&insert, &remove], &only, &[(1, 5), (3, 9)]));
        let gets = (Call::new(Kind::Get, 50, 0), Answer::Value(None));
        assert!(!explained([&gets, &gets], &only, &[(1, 5), (57, 999)]));
        assert!(explained([&gets, &gets], &only, &[(1, 5)]));
    }

    #[test]
    fn full_needs_taken_cells() {
        let call = Call::new(Kind::Insert, 1, 1);
        assert!(RULES.explain(call, None, 0, 1, &Answer::Full).is_none());
        assert!(RULES.explain(call, None, 1, 1, &Answer::Full).is_some());
        assert!(RULES.explain(call, Some(3), 1, 0, &Answer::Full).is_none());
    }
}
