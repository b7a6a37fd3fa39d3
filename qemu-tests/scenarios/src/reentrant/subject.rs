//! What is swept: the maps, and what else has operations of these kinds.

use crate::balance::{entry_number, token_of};
use crate::content::{Key, Value};
use crate::failure::Failure;
use crate::reentrant::model::{Answer, Kind, Operation};
use crate::rest;
use crate::subject::{Subject, Tried};
use arenamap::{Compute, Computed};

/// Something with operations on keys.
pub trait Swept: Sync {
    /// What keeps an entry readable.
    type Guard<'a>: Send
    where
        Self: 'a;

    /// Whether it has operations of this kind.
    fn has(kind: Kind) -> bool;
    /// Chooses other keys and another beginning where the operations cannot have these.
    fn arrange(operations: &mut [Operation], present: u32) -> u32;
    /// A guard on the key's entry.
    fn hold(&self, key: u32) -> Option<Self::Guard<'_>>;
    /// Does the operation on it, or on a guard, while so many others are in progress.
    fn run<'a>(
        &'a self,
        operation: Operation,
        guard: &mut Option<Self::Guard<'a>>,
        others: usize,
    ) -> Result<Answer, Failure>;
    /// At rest: puts an entry in; says whether it went in and was not there.
    fn put(&self, key: u32, token: u64) -> bool;
    /// At rest: takes it out.
    fn take(&self, key: u32);
    /// At rest: what is there.
    fn token(&self, key: u32) -> Result<Option<u64>, Failure>;
    /// Fails unless nothing is left half done.
    fn at_rest(&self) -> Result<(), Failure>;
    /// Fails unless it is empty.
    fn must_be_empty(&self) -> Result<(), Failure>;
    /// Fills it to the brim and empties it.
    fn refill(&self) -> Result<(), Failure>;
}

impl<S: Subject> Swept for S {
    type Guard<'a>
        = <S as Subject>::Guard<'a>
    where
        Self: 'a;

    fn has(_: Kind) -> bool {
        true
    }

    fn arrange(_: &mut [Operation], present: u32) -> u32 {
        present
    }

    fn hold(&self, key: u32) -> Option<<S as Subject>::Guard<'_>> {
        Subject::hold(self, S::K::new(key))
    }

    fn run<'a>(
        &'a self,
        operation: Operation,
        guard: &mut Option<<S as Subject>::Guard<'a>>,
        others: usize,
    ) -> Result<Answer, Failure> {
        let Operation { kind, key, token } = operation;
        let (k, v) = (S::K::new(key), S::V::new(key, token));
        let there = |entry: Option<(S::K, S::V)>| match entry {
            Some(entry) => Ok(Answer::There(token_of::<S>(key, entry)?)),
            None => Ok(Answer::Absent),
        };
        match kind {
            Kind::Get => there(self.get(k)),
            Kind::GetCopied => there(self.get_copied(k).map(|value| (k, value))),
            Kind::Contains => Ok(Answer::Is(self.contains_key(k))),
            Kind::Census => Ok(Answer::Counted(census(self, others))),
            Kind::LetGo => {
                *guard = None;
                Ok(Answer::Done)
            }
            Kind::Remove => there(self.remove(k)),
            Kind::RemoveIf => there(self.remove_if(k, |_| true)),
            Kind::Upsert => {
                let done = self.upsert(k, || v, |_| v);
                done.map_or(Ok(Answer::Refused), there)
            }
            Kind::Compute => {
                let decide = |old: Option<&S::V>| match old {
                    Some(_) => Compute::Remove,
                    None => Compute::Put(v),
                };
                match self.compute(k, decide) {
                    Ok(Computed::Removed(entry)) => there(Some(entry)),
                    Ok(Computed::Inserted) => there(None),
                    _ => Ok(Answer::Refused),
                }
            }
            Kind::Insert => self.insert(k, v).map_or(Ok(Answer::Refused), there),
            Kind::Update => self.update(k, |_| v).map_or(Ok(Answer::Refused), there),
            Kind::TryInsert => match self.try_insert(k, v) {
                Tried::Inserted => Ok(Answer::Absent),
                Tried::Occupied(entry, _) => there(Some(entry)),
                Tried::Full(_) => Ok(Answer::Refused),
            },
            Kind::GetOrInsert => match self.get_or_insert_with(k, || v) {
                Ok(entry) => Ok(Answer::Has(token_of::<S>(key, entry)?)),
                Err(_) => Ok(Answer::Refused),
            },
            Kind::Iterate => {
                let mut seen = 0u32;
                for entry in self.entries() {
                    let bit = 1 << entry_number::<S>(entry)?;
                    if seen & bit != 0 {
                        return Ok(Answer::Walk(u32::MAX));
                    }
                    seen |= bit;
                }
                Ok(Answer::Walk(seen))
            }
        }
    }

    fn put(&self, key: u32, token: u64) -> bool {
        matches!(self.insert(S::K::new(key), S::V::new(key, token)), Ok(None))
    }

    fn take(&self, key: u32) {
        self.remove(S::K::new(key));
    }

    fn token(&self, key: u32) -> Result<Option<u64>, Failure> {
        match self.get(S::K::new(key)) {
            Some(entry) => Ok(Some(token_of::<S>(key, entry)?)),
            None => Ok(None),
        }
    }

    fn at_rest(&self) -> Result<(), Failure> {
        rest::nothing_pending(&self.stats(), S::LAZY)
    }

    fn must_be_empty(&self) -> Result<(), Failure> {
        rest::must_be_empty(self)
    }

    fn refill(&self) -> Result<(), Failure> {
        rest::refill(self)
    }
}

/// The number of entries, if all methods that know it agree: there is always one, and there is
/// always room for more.
fn census<S: Subject>(map: &S, others: usize) -> usize {
    let (len, live) = (map.len(), map.stats().live);
    let agree = len.abs_diff(live) <= others && !map.is_empty() && !map.is_full();
    if agree { len } else { usize::MAX }
}
