//! Faults written down by hand.

use super::NO_ORDER;
use crate::{Answer, History, Kind, Op};

/// An operation on key 1 that has ended.
pub fn op(context: usize, start: u64, end: u64, kind: Kind, argument: u64, answer: Answer) -> Op {
    Op {
        context,
        start,
        end: Some(end),
        kind,
        key: 1,
        argument,
        answer: Some(answer),
    }
}

/// A history of a map of eight entries.
pub fn history(ops: Vec<Op>) -> History {
    History {
        subject: "by hand".into(),
        capacity: 8,
        spares: None,
        guards: None,
        ops,
    }
}

/// Faults written down by hand, each the shortest history that shows it: its name, and what the checker must
/// say of it.
pub fn by_hand() -> Vec<(&'static str, History, &'static str)> {
    let (absent, there) = (Answer::Absent, Answer::There);
    let put = |start, value, answer| op(0, start, start + 5, Kind::Insert, value, answer);
    let get = |start, answer| op(1, start, start + 5, Kind::Get, 0, answer);
    let remove = |start, answer| op(1, start, start + 5, Kind::Remove, 0, answer);
    let faults = vec![
        (
            "a stale read",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                get(20, there(7)),
            ],
        ),
        (
            "a read older than any overlap",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                put(20, 9, there(8)),
                get(30, there(9)),
                get(40, there(7)),
            ],
        ),
        (
            "a lost insert",
            NO_ORDER,
            vec![put(0, 7, absent.clone()), get(10, absent.clone())],
        ),
        (
            "two winners of one insert",
            NO_ORDER,
            vec![
                op(0, 0, 10, Kind::TryInsert, 7, absent.clone()),
                op(1, 0, 10, Kind::TryInsert, 8, absent.clone()),
            ],
        ),
        (
            "a resurrected value",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                remove(10, there(7)),
                get(20, there(7)),
            ],
        ),
        (
            "a lost update",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                op(0, 10, 20, Kind::Add, 1, there(7)),
                op(1, 10, 20, Kind::Add, 1, there(7)),
            ],
        ),
        (
            "a removal of what is not wanted",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                op(1, 10, 15, Kind::RemoveIf, 2, there(7)),
            ],
        ),
        (
            "a wanted value that is not removed",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                op(1, 10, 15, Kind::RemoveIf, 1, absent.clone()),
            ],
        ),
        (
            "a lost change of an upsert",
            NO_ORDER,
            vec![
                op(0, 0, 5, Kind::Upsert, 4, absent.clone()),
                op(0, 10, 20, Kind::Upsert, 1, there(4)),
                op(1, 10, 20, Kind::Upsert, 2, there(4)),
            ],
        ),
        (
            "a compute that does not remove",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                // Both differ in 3: it is decided that it goes.
                op(1, 10, 15, Kind::Compute, 4, there(7)),
                get(20, there(7)),
            ],
        ),
        (
            "a retain that keeps what is not wanted",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                op(1, 10, 15, Kind::Retain, 2, Answer::Done),
                get(20, there(7)),
            ],
        ),
        (
            "a clear that leaves an entry",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                op(1, 10, 15, Kind::Retain, 4, Answer::Done),
                get(20, there(7)),
            ],
        ),
        (
            "an identifier that names what replaced its entry",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                op(1, 20, 25, Kind::GetById, 7, there(8)),
            ],
        ),
        (
            "an entry that its identifier does not name",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                op(1, 10, 15, Kind::GetById, 7, absent.clone()),
            ],
        ),
        (
            "a removal by identifier of what replaced its entry",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                op(1, 20, 25, Kind::RemoveById, 7, absent.clone()),
                get(30, absent.clone()),
            ],
        ),
        (
            "a refusal of a present key",
            NO_ORDER,
            vec![
                put(0, 7, absent.clone()),
                op(0, 10, 20, Kind::Insert, 8, Answer::Full),
            ],
        ),
        (
            "an empty map with a key in it",
            "IsEmpty answered",
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                op(1, 12, 20, Kind::IsEmpty, 0, Answer::Is(true)),
            ],
        ),
        (
            "two entries where one is replaced",
            "Len answered",
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                op(1, 12, 20, Kind::Len, 0, Answer::Number(2)),
            ],
        ),
        (
            "a refusal without need",
            "answered Full",
            vec![op(0, 0, 10, Kind::Insert, 8, Answer::Full)],
        ),
        (
            "more keys than there is room for",
            "keys were there at once",
            (0..9)
                .map(|key| Op {
                    key,
                    ..op(0, key, key, Kind::Insert, key, absent.clone())
                })
                .collect(),
        ),
        (
            "a count beyond the capacity",
            "Len answered",
            // Seven are there, of three more nobody knows: there was room for one.
            (0..10)
                .map(|key| op(0, 0, 20, Kind::Insert, key, absent.clone()))
                .chain((7..10).map(|key| op(1, 0, 20, Kind::Remove, key, there(key))))
                .map(|op| Op {
                    key: op.argument,
                    ..op
                })
                .chain([op(1, 30, 40, Kind::Len, 0, Answer::Number(9))])
                .collect(),
        ),
        (
            "an entry that a walk misses",
            "a walk misses",
            vec![
                put(0, 7, absent.clone()),
                op(1, 10, 20, Kind::Walk, 0, Answer::Entries(Vec::new())),
            ],
        ),
        (
            "a walk that yields what was replaced before it",
            "which it did not have then",
            vec![
                put(0, 7, absent.clone()),
                put(10, 8, there(7)),
                op(1, 20, 30, Kind::Walk, 0, Answer::Entries(vec![(1, 7)])),
            ],
        ),
        (
            "an entry yielded twice",
            "twice",
            vec![
                put(0, 7, absent),
                op(
                    1,
                    10,
                    20,
                    Kind::Walk,
                    0,
                    Answer::Entries(vec![(1, 7), (1, 7)]),
                ),
            ],
        ),
    ];
    let named = |(name, text, ops)| (name, history(ops), text);
    faults.into_iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_written_down_is_found() {
        for (name, history, text) in by_hand() {
            let what = crate::check(&history).unwrap_err().what;
            assert!(what.contains(text), "{name}: {what}");
        }
    }
}
