//! Keys and values with drop glue are dropped exactly once, none too early and none never.

use crate::content::{Tokens, Witness};
use crate::env::{Core, Env};
use crate::failure::{Failure, ensure};
use crate::hashers::{OneChain, OneHash};
use crate::ledger::{Counted, Ledger, Number};
use crate::rest;
use arenamap::{DefaultHashBuilder, Map, Ref, TryInsertError};
use core::hash::BuildHasher;

type CountedMap<const N: usize, const EXTRA: usize = 8, S = DefaultHashBuilder> =
    Map<Counted, Counted, N, EXTRA, S>;

static SPREAD_MAP: CountedMap<12> = Map::new();
static SPREAD_LEDGER: Ledger = Ledger::new();
static ONE_HASH_MAP: CountedMap<5, 2, OneHash> = Map::with_hasher(OneHash::new());
static ONE_HASH_LEDGER: Ledger = Ledger::new();

static TWO_KEYS_MAP: CountedMap<4> = Map::new();
static TWO_KEYS_LEDGER: Ledger = Ledger::new();

/// Two keys: guards come and go while their entry is being reclaimed.
pub fn two_keys(env: &Env<'_>) -> Result<(), Failure> {
    churn(env, &TWO_KEYS_MAP, &TWO_KEYS_LEDGER, 2, 64)
}

static WALKS_MAP: CountedMap<24, 8, OneChain> = Map::with_hasher(OneChain::new());
static WALKS_LEDGER: Ledger = Ledger::new();

/// Long walks through one chain, whose entries go meanwhile.
pub fn walks(env: &Env<'_>) -> Result<(), Failure> {
    churn(env, &WALKS_MAP, &WALKS_LEDGER, 6, 4)
}

/// More keys than cells.
pub fn spread(env: &Env<'_>) -> Result<(), Failure> {
    churn(env, &SPREAD_MAP, &SPREAD_LEDGER, 18, 64)
}

/// One hash for all keys.
pub fn one_hash(env: &Env<'_>) -> Result<(), Failure> {
    churn(env, &ONE_HASH_MAP, &ONE_HASH_LEDGER, 7, 64)
}

fn churn<const N: usize, const EXTRA: usize, S: BuildHasher + Sync>(
    env: &Env<'_>,
    map: &'static CountedMap<N, EXTRA, S>,
    ledger: &'static Ledger,
    keys: u32,
    one_walk_in: u32,
) -> Result<(), Failure> {
    ledger.must_be_new()?;
    for _ in 0..env.rounds(2) {
        env.on_all_cores(|core| {
            let mut worker = Worker {
                map,
                ledger,
                tokens: Tokens::of(core.index),
                kept: None,
            };
            for _ in core.steps(env.steps(60_000)) {
                if core.below(one_walk_in) == 0 {
                    worker.walk()?;
                }
                let number = core.below(keys);
                worker.step(core, number)?;
            }
            worker.look_at_kept()
        })?;
        rest::nothing_pending(&map.stats(), false)?;
        // At rest: a key and a value for each entry.
        ledger.check(2 * map.len())?;
    }
    for number in 0..keys {
        map.remove(&Number(number));
    }
    rest::all_free(&map.stats(), false)?;
    ledger.check(0)?;
    fill(map, ledger)
}

/// Fills the map to the brim and beyond, and empties it.
fn fill<const N: usize, const EXTRA: usize, S: BuildHasher>(
    map: &CountedMap<N, EXTRA, S>,
    ledger: &'static Ledger,
) -> Result<(), Failure> {
    let new = |number| Counted::new(ledger, number, 1);
    let capacity = map.capacity() as u32;
    for number in 0..capacity {
        let inserted = map.insert(new(number), new(number));
        ensure(
            matches!(inserted, Ok(None)),
            format_args!("at rest, insert number {number} of {capacity} fails"),
        )?;
    }
    ensure(
        map.insert(new(capacity), new(capacity)).is_err(),
        format_args!("a map at capacity takes one more"),
    )?;
    ledger.check(2 * capacity as usize)?;
    for number in 0..capacity {
        let removed = map.remove(&Number(number));
        ensure(
            removed.is_some_and(|entry| entry.token(number) == Some(1)),
            format_args!("at rest, key {number} is not removed, or a wrong value"),
        )?;
    }
    rest::all_free(&map.stats(), false)?;
    ledger.check(0)
}

struct Worker<const N: usize, const EXTRA: usize, S: 'static> {
    map: &'static CountedMap<N, EXTRA, S>,
    ledger: &'static Ledger,
    tokens: Tokens,
    /// An entry held for a while, with its key and token.
    kept: Option<(Ref<'static, Counted, Counted>, u32, u64)>,
}

impl<const N: usize, const EXTRA: usize, S: BuildHasher> Worker<N, EXTRA, S> {
    fn step(&mut self, core: &mut Core<'_>, number: u32) -> Result<(), Failure> {
        let map = self.map;
        let key = || Counted::new(self.ledger, number, 0);
        let token = self.tokens.next();
        let value = || Counted::new(self.ledger, number, token);
        let found = match core.below(64) {
            0..20 => map.insert(key(), value()).ok().flatten(),
            20..28 => match map.try_insert(key(), value()) {
                Ok(entry) => Some(entry),
                Err(TryInsertError::Occupied {
                    existing, value, ..
                }) => {
                    unharmed(&value, number, token)?;
                    Some(existing)
                }
                Err(TryInsertError::Full((_, value))) => {
                    unharmed(&value, number, token)?;
                    None
                }
            },
            28..32 => map.get_or_insert_with(key(), value).ok(),
            32..40 => map.update(&Number(number), |_| value()).ok().flatten(),
            40..54 => map.remove(&Number(number)),
            _ => map.get(&Number(number)),
        };
        let Some(entry) = found else {
            return Ok(());
        };
        let (number, token) = look_at(&entry)?;
        match core.below(8) {
            0 => {
                // Keeps it, and lets go of the one before.
                self.look_at_kept()?;
                self.kept = Some((entry, number, token));
                Ok(())
            }
            1..4 => match Ref::try_unwrap(entry) {
                Ok((key, value)) => ensure(
                    (key.key(), value.token(number)) == (Some(number), Some(token)),
                    format_args!("key {number}: another entry was taken out than was held"),
                ),
                Err(entry) => ensure(
                    look_at(&entry)? == (number, token),
                    format_args!("key {number}: an entry has changed that was not taken out"),
                ),
            },
            _ => Ok(()),
        }
    }

    fn walk(&self) -> Result<(), Failure> {
        self.map.iter().try_for_each(|entry| {
            look_at(&entry)?;
            Ok(())
        })
    }

    fn look_at_kept(&self) -> Result<(), Failure> {
        match &self.kept {
            Some((entry, number, token)) => ensure(
                look_at(entry)? == (*number, *token),
                format_args!("key {number}: a guarded entry has changed"),
            ),
            None => Ok(()),
        }
    }
}

/// Key and token of an entry, if both parts are alive and belong together.
fn look_at(entry: &Ref<'_, Counted, Counted>) -> Result<(u32, u64), Failure> {
    let number = entry.key().key();
    match number.and_then(|number| Some((number, entry.token(number)?))) {
        Some(known) => Ok(known),
        None => Err(Failure::new(format_args!(
            "a guarded entry (key {number:?}) was dropped, or key and value do not belong together"
        ))),
    }
}

fn unharmed(value: &Counted, number: u32, token: u64) -> Result<(), Failure> {
    ensure(
        value.token(number) == Some(token),
        format_args!("key {number}: another value came back than was to be inserted"),
    )
}
