//! Records what threads do to a map.

use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::thread;
use std::time::Instant;

use oorandom::Rand32;
use tagged_arena::{Id, Pool};

use crate::subjects::{Subject, there};
use crate::{Answer, History, Kind, Op};

/// What the threads do.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// So many at once.
    pub threads: usize,
    /// Operations of each.
    pub steps: usize,
    /// Keys from 0.
    pub keys: u64,
    /// Values are below this, and each is written once: the maps must hold them.
    pub values: u64,
    /// The seed of the random numbers.
    pub seed: u64,
}

/// Which operations, and how often in a hundred.
const MIX: [(Kind, u32); 18] = [
    (Kind::Get, 16),
    (Kind::GetById, 4),
    (Kind::Contains, 4),
    (Kind::Insert, 16),
    (Kind::TryInsert, 8),
    (Kind::GetOrInsert, 6),
    (Kind::Remove, 11),
    (Kind::RemoveIf, 5),
    (Kind::RemoveById, 4),
    (Kind::Retain, 1),
    (Kind::Set, 4),
    (Kind::Add, 4),
    (Kind::Upsert, 5),
    (Kind::Compute, 5),
    (Kind::Len, 2),
    (Kind::IsEmpty, 1),
    (Kind::IsFull, 1),
    (Kind::Walk, 3),
];

fn draw(random: &mut Rand32) -> Kind {
    let mut left = random.rand_range(0..100);
    for (kind, share) in MIX {
        if left < share {
            return kind;
        }
        left -= share;
    }
    Kind::Get
}

/// A reading of the clock, after all that came before and before all that comes after.
fn now(start: Instant) -> u64 {
    fence(Ordering::SeqCst);
    let now = start.elapsed().as_nanos() as u64;
    fence(Ordering::SeqCst);
    now
}

/// Waits until all threads run. Awake: who sleeps comes too late to overlap with the others.
fn meet(ready: &AtomicUsize, threads: usize) {
    ready.fetch_add(1, Ordering::AcqRel);
    while ready.load(Ordering::Acquire) < threads {
        thread::yield_now();
    }
}

/// Lets threads work on an empty map and records it.
pub fn record(name: &str, subject: &impl Subject, load: Workload) -> History {
    let start = Instant::now();
    let ready = AtomicUsize::new(0);
    let work = |context: usize| {
        let mut random = Rand32::new_inc(load.seed, context as u64);
        let mut ops = Vec::with_capacity(load.steps);
        meet(&ready, load.threads);
        for step in 0..load.steps {
            let mut kind = draw(&mut random);
            let key = u64::from(random.rand_range(0..load.keys as u32));
            // Written once, as far as the values go.
            let mut argument = (1 + context as u64 + (load.threads * step) as u64) % load.values;
            match (kind, subject.named(key)) {
                (Kind::GetById | Kind::RemoveById, Some(value)) => argument = value,
                _ if !subject.has(kind) => kind = Kind::Insert,
                (Kind::GetById | Kind::RemoveById, None) => kind = Kind::Insert,
                _ => {}
            }
            let begin = now(start);
            let answer = subject.run(kind, key, argument);
            let end = now(start);
            let one = |key| Op {
                context,
                start: begin,
                end: Some(end),
                kind,
                key,
                argument,
                answer: Some(answer.clone()),
            };
            match kind {
                Kind::Retain => ops.extend((0..load.keys).map(one)),
                _ => ops.push(one(key)),
            }
            ops.extend(subject.evicted().map(|(key, value)| Op {
                kind: Kind::Remove,
                answer: Some(Answer::There(value)),
                ..one(key)
            }));
        }
        ops
    };
    let ops = thread::scope(|scope| {
        let threads: Vec<_> = (0..load.threads)
            .map(|context| scope.spawn(move || work(context)))
            .collect();
        let joined = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        joined.collect()
    });
    History {
        subject: name.into(),
        capacity: subject.capacity(),
        spares: subject.spares(),
        // They end within their operation.
        guards: subject.has_guards().then_some(0),
        ops,
    }
}

/// Records threads that put values into a pool, read them and take them out, through identifiers that they
/// hand to each other. The key of an operation is the identifier.
pub fn record_pool<const N: usize>(pool: &Pool<u64, N>, load: Workload) -> History {
    let start = Instant::now();
    let shared: Vec<AtomicUsize> = (0..load.keys).map(|_| Default::default()).collect();
    let ready = AtomicUsize::new(0);
    let work = |context: usize| {
        let mut random = Rand32::new_inc(load.seed, context as u64);
        let mut ops = Vec::with_capacity(load.steps);
        // What was put in and that no place names any more.
        let mut waiting: Vec<Id> = Vec::new();
        meet(&ready, load.threads);
        for step in 0..load.steps {
            let place = &shared[random.rand_range(0..load.keys as u32) as usize];
            let argument = 1 + context as u64 + (load.threads * step) as u64;
            let drawn = random.rand_range(0..800);
            let known = match drawn % 8 {
                4 => waiting.pop(),
                _ => Id::from_bits(place.load(Ordering::Acquire)),
            };
            let whole = drawn >= 796;
            let begin = now(start);
            let (kind, id, answer) = match (drawn % 4, known) {
                (0, _) if whole => (Kind::Len, None, Answer::Number(pool.len() as u64)),
                (1, _) if whole => (Kind::IsEmpty, None, Answer::Is(pool.is_empty())),
                (0, Some(id)) => {
                    let value = pool.remove(id).map(|value| *value);
                    (Kind::Remove, Some(id), there(value))
                }
                (1, Some(id)) => (Kind::Contains, Some(id), Answer::Is(pool.contains(id))),
                (2, Some(id)) => {
                    let value = pool.get(id).map(|value| *value);
                    (Kind::Get, Some(id), there(value))
                }
                _ => match pool.insert(argument) {
                    Ok(id) => (Kind::Insert, Some(id), Answer::Absent),
                    Err(_) => (Kind::Insert, None, Answer::Full),
                },
            };
            let end = now(start);
            let bits = id.map_or(0, Id::to_bits);
            if kind == Kind::Insert && bits != 0 {
                waiting.extend(Id::from_bits(place.swap(bits, Ordering::AcqRel)));
            }
            ops.push(Op {
                context,
                start: begin,
                end: Some(end),
                kind,
                // What was refused has no identifier: no other operation is about it.
                key: if bits == 0 {
                    u64::MAX - argument
                } else {
                    bits as u64
                },
                argument,
                answer: Some(answer),
            });
        }
        ops
    };
    let ops = thread::scope(|scope| {
        let threads: Vec<_> = (0..load.threads)
            .map(|context| scope.spawn(move || work(context)))
            .collect();
        let joined = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        joined.collect()
    });
    History {
        subject: "pool".into(),
        capacity: N,
        spares: None,
        guards: Some(0),
        ops,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::faulty::{FAULTS, Faulty};

    #[test]
    fn refused_inserts_into_a_pool_share_no_key() {
        let load = Workload {
            threads: 2,
            steps: 2000,
            keys: 6,
            values: u64::MAX,
            seed: 1,
        };
        let history = record_pool(&Pool::<u64, 2>::new(), load);
        let refused = history
            .ops
            .iter()
            .filter(|op| op.answer == Some(Answer::Full));
        let keys: HashSet<u64> = refused.clone().map(|op| op.key).collect();
        assert!(keys.len() > 100 && keys.len() == refused.count());
    }

    #[test]
    fn a_run_of_a_faulty_map_is_refused() {
        for (name, fault, text) in FAULTS {
            let load = Workload {
                threads: 4,
                steps: 20_000,
                keys: 2,
                values: u64::MAX,
                seed: 1,
            };
            let history = record("faulty", &Faulty::new(fault), load);
            let what = crate::check(&history).unwrap_err().what;
            assert!(what.contains(text), "{name}: {what}");
        }
    }
}
