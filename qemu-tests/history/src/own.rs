//! Linearizability on one key where the contexts share no clock.
//!
//! Between two barriers the operations of one context are in order, and those of different contexts are not.
//! So each window is searched for all ways to mix the contexts, from every state that the key may be in.

use std::collections::{BTreeMap, HashSet};

use crate::key::effects;
use crate::{Op, Violation};

/// So many mixtures of one window are looked at; a window that has more is an error.
const MOST: usize = 1 << 22;

/// At most so many operations on one key that never end.
const OPEN: usize = 64;

/// The key's value, and which operations that never ended have taken effect.
type State = (Option<u64>, u64);

/// Checks one key's operations, which are in order as far as they are of one context.
pub(crate) fn one(ops: &[&Op], refuses: bool) -> Result<(), Violation> {
    let mut windows: BTreeMap<u64, Vec<&Op>> = BTreeMap::new();
    for op in ops {
        windows.entry(op.start).or_default().push(op);
    }
    let mut states: HashSet<State> = HashSet::from([(None, 0)]);
    let mut open = Vec::new();
    for (number, ops) in windows {
        let mut queues: BTreeMap<usize, Vec<&Op>> = BTreeMap::new();
        for op in &ops {
            match op.end {
                Some(_) => queues.entry(op.context).or_default().push(op),
                None if op.kind.writes() => open.push(Open {
                    op,
                    // The last of its context, in this window as well.
                    behind: Some(op.context),
                }),
                None => {}
            }
        }
        let queues: Vec<(usize, Vec<&Op>)> = queues.into_iter().collect();
        let wrong = |what: &str| violation(what, number, &ops, &states);
        if open.len() > OPEN {
            return Err(wrong(
                "more than 64 operations that never ended: not checked",
            ));
        }
        states = match mix(&queues, &open, &states, refuses) {
            None => return Err(wrong("too many operations in a window: not checked")),
            Some(after) if after.is_empty() => {
                return Err(wrong(
                    "no order of the operations between two barriers explains them",
                ));
            }
            Some(after) => after,
        };
        for one in &mut open {
            one.behind = None;
        }
    }
    Ok(())
}

/// An operation that never ended.
struct Open<'a> {
    op: &'a Op,
    /// It takes effect behind what this context did in the window.
    behind: Option<usize>,
}

/// All states after the window, `None` if there is too much to look at.
fn mix(
    queues: &[(usize, Vec<&Op>)],
    open: &[Open<'_>],
    states: &HashSet<State>,
    refuses: bool,
) -> Option<HashSet<State>> {
    let mut seen: HashSet<(Vec<u16>, State)> = HashSet::new();
    let mut after = HashSet::new();
    let mut todo: Vec<_> = states
        .iter()
        .map(|state| (vec![0u16; queues.len()], *state))
        .collect();
    seen.extend(todo.iter().cloned());
    while let Some((at, (state, done))) = todo.pop() {
        if seen.len() > MOST {
            return None;
        }
        let mut push = |next: (Vec<u16>, State)| {
            if seen.insert(next.clone()) {
                todo.push(next);
            }
        };
        let finished = |queue: usize| at[queue] as usize == queues[queue].1.len();
        for (queue, (_, ops)) in queues.iter().enumerate() {
            let Some(op) = ops.get(at[queue] as usize) else {
                continue;
            };
            effects(state, op, refuses, |next| {
                let mut at = at.clone();
                at[queue] += 1;
                push((at, (next, done)));
            });
        }
        for (place, one) in open.iter().enumerate() {
            let queue = queues.iter().position(|(c, _)| Some(*c) == one.behind);
            if done & 1 << place == 0 && queue.is_none_or(finished) {
                effects(state, one.op, refuses, |next| {
                    push((at.clone(), (next, done | 1 << place)));
                });
            }
        }
        if (0..queues.len()).all(finished) {
            after.insert((state, done));
        }
    }
    Some(after)
}

fn violation(what: &str, number: u64, ops: &[&Op], states: &HashSet<State>) -> Violation {
    let mut before: Vec<_> = states.iter().map(|state| state.0).collect();
    before.sort_unstable();
    before.dedup();
    let before: Vec<_> = before
        .iter()
        .map(|state| state.map_or("absent".into(), |value| format!("{value}")))
        .collect();
    // Times for the drawing: the place within the context.
    let mut places: BTreeMap<usize, u64> = BTreeMap::new();
    let window = ops.iter().map(|op| {
        let place = places.entry(op.context).or_default();
        *place += 2;
        Op {
            start: *place - 2,
            end: op.end.map(|_| *place - 1),
            ..(*op).clone()
        }
    });
    Violation {
        what: format!(
            "key {}, behind barrier {number}, before it {}: {what} (contexts in one window have no order)",
            ops.first().map_or(0, |op| op.key),
            before.join(" or ")
        ),
        window: window.collect(),
    }
}

#[cfg(test)]
mod tests {
    use crate::text::check;

    /// Two contexts, three operations, a barrier after the first of each.
    fn with(lines: &str) -> bool {
        let text = format!("H copy_map 8 2 own\n{lines}S 1 0 2 1\nS 1 1 2 0\nE\n");
        match check(&text) {
            Ok(_) => true,
            Err(crate::text::Failure::Violation { .. }) => false,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn within_a_window_only_a_context_has_an_order() {
        let insert = "h 0 0 1 i 1 5 n\n";
        assert!(with(&format!("{insert}h 1 0 1 g 1 - n\n")));
        assert!(with(&format!("{insert}h 1 0 1 g 1 - s5\n")));
        assert!(with(&format!("{insert}h 1 2 3 g 1 - s5\n")));
        assert!(!with(&format!("{insert}h 1 2 3 g 1 - n\n")));
        assert!(!with("h 0 2 3 i 1 5 n\nh 1 0 1 g 1 - s5\n"));
        let replaced = "h 0 2 3 i 1 5 n\nh 0 4 5 i 1 6 s5\n";
        assert!(with(&format!(
            "{replaced}h 1 2 3 g 1 - s5\nh 1 4 5 g 1 - s6\n"
        )));
        assert!(!with(&format!(
            "{replaced}h 1 2 3 g 1 - s6\nh 1 4 5 g 1 - s5\n"
        )));
    }

    #[test]
    fn what_never_ended_may_take_effect_in_a_later_window() {
        let open = "h 0 0 - i 1 5 -\n";
        assert!(with(&format!("{open}h 1 0 1 g 1 - n\nh 1 2 3 g 1 - n\n")));
        assert!(with(&format!("{open}h 1 0 1 g 1 - n\nh 1 2 3 g 1 - s5\n")));
        assert!(!with(&format!("{open}h 1 0 1 g 1 - s5\nh 1 2 3 g 1 - n\n")));
    }
}
