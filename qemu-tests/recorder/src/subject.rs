//! The maps behind one face.

use core::hash::{BuildHasher, BuildHasherDefault, Hasher};

use arenamap::{Compute, Computed, CopyMap, Full, Map, Ref, TryInsertError};
use tagged_arena::Plain;

use crate::decision::{Decision, clears, decided, kept, wanted};
use crate::log::{Answer, Kind, Walked};

/// No map gets more keys than so many.
pub const MOST_KEYS: u32 = 8;

/// The value of an entry that no operation has written: torn, or read after its end.
pub const BROKEN: u64 = u64::MAX;

/// A map whose operations are recorded.
pub trait Subject: Sync {
    /// How many entries it promises to hold.
    fn capacity(&self) -> usize;
    /// Cells beyond these, kept for replacements; none if a replacement needs no cell.
    fn spares(&self) -> Option<usize>;
    /// How many guards each core may hold between its operations; none if there are no guards.
    fn guards(&self) -> Option<usize> {
        None
    }
    /// Whether it has such an operation.
    fn has(&self, kind: Kind) -> bool {
        !matches!(kind, Kind::GetById | Kind::RemoveById)
    }
    /// The value of an entry whose identifier this core knows, which had this key.
    fn named(&self, _key: u64) -> Option<u64> {
        None
    }
    /// Runs one operation.
    fn run(&self, kind: Kind, key: u64, argument: u64, walked: &mut Walked) -> Answer;

    /// Removes all entries while no other core does anything, and says whether it is empty then.
    fn clear(&self) -> bool {
        let walked = &mut Walked::new();
        for key in 0..MOST_KEYS {
            self.run(Kind::Remove, key.into(), 0, walked);
        }
        self.run(Kind::Len, 0, 0, walked) == Answer::Number(0)
    }
}

/// All keys in one chain, because only the highest bits of a hash choose it, with different hashes.
pub type OneChain = BuildHasherDefault<SameHigh>;

/// See [`OneChain`].
#[derive(Default)]
pub struct SameHigh(u32);

impl Hasher for SameHigh {
    fn finish(&self) -> u64 {
        arenamap::placed(0x5555_5555 << 32 | u64::from(self.0))
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.try_into().map_or(0, u32::from_ne_bytes);
    }
}

/// A value that tells its number.
pub trait Value {
    /// The value with this number.
    fn new(number: u64) -> Self;
    /// Its number.
    fn number(&self) -> u64;
}

/// At most half a native word: changed in place.
#[cfg(target_pointer_width = "64")]
pub type Narrow = u32;
/// At most half a native word: changed in place.
#[cfg(target_pointer_width = "32")]
pub type Narrow = u16;
/// Larger than two native words.
pub type Wide = [u64; 3];

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Value for $number {
            fn new(number: u64) -> Self {
                number as Self
            }

            fn number(&self) -> u64 {
                u64::from(*self)
            }
        }
    )*};
}

numbers!(u16, u32, u64);

/// Words that must fit together.
impl Value for Wide {
    fn new(number: u64) -> Self {
        [number, !number, number.rotate_left(32)]
    }

    fn number(&self) -> u64 {
        if *self == Self::new(self[0]) {
            self[0]
        } else {
            BROKEN
        }
    }
}

/// A value that nobody may read after its end.
pub struct Mortal {
    number: u64,
    alive: u64,
}

impl Value for Mortal {
    fn new(number: u64) -> Self {
        Self {
            number,
            alive: !number,
        }
    }

    fn number(&self) -> u64 {
        if self.alive == !self.number {
            self.number
        } else {
            BROKEN
        }
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        // SAFETY: a field of our own; volatile, so that it is written though nobody may read it.
        unsafe { (&raw mut self.alive).write_volatile(self.number) };
    }
}

/// Of the cells beyond `N`, those that are kept for replacements.
const fn spares<const EXTRA: usize>() -> usize {
    if EXTRA < 8 { EXTRA } else { 8 }
}

/// The answer of what found this.
pub fn there(old: Option<u64>) -> Answer {
    old.map_or(Answer::Absent, Answer::There)
}

fn or_full<T, E>(result: Result<T, Full<E>>, answer: impl FnOnce(T) -> Answer) -> Answer {
    result.map_or(Answer::Full, answer)
}

/// The new value of an operation that changes one.
fn change<V: Value>(kind: Kind, old: &V, argument: u64) -> V {
    let old = old.number();
    V::new(match kind {
        Kind::Set => argument,
        Kind::Add => old.wrapping_add(argument),
        _ => old ^ argument,
    })
}

/// What `compute` is to do; it is kept, too.
fn compute<V: Value>(last: &mut Option<Decision>, old: Option<&V>, argument: u64) -> Compute<V> {
    match *last.insert(decided(old.map(V::number), argument)) {
        Decision::Put(value) => Compute::Put(V::new(value)),
        Decision::Remove => Compute::Remove,
        Decision::Keep => Compute::Keep,
    }
}

/// What `compute` tells, if it is what was decided last.
fn told<R>(done: Computed<R>, last: Option<Decision>, number: impl Fn(R) -> u64) -> Answer {
    let put = matches!(last, Some(Decision::Put(_)));
    let (removed, kept) = (last == Some(Decision::Remove), last == Some(Decision::Keep));
    match done {
        Computed::Inserted if put => Answer::Absent,
        Computed::Absent if removed || kept => Answer::Absent,
        Computed::Replaced(old) if put => Answer::There(number(old)),
        Computed::Removed(old) if removed => Answer::There(number(old)),
        Computed::Kept(old) if kept => Answer::There(number(old)),
        _ => Answer::There(BROKEN),
    }
}

impl<V, const N: usize, const EXTRA: usize, S> Subject for CopyMap<u32, V, N, EXTRA, S>
where
    V: Value + Plain + Send + Sync,
    S: BuildHasher + Sync,
{
    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn spares(&self) -> Option<usize> {
        // Values of at most half a word are changed in place.
        (2 * size_of::<V>() > size_of::<usize>()).then_some(spares::<EXTRA>())
    }

    fn run(&self, kind: Kind, key: u64, argument: u64, walked: &mut Walked) -> Answer {
        let key = key as u32;
        let number = |value: Option<V>| there(value.map(|value| value.number()));
        match kind {
            Kind::Get => number(self.get(&key)),
            Kind::Contains => Answer::Is(self.contains_key(&key)),
            Kind::Insert => or_full(self.insert(key, V::new(argument)), number),
            Kind::TryInsert => match self.try_insert(key, V::new(argument)) {
                Ok(()) => Answer::Absent,
                Err(TryInsertError::Occupied { existing, .. }) => Answer::There(existing.number()),
                Err(TryInsertError::Full(_)) => Answer::Full,
            },
            Kind::GetOrInsert => {
                let made = self.get_or_insert_with(key, || V::new(argument));
                or_full(made, |value| number(Some(value)))
            }
            Kind::Remove => number(self.remove(&key)),
            Kind::RemoveIf => number(self.remove_if(&key, |_, old| wanted(old.number(), argument))),
            Kind::Retain => {
                match clears(argument) {
                    true => self.clear(),
                    false => self.retain(|_, old| kept(old.number(), argument)),
                }
                Answer::Done
            }
            Kind::Set | Kind::Add => {
                or_full(self.update(&key, |old| change(kind, old, argument)), number)
            }
            Kind::Upsert => {
                let change = |old: &V| change(kind, old, argument);
                or_full(self.upsert(key, || V::new(argument), change), number)
            }
            Kind::Compute => {
                let mut last = None;
                let done = self.compute(key, |old| compute(&mut last, old, argument));
                or_full(done, |done| told(done, last, |old| old.number()))
            }
            Kind::GetById | Kind::RemoveById => Answer::There(BROKEN),
            Kind::Len => Answer::Number(self.len() as u64),
            Kind::IsEmpty => Answer::Is(self.is_empty()),
            Kind::IsFull => Answer::Is(self.is_full()),
            Kind::Walk => {
                let entries = self.iter().map(|(key, value)| (key.into(), value.number()));
                walked.extend(entries.take(walked.capacity()));
                Answer::Absent
            }
        }
    }
}

impl<V, const N: usize, const EXTRA: usize, S> Subject for Map<u32, V, N, EXTRA, S>
where
    V: Value + Send + Sync,
    S: BuildHasher + Sync,
{
    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn spares(&self) -> Option<usize> {
        Some(spares::<EXTRA>())
    }

    fn guards(&self) -> Option<usize> {
        Some(0)
    }

    fn run(&self, kind: Kind, key: u64, argument: u64, walked: &mut Walked) -> Answer {
        let key = key as u32;
        let new = || V::new(argument);
        let number = |entry: Option<Ref<'_, u32, V>>| there(entry.map(|entry| entry.number()));
        match kind {
            Kind::Get => number(self.get(&key)),
            Kind::Contains => Answer::Is(self.contains_key(&key)),
            Kind::Insert => or_full(self.insert(key, new()), number),
            Kind::TryInsert => match self.try_insert(key, new()) {
                Ok(_) => Answer::Absent,
                Err(TryInsertError::Occupied { existing, .. }) => number(Some(existing)),
                Err(TryInsertError::Full(_)) => Answer::Full,
            },
            Kind::GetOrInsert => or_full(self.get_or_insert_with(key, new), |entry| {
                number(Some(entry))
            }),
            Kind::Remove => number(self.remove(&key)),
            Kind::RemoveIf => number(self.remove_if(&key, |_, old| wanted(old.number(), argument))),
            Kind::Retain => {
                match clears(argument) {
                    true => self.clear(),
                    false => self.retain(|_, old| kept(old.number(), argument)),
                }
                Answer::Done
            }
            Kind::Set | Kind::Add => {
                or_full(self.update(&key, |old| change(kind, old, argument)), number)
            }
            Kind::Upsert => {
                let change = |old: &V| change(kind, old, argument);
                or_full(self.upsert(key, new, change), number)
            }
            Kind::Compute => {
                let mut last = None;
                let done = self.compute(key, |old| compute(&mut last, old, argument));
                or_full(done, |done| told(done, last, |entry| entry.number()))
            }
            Kind::GetById | Kind::RemoveById => Answer::There(BROKEN),
            Kind::Len => Answer::Number(self.len() as u64),
            Kind::IsEmpty => Answer::Is(self.is_empty()),
            Kind::IsFull => Answer::Is(self.is_full()),
            Kind::Walk => {
                let entries = self.iter();
                let entries = entries.map(|entry| ((*entry.key()).into(), entry.number()));
                walked.extend(entries.take(walked.capacity()));
                Answer::Absent
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_nobody_wrote_are_seen() {
        let (one, other) = (Wide::new(5), Wide::new(6));
        assert_eq!(one.number(), 5);
        for torn in [[one[0], one[1], other[2]], [one[0], other[1], other[2]]] {
            assert_eq!(torn.number(), BROKEN);
        }
        let dead = Mortal {
            alive: 5,
            number: 5,
        };
        assert_eq!((Mortal::new(5).number(), dead.number()), (5, BROKEN));
    }
}
