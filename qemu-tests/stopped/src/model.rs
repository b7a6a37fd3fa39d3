//! What a map may answer.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::call::{Answer, Call, Kind, changed};

/// The limits of a subject.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The entries that it promises to hold.
    pub capacity: usize,
    /// The cells that are kept for replacements; `None` if a replacement needs no cell.
    pub spares: Option<usize>,
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
            (Kind::Get, Answer::Value(value)) => *value == now,
            (Kind::Contains, Answer::Bool(there)) => *there == now.is_some(),
            (Kind::Insert, Answer::Value(old)) => *old == now && (now.is_some() || fits),
            (Kind::Insert, Answer::Full) => new_may_be_refused || old_may_be_refused,
            (Kind::TryInsert, Answer::Inserted) => now.is_none() && fits,
            (Kind::TryInsert, Answer::Occupied(value)) => now == Some(*value),
            (Kind::TryInsert | Kind::GetOrInsert, Answer::Full) => new_may_be_refused,
            (Kind::GetOrInsert, Answer::Value(Some(value))) => match now {
                Some(now) => *value == now,
                None => *value == call.value && fits,
            },
            (Kind::Update | Kind::Remove, Answer::Value(old)) => *old == now,
            (Kind::Update, Answer::Full) => old_may_be_refused,
            (Kind::DropGuard, Answer::Done) => true,
            _ => false,
        };
        right.then(|| match answer {
            Answer::Full => now,
            _ => effect(call, now),
        })
    }

    /// Performs the call on a whole state; whether the answer is right.
    pub fn apply(&self, state: &mut State, call: Call, lost: usize, answer: &Answer) -> bool {
        match (call.kind, answer) {
            (Kind::Len, Answer::Count(count)) => *count == state.len(),
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
        Kind::Remove => None,
        _ => now,
    }
}

/// Whether calls that overlapped are explained by one of their orders: `calls` with their answers lead from
/// `start` to `end`. An iteration is no single step: what it lists must have been there before or after the
/// others, and what was there all the while must be in it.
pub fn in_some_order(
    rules: &Rules,
    calls: &[(Call, Answer)],
    lost: &[usize],
    start: &State,
    end: &State,
) -> bool {
    fn go(
        rules: &Rules,
        left: &[(Call, Answer, usize)],
        state: &State,
        all: &State,
        end: &State,
        exact: bool,
        bounds: &RangeInclusive<usize>,
    ) -> bool {
        if left.is_empty() {
            return state == end;
        }
        (0..left.len()).any(|i| {
            let mut left = left.to_vec();
            let (call, answer, lost) = left.remove(i);
            // Holds that have not ended yet take their cells.
            let held = left.iter().filter(|one| one.0.kind == Kind::DropGuard);
            let lost = lost + held.count();
            let mut state = state.clone();
            let right = match (call.kind, &answer) {
                (Kind::Iterate, Answer::List(list)) => snapshot(rules, list, all, end, exact),
                // Beside one other it is one step; beside two it may count what was never there at once.
                (Kind::Len, Answer::Count(count)) if !exact => bounds.contains(count),
                _ => rules.apply(&mut state, call, lost, &answer),
            };
            right && go(rules, &left, &state, all, end, exact, bounds)
        })
    }
    let calls: Vec<_> = calls
        .iter()
        .zip(lost)
        .map(|((call, answer), lost)| (*call, answer.clone(), *lost))
        .collect();
    let bounds = counts(rules, &calls, start, end);
    go(rules, &calls, start, start, end, calls.len() <= 2, &bounds)
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
        match (call.kind, answer) {
            (Kind::Remove, _) => drop(always.remove(&call.key)),
            (Kind::Insert | Kind::TryInsert | Kind::GetOrInsert, answer)
                if *answer != Answer::Full =>
            {
                // A key that is put back has two values, in two cells.
                let twice = ever.insert(call.key, 0).is_some();
                again += usize::from(twice && rules.counts_cells);
            }
            _ => {}
        }
    }
    always.len()..=ever.len() + again
}

/// The contract of an iteration that others overlapped; `exact` if at most one other did.
fn snapshot(rules: &Rules, list: &[(u64, u64)], start: &State, end: &State, exact: bool) -> bool {
    let loose = |key: &u64| rules.equal_hashes && start.get(key) != end.get(key);
    let once = |pair: &[(u64, u64)]| pair[0].0 < pair[1].0 || loose(&pair[0].0);
    // Of several others the value in between is unknown: where anything may have changed, it is let pass.
    let real = |(key, value): &(u64, u64)| {
        let (first, last) = (start.get(key), end.get(key));
        let known = first == Some(value) || last == Some(value);
        known || !exact && (first != last || first.is_none())
    };
    let stayed = |key: &&u64| match (start.get(key), end.get(key)) {
        // One operation does not remove a key and put it back.
        (Some(first), Some(last)) => first == last || exact && !loose(key),
        _ => false,
    };
    let there = |key: &u64| list.iter().any(|(listed, _)| listed == key);
    list.windows(2).all(once) && list.iter().all(real) && start.keys().filter(stayed).all(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        capacity: 2,
        spares: Some(0),
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
    fn full_needs_taken_cells() {
        let call = Call::new(Kind::Insert, 1, 1);
        assert!(RULES.explain(call, None, 0, 1, &Answer::Full).is_none());
        assert!(RULES.explain(call, None, 1, 1, &Answer::Full).is_some());
        assert!(RULES.explain(call, Some(3), 1, 0, &Answer::Full).is_none());
    }
}
