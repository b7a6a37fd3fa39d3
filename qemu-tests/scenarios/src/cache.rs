//! `Cache`: all cores evict at once. What is pinned or held stays, and every pair that went in is there at
//! the end or came back once.

use crate::content::{Stamp, Tokens, Value, Witness, mix};
use crate::env::{Core, Env, MOST_CORES};
use crate::failure::{Failure, ensure};
use arenamap::{Cache, Full, Ref};
use spin::Mutex;

type Pair = Stamp<2>;

/// Fewer entries than keys; each core has two of its own, too, one that it pins and one that it holds.
const ENTRIES: usize = if targets::SMALL { 8 } else { 20 };
/// Each core may have a cell claimed, and hold an entry that was evicted and one that was replaced.
const EXTRA: usize = if targets::SMALL { 8 } else { 24 };
const KEYS: u32 = 2 * ENTRIES as u32;
/// What is put in lives so many ticks at most.
const TICKS: u32 = 40;

type Subject = Cache<u32, Pair, ENTRIES, EXTRA>;

static EVICTING_MAP: Subject = Cache::new();

/// Evictions, replacements, expiry and pins on all cores.
pub fn evictions(env: &Env<'_>) -> Result<(), Failure> {
    let cache = &EVICTING_MAP;
    ensure(
        cache.is_empty(),
        format_args!("the cache is not empty at the start: an earlier run has failed"),
    )?;
    // The sum of what went in, less what came out, of mixed tokens.
    let balance = Mutex::new(0u64);
    env.on_all_cores(|core| {
        let mut worker = Worker {
            cache,
            tokens: Tokens::of(core.index),
            balance: 0,
            now: u32::MAX - 2 * TICKS,
            held: None,
        };
        let mine = KEYS + core.index as u32;
        let other = mine + MOST_CORES as u32;
        for step in core.steps(env.steps(60_000)) {
            if step % 64 == 0 {
                worker.pin_anew(mine)?;
                worker.hold_anew(other)?;
            }
            worker.step(core)?;
            let pinned = cache.get(&mine);
            ensure(
                pinned.is_some_and(|entry| entry.token(mine).is_some()),
                format_args!("key {mine} was pinned, and is not there"),
            )?;
            worker.still_held(other)?;
            worker.now = worker.now.wrapping_add(1);
        }
        cache.unpin(&mine);
        let mut sum = balance.lock();
        *sum = sum.wrapping_add(worker.balance);
        Ok(())
    })?;
    let mut left = balance.into_inner();
    ensure(
        cache.len() <= ENTRIES,
        format_args!("{} entries in a cache of {ENTRIES}", cache.len()),
    )?;
    for entry in cache {
        left = left.wrapping_sub(mix(token_of(&entry)?));
    }
    ensure(
        left == 0,
        format_args!("what came out or is there is not what went in"),
    )?;
    cache.clear();
    // No place is missing.
    for number in 0..ENTRIES as u32 {
        let done = cache.insert(number, Pair::new(number, 1));
        ensure(
            done.is_ok_and(|done| done.evicted.is_none()),
            format_args!("at rest, only {number} entries fit"),
        )?;
    }
    cache.clear();
    ensure(
        cache.is_empty(),
        format_args!("{} entries are left in a cleared cache", cache.len()),
    )
}

struct Worker<'a> {
    cache: &'a Subject,
    tokens: Tokens,
    balance: u64,
    now: u32,
    /// An entry that nobody else removes or replaces.
    held: Option<Ref<'a, u32, Pair>>,
}

impl Worker<'_> {
    fn step(&mut self, core: &mut Core<'_>) -> Result<(), Failure> {
        let number = core.below(KEYS);
        match core.below(16) {
            0..8 => self.insert(number, Some(core.below(TICKS))),
            8..10 => self.insert(number, None),
            10 => {
                let removed = self.cache.remove(&number);
                self.came_back(removed)
            }
            11 => {
                let expired = self.cache.expire_some(self.now, 4);
                expired.into_iter().try_for_each(|entry| {
                    let token = mix(token_of(&entry)?);
                    self.balance = self.balance.wrapping_sub(token);
                    Ok(())
                })
            }
            12 => {
                self.cache.renew(&number, self.now, TICKS);
                Ok(())
            }
            _ => match self.cache.get_at(&number, self.now) {
                Some(entry) => ensure(
                    *entry.key() == number && entry.token(number).is_some(),
                    format_args!("key {number}: the entry found is torn or another key's"),
                ),
                None => Ok(()),
            },
        }
    }

    /// Puts a key of this core's own in, and holds its entry if no other core has evicted it by then.
    fn hold_anew(&mut self, other: u32) -> Result<(), Failure> {
        self.held = None;
        self.insert(other, None)?;
        self.held = self.cache.get(&other);
        Ok(())
    }

    /// What is held is there: this very entry.
    fn still_held(&self, other: u32) -> Result<(), Failure> {
        let Some(held) = &self.held else {
            return Ok(());
        };
        let there = self.cache.peek(&other);
        ensure(
            there.is_some_and(|there| core::ptr::eq(&*there, &**held)),
            format_args!("key {other} was held, and is not there"),
        )
    }

    fn insert(&mut self, number: u32, ttl: Option<u32>) -> Result<(), Failure> {
        let token = self.tokens.next();
        let value = Pair::new(number, token);
        let done = match ttl {
            Some(ttl) => self.cache.insert_at(number, value, self.now, ttl),
            None => self.cache.insert(number, value),
        };
        match done {
            Ok(done) => {
                self.balance = self.balance.wrapping_add(mix(token));
                self.came_back(done.replaced)?;
                self.came_back(done.evicted)
            }
            Err(Full((key, value))) => ensure(
                key == number && value.token(number) == Some(token),
                format_args!("key {number}: a refusal comes with another pair"),
            ),
        }
    }

    fn came_back(&mut self, entry: Option<Ref<'_, u32, Pair>>) -> Result<(), Failure> {
        if let Some(entry) = entry {
            self.balance = self.balance.wrapping_sub(mix(token_of(&entry)?));
        }
        Ok(())
    }

    /// Lets a key of this core's own go, and puts it in and pins it again.
    fn pin_anew(&mut self, mine: u32) -> Result<(), Failure> {
        self.cache.unpin(&mine);
        loop {
            self.insert(mine, None)?;
            // Another core may evict it before it is pinned.
            if self.cache.pin(&mine) {
                return Ok(());
            }
        }
    }
}

fn token_of(entry: &Ref<'_, u32, Pair>) -> Result<u64, Failure> {
    match entry.token(*entry.key()) {
        Some(token) => Ok(token),
        None => Err(Failure::new(format_args!(
            "key {}: its value is torn or another key's",
            entry.key()
        ))),
    }
}
