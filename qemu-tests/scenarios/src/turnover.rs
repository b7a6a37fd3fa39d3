//! A small map becomes full and empty over and over: a million times at normal scale. Nothing may get
//! lost on the way: not a cell, not an entry.
//!
//! All cores fill until one is told that the map is full; then all of them empty it until one sees it
//! empty, and so on. A core that comes late does for a moment what the others have stopped doing.

use crate::balance::{Books, Log, token_of};
use crate::content::{Key, Stamp, Tokens, Value, Witness};
use crate::env::{Core, Env};
use crate::failure::{Failure, ensure};
use crate::rest;
use crate::subject::{Subject, Tried};
use arenamap::{CopyMap, Map};
use portable_atomic::{AtomicU32, Ordering};

type Narrow = Stamp<2>;

/// With one spare cell.
const PLACES: usize = 3;
/// More keys than places.
const KEYS: u32 = 5;

static COPY_TURNED_MAP: CopyMap<u32, Narrow, PLACES, 1> = CopyMap::new();
static TURNED_MAP: Map<u32, Narrow, PLACES, 1> = Map::new();

/// A `CopyMap`.
pub fn copy(env: &Env<'_>) -> Result<(), Failure> {
    turn_over(env, &COPY_TURNED_MAP)
}

/// A `Map`.
pub fn map(env: &Env<'_>) -> Result<(), Failure> {
    turn_over(env, &TURNED_MAP)
}

fn turn_over<S: Subject>(env: &Env<'_>, map: &S) -> Result<(), Failure> {
    rest::must_be_empty(map)?;
    let wanted = env.steps(1_000_000);
    // How often the map was full or empty: while it is even, cores fill. It hands over nothing else,
    // so Relaxed.
    let turns = AtomicU32::new(0);
    let books = Books::new();
    env.on_all_cores(|core| {
        let mut worker = Worker {
            map,
            log: Log::new(),
            tokens: Tokens::of(core.index),
        };
        // A turn takes a few operations of some core; many more mean that none comes to its end.
        for _ in core.steps(wanted.saturating_mul(100)) {
            let turn = turns.load(Ordering::Relaxed);
            if turn >= wanted {
                break;
            }
            let done = match turn % 2 {
                0 => worker.fill(core)?,
                _ => worker.empty()?,
            };
            if done {
                let next = turn + 1;
                let _ = turns.compare_exchange(turn, next, Ordering::Relaxed, Ordering::Relaxed);
            }
        }
        books.add(&worker.log);
        Ok(())
    })?;
    let turned = turns.load(Ordering::Relaxed);
    ensure(
        turned == wanted,
        format_args!("the map was full or empty {turned} times only, not {wanted} times"),
    )?;
    books.audit(map, KEYS)?;
    rest::empty_and_refill(map, 0..KEYS)
}

struct Worker<'a, S> {
    map: &'a S,
    log: Log,
    tokens: Tokens,
}

impl<S: Subject> Worker<'_, S> {
    /// Puts keys in, from a random one on; says whether the map was full.
    fn fill(&mut self, core: &mut Core<'_>) -> Result<bool, Failure> {
        let first = core.below(KEYS);
        for step in 0..KEYS {
            let number = (first + step) % KEYS;
            let token = self.tokens.next();
            match self
                .map
                .try_insert(S::K::new(number), S::V::new(number, token))
            {
                Tried::Inserted => self.log.put(number, token),
                Tried::Occupied(entry, _) => drop(token_of::<S>(number, entry)?),
                Tried::Full((key, value)) => {
                    ensure(
                        key.number() == Some(number) && value.token(number) == Some(token),
                        format_args!("key {number}: Full comes with another pair"),
                    )?;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Takes all keys out; says whether the map was empty then.
    fn empty(&mut self) -> Result<bool, Failure> {
        for number in 0..KEYS {
            if let Some(entry) = self.map.remove(S::K::new(number)) {
                self.log.took(number, token_of::<S>(number, entry)?);
            }
        }
        Ok(self.map.is_empty())
    }
}
