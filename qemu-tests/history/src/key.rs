//! Linearizability of the operations on one key.
//!
//! A just-in-time check (Lowe, *Testing for Linearizability*, 2017): the events are gone through in the
//! order of time, with all states that the key may be in, each with the set of open operations that have
//! taken effect already. When an operation ends, only states remain in which it has.

use std::collections::{BTreeMap, HashSet};

use crate::effect::{refusable, specified};
use crate::{Answer, History, Op, Violation, minimal};

/// At most so many operations on one key may overlap.
const OPEN: usize = 64;

/// The key's value, if it is there, and the open operations that have taken effect.
type Config = (Option<u64>, u64);

/// Checks every key.
///
/// # Errors
/// The first violation found.
pub fn check(history: &History) -> Result<(), Violation> {
    let mut keys: BTreeMap<u64, Vec<&Op>> = BTreeMap::new();
    for op in history.ops.iter().filter(|op| op.kind.has_key()) {
        keys.entry(op.key).or_default().push(op);
    }
    let refuses = history.spares.is_some();
    keys.into_values().try_for_each(|ops| one(&ops, refuses))
}

/// Checks one key's operations.
fn one(ops: &[&Op], refuses: bool) -> Result<(), Violation> {
    let place = match explain(ops, &[None], refuses, 0) {
        Ok(()) => return Ok(()),
        Err(Stuck::Unexplained(place)) => place,
        Err(Stuck::TooMany(place)) => {
            return Err(Violation {
                what: format!(
                    "key {}: more than {OPEN} operations at once: not checked",
                    ops[place].key
                ),
                window: vec![ops[place].clone()],
            });
        }
    };
    Err(Violation {
        what: format!(
            "key {}: no order of the operations explains the answers",
            ops[place].key
        ),
        window: minimal::window(ops, place, refuses),
    })
}

/// Why no order was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stuck {
    /// When this operation ended, it could not have taken effect.
    Unexplained(usize),
    /// When this operation started, too many were open.
    TooMany(usize),
}

/// Looks for an order of the operations on one key that starts in one of these states. Operations that
/// started before `from` and ended later may have taken effect before: they need not.
pub(crate) fn explain(
    ops: &[&Op],
    states: &[Option<u64>],
    refuses: bool,
    from: u64,
) -> Result<(), Stuck> {
    // Starts before ends where the clock says the same: then they overlap.
    let mut events: Vec<(u64, bool, usize)> = Vec::with_capacity(2 * ops.len());
    for (i, op) in ops.iter().enumerate() {
        // What never ended and does not write explains nothing.
        if op.end.is_some() || op.kind.writes() {
            events.push((op.start, false, i));
            events.extend(op.end.map(|end| (end, true, i)));
        }
    }
    events.sort_unstable();
    let mut places: [Option<usize>; OPEN] = [None; OPEN];
    let mut configs: HashSet<Config> = states.iter().map(|state| (*state, 0)).collect();
    for (_, ends, i) in events {
        if !ends {
            let free = places.iter_mut().find(|place| place.is_none());
            *free.ok_or(Stuck::TooMany(i))? = Some(i);
            continue;
        }
        let place = places.iter().position(|&place| place == Some(i));
        let bit = 1u64 << place.unwrap_or_default();
        expand(&mut configs, &places, ops, refuses, bit);
        if ops[i].start >= from {
            configs.retain(|config| config.1 & bit != 0);
        }
        if configs.is_empty() {
            return Err(Stuck::Unexplained(i));
        }
        configs = configs
            .into_iter()
            .map(|(state, done)| (state, done & !bit))
            .collect();
        if let Some(place) = place {
            places[place] = None;
        }
    }
    Ok(())
}

/// Lets open operations take effect, in all orders, until the one with this bit has.
fn expand(
    configs: &mut HashSet<Config>,
    places: &[Option<usize>; OPEN],
    ops: &[&Op],
    refuses: bool,
    bit: u64,
) {
    let mut new: Vec<Config> = configs.iter().copied().collect();
    while let Some((state, done)) = new.pop() {
        if done & bit != 0 {
            // What has not taken effect yet may do so later.
            continue;
        }
        for (place, op) in places.iter().enumerate() {
            let Some(op) = op else { continue };
            if done & 1 << place != 0 {
                continue;
            }
            effects(state, ops[*op], refuses, |after| {
                let config = (after, done | 1 << place);
                if configs.insert(config) {
                    new.push(config);
                }
            });
        }
    }
}

/// Calls `to` with the state after the operation, if its answer is right in this state; of one that never
/// ended, whatever it would have answered.
fn effects(state: Option<u64>, op: &Op, refuses: bool, mut to: impl FnMut(Option<u64>)) {
    let Some((answer, after)) = specified(op.kind, op.argument, state) else {
        return;
    };
    match &op.answer {
        Some(Answer::Full) => {
            if refusable(op.kind, op.argument, state, refuses) {
                to(state);
            }
        }
        Some(other) if *other != answer => {}
        _ => to(after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use crate::faulty::{history, op};

    fn legal(ops: Vec<Op>) -> bool {
        check(&history(ops)).is_ok()
    }

    #[test]
    fn overlapping_operations_go_in_either_order() {
        let insert = |start, end| op(0, start, end, Kind::Insert, 5, Answer::Absent);
        let get = |start, end, answer| op(1, start, end, Kind::Get, 0, answer);
        assert!(legal(vec![insert(0, 10), get(5, 20, Answer::Absent)]));
        assert!(legal(vec![insert(0, 10), get(5, 20, Answer::There(5))]));
        assert!(legal(vec![insert(0, 10), get(10, 20, Answer::Absent)]));
        assert!(!legal(vec![insert(0, 10), get(11, 20, Answer::Absent)]));
        assert!(!legal(vec![insert(15, 20), get(0, 10, Answer::There(5))]));
    }

    #[test]
    fn what_never_ended_may_take_effect_at_any_time_or_never() {
        let open = Op {
            end: None,
            answer: None,
            ..op(0, 5, 0, Kind::Insert, 7, Answer::Absent)
        };
        let get = |start, answer| op(1, start, start + 1, Kind::Get, 0, answer);
        let there = || Answer::There(7);
        let with = |answers: Vec<Op>| legal([vec![open.clone()], answers].concat());
        assert!(with(vec![get(10, Answer::Absent), get(90, there())]));
        assert!(with(vec![get(10, Answer::Absent), get(90, Answer::Absent)]));
        assert!(!with(vec![get(10, there()), get(90, Answer::Absent)]));
        assert!(!with(vec![get(0, there())]));
    }

    #[test]
    fn many_operations_on_one_key_by_many_contexts() {
        let ops = (0..200_000u64).map(|i| {
            let answer = match i {
                0 => Answer::Absent,
                i => Answer::There(i - 1),
            };
            op(
                (i % 16) as usize,
                10 * i,
                10 * i + 95,
                Kind::Insert,
                i,
                answer,
            )
        });
        assert!(legal(ops.collect()));
    }

    #[test]
    fn a_refusal_of_a_present_key_is_wrong() {
        let there = op(0, 0, 1, Kind::Insert, 5, Answer::Absent);
        for kind in [Kind::TryInsert, Kind::GetOrInsert, Kind::Insert, Kind::Set] {
            assert!(!legal(vec![
                there.clone(),
                op(0, 2, 3, kind, 6, Answer::Full)
            ]));
        }
    }
}
