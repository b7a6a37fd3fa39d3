//! Whether a history is linearizable, key by key.
//!
//! Linearizability is local: a history on one clock is linearizable if each key's part is. For each key the
//! operations are followed in time with the set of all states that are possible: the value, and which of the
//! open operations have taken effect.

use crate::event::{Event, History, Kind, Outcome};

/// A possible state: the key's value, and a bit for each open operation that has taken effect.
type State = (Option<u64>, u64);

/// Checks a history.
///
/// # Errors
/// The key, and the first operation that no order of the key's operations explains.
pub fn check(history: &History) -> Result<(), String> {
    let mut events: Vec<&Event> = history.events.iter().collect();
    events.sort_unstable_by_key(|event| (event.key, event.start));
    for events in events.chunk_by(|a, b| a.key == b.key) {
        check_key(events, history.roomy)?;
    }
    Ok(())
}

/// The value after the operation, if it can have had this outcome on this value.
fn apply(event: &Event, value: Option<u64>, roomy: bool) -> Option<Option<u64>> {
    let argument = event.argument;
    match (event.kind, event.outcome, value) {
        (_, Outcome::Full, _) if roomy => None,
        (Kind::Get, Outcome::None, None) => Some(None),
        (Kind::Get, Outcome::Some(found), Some(there)) if found == there => Some(value),
        (Kind::Contains, Outcome::Is(is), _) if is == value.is_some() => Some(value),
        (Kind::Insert, Outcome::None, None) => Some(Some(argument)),
        (Kind::Insert, Outcome::Some(old), Some(there)) if old == there => Some(Some(argument)),
        // Also of a present key: every spare cell may be in use.
        (Kind::Insert, Outcome::Full, _) => Some(value),
        (Kind::TryInsert, Outcome::None, None) => Some(Some(argument)),
        (Kind::TryInsert, Outcome::Occupied(old), Some(there)) if old == there => Some(value),
        (Kind::TryInsert | Kind::GetOrInsert, Outcome::Full, None) => Some(None),
        (Kind::GetOrInsert, Outcome::Some(now), None) if now == argument => Some(Some(argument)),
        (Kind::GetOrInsert, Outcome::Some(now), Some(there)) if now == there => Some(value),
        (Kind::Remove, Outcome::None, None) => Some(None),
        (Kind::Remove, Outcome::Some(old), Some(there)) if old == there => Some(None),
        (Kind::Update | Kind::Add, Outcome::None, None) => Some(None),
        (Kind::Update | Kind::Add, Outcome::Full, Some(_)) => Some(value),
        (Kind::Update, Outcome::Some(old), Some(there)) if old == there => Some(Some(argument)),
        // Values have at most half a word.
        (Kind::Add, Outcome::Some(old), Some(there)) if old == there => {
            Some(Some(u64::from((old as u32).wrapping_add(argument as u32))))
        }
        _ => None,
    }
}

/// Checks one key's operations, which are in the order of their starts.
fn check_key(events: &[&Event], roomy: bool) -> Result<(), String> {
    let mut open: Vec<&Event> = Vec::new();
    let mut states: Vec<State> = vec![(None, 0)];
    let mut next = events.iter().peekable();
    loop {
        let first_end = open.iter().map(|event| event.end).min();
        // Equal readings overlap: starts come first.
        if let Some(&event) = next.next_if(|event| first_end.is_none_or(|end| event.start <= end)) {
            if open.len() == 64 {
                return Err(format!("key {:x}: more than 64 open operations", event.key));
            }
            open.push(event);
            continue;
        }
        let Some(at) = (0..open.len()).min_by_key(|&at| open[at].end) else {
            return Ok(());
        };
        states = close(&open, at, states, roomy);
        if states.is_empty() {
            let event = open[at];
            return Err(format!("key {:x}: no order explains '{event}'", event.key));
        }
        let last = open.len() - 1;
        open.swap_remove(at);
        for state in &mut states {
            state.1 = moved(state.1, last, at);
        }
    }
}

/// The bits after the last operation has taken the place of the one that is over.
fn moved(bits: u64, last: usize, at: usize) -> u64 {
    let top = bits >> last & 1;
    let rest = bits & !(1 << last) & !(1 << at);
    if last == at { rest } else { rest | top << at }
}

/// All states in which the operation at this place has taken effect.
fn close(open: &[&Event], at: usize, states: Vec<State>, roomy: bool) -> Vec<State> {
    let mut known = states;
    let mut done = Vec::new();
    let mut looked = 0;
    while looked < known.len() {
        let (value, bits) = known[looked];
        looked += 1;
        if bits >> at & 1 == 1 {
            done.push((value, bits));
            continue;
        }
        for (i, event) in open.iter().enumerate() {
            if bits >> i & 1 == 1 {
                continue;
            }
            if let Some(after) = apply(event, value, roomy) {
                let state = (after, bits | 1 << i);
                if !known.contains(&state) {
                    known.push(state);
                }
            }
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(start: u64, end: u64, kind: Kind, argument: u64, outcome: Outcome) -> Event {
        Event {
            context: 0,
            kind,
            key: 1,
            start,
            end,
            argument,
            outcome,
        }
    }

    fn verdict(events: &[Event]) -> bool {
        let history = History {
            subject: "test",
            capacity: 4,
            contexts: 2,
            events: events.to_vec(),
            roomy: true,
        };
        check(&history).is_ok()
    }

    #[test]
    fn what_overlaps_may_come_in_any_order() {
        let insert = event(0, 5, Kind::Insert, 7, Outcome::None);
        let seen = event(1, 2, Kind::Get, 0, Outcome::Some(7));
        let missed = event(1, 2, Kind::Get, 0, Outcome::None);
        let missed_then = event(3, 4, Kind::Get, 0, Outcome::None);
        assert!(verdict(&[insert, seen]));
        assert!(verdict(&[insert, missed]));
        assert!(verdict(&[insert, missed, missed_then]));
        assert!(!verdict(&[insert, seen, missed_then]));
    }

    #[test]
    fn equal_readings_overlap() {
        let insert = event(0, 5, Kind::Insert, 7, Outcome::None);
        let at_end = event(5, 6, Kind::Get, 0, Outcome::None);
        let later = event(6, 7, Kind::Get, 0, Outcome::None);
        assert!(verdict(&[insert, at_end]));
        assert!(!verdict(&[insert, later]));
    }

    #[test]
    fn two_cannot_both_put_a_key_in() {
        let one = event(0, 5, Kind::TryInsert, 7, Outcome::None);
        let two = event(1, 6, Kind::TryInsert, 8, Outcome::None);
        let second = event(1, 6, Kind::TryInsert, 8, Outcome::Occupied(7));
        assert!(verdict(&[one, second]));
        assert!(!verdict(&[one, two]));
    }

    #[test]
    fn a_lost_update_is_seen() {
        let insert = event(0, 1, Kind::Insert, 7, Outcome::None);
        let add = |outcome| event(2, 5, Kind::Add, 1, outcome);
        let both = [insert, add(Outcome::Some(7)), add(Outcome::Some(8))];
        assert!(verdict(&both));
        assert!(!verdict(&[
            insert,
            add(Outcome::Some(7)),
            add(Outcome::Some(7))
        ]));
    }

    #[test]
    fn full_is_no_answer_where_there_is_room() {
        assert!(!verdict(&[event(0, 1, Kind::Insert, 7, Outcome::Full)]));
    }
}
