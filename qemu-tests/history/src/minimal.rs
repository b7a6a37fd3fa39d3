//! The smallest part of a history that shows by itself that it is wrong.

use crate::effect::changes_nothing;
use crate::key::{Stuck, explain};
use crate::{Answer, Op};

/// At most so many operations are looked at.
const MOST: usize = 2048;

/// Up to so many operations it is tried to leave out each.
const TRIED: usize = 256;

/// So many operations are shown if no small part is wrong by itself.
const SHOWN: usize = 24;

/// Of one key's operations those that cannot be explained, whatever the key was before: the shortest end of
/// what started before `place` ended, without the operations that change nothing and are not needed. In the
/// order of their starts.
pub(crate) fn window(ops: &[&Op], place: usize, refuses: bool) -> Vec<Op> {
    let end = ops[place].end.unwrap_or(u64::MAX);
    // What ends later need not have taken effect: as if it never ended.
    let cut = |op: &Op| match op.end {
        Some(e) if e > end => Op {
            end: None,
            answer: None,
            ..op.clone()
        },
        _ => op.clone(),
    };
    let started = ops.iter().filter(|op| op.start <= end);
    let mut known: Vec<Op> = started.map(|op| cut(op)).collect();
    known.sort_by_key(|op| op.start);
    let known: Vec<&Op> = known.iter().collect();
    let wrong = |first: usize| {
        let part = part(&known, first);
        is_wrong(&part, &states(&part), refuses, known[first].start)
    };
    // A longer part demands more: doubled until it is wrong, then halved between.
    let lengths = (0..).map(|power| 1usize << power);
    let mut lengths = lengths.take_while(|length| length / 2 < known.len().min(MOST));
    let first = |length: usize| known.len().saturating_sub(length);
    let mut left = match lengths.find(|length| wrong(first(*length))) {
        Some(length) => {
            let (mut low, mut high) = (length / 2, length);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if wrong(first(middle)) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            let (part, from) = (part(&known, first(high)), known[first(high)].start);
            let states = states(&part);
            shrink(part, |ops| is_wrong(ops, &states, refuses, from))
        }
        // Only from the beginning on, when the key was absent.
        None if known.len() <= MOST => shrink(known, |ops| is_wrong(ops, &[None], refuses, 0)),
        None => part(&known, first(SHOWN)),
    };
    left.sort_by_key(|op| op.start);
    let original = |part: &Op| {
        let same = |op: &&&Op| op.context == part.context && op.start == part.start;
        let found = ops
            .iter()
            .find(|op| same(op) && op.argument == part.argument);
        found.map_or_else(|| part.clone(), |op| (*op).clone())
    };
    left.into_iter().map(original).collect()
}

/// Leaves out operations that change nothing as long as the rest is wrong: without one, what remains is
/// demanded still.
fn shrink(mut ops: Vec<&Op>, is_wrong: impl Fn(&[&Op]) -> bool) -> Vec<&Op> {
    let from = ops.len().saturating_sub(TRIED);
    for i in (from..ops.len()).rev() {
        if changes_nothing(ops[i]) {
            let mut fewer = ops.clone();
            fewer.remove(i);
            if is_wrong(&fewer) {
                ops = fewer;
            }
        }
    }
    ops
}

/// What starts with this operation or later, or is open then.
fn part<'a>(ops: &[&'a Op], first: usize) -> Vec<&'a Op> {
    let from = ops[first].start;
    let belongs = |op: &&&Op| op.start >= from || op.end.is_none_or(|end| end >= from);
    ops.iter().filter(belongs).copied().collect()
}

fn is_wrong(ops: &[&Op], states: &[Option<u64>], refuses: bool, from: u64) -> bool {
    matches!(
        explain(ops, states, refuses, from),
        Err(Stuck::Unexplained(_))
    )
}

/// All states that make a difference.
fn states(ops: &[&Op]) -> Vec<Option<u64>> {
    let mut values: Vec<u64> = Vec::new();
    for op in ops {
        values.push(op.argument);
        if let Some(Answer::There(value)) = op.answer {
            let others = [value.wrapping_add(op.argument), value ^ op.argument];
            values.extend([value].into_iter().chain(others));
        }
    }
    values.sort_unstable();
    values.dedup();
    // One that no operation knows.
    let other = (0..).map(|i| u64::MAX / 3 - i);
    let other = other.take(values.len() + 1);
    let other = other.filter(|value| values.binary_search(value).is_err());
    let other: Vec<u64> = other.take(1).collect();
    let values = values.into_iter().chain(other).map(Some);
    [None].into_iter().chain(values).collect()
}

#[cfg(test)]
mod tests {
    use crate::faulty::{history, op};
    use crate::key::check;
    use crate::{Answer, Kind};

    #[test]
    fn what_does_not_show_the_fault_is_left_out() {
        let value = |i: u64| match i {
            0 => Answer::Absent,
            i => Answer::There(i - 1),
        };
        let mut ops = Vec::new();
        for i in 0..1000 {
            ops.push(op(0, 10 * i, 10 * i + 4, Kind::Insert, i, value(i)));
            ops.push(op(
                1,
                10 * i + 5,
                10 * i + 8,
                Kind::Get,
                0,
                Answer::There(i),
            ));
        }
        // Stale by more than any overlap.
        ops[1201].answer = Some(Answer::There(599));
        let stale = ops[1201].clone();
        let violation = check(&history(ops)).unwrap_err();
        assert!(violation.window.contains(&stale));
        assert_eq!(violation.window.len(), 2, "{violation:?}");
    }
}
