//! What one core does in a round.

use oorandom::Rand32;

use crate::fault::{Fault, Planted};
use crate::log::{Kind, Log};
use crate::subject::Subject;

/// Which operations, and how often in a hundred.
const MIX: [(Kind, u32); 12] = [
    (Kind::Get, 22),
    (Kind::Contains, 6),
    (Kind::Insert, 18),
    (Kind::TryInsert, 8),
    (Kind::GetOrInsert, 8),
    (Kind::Remove, 20),
    (Kind::Set, 6),
    (Kind::Add, 4),
    (Kind::Len, 3),
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
        let kind = core.kind();
        let key = u64::from(core.below(keys));
        let argument = core.argument(step);
        core.log.note(|walked| {
            let answer = planted.run(kind, key, argument, walked);
            (kind, key, argument, answer)
        });
        planted.afterwards();
    }
}
