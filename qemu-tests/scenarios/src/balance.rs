//! What went into a map and what came out, key by key.

use crate::content::{Key, Witness, mix};
use crate::failure::{Failure, ensure};
use crate::rest;
use crate::subject::Subject;
use spin::Mutex;

/// A scenario that keeps books uses fewer keys than this.
pub const KEYS: usize = if targets::SMALL { 12 } else { 32 };

/// The books of one core, or of all together.
///
/// Besides the number of values that went in and did not come out, it keeps the sum of their mixed
/// tokens: it is right only if exactly the values that went in came out, each once (but for one
/// chance in 2^64).
#[derive(Clone)]
pub struct Log {
    net: [i32; KEYS],
    names: [u64; KEYS],
}

impl Log {
    /// Nothing in, nothing out.
    pub const fn new() -> Self {
        Self {
            net: [0; KEYS],
            names: [0; KEYS],
        }
    }

    /// A value went in.
    pub fn put(&mut self, key: u32, token: u64) {
        let key = key as usize;
        self.net[key] += 1;
        self.names[key] = self.names[key].wrapping_add(mix(token));
    }

    /// A value came out.
    pub fn took(&mut self, key: u32, token: u64) {
        let key = key as usize;
        self.net[key] -= 1;
        self.names[key] = self.names[key].wrapping_sub(mix(token));
    }
}

/// The books of all cores.
pub struct Books(Mutex<Log>);

impl Books {
    /// Nothing in, nothing out.
    pub const fn new() -> Self {
        Self(Mutex::new(Log::new()))
    }

    /// Adds what a core did.
    pub fn add(&self, log: &Log) {
        let mut all = self.0.lock();
        for key in 0..KEYS {
            all.net[key] += log.net[key];
            all.names[key] = all.names[key].wrapping_add(log.names[key]);
        }
    }

    /// Compares the books of the first `keys` keys with the map, while nothing is going on.
    pub fn audit<S: Subject>(&self, map: &S, keys: u32) -> Result<(), Failure> {
        rest::nothing_pending(&map.stats(), S::LAZY)?;
        let all = self.0.lock();
        let mut present = 0;
        for number in 0..keys {
            let net = all.net[number as usize];
            let there = map.get(S::K::new(number));
            ensure(
                net == i32::from(there.is_some()),
                format_args!(
                    "key {number}: {net} values went in and did not come out, present: {}",
                    there.is_some()
                ),
            )?;
            let names = match there {
                Some(entry) => mix(token_of::<S>(number, entry)?),
                None => 0,
            };
            ensure(
                all.names[number as usize] == names,
                format_args!(
                    "key {number}: the values that came out or are there are not those that went in"
                ),
            )?;
            present += usize::from(there.is_some());
        }
        let len = map.len();
        ensure(
            len == present,
            format_args!("{present} keys are present, len() says {len}"),
        )?;
        let mut seen = 0u32;
        for entry in map.entries() {
            let number = entry_number::<S>(entry)?;
            ensure(
                seen >> number & 1 == 0,
                format_args!("at rest, iter() yields key {number} twice"),
            )?;
            seen |= 1 << number;
        }
        ensure(
            seen.count_ones() as usize == present,
            format_args!(
                "{present} keys are present, iter() yields {}",
                seen.count_ones()
            ),
        )
    }
}

/// The token of an entry that was found under this key.
#[inline]
pub fn token_of<S: Subject>(asked: u32, (key, value): (S::K, S::V)) -> Result<u64, Failure> {
    ensure(
        key.number() == Some(asked),
        format_args!(
            "key {asked}: the entry found has the key {:?}",
            key.number()
        ),
    )?;
    match value.token(asked) {
        Some(token) => Ok(token),
        None => Err(Failure::new(format_args!(
            "key {asked}: the value found is torn or another key's"
        ))),
    }
}

/// The key of an entry that an iterator yielded, checked with its value.
#[inline]
pub fn entry_number<S: Subject>((key, value): (S::K, S::V)) -> Result<u32, Failure> {
    let number = match key.number() {
        Some(number) if number < KEYS as u32 => number,
        number => {
            return Err(Failure::new(format_args!(
                "iter() yields the key {number:?}, which was never inserted"
            )));
        }
    };
    token_of::<S>(number, (key, value)).map(|_| number)
}
