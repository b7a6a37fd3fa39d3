//! Whether some sequential order of all operations on the whole map explains every answer.
//!
//! The order respects each context's program; with a clock also real time. Key by key is not enough:
//! store buffering shows only with two keys.

use std::collections::HashSet;

use crate::call::{Answer, Call, Decision, Event, Key, Value, decided, wanted};
use crate::program::{Case, Fences, Kind};

/// All that one execution of a program said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// One after the other, before the contexts.
    pub setup: Vec<Event>,
    /// Each context's, in its order.
    pub contexts: Vec<Vec<Event>>,
    /// What is left.
    pub rest: Rest,
}

/// What a map is found to be when nothing goes on any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rest {
    /// What an iteration yields, sorted.
    pub entries: Vec<(Key, Value)>,
    /// What a look-up of each key says.
    pub found: Vec<(Key, Option<Value>)>,
    /// How many new entries still go in.
    pub room: usize,
    /// Values made and not dropped when the map is gone too.
    pub leaked: i64,
}

/// The entries, sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct State(Vec<(Key, Value)>);

impl State {
    fn get(&self, key: Key) -> Option<Value> {
        let at = self.0.binary_search_by_key(&key, |entry| entry.0);
        at.ok().map(|at| self.0[at].1)
    }

    fn with(&self, key: Key, value: Option<Value>) -> State {
        let mut entries = self.0.clone();
        entries.retain(|entry| entry.0 != key);
        entries.extend(value.map(|value| (key, value)));
        entries.sort_unstable();
        State(entries)
    }

    /// What the operation leaves, if it can have said this here. `others` cells at most are held by
    /// operations in progress.
    fn after(&self, case: &Case, event: &Event, others: usize) -> Option<State> {
        let (call, answer) = (event.call, event.answer);
        let there = self.get(call.key());
        if answer == Answer::Full {
            let (allowed, cells) = match (call, there) {
                (Call::Insert(..) | Call::TryInsert(..) | Call::GetOrInsert(..), None)
                | (Call::Upsert(..) | Call::Compute(..), None) => (true, case.capacity()),
                (Call::Insert(..) | Call::Update(..) | Call::Upsert(..), Some(_)) => {
                    (case.kind != Kind::Narrow, case.cells())
                }
                (Call::Compute(_, value), Some(_)) => {
                    let puts = matches!(decided(there, value), Decision::Put(_));
                    (puts && case.kind != Kind::Narrow, case.cells())
                }
                _ => (false, 0),
            };
            return (allowed && self.0.len() + others >= cells).then(|| self.clone());
        }
        let value = match (call, answer, there) {
            (Call::Get(_), Answer::Nothing, None) => None,
            (Call::Get(_), Answer::Found(found), Some(there)) if found == there => Some(there),
            (Call::Contains(_), Answer::Is(is), _) if is == there.is_some() => there,
            (Call::Insert(_, value), Answer::Nothing, None) => Some(value),
            (Call::Insert(_, value), Answer::Found(old), Some(there)) if old == there => {
                Some(value)
            }
            (Call::TryInsert(_, value), Answer::Nothing, None) => Some(value),
            (Call::TryInsert(..), Answer::Occupied(old), Some(there)) if old == there => {
                Some(there)
            }
            (Call::GetOrInsert(_, value), Answer::Found(now), None) if now == value => Some(value),
            (Call::GetOrInsert(..), Answer::Found(now), Some(there)) if now == there => Some(there),
            (Call::Update(..) | Call::Remove(_), Answer::Nothing, None) => None,
            (Call::Update(_, more), Answer::Found(old), Some(there)) if old == there => {
                Some(there + more)
            }
            (Call::Upsert(_, value), Answer::Nothing, None) => Some(value),
            (Call::Upsert(_, more), Answer::Found(old), Some(there)) if old == there => {
                Some(there + more)
            }
            (Call::Compute(_, value), Answer::Nothing, None) => Some(value),
            (Call::Compute(_, value), Answer::Found(old), Some(_)) if Some(old) == there => {
                match decided(there, value) {
                    Decision::Put(new) => Some(new),
                    Decision::Remove => None,
                    Decision::Keep => there,
                }
            }
            (Call::RemoveIf(_, value), Answer::Nothing, _)
                if !there.is_some_and(|old| wanted(old, value)) =>
            {
                there
            }
            (Call::RemoveIf(_, value), Answer::Found(old), Some(there))
                if old == there && wanted(old, value) =>
            {
                None
            }
            (Call::Remove(_), Answer::Found(old), Some(there)) if old == there => None,
            _ => return None,
        };
        let after = self.with(call.key(), value);
        // No order holds more entries than there is room for.
        (after.0.len() <= case.capacity()).then_some(after)
    }
}

/// Whether there is such an order. With fences around the operations, one that ended before another began
/// comes first.
pub fn explained(case: &Case, run: &Run, fences: Fences) -> bool {
    let mut state = State::default();
    for event in &run.setup {
        match state.after(case, event, 0) {
            Some(after) => state = after,
            None => return false,
        }
    }
    let mut search = Search {
        case,
        run,
        fences,
        tried: HashSet::new(),
    };
    search.from(&vec![0; run.contexts.len()], &state)
}

struct Search<'a> {
    case: &'a Case,
    run: &'a Run,
    fences: Fences,
    tried: HashSet<(Vec<usize>, State)>,
}

impl Search<'_> {
    fn from(&mut self, at: &[usize], state: &State) -> bool {
        let contexts = &self.run.contexts;
        let next = |context: usize| contexts[context].get(at[context]);
        let open: Vec<usize> = (0..at.len()).filter(|&c| next(c).is_some()).collect();
        if open.is_empty() {
            return self.is_left(state);
        }
        if !self.tried.insert((at.to_vec(), state.clone())) {
            return false;
        }
        open.iter().any(|&context| {
            let event = &contexts[context][at[context]];
            let late = |&other: &usize| contexts[other][at[other]].end <= event.begin;
            if self.timed() && open.iter().any(late) {
                return false;
            }
            let others = self.held_by_others(at, context, event);
            let Some(after) = state.after(self.case, event, others) else {
                return false;
            };
            let mut at = at.to_vec();
            at[context] += 1;
            self.from(&at, &after)
        })
    }

    fn timed(&self) -> bool {
        self.fences == Fences::Around
    }

    /// How many cells other contexts may hold at this place of the order: each is in the operation that
    /// took effect last, or in the next one.
    ///
    /// The store that frees a cell comes behind the fence of its operation, and a look-up has none: that
    /// store may become visible only after look-ups that follow in the same context, so they do not end
    /// what is before them.
    fn held_by_others(&self, at: &[usize], context: usize, event: &Event) -> usize {
        let others = (0..at.len()).filter(|&other| other != context);
        let most = others.map(|other| {
            let events = &self.run.contexts[other];
            let (before, behind) = events.split_at(at[other]);
            let drained = |event: &Event| self.fences != Fences::None || !event.changed_nothing();
            let last = before.iter().rposition(drained).unwrap_or(0);
            let open = before[last..].iter().chain(behind.first());
            let open = open.filter(|other| !self.timed() || event.overlaps(other));
            open.map(|other| self.case.held(other.call)).max()
        });
        most.flatten().sum()
    }

    fn is_left(&self, state: &State) -> bool {
        let rest = &self.run.rest;
        rest.entries == state.0
            && rest
                .found
                .iter()
                .all(|&(key, value)| state.get(key) == value)
            && rest.room + state.0.len() == self.case.capacity()
            && rest.leaked == 0
    }
}
