//! An iteration yields what is there all the while, once, and nothing that never was.

use crate::balance::entry_number;
use crate::content::{Key, Stamp, Tokens, Value};
use crate::env::{Core, Env};
use crate::failure::{Failure, ensure};
use crate::hashers::OneChain;
use crate::rest;
use crate::subject::Subject;
use arenamap::{CopyMap, Map};
use portable_atomic::{AtomicU32, Ordering};

type Narrow = Stamp<3>;

const KEYS: u32 = 10;

/// So many cores take part at most: chains stay short.
const CORES: usize = 4;

/// Room for all keys, and for three cells that each core may have in hand: a walk holds as many.
const PLACES: usize = KEYS as usize + 3 * CORES;

static COPY_SPREAD_MAP: CopyMap<u32, Narrow, PLACES> = CopyMap::new();
static COPY_CHAIN_MAP: CopyMap<u32, Narrow, PLACES, 8, OneChain> =
    CopyMap::with_hasher(OneChain::new());
static SPREAD_MAP: Map<u32, Narrow, PLACES> = Map::new();
static CHAIN_MAP: Map<u32, Narrow, PLACES, 8, OneChain> = Map::with_hasher(OneChain::new());

/// A `CopyMap`.
pub fn copy_spread(env: &Env<'_>) -> Result<(), Failure> {
    iterate(env, &COPY_SPREAD_MAP, 80_000)
}

/// A `CopyMap` with all keys in one chain.
pub fn copy_chain(env: &Env<'_>) -> Result<(), Failure> {
    iterate(env, &COPY_CHAIN_MAP, 50_000)
}

/// A `Map`.
pub fn map_spread(env: &Env<'_>) -> Result<(), Failure> {
    iterate(env, &SPREAD_MAP, 80_000)
}

/// A `Map` with all keys in one chain.
pub fn map_chain(env: &Env<'_>) -> Result<(), Failure> {
    iterate(env, &CHAIN_MAP, 40_000)
}

fn iterate<S: Subject>(env: &Env<'_>, map: &S, steps: u32) -> Result<(), Failure> {
    rest::must_be_empty(map)?;
    let presence = Presence::new();
    for number in 0..KEYS {
        presence.settle(number, || put(map, number, 1))?;
    }
    env.on_cores(CORES, |core| {
        let mut tokens = Tokens::of(core.index);
        for _ in core.steps(env.steps(steps)) {
            if core.below(4) == 0 {
                walk(map, &presence)?;
            } else {
                change(map, &presence, core, tokens.next())?;
            }
        }
        Ok(())
    })?;
    walk(map, &presence)?;
    rest::empty_and_refill(map, 0..KEYS)
}

fn put<S: Subject>(map: &S, number: u32, token: u64) -> Result<(), Failure> {
    let inserted = map.insert(S::K::new(number), S::V::new(number, token));
    ensure(
        inserted.is_ok(),
        format_args!("key {number}: Full, but the map has room for all keys"),
    )
}

/// Which keys are there for sure. A key's word is odd while it may be absent, and never the same
/// again.
struct Presence([AtomicU32; KEYS as usize]);

impl Presence {
    /// No key is there.
    fn new() -> Self {
        Self([const { AtomicU32::new(1) }; KEYS as usize])
    }

    /// The key was there, and stays: tells when that is over.
    fn since(&self, number: u32) -> Option<u32> {
        // Acquire: pairs with `settle`.
        let word = self.0[number as usize].load(Ordering::Acquire);
        (word % 2 == 0).then_some(word)
    }

    /// Says that the key may be absent from now on; no if another core has said so.
    fn unsettle(&self, number: u32) -> bool {
        self.since(number).is_some_and(|word| {
            let word_of = &self.0[number as usize];
            // The removal follows it, and whoever sees the removal sees this.
            word_of
                .compare_exchange(word, word + 1, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
        })
    }

    /// Puts an absent key in, as the only core that may.
    fn settle(
        &self,
        number: u32,
        put: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        put()?;
        // Release: the insertion comes before it.
        self.0[number as usize].fetch_add(1, Ordering::Release);
        Ok(())
    }
}

/// One walk through the map.
fn walk<S: Subject>(map: &S, presence: &Presence) -> Result<(), Failure> {
    let before: [Option<u32>; KEYS as usize] =
        core::array::from_fn(|number| presence.since(number as u32));
    let mut seen = 0u64;
    for entry in map.entries() {
        let number = entry_number::<S>(entry)?;
        ensure(
            number < KEYS,
            format_args!("iter() yields key {number}, which was never inserted"),
        )?;
        ensure(
            seen >> number & 1 == 0,
            format_args!("iter() yields key {number} twice"),
        )?;
        seen |= 1 << number;
    }
    for number in 0..KEYS {
        let there = before[number as usize];
        ensure(
            seen >> number & 1 == 1 || there.is_none() || presence.since(number) != there,
            format_args!("iter() does not yield key {number}, which is there all the while"),
        )?;
    }
    Ok(())
}

/// Replaces a key, or takes it out for a moment, so that it goes to the end of its chain.
fn change<S: Subject>(
    map: &S,
    presence: &Presence,
    core: &mut Core<'_>,
    token: u64,
) -> Result<(), Failure> {
    let number = core.below(KEYS);
    if core.below(2) == 0 {
        let updated = map.update(S::K::new(number), |_| S::V::new(number, token));
        return ensure(
            updated.is_ok(),
            format_args!("key {number}: Full, but the map has room for all replacements"),
        );
    }
    if presence.unsettle(number) {
        ensure(
            map.remove(S::K::new(number)).is_some(),
            format_args!("key {number} is not there to be removed"),
        )?;
        presence.settle(number, || put(map, number, token))?;
    }
    Ok(())
}
