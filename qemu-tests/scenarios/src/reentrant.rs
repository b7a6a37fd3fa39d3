//! Every operation inside every other one: an interrupt comes in the middle of an operation, and its
//! handler runs another operation on the same map.
//!
//! For each pair of operations the interrupt comes one tick later each time, until the outer
//! operation ends before it: with a machine that counts instructions it has then come at every one.
//! After each time the answers of both and the content of the map must be those of the two
//! operations one after the other.

use crate::balance::{entry_number, token_of};
use crate::content::{Key, Stamp, Value};
use crate::env::{Env, Interrupt};
use crate::failure::{Failure, ensure};
use crate::hashers::OneChain;
use crate::reentrant_model::{Answer, KEYS, KINDS, Kind, Operation, State, explains};
use crate::rest;
use crate::subject::{Subject, Tried};
use arenamap::{CopyMap, Map};
use spin::Mutex;

type Narrow = Stamp<2>;

/// Room for all keys, and for the cells that two operations may have in hand.
const PLACES: usize = KEYS + 6;

static COPY_MAP: CopyMap<u32, Narrow, PLACES> = CopyMap::new();
static COPY_CHAIN_MAP: CopyMap<u32, Narrow, PLACES, OneChain> =
    CopyMap::with_hasher(OneChain::new());
static SPREAD_MAP: Map<u32, Narrow, PLACES> = Map::new();
static CHAIN_MAP: Map<u32, Narrow, PLACES, OneChain> = Map::with_hasher(OneChain::new());

/// A `CopyMap`.
pub fn copy_spread(env: &Env<'_>) -> Result<(), Failure> {
    every_pair(env, &COPY_MAP)
}

/// A `CopyMap` with all keys in one chain.
pub fn copy_one_chain(env: &Env<'_>) -> Result<(), Failure> {
    every_pair(env, &COPY_CHAIN_MAP)
}

/// A `Map`.
pub fn map_spread(env: &Env<'_>) -> Result<(), Failure> {
    every_pair(env, &SPREAD_MAP)
}

/// A `Map` with all keys in one chain.
pub fn map_one_chain(env: &Env<'_>) -> Result<(), Failure> {
    every_pair(env, &CHAIN_MAP)
}

/// The interrupt must have come within each operation at least so often.
const FEWEST: u32 = 8;
/// An outer operation has ended before the interrupt for so many delays in turn: it is swept.
const BEYOND: u32 = 4;
/// No operation takes so many ticks.
const LONGEST: u32 = 100_000;

fn every_pair<S: Subject>(env: &Env<'_>, map: &S) -> Result<(), Failure> {
    let Some(interrupt) = env.interrupt() else {
        return Err(Failure::new(format_args!(
            "this machine has no interrupts for a scenario"
        )));
    };
    rest::must_be_empty(map)?;
    // Tokens are never used again.
    let mut sweep = Sweep {
        map,
        interrupt,
        token: 0,
        stride: env.stride(),
        pairs: 0,
        state: State::default(),
    };
    for outer in KINDS {
        // Two that only read do not touch each other.
        for inner in KINDS
            .into_iter()
            .filter(|inner| !(outer.reads() && inner.reads()))
        {
            // The inner operation is on the same key, or on another one of the chain; each key is
            // there or not.
            for (key, present) in [(0, 0b1000), (0, 0b1001), (1, 0b1001), (1, 0b1010)] {
                sweep.pair((outer, 0), (inner, key), present)?;
            }
        }
    }
    rest::empty_and_refill(map, 0..KEYS as u32)
}

struct Sweep<'a, S> {
    map: &'a S,
    interrupt: Interrupt,
    token: u64,
    stride: u32,
    pairs: u32,
    /// What is in the map.
    state: State,
}

impl<S: Subject> Sweep<'_, S> {
    /// One pair of operations, with the interrupt at every place of the outer one.
    fn pair(
        &mut self,
        outer: (Kind, u32),
        inner: (Kind, u32),
        present: u32,
    ) -> Result<(), Failure> {
        let (mut came, mut missed) = (0, 0);
        // Other places than the last pair's, where not all are tried.
        self.pairs += 1;
        let mut delay = 1 + self.pairs % self.stride;
        while missed < BEYOND {
            if self.once(outer, inner, present, delay)? {
                came += 1;
                missed = 0;
            } else {
                missed += 1;
            }
            delay += self.stride;
            ensure(
                delay < LONGEST,
                format_args!("{outer:?}: the interrupt comes after {delay} ticks, still within"),
            )?;
        }
        rest::nothing_pending(&self.map.stats(), S::LAZY)?;
        ensure(
            came >= FEWEST / self.stride.min(FEWEST),
            format_args!(
                "{inner:?} in {outer:?}: the interrupt came {came} times only; a machine that \
                 counts instructions (--icount) lets it come at each"
            ),
        )
    }

    fn next_token(&mut self) -> u64 {
        self.token += 1;
        self.token
    }

    /// Once; says whether the interrupt came within the operation.
    fn once(
        &mut self,
        outer: (Kind, u32),
        inner: (Kind, u32),
        present: u32,
        delay: u32,
    ) -> Result<bool, Failure> {
        let begin = self.prepare(present)?;
        let mut operation = |(kind, key)| Operation {
            kind,
            key,
            token: self.next_token(),
        };
        let operations = [operation(outer), operation(inner)];
        let map = self.map;
        let hold = |operation: Operation| match operation.kind {
            Kind::LetGo => map.hold(S::K::new(operation.key)),
            _ => None,
        };
        let [mut first_guard, second_guard] = operations.map(hold);
        // Only the handler holds the lock, and nothing interrupts it.
        let within = Mutex::new((None, second_guard));
        let handler = || {
            let (answer, guard) = &mut *within.lock();
            *answer = Some(run(map, operations[1], guard));
        };
        let mut answer = None;
        let came = (self.interrupt)(delay, &handler, &mut || {
            answer = Some(run(map, operations[0], &mut first_guard));
        });
        let first = answer.unwrap_or(Ok(Answer::Refused))?;
        let second = match within.into_inner() {
            (Some(answer), _) => answer?,
            // It did not come: the inner operation follows.
            (None, mut guard) => run(map, operations[1], &mut guard)?,
        };
        let end = self.content()?;
        let answers = [first, second];
        ensure(
            explains(begin, operations, answers, end),
            format_args!(
                "after {delay} ticks: {:?} with {:?} inside answer {first:?} and {second:?}, then \
                 the map holds {end:?}, before {begin:?}",
                operations[0], operations[1]
            ),
        )?;
        self.state = end;
        Ok(came)
    }

    /// Brings the map to where these keys are there.
    fn prepare(&mut self, present: u32) -> Result<State, Failure> {
        for number in 0..KEYS {
            let wanted = present >> number & 1 == 1;
            let key = S::K::new(number as u32);
            if wanted && self.state[number].is_none() {
                let token = self.next_token();
                let inserted = self.map.insert(key, S::V::new(number as u32, token));
                ensure(
                    matches!(inserted, Ok(None)),
                    format_args!("at rest, key {number} finds no place, or was there"),
                )?;
                self.state[number] = Some(token);
            } else if !wanted && self.state[number].is_some() {
                self.map.remove(key);
                self.state[number] = None;
            }
        }
        Ok(self.state)
    }

    fn content(&self) -> Result<State, Failure> {
        let mut state = State::default();
        for (number, place) in state.iter_mut().enumerate() {
            let number = number as u32;
            if let Some(entry) = self.map.get(S::K::new(number)) {
                *place = Some(token_of::<S>(number, entry)?);
            }
        }
        Ok(state)
    }
}

/// Does the operation on the map, or on a guard.
fn run<'a, S: Subject>(
    map: &'a S,
    operation: Operation,
    guard: &mut Option<S::Guard<'a>>,
) -> Result<Answer, Failure> {
    let Operation { kind, key, token } = operation;
    let (k, v) = (S::K::new(key), S::V::new(key, token));
    let there = |entry: Option<(S::K, S::V)>| match entry {
        Some(entry) => Ok(Answer::There(token_of::<S>(key, entry)?)),
        None => Ok(Answer::Absent),
    };
    match kind {
        Kind::Get => there(map.get(k)),
        Kind::GetCopied => there(map.get_copied(k).map(|value| (k, value))),
        Kind::Contains => Ok(Answer::Is(map.contains_key(k))),
        Kind::Census => Ok(Answer::Counted(census(map))),
        Kind::LetGo => {
            *guard = None;
            Ok(Answer::Done)
        }
        Kind::Remove => there(map.remove(k)),
        Kind::Insert => map.insert(k, v).map_or(Ok(Answer::Refused), there),
        Kind::Update => map.update(k, |_| v).map_or(Ok(Answer::Refused), there),
        Kind::TryInsert => match map.try_insert(k, v) {
            Tried::Inserted => Ok(Answer::Absent),
            Tried::Occupied(entry, _) => there(Some(entry)),
            Tried::Full(_) => Ok(Answer::Refused),
        },
        Kind::GetOrInsert => match map.get_or_insert_with(k, || v) {
            Ok(entry) => Ok(Answer::Has(token_of::<S>(key, entry)?)),
            Err(_) => Ok(Answer::Refused),
        },
        Kind::Iterate => {
            let mut seen = 0u32;
            for entry in map.entries() {
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

/// The number of entries, if all methods that know it agree: there is always one, and there is
/// always room for more.
fn census<S: Subject>(map: &S) -> usize {
    let (len, live) = (map.len(), map.stats().live);
    let agree = len.abs_diff(live) <= 1 && !map.is_empty() && !map.is_full();
    if agree { len } else { usize::MAX }
}
