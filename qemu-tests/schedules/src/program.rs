//! Random programs.

use std::cell::RefCell;

use history::decision::{clears, decided, kept, wanted};
use history::{Answer, History, Kind, Op};

use crate::subject::Subject;

/// The operations of maps of small values. The first one only where there are few keys.
pub const OF_SMALL_VALUES: &[Kind] = &[
    Kind::Retain,
    Kind::Get,
    Kind::Contains,
    Kind::Insert,
    Kind::TryInsert,
    Kind::GetOrInsert,
    Kind::Upsert,
    Kind::Compute,
    Kind::Remove,
    Kind::RemoveIf,
    Kind::Set,
    Kind::Add,
];
/// Those of other maps: all but the last.
pub const OF_MAPS: &[Kind] = OF_SMALL_VALUES.split_last().expect("not empty").1;
/// Those of caches, of which most insert: that is what evicts.
pub const OF_CACHES: &[Kind] = &[
    Kind::Retain,
    Kind::Get,
    Kind::Contains,
    Kind::Insert,
    Kind::Insert,
    Kind::GetOrInsert,
    Kind::GetOrInsert,
    Kind::Remove,
    Kind::RemoveIf,
];
/// So many keys are few.
const FEW: u16 = 4;

/// One operation of a program.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Call {
    pub kind: Kind,
    pub key: u16,
    pub argument: u64,
}

/// What each of a few threads does.
#[derive(Clone, Debug)]
pub struct Program {
    /// By thread.
    pub threads: Vec<Vec<Call>>,
}

impl Program {
    /// The program of a seed: 3 or 4 threads of 5 to 20 operations on so many keys.
    pub fn random(seed: u64, keys: u16, kinds: &[Kind]) -> Program {
        let mut random = fastrand::Rng::with_seed(seed);
        let threads = 0..random.u64(3..=4);
        let threads = threads.map(|thread| {
            let calls = 0..random.u64(5..=20);
            let calls =
                calls.map(|at| Call::random(&mut random, keys, thread << 8 | (at + 1), kinds));
            calls.collect()
        });
        Program {
            threads: threads.collect(),
        }
    }
}

impl Call {
    /// A random one of these operations, that writes this value if it writes one.
    pub fn random(random: &mut fastrand::Rng, keys: u16, token: u64, kinds: &[Kind]) -> Call {
        let kind = kinds[random.usize(usize::from(keys > FEW)..kinds.len())];
        Call {
            kind,
            key: random.u16(..keys),
            argument: token,
        }
    }
}

/// Performs an operation between two readings of the clock, and adds it to `ops`; what it has evicted was
/// removed at some instant of it. `pause` is called in its middle if it has a closure, and while a guard is
/// held if it reads.
pub fn perform(
    subject: &dyn Subject,
    context: usize,
    call: Call,
    clock: impl Fn() -> u64,
    pause: &mut dyn FnMut(),
    ops: &mut Vec<Op>,
) {
    let Call {
        kind,
        key,
        argument,
    } = call;
    let start = clock();
    let mut end = None;
    let answer = match kind {
        Kind::Get => subject.get_held(key, &mut || {
            end = Some(clock());
            pause();
        }),
        Kind::Contains => subject.contains(key),
        Kind::Insert => subject.insert(key, argument),
        Kind::TryInsert => subject.try_insert(key, argument),
        Kind::GetOrInsert => subject.get_or_insert(key, argument, pause),
        Kind::Upsert => {
            let pause = RefCell::new(pause);
            let init = &mut || {
                (pause.borrow_mut())();
                argument
            };
            subject.upsert(key, init, &mut |old| {
                (pause.borrow_mut())();
                old ^ argument
            })
        }
        Kind::Compute => subject.compute(key, &mut |old| {
            pause();
            decided(old, argument)
        }),
        Kind::Remove => subject.remove(key),
        Kind::RemoveIf => {
            let mut seen = None;
            let answer = subject.remove_if(key, &mut |old| {
                pause();
                seen = Some(old);
                wanted(old, argument)
            });
            if let Answer::There(old) = answer {
                assert_eq!(seen, Some(old), "what the closure saw and what was removed");
            }
            answer
        }
        Kind::Retain if clears(argument) => subject.clear(),
        Kind::Retain => subject.retain(&mut |old| {
            pause();
            kept(old, argument)
        }),
        Kind::Set | Kind::Add => {
            let mut seen = None;
            let answer = subject.update(key, &mut |old| {
                pause();
                seen = Some(old);
                if kind == Kind::Add {
                    old.wrapping_add(argument)
                } else {
                    argument
                }
            });
            if let Answer::There(old) = answer {
                assert_eq!(
                    seen,
                    Some(old),
                    "what the closure saw and what was replaced"
                );
            }
            answer
        }
        _ => {
            unreachable!("no operation of a program")
        }
    };
    let op = Op {
        context,
        start,
        end: Some(end.unwrap_or_else(clock)),
        kind,
        key: u64::from(key),
        argument,
        answer: Some(answer),
    };
    ops.extend(subject.evicted(argument).map(|(key, value)| Op {
        kind: Kind::Remove,
        key: u64::from(key),
        answer: Some(Answer::There(value)),
        ..op.clone()
    }));
    ops.push(op);
}

/// What threads did to so many keys of a subject that was empty.
pub fn history_of(subject: &dyn Subject, ops: Vec<Op>, keys: u16) -> History {
    let of_all = |op: Op| match op.kind {
        // One operation on each key.
        Kind::Retain => (0..u64::from(keys))
            .map(|key| Op { key, ..op.clone() })
            .collect(),
        _ => vec![op],
    };
    let ops = ops.into_iter().flat_map(of_all).collect();
    History {
        subject: subject.name().into(),
        capacity: subject.room(),
        spares: subject.spares(),
        guards: subject.guards(),
        ops,
    }
}
