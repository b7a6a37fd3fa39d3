//! Faults of a cache, to see that the sweeps notice them.

use std::mem;

use anyhow::Result;
use arenamap::DefaultHashBuilder;

use super::sweep::{interrupted_by_others, suspended};
use super::{ABSENT, Answer, Call, Op, PINNED, PLACES, Perform, Subject, perform};
use crate::subject::Content;

type Hash = DefaultHashBuilder;

/// A way to perform operations wrongly.
pub struct Fault {
    /// What is wrong.
    pub name: &'static str,
    /// What is said of it.
    pub by: &'static str,
    perform: Perform<Hash>,
    /// What others do.
    operations: u64,
}

impl Fault {
    /// Looks for it, by both sweeps.
    ///
    /// # Errors
    /// It is found.
    pub fn look(&self) -> Result<()> {
        let (outer, count) = (Op::Insert(ABSENT), self.operations);
        suspended(PLACES, outer, self.perform, count)?;
        interrupted_by_others(PLACES, outer, self.perform, count)?;
        Ok(())
    }
}

/// All of them.
pub const ALL: &[Fault] = &[
    Fault {
        name: "what others evicted does not come back",
        by: "lost: [",
        perform: |cache, call| forgets(cache, call, |op| op != Op::Insert(ABSENT)),
        operations: 60,
    },
    Fault {
        name: "what the interrupted evicted does not come back",
        by: "lost: [",
        perform: |cache, call| forgets(cache, call, |op| op == Op::Insert(ABSENT)),
        operations: 0,
    },
    Fault {
        name: "what was evicted comes back twice",
        by: "the second time",
        perform: |cache, call| {
            let mut answer = perform(cache, call);
            answer.back.extend(answer.back.first().copied());
            answer
        },
        operations: 60,
    },
    Fault {
        name: "what was removed is there",
        by: "had come back",
        perform: |cache, call| match call.op {
            Op::Remove(key) => {
                let there = cache.peek(&key).map(|entry| (key, entry.number()));
                Answer {
                    back: there.into_iter().collect(),
                    ..Answer::default()
                }
            }
            _ => perform(cache, call),
        },
        operations: 400,
    },
    Fault {
        name: "what is pinned goes",
        by: "what is pinned is gone",
        perform: |cache, call| {
            if call.op == Op::Len {
                drop(cache.remove(&PINNED));
            }
            perform(cache, call)
        },
        operations: 60,
    },
    Fault {
        name: "four cells lost to one operation",
        by: "4 cells are lost",
        perform: |cache, call| {
            if call.op == Op::Insert(ABSENT) {
                (4..8).for_each(|key| mem::forget(cache.peek(&key)));
            }
            perform(cache, call)
        },
        operations: 0,
    },
    Fault {
        name: "a cell lost each time",
        by: "is refused",
        perform: |cache, call| {
            let answer = perform(cache, call);
            if let [(key, _), ..] = answer.seen[..] {
                mem::forget(cache.peek(&key));
            }
            answer
        },
        operations: 400,
    },
    Fault {
        name: "a wait for another's entry",
        by: "no progress",
        perform: |cache, call| {
            if call.op == Op::Len {
                while cache.peek(&ABSENT).is_none() {}
            }
            perform(cache, call)
        },
        operations: 60,
    },
];

/// Some operations keep to themselves what came back.
fn forgets(cache: &Subject<Hash>, call: Call, some: fn(Op) -> bool) -> Answer {
    let mut answer = perform(cache, call);
    if call.op.puts().is_some() && some(call.op) {
        answer.back.clear();
    }
    answer
}
