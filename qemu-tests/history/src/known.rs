//! What is known of each key at which time.
//!
//! A key is *surely there* during an interval if an operation that brought it ended before, and none that
//! took it away may have come since. It is *possibly there* unless an operation that took it away ended
//! before (or nothing had brought it), and none that brings it may have come since. Both err on the side of
//! no alarm.

use std::collections::BTreeMap;

use crate::{Answer, Kind, Op};

/// Times between which something is known of a key.
#[derive(Default)]
pub(crate) struct Spans {
    /// Until the first of these it is known from the beginning.
    initially: u64,
    /// Spans without overlap, sorted.
    pub(crate) later: Vec<(u64, u64)>,
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
    pub(crate) fn cover(&self, start: u64, end: u64) -> bool {
        let place = self.later.partition_point(|(after, _)| *after < start);
        let later = place.checked_sub(1).map(|place| self.later[place].1);
        end < self.initially || later.is_some_and(|until| end < until)
    }
}

/// What is known of one key.
#[derive(Default)]
pub(crate) struct Known<'a> {
    pub(crate) brought: Vec<&'a Op>,
    pub(crate) taken: Vec<&'a Op>,
    pub(crate) surely: Spans,
    pub(crate) surely_not: Spans,
    /// How often a value was written, and when first.
    written: BTreeMap<u64, (usize, u64)>,
    /// When a value had been taken away or replaced.
    gone: BTreeMap<u64, u64>,
    /// Any value may come from an addition that never ended.
    added: bool,
}

impl<'a> Known<'a> {
    pub(crate) fn note(&mut self, op: &'a Op) {
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

    pub(crate) fn settle(&mut self) {
        self.surely = Spans::new(&self.brought, &self.taken, false);
        self.surely_not = Spans::new(&self.taken, &self.brought, true);
    }

    /// Whether the key may have had this value in this interval.
    pub(crate) fn possible(&self, value: u64, start: u64, end: u64) -> bool {
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
