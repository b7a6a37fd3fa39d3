//! Each operation interrupted before each of its accesses by each other operation, also by two, nested.

use std::cell::RefCell;

use anyhow::{Context, Result, ensure};

use crate::call::{Answer, Call, Kind};
use crate::context::{accesses, bounded, interrupted};
use crate::model::{State, in_some_order};
use crate::pending::Pending;
use crate::prepare::{ABSENT, FRESH, OTHER, PRESENT, Prepared, Shape};
use crate::subject::Subject;
use crate::work::lost;

/// A key that no other operation of the run is about, absent.
const ABSENT_TOO: u64 = ABSENT + 1;

/// What may interrupt an operation: each operation on its key and on others.
pub fn handlers(subject: &dyn Subject, call: Call) -> Vec<Call> {
    let kinds = Kind::ALL.into_iter();
    let kinds = kinds.filter(|kind| subject.has(*kind));
    let mut handlers = Vec::new();
    for kind in kinds {
        let keys: &[u64] = match kind {
            // The entry is removed before, and can be held once only in that way.
            Kind::DropGuard if call.kind == kind => &[OTHER],
            Kind::DropGuard => &[PRESENT, OTHER],
            _ if kind.has_key() => &[PRESENT, OTHER, ABSENT, ABSENT_TOO],
            _ => &[0],
        };
        for &key in keys {
            // The table of a pool's keys is no part of it: two inserts of one key are not one operation.
            let twice = kind == Kind::TryInsert && call.kind == kind && call.key == key;
            if !twice || subject.has(Kind::Insert) {
                handlers.push(Call::new(kind, key, 8000 + key));
            }
        }
    }
    handlers
}

/// Runs `handler` before every `stride`-th access of `call`, and `nested` in the midst of the handler.
/// Returns how many runs there were in which all of them ran.
pub fn every_access(
    new: fn() -> Box<dyn Subject>,
    shape: Shape,
    call: Call,
    handler: Call,
    nested: Option<(Call, u64)>,
    stride: usize,
) -> Result<u64> {
    let Some(prepared) = Prepared::new(new(), shape) else {
        return Ok(0);
    };
    let mut state = prepared.state.clone();
    let Some(inner) = prepared.begin(handler, &mut state) else {
        return Ok(0);
    };
    let Some(run) = prepared.begin(call, &mut state) else {
        return Ok(0);
    };
    let (_, log) = accesses(run)?;
    drop(inner);
    let mut runs = 0;
    for at in (1..=log.len() as u64).step_by(stride) {
        let all = one(new, shape, call, handler, nested, at).with_context(|| {
            let of = log.len();
            format!("{call} interrupted before access {at} of {of} by {handler}, {nested:?}")
        })?;
        ensure!(
            all || nested.is_some(),
            "{handler} never came before access {at} of {call}"
        );
        runs += u64::from(all);
    }
    Ok(runs)
}

/// One run; whether all have run: a handler with few accesses is over before `nested` is due.
fn one(
    new: fn() -> Box<dyn Subject>,
    shape: Shape,
    call: Call,
    handler: Call,
    nested: Option<(Call, u64)>,
    at: u64,
) -> Result<bool> {
    let prepared = Prepared::new(new(), shape).context("no such state")?;
    let subject = prepared.subject();
    let mut start = prepared.state.clone();
    let handle = prepared.begin(handler, &mut start);
    let handle = handle.context("the handler cannot begin")?;
    let run = prepared
        .begin(call, &mut start)
        .context("it cannot begin")?;
    let answers = RefCell::new(Vec::new());
    let waits = RefCell::new(None);
    let answered = |call, answer| answers.borrow_mut().push((call, answer));
    let handle = || {
        let result = match nested {
            None => bounded(handle).map(|(answer, _)| answer),
            Some((inner, inner_at)) => {
                interrupted(inner_at, || answered(inner, subject.call(inner)), handle)
            }
        };
        match result {
            Ok(answer) => answered(handler, answer),
            Err(error) => *waits.borrow_mut() = Some(error),
        }
    };
    let answer = interrupted(at, handle, run)?;
    if let Some(error) = waits.into_inner() {
        return Err(error.context("the handler"));
    }
    answered(call, answer);
    let answers = answers.into_inner();
    let end = dump(subject);
    // Beside the inner ones an operation is in progress, or two, of at most two cells each.
    let count = answers.len();
    let beside: Vec<_> = (0..count).map(|i| 2 * (count - 1 - i)).collect();
    ensure!(
        in_some_order(&subject.rules(), &answers, &beside, &start, &end),
        "no order explains {answers:?}: from {start:?} to {end:?}"
    );
    let perform = |subject: &dyn Subject, call: Call| Ok(bounded(|| subject.call(call))?.0);
    let nothing = Call::new(Kind::Len, 0, 0);
    let mut pending = Pending::new(subject.rules(), end, nothing, 0);
    let lost = lost(subject, &mut pending, &perform)?;
    ensure!(lost == 0, "all have ended, and {lost} cells are lost");
    Ok(count == 2 + usize::from(nested.is_some()))
}

/// What is there now, key by key.
fn dump(subject: &dyn Subject) -> State {
    let mut there = State::new();
    for key in 0..FRESH {
        if let Answer::Value(Some(value)) = subject.call(Call::new(Kind::Get, key, 0)) {
            there.insert(key, value);
        }
    }
    there
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::subjects;

    #[test]
    fn a_run_counts_only_if_the_inner_one_ran() {
        let new = subjects(Some("CopyMap wide")).next().unwrap().new;
        let (insert, get) = (
            Call::new(Kind::Insert, PRESENT, 7),
            Call::new(Kind::Get, OTHER, 0),
        );
        let remove = Call::new(Kind::Remove, OTHER, 0);
        let runs = |at| every_access(new, Shape::Few, insert, get, Some((remove, at)), 1).unwrap();
        assert!(runs(1) > 0);
        // A look-up makes fewer accesses.
        assert_eq!(runs(40), 0);
    }
}
