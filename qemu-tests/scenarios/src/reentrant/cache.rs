//! The cache's operations inside each other: an interrupt comes at every place of one, and its handler runs
//! another one on the same cache.

use super::sweep::{FEWEST, through};
use crate::env::{Env, Interrupt};
use crate::failure::{Failure, ensure};
use crate::hashers::OneChain;
use arenamap::{Cache, Full, Inserted, Ref};
use core::hash::BuildHasher;
use portable_atomic::{AtomicU32, Ordering};

/// Entries; one of them is pinned. With this many, and one bucket, some are in a chain.
const ENTRIES: usize = 6;
/// Two inserts, each of which may have a cell in hand and hold what it got back.
const EXTRA: usize = 6;
/// When the entry of key 4 is over, and that of no other key.
const OVER: u32 = 10;
/// A key that comes and goes, of which no book is kept; its value is the same.
const GUEST: u32 = 16;

type Subject<S> = Cache<u32, u32, ENTRIES, EXTRA, S>;

static CACHE_MAP: Subject<OneChain> = Cache::with_hasher(OneChain::new());

/// The scenario.
pub fn scenario(env: &Env<'_>) -> Result<(), Failure> {
    let Some(interrupt) = env.interrupt() else {
        return Err(Failure::new(format_args!(
            "this machine has no interrupts for a scenario"
        )));
    };
    for outer in OPERATIONS {
        for inner in OPERATIONS {
            let came = through(1, env.stride(), |delay| {
                once(&CACHE_MAP, interrupt, delay, outer, inner)
            })?;
            ensure(
                came >= FEWEST / env.stride().min(FEWEST),
                format_args!("the interrupt came {came} times only"),
            )?;
        }
    }
    Ok(())
}

/// The numbers of the values of the operation that is interrupted, and of the handler's.
const OUTER: u32 = 20;
const INNER: u32 = 21;

/// An operation, with the number of the value that it puts in, if it does. Whatever comes back is told to
/// the books.
type Operation<S> = fn(&Subject<S>, u32, &Books);

const OPERATIONS: [Operation<OneChain>; 7] = [evict, evict_at, replace, hold, pin, remove, expire];

/// Which values came back, and what went wrong.
#[derive(Default)]
struct Books {
    in_cache: AtomicU32,
    back: AtomicU32,
    wrong: AtomicU32,
}

impl Books {
    fn put(&self, value: u32) {
        if value == GUEST {
            return;
        }
        self.in_cache.fetch_or(1 << value, Ordering::Relaxed);
    }

    fn back(&self, value: u32) {
        if value == GUEST {
            return;
        }
        let before = self.back.fetch_or(1 << value, Ordering::Relaxed);
        self.wrong_if(before & 1 << value != 0, 1);
    }

    fn entry(&self, entry: Option<Ref<'_, u32, u32>>) {
        if let Some(entry) = entry {
            self.back(*entry);
        }
    }

    fn inserted(&self, value: u32, done: Result<Inserted<'_, u32, u32>, Full<(u32, u32)>>) {
        self.put(value);
        match done {
            Ok(done) => {
                self.entry(done.replaced);
                self.entry(done.evicted);
            }
            Err(Full((_, value))) => self.back(value),
        }
    }

    fn wrong_if(&self, wrong: bool, what: u32) {
        if wrong {
            self.wrong.fetch_or(what, Ordering::Relaxed);
        }
    }
}

fn evict<S: BuildHasher>(cache: &Subject<S>, value: u32, books: &Books) {
    books.inserted(value, cache.insert(value, value));
}

fn evict_at<S: BuildHasher>(cache: &Subject<S>, value: u32, books: &Books) {
    books.inserted(value, cache.insert_at(value, value, OVER, 1));
}

fn replace<S: BuildHasher>(cache: &Subject<S>, value: u32, books: &Books) {
    books.inserted(value, cache.insert(0, value));
}

/// What is held is still there, whoever evicts meanwhile.
fn hold<S: BuildHasher>(cache: &Subject<S>, _: u32, books: &Books) {
    for key in [1, 5] {
        if let Some(entry) = cache.get(&key) {
            books.inserted(GUEST, cache.insert(GUEST, GUEST));
            let there = cache.peek(&key).is_some_and(|now| *now == *entry);
            books.wrong_if(!there, 2);
            drop(cache.remove(&GUEST));
        }
    }
}

/// A key of its own for each of the two contexts: a pin is no count.
fn pin<S: BuildHasher>(cache: &Subject<S>, value: u32, books: &Books) {
    let key = if value == OUTER { 3 } else { 5 };
    if cache.pin(&key) {
        books.wrong_if(!cache.is_pinned(&key), 4);
        cache.unpin(&key);
    }
}

fn remove<S: BuildHasher>(cache: &Subject<S>, _: u32, books: &Books) {
    books.entry(cache.remove(&2));
}

fn expire<S: BuildHasher>(cache: &Subject<S>, _: u32, books: &Books) {
    cache
        .expire(OVER)
        .for_each(|entry| books.entry(Some(entry)));
}

/// One operation within another one, `delay` ticks after its start. Says whether the interrupt came.
fn once<S: BuildHasher + Sync>(
    cache: &Subject<S>,
    interrupt: Interrupt,
    delay: u32,
    outer: Operation<S>,
    inner: Operation<S>,
) -> Result<bool, Failure> {
    let books = Books::default();
    cache.clear();
    for key in 0..ENTRIES as u32 {
        let value = key + 1;
        let ttl = if key == 4 { OVER } else { 2 * OVER };
        books.inserted(value, cache.insert_at(key, value, 0, ttl));
    }
    ensure(
        cache.len() == ENTRIES && cache.pin(&0),
        format_args!("at rest, a cache has room for {} entries", cache.len()),
    )?;
    let mut work = || outer(cache, OUTER, &books);
    let came = interrupt(delay, &|| inner(cache, INNER, &books), &mut work);
    let fail = |what: &str| {
        Err(Failure::new(format_args!(
            "an interrupt {delay} ticks after the start: {what}"
        )))
    };
    if !cache.is_pinned(&0) {
        return fail("what is pinned is not there, or not pinned");
    }
    for entry in cache {
        books.back(*entry);
    }
    let (all, back) = (
        books.in_cache.load(Ordering::Relaxed),
        books.back.load(Ordering::Relaxed),
    );
    match books.wrong.load(Ordering::Relaxed) {
        0 if all == back => Ok(came),
        0 => fail("what came back or is there is not what went in"),
        wrong if wrong & 1 != 0 => fail("a pair came back twice"),
        wrong if wrong & 2 != 0 => fail("what was held is not there"),
        _ => fail("what was pinned is not pinned"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scale;
    use crate::env::{BEFORE, Machine};
    use std::string::ToString;

    #[test]
    fn one_operation_after_the_other_keeps_the_books() {
        let machine = Machine {
            cores: 1,
            run: &|work| work(0),
            pause: || (),
            interrupt: Some(BEFORE),
        };
        scenario(&Env::new(machine, 1, Scale::Normal)).unwrap();
    }

    /// An "interrupt" that takes the pin away is noticed.
    #[test]
    fn a_pin_that_is_lost_is_noticed() {
        static CACHE: Subject<OneChain> = Cache::with_hasher(OneChain::new());
        let lose: Operation<OneChain> = |cache, _, _| _ = cache.unpin(&0);
        let lost = once(&CACHE, BEFORE, 1, evict, lose);
        assert!(lost.is_err_and(|failure| failure.to_string().contains("pinned")));
    }
}
