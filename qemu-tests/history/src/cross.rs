//! The checker of one key, compared with a published one on small random histories.

use oorandom::Rand32;
use todc_utils::linearizability::WGLChecker;
use todc_utils::linearizability::history::{Action, History as Actions};
use todc_utils::specifications::Specification;

use crate::decision::{Decision, decided, kept, wanted};
use crate::faulty::{history, op};
use crate::{Answer, History, Kind, Op, key};

/// A key's value, for the other checker.
struct Register;

/// An operation, and whether a replacement may be refused.
type Call = (Op, bool);

impl Specification for Register {
    type State = Option<u64>;
    type Operation = Call;

    fn init() -> Self::State {
        None
    }

    fn apply((op, refuses): &Call, state: &Self::State) -> (bool, Self::State) {
        let before = state.map_or(Answer::Absent, Answer::There);
        if op.answer == Some(Answer::Full) {
            let right = match op.kind {
                Kind::TryInsert | Kind::GetOrInsert => state.is_none(),
                Kind::Insert | Kind::Upsert => state.is_none() || *refuses,
                Kind::Set | Kind::Add => state.is_some() && *refuses,
                Kind::Compute => {
                    matches!(decided(*state, op.argument), Decision::Put(_))
                        && (state.is_none() || *refuses)
                }
                _ => false,
            };
            return (right, *state);
        }
        let any = op.answer.is_none();
        // Written anew, and not with the checker's own table.
        let (answer, after) = match (op.kind, *state) {
            (Kind::Get, _) => (before, *state),
            (Kind::Contains, _) => (Answer::Is(state.is_some()), *state),
            (Kind::Insert, _) => (before, Some(op.argument)),
            (Kind::TryInsert, None) => (before, Some(op.argument)),
            (Kind::TryInsert, Some(_)) => (before, *state),
            (Kind::GetOrInsert, _) => {
                let value = state.unwrap_or(op.argument);
                (Answer::There(value), Some(value))
            }
            (Kind::GetById, Some(there)) if there == op.argument => (before, *state),
            (Kind::RemoveById, Some(there)) if there == op.argument => (before, None),
            (Kind::RemoveIf, Some(there)) if wanted(there, op.argument) => (before, None),
            (Kind::GetById | Kind::RemoveById | Kind::RemoveIf, _) => (Answer::Absent, *state),
            (Kind::Retain, Some(there)) if kept(there, op.argument) => (Answer::Done, *state),
            (Kind::Retain, _) => (Answer::Done, None),
            (Kind::Remove, _) => (before, None),
            (Kind::Set, _) => (before, state.map(|_| op.argument)),
            (Kind::Add, _) => (before, state.map(|old| old.wrapping_add(op.argument))),
            (Kind::Upsert, None) => (before, Some(op.argument)),
            (Kind::Upsert, Some(old)) => (before, Some(old ^ op.argument)),
            (Kind::Compute, _) => match decided(*state, op.argument) {
                Decision::Put(new) => (before, Some(new)),
                Decision::Remove => (before, None),
                Decision::Keep => (before, *state),
            },
            (Kind::Len | Kind::IsEmpty | Kind::IsFull | Kind::Walk, _) => return (false, *state),
        };
        (any || op.answer.as_ref() == Some(&answer), after)
    }
}

/// What the comparison came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compared {
    /// Histories that both take for linearizable.
    pub legal: u64,
    /// Histories that both refuse.
    pub illegal: u64,
    /// Of all those with operations that never ended.
    pub open: u64,
    /// Of all those with refusals.
    pub refusals: u64,
}

/// Compares the two on so many histories.
///
/// # Errors
/// The first on which they differ.
pub fn compare(histories: u64, seed: u64) -> Result<Compared, String> {
    let mut random = Rand32::new(seed);
    let mut compared = Compared::default();
    for _ in 0..histories {
        let refuses = random.rand_range(0..2) == 0;
        let ops = draw(&mut random, refuses);
        let ours = History {
            spares: refuses.then_some(0),
            ..history(ops.clone())
        };
        let ours = key::check(&ours).is_ok();
        let theirs = completions(&ops)
            .iter()
            // It takes no empty ones.
            .any(|ops| {
                ops.is_empty() || WGLChecker::<Register>::is_linearizable(actions(ops, refuses))
            });
        compared.open += u64::from(ops.iter().any(|op| op.end.is_none()));
        let refused = |op: &Op| op.answer == Some(Answer::Full);
        compared.refusals += u64::from(ops.iter().any(refused));
        match (ours, theirs) {
            (true, true) => compared.legal += 1,
            (false, false) => compared.illegal += 1,
            _ => return Err(format!("ours: {ours}, the other: {theirs}: {ops:?}")),
        }
    }
    Ok(compared)
}

/// Two to four contexts with a few operations each. The answers are those of some order, most times, which
/// the times may contradict; so a good third of the histories is legal.
fn draw(random: &mut Rand32, refuses: bool) -> Vec<Op> {
    let contexts = random.rand_range(2..5) as usize;
    let mut clocks = vec![0u64; contexts];
    let mut state = None;
    let mut value = 0;
    let mut ops: Vec<Op> = Vec::new();
    for _ in 0..random.rand_range(3..11) {
        const KINDS: [Kind; 14] = [
            Kind::Get,
            Kind::GetById,
            Kind::Contains,
            Kind::Insert,
            Kind::TryInsert,
            Kind::GetOrInsert,
            Kind::Remove,
            Kind::RemoveIf,
            Kind::RemoveById,
            Kind::Retain,
            Kind::Set,
            Kind::Add,
            Kind::Upsert,
            Kind::Compute,
        ];
        let context = random.rand_range(0..contexts as u32) as usize;
        let kind = KINDS[random.rand_range(0..KINDS.len() as u32) as usize];
        value += 1;
        let start = clocks[context] + u64::from(random.rand_range(1..6));
        let end = start + u64::from(random.rand_range(1..12));
        clocks[context] = end;
        let by_id = matches!(kind, Kind::GetById | Kind::RemoveById);
        let known = state.filter(|_| by_id && random.rand_range(0..2) == 0);
        let argument = known.unwrap_or(value);
        let mut drawn = op(context, start, end, kind, argument, Answer::Absent);
        if random.rand_range(0..10) == 0 {
            // Any value that was written before, whatever is there.
            state = Some(u64::from(random.rand_range(0..value as u32)) + 1);
        }
        let answers = [
            state.map_or(Answer::Absent, Answer::There),
            Answer::Is(state.is_some()),
            Answer::Absent,
            Answer::Done,
        ];
        // Now and then a refusal is tried first, seldom though it is wrong.
        let refusal = kind.writes() && random.rand_range(0..6) == 0;
        let wrong = refusal && kind.refusable() && random.rand_range(0..8) == 0;
        let refusal = refusal.then_some(Answer::Full);
        let answers = answers.into_iter().chain([Answer::There(value)]);
        for answer in refusal.into_iter().chain(answers) {
            drawn.answer = Some(answer);
            if wrong {
                break;
            }
            let (right, after) = Register::apply(&(drawn.clone(), refuses), &state);
            if right {
                state = after;
                break;
            }
        }
        ops.push(drawn);
    }
    // Of every other history, the last operation of some contexts never ends.
    for context in 0..contexts {
        if random.rand_range(0..6) == 0 {
            if let Some(last) = ops.iter_mut().rev().find(|op| op.context == context) {
                (last.end, last.answer) = (None, None);
            }
        }
    }
    ops
}

/// The other checker knows only operations that ended: so each that did not is left out, or ends last with
/// whatever answer.
fn completions(ops: &[Op]) -> Vec<Vec<Op>> {
    let Some(open) = ops.iter().position(|op| op.end.is_none()) else {
        return vec![ops.to_vec()];
    };
    let mut without = ops.to_vec();
    without.remove(open);
    let mut with = ops.to_vec();
    with[open].end = Some(u64::MAX);
    [completions(&without), completions(&with)].concat()
}

/// The same history as a sequence of calls and returns; starts come first where the clock says the same.
fn actions(ops: &[Op], refuses: bool) -> Actions<Call> {
    let mut events: Vec<(u64, bool, usize)> = Vec::new();
    for (i, op) in ops.iter().enumerate() {
        events.push((op.start, false, i));
        events.extend(op.end.map(|end| (end, true, i)));
    }
    events.sort_unstable();
    let action = |(_, ends, i): (u64, bool, usize)| {
        let op = (ops[i].clone(), refuses);
        let action = if ends {
            Action::Response(op)
        } else {
            Action::Call(op)
        };
        (ops[i].context, action)
    };
    Actions::from_actions(events.into_iter().map(action).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_checkers_agree_on_ten_thousand_histories() {
        let compared = compare(10_000, 1).unwrap();
        assert!(
            compared.legal > 2_000 && compared.illegal > 2_000 && compared.open > 2_000,
            "{compared:?}"
        );
        assert!(compared.refusals > 2_000, "{compared:?}");
    }
}
