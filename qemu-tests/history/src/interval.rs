//! Counts, iteration and refusals: what must hold of the interval in which an operation ran.
//!
//! A key is *surely there* during an interval if an operation that brought it ended before, and none that took
//! it away may have come since. It is *possibly there* unless an operation that took it away ended before (or
//! nothing had brought it), and none that brings it may have come since. Both err on the side of no alarm.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Answer, History, Kind, Op, Violation};

/// What changed whether one key is there.
#[derive(Default)]
struct Changes<'a> {
    brought: Vec<&'a Op>,
    taken: Vec<&'a Op>,
    written: BTreeMap<u64, u64>,
    added: bool,
}

/// Checks every operation that is about more than one key.
///
/// # Errors
/// The first violation found.
pub fn check(history: &History) -> Result<(), Violation> {
    let mut keys: BTreeMap<u64, Changes<'_>> = BTreeMap::new();
    for op in history.ops.iter().filter(|op| op.kind.has_key()) {
        let changes = keys.entry(op.key).or_default();
        if brings(op) {
            changes.brought.push(op);
        }
        if op.kind == Kind::Remove && !matches!(op.answer, Some(Answer::Absent)) {
            changes.taken.push(op);
        }
        if op.kind.writes() {
            changes.added |= op.kind == Kind::Add;
            let first = changes.written.entry(op.argument).or_insert(op.start);
            *first = op.start.min(*first);
        }
    }
    let about_all = |op: &&Op| !op.kind.has_key() || op.answer == Some(Answer::Full);
    for op in history.ops.iter().filter(about_all) {
        let Some(end) = op.end else { continue };
        let census = Census {
            keys: &keys,
            start: op.start,
            end,
        };
        if let Some(what) = census.complaint(history, op) {
            return Err(Violation {
                what,
                window: history
                    .ops
                    .iter()
                    .filter(|other| other.kind.writes() || *other == op)
                    .filter(|other| other.start <= end)
                    .filter(|other| other.end.is_none_or(|e| e >= op.start))
                    .cloned()
                    .collect(),
            });
        }
    }
    Ok(())
}

/// Whether the operation made, or may have made, an absent key present.
fn brings(op: &Op) -> bool {
    match (op.kind, &op.answer) {
        (Kind::Insert | Kind::TryInsert | Kind::GetOrInsert, None) => true,
        (Kind::Insert | Kind::TryInsert, Some(Answer::Absent)) => true,
        (Kind::GetOrInsert, Some(Answer::There(value))) => *value == op.argument,
        _ => false,
    }
}

struct Census<'a> {
    keys: &'a BTreeMap<u64, Changes<'a>>,
    start: u64,
    end: u64,
}

impl Census<'_> {
    /// Whether `op` may have taken effect between the start of `since` and the end of the interval.
    fn may_follow(&self, op: &Op, since: u64) -> bool {
        op.end.is_none_or(|end| end >= since) && op.start <= self.end
    }

    fn surely(&self, changes: &Changes<'_>) -> bool {
        changes.brought.iter().any(|op| {
            op.end.is_some_and(|end| end < self.start)
                && !changes
                    .taken
                    .iter()
                    .any(|taken| self.may_follow(taken, op.start))
        })
    }

    fn possibly(&self, changes: &Changes<'_>) -> bool {
        let none_since = |since| !changes.brought.iter().any(|op| self.may_follow(op, since));
        let taken = |op: &&Op| op.end.is_some_and(|end| end < self.start) && none_since(op.start);
        !(none_since(0) || changes.taken.iter().any(taken))
    }

    /// What is wrong with the operation that ran in this interval.
    fn complaint(&self, history: &History, op: &Op) -> Option<String> {
        let surely = self.keys.values().filter(|key| self.surely(key)).count();
        let possibly = self.keys.values().filter(|key| self.possibly(key)).count();
        let bounds = format!("between {surely} and {possibly} keys were there");
        let wrong = match (op.kind, op.answer.as_ref()?) {
            (Kind::Len, Answer::Number(n)) => !(surely as u64..=possibly as u64).contains(n),
            (Kind::IsEmpty, Answer::Is(is)) => (*is && surely > 0) || (!*is && possibly == 0),
            (Kind::IsFull, Answer::Is(is)) => {
                (*is && possibly < history.capacity) || (!*is && surely >= history.capacity)
            }
            (Kind::Walk, Answer::Entries(entries)) => return self.walk(entries),
            (_, Answer::Full) => {
                // Each operation in progress has at most two cells.
                let others = history.ops.iter().filter(|other| {
                    other.kind.writes() && self.may_follow(other, self.start) && *other != op
                });
                !history.holds && possibly + 2 * others.count() < history.capacity
            }
            _ => true,
        };
        wrong.then(|| format!("{:?} answered {:?}; {bounds}", op.kind, op.answer))
    }

    fn walk(&self, entries: &[(u64, u64)]) -> Option<String> {
        let mut seen = BTreeSet::new();
        for (key, value) in entries {
            if !seen.insert(*key) {
                return Some(format!("a walk yields key {key} twice"));
            }
            let Some(changes) = self.keys.get(key).filter(|changes| self.possibly(changes)) else {
                return Some(format!("a walk yields key {key}, which was not there"));
            };
            let written = changes.written.get(value);
            if !changes.added && written.is_none_or(|start| *start > self.end) {
                return Some(format!(
                    "a walk yields {value} of key {key}, not written yet"
                ));
            }
        }
        let missed =
            |(key, changes): &(&u64, &Changes<'_>)| self.surely(changes) && !seen.contains(*key);
        let missed = self.keys.iter().find(missed)?.0;
        Some(format!(
            "a walk misses key {missed}, which was there all the while"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faulty::{history, op};

    fn with(start: u64, end: u64, kind: Kind, answer: Answer) -> bool {
        let mut ops: Vec<Op> = (0..3)
            .map(|key| Op {
                key,
                ..op(0, 10 * key, 10 * key + 5, Kind::Insert, key, Answer::Absent)
            })
            .collect();
        ops.push(Op {
            key: 1,
            ..op(0, 100, 110, Kind::Remove, 0, Answer::There(1))
        });
        ops.push(op(1, start, end, kind, 0, answer));
        check(&history(ops)).is_ok()
    }

    #[test]
    fn counts_are_between_surely_and_possibly() {
        for (start, end, right) in [
            (30, 40, 3..=3),
            (90, 105, 2..=3),
            (111, 112, 2..=2),
            (12, 22, 1..=3),
        ] {
            for n in 0..5 {
                let is = with(start, end, Kind::Len, Answer::Number(n));
                assert_eq!(is, right.contains(&n), "{n} from {start} to {end}");
            }
        }
        assert!(!with(30, 40, Kind::IsEmpty, Answer::Is(true)));
        assert!(!with(30, 40, Kind::IsFull, Answer::Is(true)));
        assert!(!with(30, 40, Kind::Insert, Answer::Full));
    }

    #[test]
    fn a_walk_yields_what_stays_exactly_once() {
        let walk = |start, end, keys: &[u64]| {
            let entries = keys.iter().map(|key| (*key, *key)).collect();
            with(start, end, Kind::Walk, Answer::Entries(entries))
        };
        assert!(walk(30, 40, &[0, 1, 2]) && walk(90, 105, &[2, 0]));
        assert!(!walk(30, 40, &[0, 2]) && !walk(30, 40, &[0, 1, 2, 1]));
        assert!(!walk(120, 130, &[0, 1, 2]));
    }
}
