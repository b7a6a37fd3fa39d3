//! Random programs.

use history::{Answer, History, Kind, Op};

use crate::subject::Subject;

/// The operations of a program; the last one only of maps of small values.
const KINDS: [Kind; 8] = [
    Kind::Get,
    Kind::Contains,
    Kind::Insert,
    Kind::TryInsert,
    Kind::GetOrInsert,
    Kind::Remove,
    Kind::Set,
    Kind::Add,
];

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
    pub fn random(seed: u64, keys: u16, adds: bool) -> Program {
        let mut random = fastrand::Rng::with_seed(seed);
        let threads = 0..random.u64(3..=4);
        let threads = threads.map(|thread| {
            let calls = 0..random.u64(5..=20);
            let calls =
                calls.map(|at| Call::random(&mut random, keys, thread << 8 | (at + 1), adds));
            calls.collect()
        });
        Program {
            threads: threads.collect(),
        }
    }
}

impl Call {
    /// A random operation that writes this value if it writes one.
    pub fn random(random: &mut fastrand::Rng, keys: u16, token: u64, adds: bool) -> Call {
        let kind = KINDS[random.usize(..KINDS.len() - usize::from(!adds))];
        Call {
            kind,
            key: random.u16(..keys),
            argument: token,
        }
    }
}

/// Performs an operation between two readings of the clock. `pause` is called in its middle if it has a
/// closure, and while a guard is held if it reads.
pub fn perform(
    subject: &dyn Subject,
    context: usize,
    call: Call,
    clock: impl Fn() -> u64,
    pause: &mut dyn FnMut(),
) -> Op {
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
        Kind::Remove => subject.remove(key),
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
        Kind::Len | Kind::IsEmpty | Kind::IsFull | Kind::Walk => {
            unreachable!("no operation of a program")
        }
    };
    Op {
        context,
        start,
        end: Some(end.unwrap_or_else(clock)),
        kind,
        key: u64::from(key),
        argument,
        answer: Some(answer),
    }
}

/// What threads did to a subject that was empty.
pub fn history_of(subject: &dyn Subject, ops: Vec<Op>) -> History {
    History {
        subject: subject.name().into(),
        capacity: subject.room(),
        spares: subject.spares(),
        guards: subject.guards(),
        ops,
    }
}
