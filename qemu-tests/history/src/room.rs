//! Whether a map may refuse: how many cells may be taken, beside those of the entries.
//!
//! An operation in progress has at most two cells, and the `next` of a walk through a map with guards three.
//! Counts have none, nor have look-ups and walks where there are no guards. What looks only, or finds
//! nothing to change, can hold just what another one takes out meanwhile; not so in a pool, where an old
//! identifier leads to a cell that was given up long ago and that nobody can have while it is looked at.
//! Beside these there are the guards that contexts hold between their operations.

use std::collections::BTreeSet;

use crate::effect::takes_out;
use crate::{Answer, History, Kind, Op};

/// Cells of an operation in progress, at most.
const CELLS: usize = 2;
/// Cells of a walk through a map with guards, at most.
const CELLS_OF_A_WALK: usize = 3;
/// A `retain` is as many operations as there are keys; the cells are counted with the first one's.
const FIRST_KEY: u64 = 0;

/// When operations start, and when they end, sorted; with the sum of the weights of all up to there.
#[derive(Default)]
pub(crate) struct Overlaps {
    starts: Vec<(u64, usize)>,
    ends: Vec<(u64, usize)>,
}

impl Overlaps {
    /// Of these operations, each with its weight.
    pub(crate) fn of<'a>(ops: impl Iterator<Item = (&'a Op, usize)>) -> Overlaps {
        let mut overlaps = Overlaps::default();
        for (op, weight) in ops {
            overlaps.starts.push((op.start, weight));
            overlaps.ends.extend(op.end.map(|end| (end, weight)));
        }
        for times in [&mut overlaps.starts, &mut overlaps.ends] {
            times.sort_unstable();
            let mut sum = 0;
            for (_, weight) in times {
                sum += *weight;
                *weight = sum;
            }
        }
        overlaps
    }

    /// The weight of all that overlap the interval.
    pub(crate) fn weight(&self, start: u64, end: u64) -> usize {
        let before = |times: &[(u64, usize)], place: usize| match place {
            0 => 0,
            place => times[place - 1].1,
        };
        let started = self.starts.partition_point(|(time, _)| *time <= end);
        let ended = self.ends.partition_point(|(time, _)| *time < start);
        before(&self.starts, started) - before(&self.ends, ended)
    }
}

/// Who may have cells, and when.
pub(crate) struct Room {
    guards: bool,
    /// Whether it is a pool.
    pool: bool,
    /// Cells of guards that outlive their operation.
    held: usize,
    takers: Overlaps,
    takes_out: Overlaps,
}

impl Room {
    pub(crate) fn new(history: &History) -> Room {
        let contexts: BTreeSet<usize> = history.ops.iter().map(|op| op.context).collect();
        let takes_out = history.ops.iter().filter(|op| takes_out(op));
        let mut room = Room {
            guards: history.guards.is_some(),
            pool: history.is_pool(),
            held: history.guards.unwrap_or(0) * contexts.len(),
            takers: Overlaps::default(),
            takes_out: Overlaps::of(takes_out.map(|op| (op, 1))),
        };
        let takers = history.ops.iter().map(|op| (op, room.cells(op)));
        room.takers = Overlaps::of(takers.filter(|(_, cells)| *cells > 0));
        room
    }

    /// How many cells guards and other operations may have while this one runs until `end`.
    pub(crate) fn taken(&self, op: &Op, end: u64) -> usize {
        self.held + self.takers.weight(op.start, end) - self.cells(op)
    }

    /// How many cells the operation may have.
    fn cells(&self, op: &Op) -> usize {
        let cells = match op.kind {
            Kind::Len | Kind::IsEmpty | Kind::IsFull => 0,
            Kind::Get | Kind::GetById | Kind::Contains | Kind::Walk if !self.guards => 0,
            Kind::Walk => CELLS_OF_A_WALK,
            Kind::Retain if op.key != FIRST_KEY => 0,
            // A removal within a walk.
            Kind::Retain if self.guards => CELLS_OF_A_WALK + CELLS,
            _ => CELLS,
        };
        // It cannot claim a cell, only hold one that is on its way out.
        let stands_by = match op.kind {
            Kind::Remove | Kind::RemoveIf | Kind::RemoveById | Kind::Set | Kind::Add => {
                op.answer == Some(Answer::Absent)
            }
            kind => !kind.writes(),
        };
        let end = op.end.unwrap_or(u64::MAX);
        if stands_by && !self.pool && self.takes_out.weight(op.start, end) == 0 {
            return 0;
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use crate::faulty::{history, op};
    use crate::{Answer, History, Kind, Op, check};

    /// Answers that another map of its kind may give, beside those that end with a refusal.
    fn legal(subject: &History, ops: &[Op]) -> bool {
        let ops = ops.to_vec();
        check(&History {
            ops,
            ..subject.clone()
        })
        .is_ok()
    }

    fn with_guards(guards: Option<usize>) -> History {
        History {
            spares: Some(8),
            guards,
            ..history(Vec::new())
        }
    }

    fn on(key: u64, op: Op) -> Op {
        Op { key, ..op }
    }

    /// So many keys from 0, one after the other.
    fn filled(keys: u64) -> Vec<Op> {
        let put = |key| op(0, key, key, Kind::Insert, key, Answer::Absent);
        (0..keys).map(|key| on(key, put(key))).collect()
    }

    #[test]
    fn a_map_that_refuses_everything_is_refused() {
        for guards in [None, Some(0), Some(1)] {
            for kind in [Kind::Insert, Kind::TryInsert, Kind::GetOrInsert] {
                let refused = op(0, 100, 110, kind, 5, Answer::Full);
                assert!(
                    !legal(&with_guards(guards), &[refused]),
                    "{guards:?} {kind:?}"
                );
            }
            for kind in [Kind::Insert, Kind::Set, Kind::Add] {
                let refused = on(0, op(0, 100, 110, kind, 5, Answer::Full));
                let ops = [filled(1), vec![refused]].concat();
                assert!(!legal(&with_guards(guards), &ops), "{guards:?} {kind:?}");
            }
        }
    }

    #[test]
    fn a_new_key_is_refused_when_entries_and_other_operations_may_have_all_cells() {
        let refused = on(100, op(0, 100, 110, Kind::Insert, 5, Answer::Full));
        let other = on(101, op(1, 100, 110, Kind::Insert, 5, Answer::Absent));
        let beside = |keys, others: &[&Op]| {
            let others = others.iter().map(|op| (*op).clone());
            let ops = filled(keys)
                .into_iter()
                .chain([refused.clone()])
                .chain(others);
            legal(&with_guards(None), &ops.collect::<Vec<Op>>())
        };
        assert!(beside(8, &[]) && !beside(7, &[]));
        assert!(beside(5, &[&other]) && !beside(4, &[&other]));
        // Of keys that are not there: they find nothing to take out.
        let nothing = on(102, op(1, 100, 110, Kind::Remove, 0, Answer::Absent));
        assert!(!beside(7, &[&nothing]));
        // What the one takes out, the other may hold.
        let taken = on(0, op(2, 100, 110, Kind::Remove, 0, Answer::There(0)));
        assert!(beside(6, &[&taken]) && beside(4, &[&taken, &nothing]));
        assert!(!beside(5, &[&taken]) && !beside(3, &[&taken, &nothing]));
    }

    #[test]
    fn look_ups_take_cells_only_where_there_are_guards() {
        let taken = on(0, op(1, 90, 120, Kind::Remove, 0, Answer::There(0)));
        let get = on(1, op(2, 100, 110, Kind::Get, 0, Answer::There(1)));
        let len = op(3, 100, 110, Kind::Len, 0, Answer::Number(4));
        let refused = on(100, op(0, 100, 110, Kind::Insert, 5, Answer::Full));
        let ops = [filled(4), vec![taken, get, len, refused]].concat();
        assert!(!legal(&with_guards(None), &ops));
        assert!(legal(&with_guards(Some(0)), &ops));
    }

    #[test]
    fn in_a_pool_an_old_identifier_leads_to_a_cell() {
        let refused = on(100, op(0, 100, 110, Kind::Insert, 5, Answer::Full));
        let old = on(101, op(1, 100, 110, Kind::Remove, 0, Answer::Absent));
        let ops = [filled(7), vec![old, refused]].concat();
        let map = with_guards(Some(0));
        let pool = History {
            subject: "pool".into(),
            ..map.clone()
        };
        assert!(legal(&pool, &ops) && !legal(&map, &ops));
    }

    #[test]
    fn guards_that_outlive_their_operation_take_cells() {
        let refused = on(100, op(0, 100, 110, Kind::Insert, 5, Answer::Full));
        let ops = [filled(7), vec![refused]].concat();
        assert!(!legal(&with_guards(Some(0)), &ops));
        assert!(legal(&with_guards(Some(1)), &ops));
    }

    #[test]
    fn a_replacement_is_refused_when_the_spares_may_be_taken_as_well() {
        let refused = on(0, op(0, 100, 110, Kind::Set, 5, Answer::Full));
        let other = |i| op(1, 100, 110, Kind::Set, 5, Answer::There(i));
        let beside = |others| {
            let others = (1..=others).map(|key| on(key, other(key)));
            let ops = filled(8).into_iter().chain([refused.clone()]).chain(others);
            legal(&with_guards(None), &ops.collect::<Vec<Op>>())
        };
        assert!(beside(4) && !beside(3));
    }

    #[test]
    fn more_keys_than_there_is_room_for_are_refused() {
        let subject = with_guards(None);
        assert!(legal(&subject, &filled(8)) && !legal(&subject, &filled(9)));
        let taken = on(0, op(1, 7, 8, Kind::Remove, 0, Answer::There(0)));
        let taken = |start| Op {
            start,
            ..taken.clone()
        };
        let with = |start| legal(&subject, &[filled(9), vec![taken(start)]].concat());
        assert!(with(7) && !legal(&subject, &[filled(10), vec![taken(7)]].concat()));
    }
}
