//! A pool as something with keys: a table says which identifier a key has.

use crate::content::{Stamp, Value, Witness};
use crate::failure::{Failure, ensure};
use crate::reentrant::model::{Answer, KEYS, Kind, Operation};
use crate::reentrant::subject::Swept;
use portable_atomic::{AtomicUsize, Ordering};
use tagged_arena::{Full, Id, Pool, PoolGuard};

type Entry = Stamp<2>;

/// A pool and the identifiers of what is in it.
///
/// An insert makes an identifier that nobody knows before: each one has a key of its own, which no
/// other operation of the run is about. So the table is no part of what is swept.
pub struct Table<const N: usize> {
    pool: Pool<Entry, N>,
    ids: [AtomicUsize; KEYS],
}

impl<const N: usize> Table<N> {
    /// Nothing is in it.
    pub const fn new() -> Self {
        Self {
            pool: Pool::new(),
            ids: [const { AtomicUsize::new(0) }; KEYS],
        }
    }

    fn id(&self, key: u32) -> Option<Id> {
        Id::from_bits(self.ids[key as usize].load(Ordering::Relaxed))
    }

    fn name(&self, key: u32, id: Option<Id>) {
        let bits = id.map_or(0, Id::to_bits);
        self.ids[key as usize].store(bits, Ordering::Relaxed);
    }

    /// The number of values, if both methods that know it agree.
    fn census(&self, others: usize) -> usize {
        let (len, is_empty) = (self.pool.len(), self.pool.is_empty());
        let agree = if is_empty {
            len <= others
        } else {
            len + others > 0
        };
        if agree { len } else { usize::MAX }
    }
}

impl<const N: usize> Default for Table<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// The token of what a guard keeps.
fn token(key: u32, guard: Option<PoolGuard<'_, Entry>>) -> Result<Option<u64>, Failure> {
    let Some(guard) = guard else {
        return Ok(None);
    };
    match guard.token(key) {
        Some(token) => Ok(Some(token)),
        None => Err(Failure::new(format_args!(
            "the identifier of key {key} leads to another value, or a torn one"
        ))),
    }
}

impl<const N: usize> Swept for Table<N> {
    type Guard<'a> = PoolGuard<'a, Entry>;

    fn has(kind: Kind) -> bool {
        match kind {
            Kind::Get | Kind::Insert | Kind::Remove | Kind::Contains => true,
            Kind::Census | Kind::LetGo => true,
            Kind::TryInsert | Kind::GetOrInsert | Kind::Update => false,
            Kind::Upsert | Kind::Compute | Kind::RemoveIf => false,
            Kind::Iterate | Kind::GetCopied => false,
        }
    }

    fn arrange(operations: &mut [Operation], mut present: u32) -> u32 {
        const OTHER: u32 = KEYS as u32 - 1;

        let mut fresh = 1;
        for operation in operations {
            if operation.kind == Kind::Insert {
                operation.key = fresh;
                present &= !(1 << fresh);
                fresh += 1;
            } else if operation.key != 0 {
                operation.key = OTHER;
            }
        }
        present
    }

    fn hold(&self, key: u32) -> Option<PoolGuard<'_, Entry>> {
        self.pool.get(self.id(key)?)
    }

    fn run<'a>(
        &'a self,
        operation: Operation,
        guard: &mut Option<PoolGuard<'a, Entry>>,
        others: usize,
    ) -> Result<Answer, Failure> {
        let Operation {
            kind,
            key,
            token: new,
        } = operation;
        let there = |guard| match token(key, guard)? {
            Some(token) => Ok(Answer::There(token)),
            None => Ok(Answer::Absent),
        };
        let id = self.id(key);
        match kind {
            Kind::Get => there(id.and_then(|id| self.pool.get(id))),
            Kind::Remove => there(id.and_then(|id| self.pool.remove(id))),
            Kind::Contains => Ok(Answer::Is(id.is_some_and(|id| self.pool.contains(id)))),
            Kind::Census => Ok(Answer::Counted(self.census(others))),
            Kind::LetGo => {
                *guard = None;
                Ok(Answer::Done)
            }
            _ => match self.pool.insert(Entry::new(key, new)) {
                Ok(id) => {
                    self.name(key, Some(id));
                    Ok(Answer::Absent)
                }
                Err(Full(_)) => Ok(Answer::Refused),
            },
        }
    }

    fn put(&self, key: u32, token: u64) -> bool {
        let id = self.pool.insert(Entry::new(key, token)).ok();
        self.name(key, id);
        id.is_some()
    }

    fn take(&self, key: u32) {
        if let Some(id) = self.id(key) {
            self.pool.remove(id);
        }
        self.name(key, None);
    }

    fn token(&self, key: u32) -> Result<Option<u64>, Failure> {
        token(key, self.id(key).and_then(|id| self.pool.get(id)))
    }

    fn at_rest(&self) -> Result<(), Failure> {
        let live =
            (0..KEYS as u32).filter(|key| self.id(*key).is_some_and(|id| self.pool.contains(id)));
        let (live, len) = (live.count(), self.pool.len());
        ensure(
            live == len,
            format_args!("at rest, {live} identifiers are valid, and len is {len}"),
        )
    }

    fn must_be_empty(&self) -> Result<(), Failure> {
        ensure(
            self.pool.is_empty(),
            format_args!("the pool is not empty at the start: an earlier run failed"),
        )
    }

    fn refill(&self) -> Result<(), Failure> {
        let mut ids = [const { None }; N];
        for (number, place) in ids.iter_mut().enumerate() {
            *place = self.pool.insert(Entry::new(0, number as u64)).ok();
        }
        ensure(
            ids.iter().all(Option::is_some) && self.pool.insert(Entry::new(0, 0)).is_err(),
            format_args!("at rest, the pool does not take exactly {N} values"),
        )?;
        for id in ids.into_iter().flatten() {
            self.pool.remove(id);
        }
        self.must_be_empty()
    }
}
