//! A pool behind one face, and what a core does to it.

use core::sync::atomic::{AtomicUsize, Ordering};

use heapless::Vec;
use tagged_arena::{Id, Pool};

use crate::fault::Fault;
use crate::log::{Answer, Kind};
use crate::subject::{Mortal, Value};
use crate::work::Core;

/// Where cores find identifiers that others have put in.
pub type Places = [AtomicUsize; 6];

/// Identifiers of one core that no place names any more, at most.
const MOST_WAITING: usize = 16;

/// A pool whose operations are recorded. Identifiers are bits; no identifier has none.
pub trait Numbered: Sync {
    /// How many values it promises to hold.
    fn capacity(&self) -> usize;
    /// As the pool's.
    fn insert(&self, number: u64) -> Option<usize>;
    /// As the pool's.
    fn get(&self, id: usize) -> Option<u64>;
    /// As the pool's.
    fn contains(&self, id: usize) -> bool;
    /// As the pool's.
    fn remove(&self, id: usize) -> Option<u64>;
    /// As the pool's.
    fn len(&self) -> usize;
    /// As the pool's.
    fn is_empty(&self) -> bool;
}

impl<const N: usize> Numbered for Pool<Mortal, N> {
    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn insert(&self, number: u64) -> Option<usize> {
        self.insert(Mortal::new(number)).ok().map(Id::to_bits)
    }

    fn get(&self, id: usize) -> Option<u64> {
        Some(self.get(Id::from_bits(id)?)?.number())
    }

    fn contains(&self, id: usize) -> bool {
        Id::from_bits(id).is_some_and(|id| self.contains(id))
    }

    fn remove(&self, id: usize) -> Option<u64> {
        Some(self.remove(Id::from_bits(id)?)?.number())
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

/// What one core does in a round: it puts values in, lets the others know their identifiers, and reads
/// and takes out what it finds.
pub fn work(pool: &dyn Numbered, places: &Places, core: &mut Core<'_>) {
    // What was put in and that no place names any more.
    let mut waiting: Vec<usize, MOST_WAITING> = Vec::new();
    let mut stale = None;
    for step in 0..core.steps {
        // A step may take two places, and at the end all that waits is taken out.
        if core.log.room() < MOST_WAITING + 2 {
            break;
        }
        let drawn = if waiting.is_full() {
            0
        } else {
            core.below(100)
        };
        let place = &places[core.below(places.len() as u32) as usize];
        let known = match drawn {
            0..14 => waiting.pop().unwrap_or_default(),
            _ => place.load(Ordering::Acquire),
        };
        if let Some((id, value)) = stale.take() {
            core.log
                .note(|_| (Kind::Get, id as u64, 0, Answer::There(value)));
        }
        let argument = core.argument(step);
        let answer = core.log.note(|_| match drawn {
            94..98 => (Kind::Len, 0, 0, Answer::Number(pool.len() as u64)),
            98.. => (Kind::IsEmpty, 0, 0, Answer::Is(pool.is_empty())),
            0..32 if known != 0 => remove(pool, known),
            32..50 if known != 0 => (Kind::Get, known as u64, 0, there(pool.get(known))),
            50..62 if known != 0 => (
                Kind::Contains,
                known as u64,
                0,
                Answer::Is(pool.contains(known)),
            ),
            _ => {
                let id = pool.insert(argument);
                let answer = id.map_or(Answer::Full, |id| Answer::Named(id as u64));
                (Kind::Insert, 0, argument, answer)
            }
        });
        if let Answer::Named(id) = answer {
            let before = place.swap(id as usize, Ordering::AcqRel);
            if before != 0 {
                // There was room before this operation.
                waiting.extend([before]);
            }
        }
        if core.fault == Some(Fault::StaleIdentifier) && (0..32).contains(&drawn) {
            stale = removed(answer).map(|value| (known, value));
        }
    }
    for id in waiting {
        core.log.note(|_| remove(pool, id));
    }
}

fn remove(pool: &dyn Numbered, id: usize) -> (Kind, u64, u64, Answer) {
    (Kind::Remove, id as u64, 0, there(pool.remove(id)))
}

fn removed(answer: Answer) -> Option<u64> {
    match answer {
        Answer::There(value) => Some(value),
        _ => None,
    }
}

fn there(value: Option<u64>) -> Answer {
    value.map_or(Answer::Absent, Answer::There)
}

/// Takes all out that the places name, while no other core does anything, and says whether the pool is
/// empty then.
pub fn clear(pool: &dyn Numbered, places: &Places) -> bool {
    for place in places {
        pool.remove(place.swap(0, Ordering::Relaxed));
    }
    pool.is_empty()
}
