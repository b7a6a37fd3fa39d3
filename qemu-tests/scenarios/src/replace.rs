//! A key that is replaced over and over is never absent, and no replacement is lost.

use crate::balance::token_of;
use crate::content::{Key, Stamp, Value, Witness};
use crate::env::Env;
use crate::failure::{Failure, ensure};
use crate::hashers::OneChain;
use crate::rest;
use crate::subject::Subject;
use arenamap::{CopyMap, Map};
use portable_atomic::{AtomicUsize, Ordering};

type Narrow = Stamp<3>;
type Wide = Stamp<9>;

/// The keys that are replaced.
const KEYS: usize = 3;

static COPY_UPDATED_MAP: CopyMap<u32, Wide, 12> = CopyMap::new();
static UPDATED_MAP: Map<u32, Wide, 12> = Map::new();
static COPY_CHAIN_MAP: CopyMap<u32, Narrow, 12, 8, OneChain> =
    CopyMap::with_hasher(OneChain::new());
static CHAIN_MAP: Map<u32, Narrow, 12, 8, OneChain> = Map::with_hasher(OneChain::new());
static COPY_FULL_MAP: CopyMap<u32, Narrow, 3> = CopyMap::new();
static FULL_MAP: Map<u32, Narrow, 3> = Map::new();
static COPY_INSERTED_MAP: CopyMap<u32, Narrow, 12> = CopyMap::new();
static INSERTED_MAP: Map<u32, Narrow, 12> = Map::new();

/// All cores count up in a `CopyMap`.
pub fn copy_update(env: &Env<'_>) -> Result<(), Failure> {
    count_up(env, &COPY_UPDATED_MAP, env.cores())
}

/// All cores count up in a `Map`.
pub fn map_update(env: &Env<'_>) -> Result<(), Failure> {
    count_up(env, &UPDATED_MAP, env.cores())
}

/// All cores count up in one chain of a `CopyMap`.
pub fn copy_one_chain(env: &Env<'_>) -> Result<(), Failure> {
    count_up(env, &COPY_CHAIN_MAP, env.cores())
}

/// All cores count up in one chain of a `Map`.
pub fn map_one_chain(env: &Env<'_>) -> Result<(), Failure> {
    count_up(env, &CHAIN_MAP, env.cores())
}

/// An operation has at most two cells in hand, so that eight spare ones are enough for so many.
const CORES_WHEN_FULL: usize = 4;

/// The cores count up in a `CopyMap` at capacity.
pub fn copy_full(env: &Env<'_>) -> Result<(), Failure> {
    count_up(env, &COPY_FULL_MAP, CORES_WHEN_FULL)
}

/// The cores count up in a `Map` at capacity.
pub fn map_full(env: &Env<'_>) -> Result<(), Failure> {
    count_up(env, &FULL_MAP, CORES_WHEN_FULL)
}

/// Each key of a `CopyMap` has one writer, which inserts.
pub fn copy_insert(env: &Env<'_>) -> Result<(), Failure> {
    overwrite(env, &COPY_INSERTED_MAP)
}

/// Each key of a `Map` has one writer, which inserts.
pub fn map_insert(env: &Env<'_>) -> Result<(), Failure> {
    overwrite(env, &INSERTED_MAP)
}

fn start<S: Subject>(map: &S) -> Result<(), Failure> {
    rest::must_be_empty(map)?;
    for number in 0..KEYS as u32 {
        let inserted = map.insert(S::K::new(number), S::V::new(number, 0));
        ensure(
            matches!(inserted, Ok(None)),
            format_args!("the key {number} of {KEYS} does not go into an empty map"),
        )?;
    }
    Ok(())
}

/// What one reader saw last of each key: never less later on.
struct Seen([u64; KEYS]);

impl Seen {
    fn get<S: Subject>(&mut self, map: &S, number: u32) -> Result<(), Failure> {
        match map.get(S::K::new(number)) {
            Some(entry) => self.rise(number, token_of::<S>(number, entry)?),
            None => Err(Failure::new(format_args!(
                "key {number} was absent while it was replaced"
            ))),
        }
    }

    fn rise(&mut self, number: u32, count: u64) -> Result<(), Failure> {
        let seen = &mut self.0[number as usize];
        ensure(
            count >= *seen,
            format_args!("key {number}: {count} was read after {seen}"),
        )?;
        *seen = count;
        Ok(())
    }
}

/// Adds one from all cores; at the end the sum must be right.
fn count_up<S: Subject>(env: &Env<'_>, map: &S, cores: usize) -> Result<(), Failure> {
    start(map)?;
    let added = [const { AtomicUsize::new(0) }; KEYS];
    env.on_cores(cores, |core| {
        let mut seen = Seen([0; KEYS]);
        for _ in core.steps(env.steps(160_000)) {
            let number = core.below(KEYS as u32);
            if core.below(3) == 0 {
                seen.get(map, number)?;
                continue;
            }
            let updated = map.update(S::K::new(number), |old| {
                // A torn value gets a sum that cannot be right.
                S::V::new(number, old.token(number).map_or(u64::MAX / 2, |n| n + 1))
            });
            match updated {
                Ok(Some(entry)) => {
                    let previous = token_of::<S>(number, entry)?;
                    seen.rise(number, previous + 1)?;
                    added[number as usize].fetch_add(1, Ordering::Relaxed);
                }
                Ok(None) => {
                    return Err(Failure::new(format_args!(
                        "key {number} was absent for an update while others updated it"
                    )));
                }
                Err(_) => {
                    return Err(Failure::new(format_args!(
                        "key {number}: an update says Full, with {} cores and {} spare cells",
                        core.cores,
                        map.stats().cells - map.capacity()
                    )));
                }
            }
        }
        Ok(())
    })?;
    for number in 0..KEYS as u32 {
        let expected = added[number as usize].load(Ordering::Relaxed) as u64;
        let there = map.get(S::K::new(number));
        let count = match there {
            Some(entry) => token_of::<S>(number, entry)?,
            None => return Err(Failure::new(format_args!("key {number} is gone"))),
        };
        ensure(
            count == expected,
            format_args!("key {number}: {expected} updates were made, the value counts {count}"),
        )?;
    }
    rest::empty_and_refill(map, 0..KEYS as u32)
}

/// Core n replaces key n by one more each time; the others read.
fn overwrite<S: Subject>(env: &Env<'_>, map: &S) -> Result<(), Failure> {
    start(map)?;
    env.on_all_cores(|core| {
        let mut seen = Seen([0; KEYS]);
        let own = core.index as u32;
        for step in core.steps(env.steps(160_000)) {
            // The last core only reads.
            if own + 1 < core.cores as u32 && own < KEYS as u32 {
                let count = u64::from(step) + 1;
                let replaced = match map.insert(S::K::new(own), S::V::new(own, count)) {
                    Ok(Some(entry)) => Some(token_of::<S>(own, entry)?),
                    _ => None,
                };
                ensure(
                    replaced == Some(count - 1),
                    format_args!("key {own}: its only writer replaced {replaced:?} by {count}"),
                )?;
            }
            let number = core.below(KEYS as u32);
            seen.get(map, number)?;
        }
        Ok(())
    })?;
    rest::empty_and_refill(map, 0..KEYS as u32)
}
