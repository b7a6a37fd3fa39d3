//! Nothing is lost and nothing is there twice while all cores change the same few keys.

use crate::balance::{Books, Log, entry_number, token_of};
use crate::by_id::ById;
use crate::content::{Key, Stamp, Tokens, Value, WideKey, Witness, mix};
use crate::env::{Core, Env};
use crate::failure::{Failure, ensure};
use crate::hashers::OneHash;
use crate::rest;
use crate::subject::{Subject, Tried};
use arenamap::{Compute, Computed, CopyMap, Full, Map};

type Narrow = Stamp<3>;
type Wide = Stamp<9>;

static COPY_SPREAD_MAP: CopyMap<u32, Narrow, 16> = CopyMap::new();
static COPY_ONE_HASH_MAP: CopyMap<u32, Narrow, 6, 8, OneHash> =
    CopyMap::with_hasher(OneHash::new());
static COPY_WIDE_MAP: CopyMap<WideKey, Wide, 8, 0> = CopyMap::new();
static COPY_FEW_MAP: CopyMap<u32, Narrow, 1, 1> = CopyMap::new();
static SPREAD_MAP: Map<u32, Narrow, 16> = Map::new();
static ONE_HASH_MAP: Map<u32, Narrow, 6, 8, OneHash> = Map::with_hasher(OneHash::new());
static WIDE_MAP: Map<WideKey, Wide, 8, 0> = Map::new();
static FEW_MAP: Map<u32, Narrow, 1, 1> = Map::new();
static BY_ID_MAP: ById<Narrow, 16> = ById(Map::new());
static BY_ID_HASH_MAP: ById<Narrow, 6, 8, OneHash> = ById(Map::with_hasher(OneHash::new()));

/// A `CopyMap` with more keys than cells.
pub fn copy_spread(env: &Env<'_>) -> Result<(), Failure> {
    conserve(env, &COPY_SPREAD_MAP, 24)
}

/// A `CopyMap` with one hash for all keys.
pub fn copy_one_hash(env: &Env<'_>) -> Result<(), Failure> {
    conserve(env, &COPY_ONE_HASH_MAP, 9)
}

/// A `CopyMap` with keys and values of many words, without spare cells.
pub fn copy_wide(env: &Env<'_>) -> Result<(), Failure> {
    conserve(env, &COPY_WIDE_MAP, 11)
}

/// A `CopyMap` of two cells.
pub fn copy_few(env: &Env<'_>) -> Result<(), Failure> {
    conserve(env, &COPY_FEW_MAP, 3)
}

/// A `Map` with more keys than cells.
pub fn map_spread(env: &Env<'_>) -> Result<(), Failure> {
    conserve(env, &SPREAD_MAP, 24)
}

/// A `Map` with one hash for all keys.
pub fn map_one_hash(env: &Env<'_>) -> Result<(), Failure> {
    conserve(env, &ONE_HASH_MAP, 9)
}

/// A `Map` with keys and values of many words, without spare cells.
pub fn map_wide(env: &Env<'_>) -> Result<(), Failure> {
    conserve(env, &WIDE_MAP, 11)
}

/// A `Map` of two cells.
pub fn map_few(env: &Env<'_>) -> Result<(), Failure> {
    conserve(env, &FEW_MAP, 3)
}

/// A `Map` with more keys than cells, by identifiers.
pub fn map_by_id(env: &Env<'_>) -> Result<(), Failure> {
    conserve(env, &BY_ID_MAP, 24)
}

/// A `Map` with one hash for all keys, by identifiers.
pub fn map_by_id_one_hash(env: &Env<'_>) -> Result<(), Failure> {
    conserve(env, &BY_ID_HASH_MAP, 9)
}

/// In rounds: all cores change the map, then the books are compared with it at rest.
fn conserve<S: Subject>(env: &Env<'_>, map: &S, keys: u32) -> Result<(), Failure> {
    rest::must_be_empty(map)?;
    let books = Books::new();
    for round in 0..env.rounds(4) {
        env.on_all_cores(|core| {
            let mut worker = Worker {
                map,
                log: Log::new(),
                // Tokens differ between rounds, too.
                tokens: Tokens::of(core.index + core.cores * round as usize),
            };
            for _ in core.steps(env.steps(50_000)) {
                let key = core.below(keys);
                worker.step(core, key)?;
            }
            books.add(&worker.log);
            Ok(())
        })?;
        books.audit(map, keys)?;
    }
    rest::empty_and_refill(map, 0..keys)
}

struct Worker<'a, S> {
    map: &'a S,
    log: Log,
    tokens: Tokens,
}

impl<S: Subject> Worker<'_, S> {
    /// One operation of a random kind on one key. None is inlined: all their values together take more stack
    /// than a small board has.
    fn step(&mut self, core: &mut Core<'_>, number: u32) -> Result<(), Failure> {
        match core.below(64) {
            0..15 => self.insert(number),
            15..22 => self.try_insert(number),
            22..26 => self.get_or_insert(number),
            26..32 => self.update(number),
            32..36 => self.upsert(number),
            36..40 => self.compute(number),
            40..50 => self.remove(number),
            50..54 => self.remove_if(number),
            54..63 => match self.map.get(S::K::new(number)) {
                Some(entry) => token_of::<S>(number, entry).map(drop),
                None => Ok(()),
            },
            _ => self.map.entries().try_for_each(|entry| {
                entry_number::<S>(entry)?;
                Ok(())
            }),
        }
    }

    #[inline(never)]
    fn insert(&mut self, number: u32) -> Result<(), Failure> {
        let (key, token) = (S::K::new(number), self.tokens.next());
        match self.map.insert(key, S::V::new(number, token)) {
            Ok(replaced) => {
                self.log.put(number, token);
                if let Some(entry) = replaced {
                    self.log.took(number, token_of::<S>(number, entry)?);
                }
                Ok(())
            }
            Err(Full(back)) => handed_back::<S>("insert", back, number, token),
        }
    }

    #[inline(never)]
    fn try_insert(&mut self, number: u32) -> Result<(), Failure> {
        let (key, token) = (S::K::new(number), self.tokens.next());
        match self.map.try_insert(key, S::V::new(number, token)) {
            Tried::Inserted => {
                self.log.put(number, token);
                Ok(())
            }
            Tried::Occupied(entry, back) => {
                let there = token_of::<S>(number, entry)?;
                ensure(
                    there != token,
                    format_args!("key {number}: try_insert() says Occupied by its own value"),
                )?;
                handed_back::<S>("try_insert", back, number, token)
            }
            Tried::Full(back) => handed_back::<S>("try_insert", back, number, token),
        }
    }

    #[inline(never)]
    fn get_or_insert(&mut self, number: u32) -> Result<(), Failure> {
        let key = S::K::new(number);
        let mut made = None;
        let tokens = &mut self.tokens;
        let got = self.map.get_or_insert_with(key, || {
            let token = tokens.next();
            made = Some(token);
            S::V::new(number, token)
        });
        match got {
            Ok(entry) => {
                let token = token_of::<S>(number, entry)?;
                if made == Some(token) {
                    self.log.put(number, token);
                }
                Ok(())
            }
            Err(Full(back)) => ensure(
                back.number() == Some(number),
                format_args!("key {number}: get_or_insert_with() hands back another key"),
            ),
        }
    }

    #[inline(never)]
    fn update(&mut self, number: u32) -> Result<(), Failure> {
        let mut last = None;
        let mut seen = None;
        let tokens = &mut self.tokens;
        let updated = self.map.update(S::K::new(number), |old| {
            let token = tokens.next();
            last = Some(token);
            seen = Some(old.token(number));
            S::V::new(number, token)
        });
        if let (Ok(Some(entry)), Some(token)) = (updated, last) {
            let previous = token_of::<S>(number, entry)?;
            ensure(
                seen == Some(Some(previous)),
                format_args!("key {number}: update() changed another value than it replaced"),
            )?;
            self.log.put(number, token);
            self.log.took(number, previous);
        }
        Ok(())
    }

    #[inline(never)]
    fn upsert(&mut self, number: u32) -> Result<(), Failure> {
        // Whichever closure makes the value.
        let token = self.tokens.next();
        let value = S::V::new(number, token);
        match self.map.upsert(S::K::new(number), || value, |_| value) {
            Ok(replaced) => {
                self.log.put(number, token);
                if let Some(entry) = replaced {
                    self.log.took(number, token_of::<S>(number, entry)?);
                }
                Ok(())
            }
            Err(Full(back)) => handed_back::<S>("upsert", back, number, token),
        }
    }

    /// Puts in what is absent; of what is there, removes one half and replaces the other.
    #[inline(never)]
    fn compute(&mut self, number: u32) -> Result<(), Failure> {
        let token = self.tokens.next();
        let value = S::V::new(number, token);
        let mut seen = None;
        let done = self.map.compute(S::K::new(number), |old| {
            seen = old.map(|old| old.token(number));
            match seen {
                Some(Some(old)) if removes(old) => Compute::Remove,
                _ => Compute::Put(value),
            }
        });
        let (old, removed) = match done {
            Ok(Computed::Inserted) => (None, false),
            Ok(Computed::Replaced(entry)) => (Some(token_of::<S>(number, entry)?), false),
            Ok(Computed::Removed(entry)) => (Some(token_of::<S>(number, entry)?), true),
            Ok(Computed::Kept(_) | Computed::Absent) => {
                return Err(Failure::new(format_args!(
                    "key {number}: compute() says that it has done nothing"
                )));
            }
            Err(Full(back)) => return handed_back::<S>("compute", back, number, token),
        };
        ensure(
            seen == old.map(Some) && removed == old.is_some_and(removes),
            format_args!("key {number}: compute() did not do what was decided"),
        )?;
        if !removed {
            self.log.put(number, token);
        }
        if let Some(old) = old {
            self.log.took(number, old);
        }
        Ok(())
    }

    #[inline(never)]
    fn remove_if(&mut self, number: u32) -> Result<(), Failure> {
        let wanted = |old: &S::V| old.token(number).is_none_or(removes);
        if let Some(entry) = self.map.remove_if(S::K::new(number), wanted) {
            let token = token_of::<S>(number, entry)?;
            ensure(
                removes(token),
                format_args!("key {number}: remove_if() has removed what was not wanted"),
            )?;
            self.log.took(number, token);
        }
        Ok(())
    }

    #[inline(never)]
    fn remove(&mut self, number: u32) -> Result<(), Failure> {
        if let Some(entry) = self.map.remove(S::K::new(number)) {
            self.log.took(number, token_of::<S>(number, entry)?);
        }
        Ok(())
    }
}

/// Whether a removal with a condition takes out the value with this token.
fn removes(token: u64) -> bool {
    mix(token) & 1 == 0
}

/// Key and value that did not go in came back as they were.
fn handed_back<S: Subject>(
    method: &str,
    back: (S::K, S::V),
    number: u32,
    token: u64,
) -> Result<(), Failure> {
    ensure(
        back.0.number() == Some(number) && back.1.token(number) == Some(token),
        format_args!("key {number}: {method}() hands back another pair than it got"),
    )
}
