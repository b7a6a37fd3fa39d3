//! What one core does in a round.

use oorandom::Rand32;

use crate::fault::{Fault, Planted};
use crate::log::{Kind, Log};
use crate::subject::Subject;

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

/// One core at work.
pub struct Core<'a> {
    /// Its number.
    pub number: usize,
    /// How many take part.
    pub cores: usize,
    /// How many operations.
    pub steps: usize,
    /// Its random numbers.
    pub random: Rand32,
    /// Where it writes down what it does.
    pub log: &'a mut Log,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

impl Core<'_> {
    /// A number below `limit`.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.random.rand_range(0..limit)
    }

    /// A value that no other operation of the round writes.
    pub fn argument(&self, step: usize) -> u64 {
        (1 + self.number + self.cores * step) as u64
    }

    fn kind(&mut self) -> Kind {
        let mut left = self.below(100);
        for (kind, share) in MIX {
            if left < share {
                return match kind {
                    Kind::Walk if !self.log.walks() => Kind::Len,
                    _ => kind,
                };
            }
            left -= share;
        }
        Kind::Get
    }
}

/// Works on a map, with so many keys.
pub fn work(subject: &dyn Subject, keys: u32, core: &mut Core<'_>) {
    let mut planted = Planted::new(subject, core.fault);
    for step in 0..core.steps {
        // A step may be one operation on each key.
        if core.log.room() < keys as usize {
            break;
        }
        let mut kind = core.kind();
        let mut key = u64::from(core.below(keys));
        let mut argument = core.argument(step);
        match (kind, subject.named(key)) {
            (Kind::GetById | Kind::RemoveById, Some(value)) => argument = value,
            (Kind::GetById | Kind::RemoveById, None) => kind = Kind::Insert,
            _ if !subject.has(kind) => kind = Kind::Insert,
            (Kind::Retain, _) => key = 0,
            _ => {}
        }
        core.log.note(|walked| {
            let answer = planted.run(kind, key, argument, walked);
            (kind, key, argument, answer)
        });
        if kind == Kind::Retain {
            (1..keys).for_each(|key| core.log.note_again(key.into()));
        }
        planted.afterwards();
    }
}
