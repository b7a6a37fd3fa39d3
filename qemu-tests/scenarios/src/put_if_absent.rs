//! Of all cores that race to insert a key, exactly one wins.

use crate::balance::token_of;
use crate::content::{Key, Stamp, Tokens, Value};
use crate::env::{Core, Env, MOST_CORES};
use crate::failure::{Failure, ensure};
use crate::hashers::OneChain;
use crate::rest;
use crate::subject::{Subject, Tried};
use arenamap::{CopyMap, Map};
use portable_atomic::{AtomicU32, AtomicUsize, Ordering};

type Narrow = Stamp<3>;

static COPY_CLAIM_MAP: CopyMap<u32, Narrow, 4, 8, OneChain> = CopyMap::with_hasher(OneChain::new());
static CLAIM_MAP: Map<u32, Narrow, 4, 8, OneChain> = Map::with_hasher(OneChain::new());
static COPY_ROUNDS_MAP: CopyMap<u32, Narrow, PLACES> = CopyMap::new();
static ROUNDS_MAP: Map<u32, Narrow, PLACES> = Map::new();

/// Entries of a `CopyMap` as locks.
pub fn copy_claim(env: &Env<'_>) -> Result<(), Failure> {
    claim(env, &COPY_CLAIM_MAP)
}

/// Entries of a `Map` as locks.
pub fn map_claim(env: &Env<'_>) -> Result<(), Failure> {
    claim(env, &CLAIM_MAP)
}

/// Every core asks a `CopyMap` for every key.
pub fn copy_rounds(env: &Env<'_>) -> Result<(), Failure> {
    rounds(env, &COPY_ROUNDS_MAP)
}

/// Every core asks a `Map` for every key.
pub fn map_rounds(env: &Env<'_>) -> Result<(), Failure> {
    rounds(env, &ROUNDS_MAP)
}

/// Who put the key in owns it until it takes the key out: never two owners.
fn claim<S: Subject>(env: &Env<'_>, map: &S) -> Result<(), Failure> {
    const LOCKS: usize = 2;
    rest::must_be_empty(map)?;
    let owners = [const { AtomicUsize::new(0) }; LOCKS];
    env.on_all_cores(|core| {
        let mut tokens = Tokens::of(core.index);
        for _ in core.steps(env.steps(160_000)) {
            let number = core.below(LOCKS as u32);
            let (key, token) = (S::K::new(number), tokens.next());
            match map.try_insert(key, S::V::new(number, token)) {
                Tried::Inserted => {}
                Tried::Occupied(entry, _) => {
                    token_of::<S>(number, entry)?;
                    continue;
                }
                // Other cores may have cells in hand.
                Tried::Full(_) => continue,
            }
            let owner = &owners[number as usize];
            let before = owner.swap(core.index + 1, Ordering::Relaxed);
            ensure(
                before == 0,
                format_args!(
                    "key {number}: cores {} and {} both inserted it",
                    core.index,
                    before.wrapping_sub(1)
                ),
            )?;
            let seen = map.get(key);
            let ours = |entry| token_of::<S>(number, entry) == Ok(token);
            ensure(
                seen.is_some_and(ours),
                format_args!("key {number}: its owner does not find its own value"),
            )?;
            owner.store(0, Ordering::Relaxed);
            ensure(
                map.remove(key).is_some_and(ours),
                format_args!("key {number}: its owner does not remove its own value"),
            )?;
        }
        Ok(())
    })?;
    rest::empty_and_refill(map, 0..0)
}

/// Room for the keys of all open rounds, and for three cells that each core may have in hand.
const PLACES: usize = OPEN + 3 * MOST_CORES;

/// So many rounds may be open at once: more than a core does while another one is not running, or
/// they would wait for each other most of the time.
const OPEN: usize = 16;

/// What is known of one open round.
struct Round {
    /// The token that the first core to report has got.
    token: AtomicUsize,
    winners: AtomicU32,
    /// How often a round ended in this place.
    ended: AtomicU32,
    /// How many cores are done with this round.
    done: AtomicUsize,
}

/// Cores go through the same keys in the same order and insert each if it is absent. All must get
/// the same value, and one of them must have made it. The last one to come takes it out.
fn rounds<S: Subject>(env: &Env<'_>, map: &S) -> Result<(), Failure> {
    rest::must_be_empty(map)?;
    let open: [Round; OPEN] = core::array::from_fn(|_| Round {
        token: AtomicUsize::new(0),
        winners: AtomicU32::new(0),
        ended: AtomicU32::new(0),
        done: AtomicUsize::new(0),
    });
    env.on_all_cores(|core| {
        let mut tokens = Tokens::of(core.index);
        for number in core.steps(env.steps(2_000)) {
            let round = &open[number as usize % OPEN];
            // Acquire: pairs with the Release of the core that ended the round before.
            let turn = number / OPEN as u32;
            if !core.wait(|| round.ended.load(Ordering::Acquire) == turn) {
                break;
            }
            let token = tokens.next();
            let (got, won) = put::<S>(map, core, number, token)?;
            round.winners.fetch_add(u32::from(won), Ordering::Relaxed);
            let first =
                round
                    .token
                    .compare_exchange(0, got as usize, Ordering::Relaxed, Ordering::Relaxed);
            ensure(
                first.is_ok() || first == Err(got as usize),
                format_args!("key {number}: two cores were told different values"),
            )?;
            // AcqRel: the last one sees what all others reported.
            if round.done.fetch_add(1, Ordering::AcqRel) + 1 == core.cores {
                end(map, round, number, got)?;
            }
        }
        Ok(())
    })?;
    rest::empty_and_refill(map, 0..0)
}

/// Inserts the key if it is absent, in one of two ways; returns the token found or inserted, and
/// whether this call inserted it.
fn put<S: Subject>(
    map: &S,
    core: &mut Core<'_>,
    number: u32,
    token: u64,
) -> Result<(u64, bool), Failure> {
    let (key, value) = (S::K::new(number), S::V::new(number, token));
    let full = || {
        Err(Failure::new(format_args!(
            "key {number}: Full, but there is room for all open rounds"
        )))
    };
    if core.below(2) == 0 {
        return match map.try_insert(key, value) {
            Tried::Inserted => Ok((token, true)),
            Tried::Occupied(entry, _) => Ok((token_of::<S>(number, entry)?, false)),
            Tried::Full(_) => full(),
        };
    }
    match map.get_or_insert_with(key, || value) {
        Ok(entry) => {
            let got = token_of::<S>(number, entry)?;
            Ok((got, got == token))
        }
        Err(_) => full(),
    }
}

/// Settles a round, takes its key out and opens the next round in its place.
fn end<S: Subject>(map: &S, round: &Round, number: u32, token: u64) -> Result<(), Failure> {
    let winners = round.winners.swap(0, Ordering::Relaxed);
    ensure(
        winners == 1,
        format_args!("key {number}: {winners} cores inserted it, each if it was absent"),
    )?;
    let removed = map.remove(S::K::new(number));
    ensure(
        removed.is_some_and(|entry| token_of::<S>(number, entry) == Ok(token)),
        format_args!("key {number}: the value that won is not there"),
    )?;
    round.token.store(0, Ordering::Relaxed);
    round.done.store(0, Ordering::Relaxed);
    // Release: pairs with the Acquire of the next round's cores.
    round.ended.fetch_add(1, Ordering::Release);
    Ok(())
}
