//! Counts, iteration and refusals: what must hold of the interval in which an operation ran.
//!
//! A key is *surely there* during an interval if an operation that brought it ended before, and none that
//! took it away may have come since. It is *possibly there* unless an operation that took it away ended
//! before (or nothing had brought it), and none that brings it may have come since. Both err on the side of
//! no alarm.

use std::collections::{BTreeMap, BTreeSet};

use crate::minimal::changes_nothing;
use crate::{Answer, History, Kind, Op, Violation};

/// At most so many operations are shown.
const SHOWN: usize = 24;

/// Times between which something is known of a key.
#[derive(Default)]
struct Spans {
    /// Until the first of these it is known from the beginning.
    initially: u64,
    /// Spans without overlap, sorted.
    later: Vec<(u64, u64)>,
}

impl Spans {
    /// What the operations in `settle` bring about, each until one of `against` may have taken effect after
    /// it.
    fn new(settle: &[&Op], against: &[&Op], initially: bool) -> Spans {
        let mut against: Vec<(u64, u64)> = against
            .iter()
            .map(|op| (op.end.unwrap_or(u64::MAX), op.start))
            .collect();
        against.sort_unstable();
        // From each place on, the earliest start.
        let mut earliest = u64::MAX;
        for (_, start) in against.iter_mut().rev() {
            earliest = earliest.min(*start);
            *start = earliest;
        }
        let until = |since: u64| {
            let place = against.partition_point(|(end, _)| *end < since);
            against.get(place).map_or(u64::MAX, |(_, start)| *start)
        };
        let ended = settle
            .iter()
            .filter_map(|op| op.end.map(|end| (end, until(op.start))));
        let mut later: Vec<(u64, u64)> = ended.collect();
        later.sort_unstable();
        // What is known until a span ends, and from one on that has begun, is known through both.
        let mut initially = if initially { until(0) } else { 0 };
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(later.len());
        for (after, until) in later {
            let last = merged.last_mut().map(|last| &mut last.1);
            match last.filter(|last| after < **last) {
                Some(last) => *last = until.max(*last),
                None if after < initially => initially = until.max(initially),
                None => merged.push((after, until)),
            }
        }
        let later = merged;
        Spans { initially, later }
    }

    /// Whether it is known all through this interval.
    fn cover(&self, start: u64, end: u64) -> bool {
        let place = self.later.partition_point(|(after, _)| *after < start);
        let later = place.checked_sub(1).map(|place| self.later[place].1);
        end < self.initially || later.is_some_and(|until| end < until)
    }
}

/// What is known of one key.
#[derive(Default)]
struct Known<'a> {
    brought: Vec<&'a Op>,
    taken: Vec<&'a Op>,
    surely: Spans,
    surely_not: Spans,
    /// How often a value was written, and when first.
    written: BTreeMap<u64, (usize, u64)>,
    /// When a value had been taken away or replaced.
    gone: BTreeMap<u64, u64>,
    /// Any value may come from an addition that never ended.
    added: bool,
}

impl<'a> Known<'a> {
    fn note(&mut self, op: &'a Op) {
        if brings(op) {
            self.brought.push(op);
        }
        if op.kind == Kind::Remove && !matches!(op.answer, Some(Answer::Absent)) {
            self.taken.push(op);
        }
        self.note_gone(op);
        match written(op) {
            Written::Nothing => {}
            Written::Unknown => self.added = true,
            Written::Value(value) => {
                let written = self.written.entry(value).or_insert((0, op.start));
                *written = (written.0 + 1, op.start.min(written.1));
            }
        }
    }

    fn note_gone(&mut self, op: &Op) {
        let replaces = matches!(op.kind, Kind::Insert | Kind::Remove | Kind::Set | Kind::Add);
        if let (true, Some(Answer::There(value)), Some(end)) = (replaces, &op.answer, op.end) {
            let gone = self.gone.entry(*value).or_insert(end);
            *gone = end.min(*gone);
        }
    }

    fn settle(&mut self) {
        self.surely = Spans::new(&self.brought, &self.taken, false);
        self.surely_not = Spans::new(&self.taken, &self.brought, true);
    }

    /// Whether the key may have had this value in this interval.
    fn possible(&self, value: u64, start: u64, end: u64) -> bool {
        if self.added {
            return true;
        }
        let Some((times, first)) = self.written.get(&value) else {
            return false;
        };
        let gone = self.gone.get(&value).is_some_and(|gone| *gone < start);
        *first <= end && !(*times == 1 && gone)
    }
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

/// What an operation wrote, or may have written.
enum Written {
    Nothing,
    Value(u64),
    Unknown,
}

fn written(op: &Op) -> Written {
    match (op.kind, &op.answer) {
        (Kind::Add, None) => Written::Unknown,
        (Kind::Add, Some(Answer::There(old))) => Written::Value(old.wrapping_add(op.argument)),
        (Kind::Insert | Kind::Set, Some(Answer::There(_))) => Written::Value(op.argument),
        (Kind::Set, None) => Written::Value(op.argument),
        _ if brings(op) => Written::Value(op.argument),
        _ => Written::Nothing,
    }
}

/// What is wrong with an operation: in a sentence, and with which key.
struct Complaint {
    what: String,
    key: Option<u64>,
}

/// All that is known of a history.
struct Census<'a> {
    keys: BTreeMap<u64, Known<'a>>,
    writes: Overlaps,
    /// Those that may make a key present or absent.
    changes: Overlaps,
}

/// When operations start, and when they end, sorted.
#[derive(Default)]
struct Overlaps {
    starts: Vec<u64>,
    ends: Vec<u64>,
}

impl Overlaps {
    fn of<'a>(ops: impl Iterator<Item = &'a Op>) -> Overlaps {
        let mut overlaps = Overlaps::default();
        for op in ops {
            overlaps.starts.push(op.start);
            overlaps.ends.extend(op.end);
        }
        overlaps.starts.sort_unstable();
        overlaps.ends.sort_unstable();
        overlaps
    }

    /// How many overlap the interval.
    fn count(&self, start: u64, end: u64) -> usize {
        let started = self.starts.partition_point(|one| *one <= end);
        started - self.ends.partition_point(|one| *one < start)
    }
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
    Ok(())
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
        let writes = Overlaps::of(history.ops.iter().filter(|op| op.kind.writes()));
        let changes = keys
            .values()
            .flat_map(|key| key.brought.iter().chain(&key.taken));
        let changes = Overlaps::of(changes.copied());
        Census {
            keys,
            writes,
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
        if *answer == Answer::Full && history.holds {
            return None;
        }
        let known = self.keys.values();
        let surely = known.clone().filter(|key| key.surely.cover(start, end));
        let possibly = known.filter(|key| !key.surely_not.cover(start, end));
        let (surely, mut possibly) = (surely.count(), possibly.count());
        // While keys come and go, all that come may be counted, though they were not there at once.
        if self.changes.count(start, end) == 0 {
            possibly = possibly.min(history.capacity);
        }
        let wrong = match (op.kind, answer) {
            (Kind::Len, Answer::Number(n)) => !(surely as u64..=possibly as u64).contains(n),
            (Kind::IsEmpty, Answer::Is(is)) => (*is && surely > 0) || (!*is && possibly == 0),
            (Kind::IsFull, Answer::Is(is)) => {
                (*is && possibly < history.capacity) || (!*is && surely >= history.capacity)
            }
            // Each other operation in progress has at most two cells.
            (_, Answer::Full) => {
                possibly + 2 * (self.writes.count(start, end) - 1) < history.capacity
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
