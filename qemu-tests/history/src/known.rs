//! What is known of each key at which time.
//!
//! A key is *surely there* during an interval if an operation that brought it ended before, and none that
//! took it away may have come since. It is *possibly there* unless an operation that took it away ended
//! before (or nothing had brought it), and none that brings it may have come since. Both err on the side of
//! no alarm.

use std::collections::BTreeMap;

use crate::effect::{Change, change, may_bring, may_take};
use crate::{Kind, Op};

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
        // What may have done it, or not, says nothing of the time after it.
        let surely = |op: &&&Op| change(op) != Change::Unknown;
        let ended = settle.iter().filter(surely);
        let ended = ended.filter_map(|op| op.end.map(|end| (end, until(op.start))));
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
    /// Any value may come from an operation that never ended.
    any: bool,
}

impl<'a> Known<'a> {
    pub(crate) fn note(&mut self, op: &'a Op) {
        if may_bring(op) {
            self.brought.push(op);
        }
        if may_take(op) {
            self.taken.push(op);
        }
        let change = change(op);
        if let (Change::Replaces(old, _) | Change::Takes(old), Some(end)) = (change, op.end) {
            let gone = self.gone.entry(old).or_insert(end);
            *gone = end.min(*gone);
        }
        let written = match (change, op.kind) {
            (Change::Brings(value) | Change::Replaces(_, value), _) => value,
            (Change::Unknown, Kind::Add | Kind::Upsert | Kind::Compute) => {
                self.any = true;
                return;
            }
            (Change::Unknown, Kind::Insert | Kind::TryInsert | Kind::GetOrInsert | Kind::Set) => {
                op.argument
            }
            _ => return,
        };
        let written = self.written.entry(written).or_insert((0, op.start));
        *written = (written.0 + 1, op.start.min(written.1));
    }

    pub(crate) fn settle(&mut self) {
        self.surely = Spans::new(&self.brought, &self.taken, false);
        self.surely_not = Spans::new(&self.taken, &self.brought, true);
    }

    /// Whether the key may have had this value in this interval.
    pub(crate) fn possible(&self, value: u64, start: u64, end: u64) -> bool {
        if self.any {
            return true;
        }
        let Some((times, first)) = self.written.get(&value) else {
            return false;
        };
        let gone = self.gone.get(&value).is_some_and(|gone| *gone < start);
        *first <= end && !(*times == 1 && gone)
    }
}
