//! Counts, iteration, refusals and the capacity: what must hold of the interval in which an operation ran.

use std::collections::{BTreeMap, BTreeSet};

use crate::effect::changes_nothing;
use crate::known::Known;
use crate::room::{Overlaps, Room};
use crate::{Answer, History, Kind, Op, Violation};

/// At most so many operations are shown.
const SHOWN: usize = 24;

/// What is wrong with an operation: in a sentence, and with which key.
struct Complaint {
    what: String,
    key: Option<u64>,
}

/// All that is known of a history.
struct Census<'a> {
    keys: BTreeMap<u64, Known<'a>>,
    room: Room,
    /// Those that may make a key present or absent.
    changes: Overlaps,
}

/// Checks every operation that is about more than one key.
///
/// # Errors
/// The first violation found.
pub fn check(history: &History) -> Result<(), Violation> {
    let census = Census::new(history);
    let about_all = |op: &&Op| !op.kind.has_key() || op.answer == Some(Answer::Full);
    for op in history.ops.iter().filter(about_all) {
        let Some(end) = op.end else { continue };
        if let Some(Complaint { what, key }) = census.complaint(history, op, end) {
            let window = window(history, op, end, key);
            return Err(Violation { what, window });
        }
    }
    census.crowded(history).map_or(Ok(()), Err)
}

/// The operation, the writes that overlap it, and the last ones before it.
fn window(history: &History, op: &Op, end: u64, key: Option<u64>) -> Vec<Op> {
    let concerns = |other: &&Op| {
        !changes_nothing(other) && other.start <= end && key.is_none_or(|key| other.key == key)
    };
    let mut window: Vec<Op> = history.ops.iter().filter(concerns).cloned().collect();
    window.retain(|other| other != op);
    window.sort_by_key(|other| std::cmp::Reverse(other.end.unwrap_or(u64::MAX)));
    let overlap = window.partition_point(|other| other.end.is_none_or(|end| end >= op.start));
    // One change of each key before it.
    let mut seen = BTreeSet::new();
    let before = window.split_off(overlap);
    window.extend(before.into_iter().filter(|other| seen.insert(other.key)));
    window.truncate(SHOWN);
    window.push(op.clone());
    window.sort_by_key(|other| other.start);
    window
}

impl<'a> Census<'a> {
    fn new(history: &'a History) -> Census<'a> {
        let mut keys: BTreeMap<u64, Known<'_>> = BTreeMap::new();
        for op in history.ops.iter().filter(|op| op.kind.has_key()) {
            keys.entry(op.key).or_default().note(op);
        }
        keys.values_mut().for_each(Known::settle);
        let changes = keys
            .values()
            .flat_map(|key| key.brought.iter().chain(&key.taken));
        let changes = Overlaps::of(changes.map(|op| (*op, 1)));
        Census {
            keys,
            room: Room::new(history),
            changes,
        }
    }

    /// What is wrong with the operation that ran until `end`.
    fn complaint(&self, history: &History, op: &Op, end: u64) -> Option<Complaint> {
        let start = op.start;
        let answer = op.answer.as_ref()?;
        if let Answer::Entries(entries) = answer {
            return self.walk(entries, start, end);
        }
        let known = self.keys.values();
        let surely = known.clone().filter(|key| key.surely.cover(start, end));
        let possibly = known.filter(|key| !key.surely_not.cover(start, end));
        let (surely, mut possibly) = (surely.count(), possibly.count());
        // While keys come and go, all that come may be counted, though they were not there at once.
        if self.changes.weight(start, end) == 0 {
            possibly = possibly.min(history.capacity);
        }
        let wrong = match (op.kind, answer) {
            (Kind::Len, Answer::Number(n)) => !(surely as u64..=possibly as u64).contains(n),
            (Kind::IsEmpty, Answer::Is(is)) => (*is && surely > 0) || (!*is && possibly == 0),
            (Kind::IsFull, Answer::Is(is)) => {
                (*is && possibly < history.capacity) || (!*is && surely >= history.capacity)
            }
            (_, Answer::Full) => {
                possibly + self.room.taken(op, end) < self.wanted(history, op, end)
            }
            _ => true,
        };
        wrong.then(|| Complaint {
            what: format!(
                "{:?} answered {answer:?}; between {surely} and {possibly} keys were there, capacity {}",
                op.kind, history.capacity
            ),
            key: None,
        })
    }

    /// How many cells are taken when this operation is refused.
    fn wanted(&self, history: &History, op: &Op, end: u64) -> usize {
        let known = self.keys.get(&op.key);
        let there = known.is_some_and(|known| known.surely.cover(op.start, end));
        // The spares are for replacements.
        let replaces = matches!(op.kind, Kind::Set | Kind::Add) || there;
        let spares = history.spares.filter(|_| replaces);
        history.capacity + spares.unwrap_or(0)
    }

    /// A time at which more keys are there than there is room for.
    fn crowded(&self, history: &History) -> Option<Violation> {
        let surely = self.keys.values().flat_map(|key| &key.surely.later);
        let mut changes: Vec<(u64, bool)> = surely
            .filter(|(after, until)| after < until)
            .flat_map(|(after, until)| [(*after, true), (*until, false)])
            .collect();
        // What is known until a time ends before what is known after it begins.
        changes.sort_unstable();
        let mut count = 0;
        let time = changes.into_iter().find_map(|(time, comes)| {
            count = if comes { count + 1 } else { count - 1 };
            (count > history.capacity).then_some(time)
        })?;
        let brought = self.keys.values().flat_map(|key| &key.brought);
        let last = brought.copied().find(|op| op.end == Some(time))?;
        Some(Violation {
            what: format!(
                "{count} keys were there at once, capacity {}",
                history.capacity
            ),
            window: window(history, last, time, None),
        })
    }

    fn walk(&self, entries: &[(u64, u64)], start: u64, end: u64) -> Option<Complaint> {
        let complain = |key: u64, what: String| {
            let key = Some(key);
            Some(Complaint { what, key })
        };
        let mut seen = BTreeSet::new();
        for &(key, value) in entries {
            if !seen.insert(key) {
                return complain(key, format!("a walk yields key {key} twice"));
            }
            let known = self.keys.get(&key);
            let Some(known) = known.filter(|known| !known.surely_not.cover(start, end)) else {
                return complain(key, format!("a walk yields key {key}, which was not there"));
            };
            if !known.possible(value, start, end) {
                return complain(
                    key,
                    format!("a walk yields {value} of key {key}, which it did not have then"),
                );
            }
        }
        let missed = self
            .keys
            .iter()
            .find(|(key, known)| known.surely.cover(start, end) && !seen.contains(*key));
        let key = *missed?.0;
        complain(
            key,
            format!("a walk misses key {key}, which was there all the while"),
        )
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
