//! Maps with faults, for the layer's negative control: each answers as a map could not.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::call::{Answer, Call, Decision, Key, Value, decided, wanted};
use crate::order::Rest;
use crate::subject::Subject;

/// What is wrong with the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Fault {
    OlderValue,
    InsertInTwoSteps,
    TryInsertInTwoSteps,
    UpdateInTwoSteps,
    UpsertInTwoSteps,
    ComputeInTwoSteps,
    RemoveIfInTwoSteps,
    RemovedTwice,
    StoreBuffer,
    Refused,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 10] = [
        Fault::OlderValue,
        Fault::InsertInTwoSteps,
        Fault::TryInsertInTwoSteps,
        Fault::UpdateInTwoSteps,
        Fault::UpsertInTwoSteps,
        Fault::ComputeInTwoSteps,
        Fault::RemoveIfInTwoSteps,
        Fault::RemovedTwice,
        Fault::StoreBuffer,
        Fault::Refused,
    ];

    /// For the report.
    pub fn name(self) -> &'static str {
        match self {
            Fault::OlderValue => "a get that returns what the one before it found",
            Fault::InsertInTwoSteps => "an insert that looks first and then inserts",
            Fault::TryInsertInTwoSteps => "a try_insert that looks first and then inserts",
            Fault::UpdateInTwoSteps => "an update that looks first and then inserts",
            Fault::UpsertInTwoSteps => "an upsert that looks first and then inserts",
            Fault::ComputeInTwoSteps => "a compute that looks first and then does what it decided",
            Fault::RemoveIfInTwoSteps => "a remove_if that looks first and then removes",
            Fault::RemovedTwice => "a removal that returns what it saw before",
            Fault::StoreBuffer => "a replacement that others see after the next look-up",
            Fault::Refused => "a key that is always refused",
        }
    }

    /// This map with the fault.
    pub fn around(self, inner: Box<dyn Subject>) -> Box<dyn Subject> {
        Box::new(Faulty {
            fault: self,
            inner,
            found: Mutex::default(),
            buffers: Mutex::default(),
        })
    }
}

/// Its locks are held in no operation of the map, and no model checker sees them.
struct Faulty {
    fault: Fault,
    inner: Box<dyn Subject>,
    /// What each key's last look-up said.
    found: Mutex<HashMap<Key, Answer>>,
    /// What each context has yet to replace.
    buffers: Mutex<HashMap<usize, (Key, Value)>>,
}

impl Faulty {
    fn flush(&self, context: usize) {
        let buffered = self.buffers.lock().expect("no panic").remove(&context);
        if let Some((key, value)) = buffered {
            self.inner.call(context, Call::Insert(key, value));
        }
    }

    fn buffered(&self, context: usize, call: Call) -> Answer {
        let buffered = self
            .buffers
            .lock()
            .expect("no panic")
            .get(&context)
            .copied();
        if !call.reads() || buffered.is_some_and(|(key, _)| key == call.key()) {
            self.flush(context);
        }
        if let Call::Insert(key, value) = call {
            let old = self.inner.call(context, Call::Get(key));
            if old != Answer::Nothing {
                self.buffers
                    .lock()
                    .expect("no panic")
                    .insert(context, (key, value));
                return old;
            }
        }
        let answer = self.inner.call(context, call);
        if call.reads() {
            self.flush(context);
        }
        answer
    }
}

impl Subject for Faulty {
    fn call(&self, context: usize, call: Call) -> Answer {
        let now = |call| self.inner.call(context, call);
        match (self.fault, call) {
            (Fault::OlderValue, Call::Get(key)) => {
                let answer = now(call);
                let older = self.found.lock().expect("no panic").insert(key, answer);
                older.unwrap_or(answer)
            }
            (Fault::InsertInTwoSteps, Call::Insert(key, _)) => {
                match (now(Call::Get(key)), now(call)) {
                    (_, Answer::Full) => Answer::Full,
                    (old, _) => old,
                }
            }
            (Fault::TryInsertInTwoSteps, Call::TryInsert(key, value)) => {
                match now(Call::Get(key)) {
                    Answer::Found(there) => Answer::Occupied(there),
                    _ => match now(Call::Insert(key, value)) {
                        Answer::Full => Answer::Full,
                        _ => Answer::Nothing,
                    },
                }
            }
            (Fault::UpdateInTwoSteps, Call::Update(key, more)) => match now(Call::Get(key)) {
                Answer::Found(old) => match now(Call::Insert(key, old + more)) {
                    Answer::Full => Answer::Full,
                    _ => Answer::Found(old),
                },
                other => other,
            },
            (Fault::UpsertInTwoSteps, Call::Upsert(key, value)) => {
                let old = now(Call::Get(key));
                let new = old.value().map_or(value, |old| old + value);
                match now(Call::Insert(key, new)) {
                    Answer::Full => Answer::Full,
                    _ => old,
                }
            }
            (Fault::ComputeInTwoSteps, Call::Compute(key, value)) => {
                let old = now(Call::Get(key));
                let done = match decided(old.value(), value) {
                    Decision::Put(new) => now(Call::Insert(key, new)),
                    Decision::Remove => now(Call::Remove(key)),
                    Decision::Keep => old,
                };
                match done {
                    Answer::Full => done,
                    _ => old,
                }
            }
            (Fault::RemoveIfInTwoSteps, Call::RemoveIf(key, value)) => {
                let old = now(Call::Get(key));
                if !old.value().is_some_and(|old| wanted(old, value)) {
                    return Answer::Nothing;
                }
                now(Call::Remove(key));
                old
            }
            (Fault::RemovedTwice, Call::Remove(key)) => {
                let seen = now(Call::Get(key));
                now(call);
                seen
            }
            (Fault::StoreBuffer, _) => self.buffered(context, call),
            (Fault::Refused, Call::Insert(key, _)) if key == 1 => match now(Call::Get(key)) {
                Answer::Nothing => Answer::Full,
                _ => now(call),
            },
            _ => now(call),
        }
    }

    fn end(&self, context: usize) {
        self.flush(context);
    }

    fn rest(&self, keys: &[Key]) -> Rest {
        self.inner.rest(keys)
    }
}
