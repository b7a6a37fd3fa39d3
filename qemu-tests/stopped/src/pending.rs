//! What a map may answer while one operation is suspended.

use crate::call::{Answer, Call, Kind};
use crate::model::{Rules, State, effect};
use crate::subject::KEYS;

/// A state in which one operation has begun and will never end: its effect may come at any time, or never.
pub struct Pending {
    rules: Rules,
    /// How many cells it may occupy.
    lost: usize,
    suspended: Call,
    /// What it has returned, if it has gone on after all.
    returned: Option<Answer>,
    /// The values of all keys but the suspended operation's, and how many there are.
    others: Vec<Option<u64>>,
    count: usize,
    /// What its key's value may be, and whether the effect may still come.
    may_be: Vec<(Option<u64>, bool)>,
    /// What it was before; only its room is of use.
    was: Vec<(Option<u64>, bool)>,
}

impl Pending {
    /// From that state on, with this operation suspended.
    pub fn new(rules: Rules, mut state: State, suspended: Call, lost: usize) -> Self {
        let own = suspended
            .kind
            .has_key()
            .then(|| state.remove(&suspended.key));
        let mut others = vec![None; KEYS];
        for (&key, &value) in &state {
            others[key as usize] = Some(value);
        }
        Self {
            rules,
            lost,
            suspended,
            returned: None,
            others,
            count: state.len(),
            may_be: vec![(own.flatten(), true)],
            was: Vec::new(),
        }
    }

    /// The same for an operation of which is known already what it will return.
    pub fn returning(mut self, answer: Answer) -> Self {
        self.returned = Some(answer);
        self
    }

    /// The suspended operation has gone on and returned: whether what it returned was right at some time. It
    /// occupies no cells any more.
    pub fn end(&mut self) -> bool {
        let mut ended = Vec::new();
        for &(value, pending) in &self.may_be {
            let late = if pending {
                self.late(value)
            } else {
                Some(value)
            };
            ended.extend(late.map(|value| (value, false)));
        }
        self.may_be = ended;
        self.lost = 0;
        !self.may_be.is_empty()
    }

    /// The own key's value after the suspended operation's effect, if that may come now.
    fn late(&self, value: Option<u64>) -> Option<Option<u64>> {
        match &self.returned {
            Some(answer) if self.suspended.kind.has_key() => {
                let live = self.count + usize::from(value.is_some());
                self.rules
                    .explain(self.suspended, value, live, self.lost, answer)
            }
            _ => {
                let late = effect(self.suspended, value);
                let fits = self.count < self.rules.capacity;
                (value.is_some() || late.is_none() || fits).then_some(late)
            }
        }
    }

    /// Takes note of an answer: whether it is right in one of the states that are left.
    pub fn take(&mut self, call: Call, answer: &Answer) -> bool {
        std::mem::swap(&mut self.may_be, &mut self.was);
        self.may_be.clear();
        for i in 0..self.was.len() {
            let (value, pending) = self.was[i];
            let late = if pending { self.late(value) } else { None };
            let late = late.map(|late| (late, false));
            for (value, pending) in [Some((value, pending)), late].into_iter().flatten() {
                let live = self.count + usize::from(value.is_some());
                if let Some(value) = self.one(call, value, live, answer) {
                    let state = (value, pending);
                    if !self.may_be.contains(&state) {
                        self.may_be.push(state);
                    }
                }
            }
        }
        if call.kind.has_key() && !self.is_own(call.key) && !self.may_be.is_empty() {
            self.note(call, answer);
        }
        !self.may_be.is_empty()
    }

    /// Which keys may be there.
    pub fn keys(&self) -> Vec<u64> {
        let there = |key: &u64| self.is_own(*key) || self.others[*key as usize].is_some();
        (0..KEYS as u64).filter(there).collect()
    }

    fn is_own(&self, key: u64) -> bool {
        self.suspended.kind.has_key() && key == self.suspended.key
    }

    /// The own key's value after the call, if the answer is right while it was `value`.
    fn one(
        &self,
        call: Call,
        value: Option<u64>,
        live: usize,
        answer: &Answer,
    ) -> Option<Option<u64>> {
        match (call.kind, answer) {
            (kind, answer) if kind.counts() => {
                let most = live + usize::from(self.rules.counts_cells);
                self.rules
                    .counted(kind, answer, live..=most)
                    .then_some(value)
            }
            (Kind::Free, Answer::Count(_)) => Some(value),
            (Kind::Iterate, Answer::List(list)) => {
                let there = |(key, found): &(u64, u64)| {
                    if self.is_own(*key) {
                        value == Some(*found)
                    } else {
                        self.others[*key as usize] == Some(*found)
                    }
                };
                let sorted = list.windows(2).all(|pair| pair[0].0 < pair[1].0);
                (list.len() == live && sorted && list.iter().all(there)).then_some(value)
            }
            _ if self.is_own(call.key) => self.rules.explain(call, value, live, self.lost, answer),
            _ => {
                let now = self.others[call.key as usize];
                self.rules
                    .explain(call, now, live, self.lost, answer)
                    .map(|_| value)
            }
        }
    }

    /// Performs a call of another key, whose answer was right.
    fn note(&mut self, call: Call, answer: &Answer) {
        if *answer == Answer::Full {
            return;
        }
        let value = &mut self.others[call.key as usize];
        let now = effect(call, *value);
        self.count += usize::from(now.is_some());
        self.count -= usize::from(value.is_some());
        *value = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::allowed;

    const RULES: Rules = Rules {
        capacity: 2,
        spares: Some(0),
        cells: None,
        silent_reads: false,
        counts_cells: false,
        equal_hashes: false,
    };

    #[test]
    fn a_suspended_effect_comes_once() {
        let insert = Call::new(Kind::Insert, 1, 7);
        let mut pending = Pending::new(RULES, State::new(), insert, 2);
        let get = Call::new(Kind::Get, 1, 0);
        assert!(pending.take(get, &Answer::Value(None)));
        assert!(pending.take(get, &Answer::Value(Some(7))));
        let remove = Call::new(Kind::Remove, 1, 0);
        assert!(pending.take(remove, &Answer::Value(Some(7))));
        assert!(!pending.take(get, &Answer::Value(Some(7))));
    }

    #[test]
    fn a_suspended_insert_does_not_go_beyond_the_capacity() {
        let full = State::from([(1, 5), (2, 6)]);
        let insert = Call::new(Kind::Insert, 50, 7);
        let get = Call::new(Kind::Get, 50, 0);
        let there = Answer::Value(Some(7));
        assert!(!Pending::new(RULES, full.clone(), insert, 2).take(get, &there));
        let mut pending = Pending::new(RULES, full, insert, 2);
        let remove = Call::new(Kind::Remove, 1, 0);
        assert!(pending.take(remove, &Answer::Value(Some(5))));
        assert!(pending.take(get, &there));
    }

    #[test]
    fn beside_a_suspended_read_that_writes_nothing_a_key_is_refused_only_in_a_full_map() {
        let rules = Rules {
            silent_reads: true,
            ..RULES
        };
        let insert = Call::new(Kind::TryInsert, 3, 7);
        for kind in [
            Kind::Get,
            Kind::Contains,
            Kind::Len,
            Kind::IsFull,
            Kind::Iterate,
        ] {
            let read = Call::new(kind, 1, 0);
            let one = State::from([(1, 5)]);
            let lost = allowed(&rules, read);
            assert!(!Pending::new(rules, one, read, lost).take(insert, &Answer::Full));
            let two = State::from([(1, 5), (2, 6)]);
            assert!(Pending::new(rules, two, read, lost).take(insert, &Answer::Full));
        }
    }

    #[test]
    fn what_a_late_operation_returns_was_right_at_some_time() {
        let insert = Call::new(Kind::Insert, 1, 7);
        let get = Call::new(Kind::Get, 1, 0);
        let right = |returned: Answer, found: Option<u64>| {
            let pending = Pending::new(RULES, State::from([(1, 5)]), insert, 2);
            let mut pending = pending.returning(returned);
            pending.take(get, &Answer::Value(found)) && pending.end()
        };
        assert!(right(Answer::Value(Some(5)), Some(5)));
        assert!(right(Answer::Value(Some(5)), Some(7)));
        assert!(!right(Answer::Value(Some(6)), Some(5)));
        assert!(!right(Answer::Value(None), Some(7)));
    }
}
