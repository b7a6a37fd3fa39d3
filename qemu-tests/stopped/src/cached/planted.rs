//! Faults of a cache, to see that the sweeps notice them.

use std::cell::Cell;
use std::mem;

use anyhow::Result;
use arenamap::DefaultHashBuilder;

use super::{
    ABSENT, Answer, Call, HELD, Hand, Op, PINNED, PLACES, Subject, interrupted, perform, suspended,
};
use crate::subject::Content;

type Hash = DefaultHashBuilder;

thread_local! {
    /// What one of the faults remembers.
    static LAST_REMOVED: Cell<Option<(u64, u64)>> = const { Cell::new(None) };
}

/// Who is to notice it.
#[derive(Clone, Copy)]
enum Sweep {
    Suspended,
    Interrupted,
}

/// A way to do something wrongly.
pub struct Fault {
    /// What is wrong.
    pub name: &'static str,
    /// What is said of it.
    pub by: &'static str,
    hand: Hand<Hash>,
    sweep: Sweep,
    /// What others do.
    operations: u64,
}

impl Fault {
    const fn new(
        name: &'static str,
        by: &'static str,
        sweep: Sweep,
        operations: u64,
        perform: fn(&Subject<Hash>, Call) -> Answer,
    ) -> Self {
        let hand = Hand {
            perform,
            repair: Hand::<Hash>::RIGHT.repair,
        };
        Self {
            name,
            by,
            hand,
            sweep,
            operations,
        }
    }

    /// Looks for it.
    ///
    /// # Errors
    /// It is found.
    pub fn look(&self) -> Result<()> {
        let (outer, count) = (Op::Insert(ABSENT), self.operations);
        match self.sweep {
            Sweep::Suspended => suspended::every_access(PLACES, outer, self.hand, count)?,
            Sweep::Interrupted => interrupted::every_access(PLACES, outer, self.hand, count)?,
        };
        Ok(())
    }
}

/// All of them.
pub const ALL: &[Fault] = &[
    Fault::new(
        "what others evicted does not come back",
        "lost: [",
        Sweep::Suspended,
        60,
        |cache, call| forgets(cache, call, |op| op != Op::Insert(ABSENT)),
    ),
    Fault::new(
        "what the interrupted evicted does not come back",
        "lost: [",
        Sweep::Interrupted,
        0,
        |cache, call| forgets(cache, call, |op| op == Op::Insert(ABSENT)),
    ),
    Fault::new(
        "what was evicted comes back twice",
        "the second time",
        Sweep::Suspended,
        60,
        |cache, call| {
            let mut answer = perform(cache, call);
            answer.back.extend(answer.back.first().copied());
            answer
        },
    ),
    Fault::new(
        "a value that was never there is shown",
        "that it never had",
        Sweep::Suspended,
        60,
        |cache, call| {
            let mut answer = perform(cache, call);
            answer
                .seen
                .iter_mut()
                .for_each(|(_, value)| *value += 256 << 20);
            answer
        },
    ),
    Fault::new(
        "what was removed is shown",
        "had come back",
        Sweep::Suspended,
        60,
        |cache, call| {
            let mut answer = perform(cache, call);
            if let (Op::Remove(_), [removed, ..]) = (call.op, &answer.back[..]) {
                LAST_REMOVED.set(Some(*removed));
            }
            if matches!(call.op, Op::Get(_)) {
                answer.seen.extend(LAST_REMOVED.get());
            }
            answer
        },
    ),
    Fault::new(
        "what is pinned goes",
        "what is pinned is gone",
        Sweep::Suspended,
        60,
        |cache, call| {
            if call.op == Op::Len {
                drop(cache.remove(&PINNED));
            }
            perform(cache, call)
        },
    ),
    Fault::new(
        "a pin goes, its entry stays",
        "what is pinned is gone",
        Sweep::Interrupted,
        0,
        |cache, call| {
            cache.unpin(&PINNED);
            perform(cache, call)
        },
    ),
    Fault::new(
        "what is held goes",
        "what is held is gone",
        Sweep::Suspended,
        60,
        |cache, call| {
            if call.op == Op::Len {
                drop(cache.remove(&HELD));
            }
            perform(cache, call)
        },
    ),
    Fault::new(
        "what a handler holds is evicted",
        "what the handler holds is gone",
        Sweep::Interrupted,
        0,
        |cache, call| evicts(cache, call, |_, _| true),
    ),
    Fault::new(
        "what a handler pins is evicted",
        "what the handler pinned is gone",
        Sweep::Interrupted,
        0,
        |cache, call| evicts(cache, call, |cache, key| cache.is_pinned(&key)),
    ),
    Fault::new(
        "what is held is not found",
        "does not find 1, which is there",
        Sweep::Suspended,
        200,
        |cache, call| match call.op {
            Op::Contains(HELD) => Answer::default(),
            _ => perform(cache, call),
        },
    ),
    Fault::new(
        "what is pinned is passed by",
        "does not find 0, which is there",
        Sweep::Suspended,
        200,
        |cache, call| {
            let mut answer = perform(cache, call);
            if call.op == Op::Iterate {
                answer.seen.retain(|(key, _)| *key != PINNED);
            }
            answer
        },
    ),
    Fault::new(
        "more entries are counted than are kept",
        "entries, where 8 are kept",
        Sweep::Suspended,
        60,
        |cache, call| {
            let mut answer = perform(cache, call);
            answer.count.iter_mut().for_each(|count| *count += PLACES);
            answer
        },
    ),
    Fault::new(
        "a removal that removes nothing",
        "nobody puts anything in, and it is not empty",
        Sweep::Suspended,
        0,
        |cache, call| match call.op {
            Op::Remove(_) => Answer::default(),
            _ => perform(cache, call),
        },
    ),
    Fault::new(
        "four cells lost to one operation",
        "lost are Missing { cells: 4, places: 0 }",
        Sweep::Suspended,
        0,
        |cache, call| {
            if call.op == Op::Insert(ABSENT) {
                (4..8).for_each(|key| mem::forget(cache.peek(&key)));
            }
            perform(cache, call)
        },
    ),
    Fault::new(
        "a cell lost to an operation that has ended",
        "all have ended, and lost are",
        Sweep::Interrupted,
        0,
        |cache, call| {
            if call.op == Op::Insert(ABSENT) {
                mem::forget(cache.peek(&HELD));
            }
            perform(cache, call)
        },
    ),
    Fault::new(
        "a cell lost each time",
        "is refused",
        Sweep::Suspended,
        400,
        |cache, call| {
            let answer = perform(cache, call);
            if let [(key, _), ..] = answer.seen[..] {
                mem::forget(cache.peek(&key));
            }
            answer
        },
    ),
    Fault::new(
        "a wait for another's entry",
        "no progress",
        Sweep::Suspended,
        60,
        |cache, call| {
            if call.op == Op::Len {
                while cache.peek(&ABSENT).is_none() {}
            }
            perform(cache, call)
        },
    ),
    Fault {
        name: "a repair that does nothing",
        by: "lost after a repair",
        hand: Hand {
            perform: perform::<Hash>,
            repair: |_| {},
        },
        sweep: Sweep::Suspended,
        operations: 0,
    },
    Fault {
        name: "a repair that loses entries",
        by: "entries are there after a repair",
        hand: Hand {
            perform: perform::<Hash>,
            repair: |cache| {
                cache.repair();
                (4..6).for_each(|key| drop(cache.remove(&key)));
            },
        },
        sweep: Sweep::Suspended,
        operations: 0,
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

/// The interrupted operation takes out entries that a handler may have an interest in.
fn evicts(cache: &Subject<Hash>, call: Call, some: fn(&Subject<Hash>, u64) -> bool) -> Answer {
    let mut answer = perform(cache, call);
    if call.op == Op::Insert(ABSENT) {
        for key in (4..8).filter(|&key| some(cache, key)) {
            let entry = cache.remove(&key);
            let pair = entry.map(|entry| (key, entry.number()));
            answer.back.extend(pair);
        }
    }
    answer
}
