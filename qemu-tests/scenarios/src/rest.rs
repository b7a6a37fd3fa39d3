//! Checks of a map at rest: empty, filled to the brim, empty again.

use crate::content::{Key, Tokens, Value, Witness};
use crate::failure::{Failure, ensure};
use crate::subject::{Subject, Tried};
use arenamap::{Full, Stats};

/// Keys from here on belong to these checks.
const FIRST: u32 = 1 << 20;

/// Fails unless the map is empty: for the start of a scenario.
pub fn must_be_empty<S: Subject>(map: &S) -> Result<(), Failure> {
    ensure(
        map.len() == 0,
        format_args!("the map is not empty at the start: an earlier run of the scenario failed"),
    )
}

/// Removes the keys with these numbers, then fills and empties the map.
pub fn empty_and_refill<S: Subject>(
    map: &S,
    keys: impl Iterator<Item = u32>,
) -> Result<(), Failure> {
    for number in keys {
        map.remove(S::K::new(number));
    }
    refill(map)
}

/// Fills an empty map to exactly its capacity, sees it refuse one more, and empties it.
pub fn refill<S: Subject>(map: &S) -> Result<(), Failure> {
    all_free(&map.stats(), S::LAZY)?;
    let mut tokens = Tokens::of(0);
    let capacity = map.capacity() as u32;
    for number in FIRST..FIRST + capacity {
        let new = map.insert(S::K::new(number), S::V::new(number, tokens.next()));
        ensure(
            matches!(new, Ok(None)),
            format_args!(
                "at rest, insert number {} of {capacity} says {}",
                number - FIRST + 1,
                if new.is_err() { "Full" } else { "replaced" }
            ),
        )?;
    }
    refuses(map, FIRST + capacity)?;
    replaces(map)?;
    let stats = map.stats();
    ensure(
        map.len() == stats.capacity && stats.live == stats.capacity && stats.in_progress == 0,
        format_args!("filled: {stats:?}"),
    )?;
    for number in FIRST..FIRST + capacity {
        let removed = map.remove(S::K::new(number));
        ensure(
            removed.is_some_and(|(_, value)| value.token(number).is_some()),
            format_args!("at rest, removing one of {capacity} keys finds none, or a wrong value"),
        )?;
    }
    all_free(&map.stats(), S::LAZY)
}

/// Fails unless every cell is live or free, or, where that is allowed, waits to be reclaimed: nobody
/// has left an entry half removed.
pub fn nothing_pending(stats: &Stats, lazy: bool) -> Result<(), Failure> {
    let removed = if lazy { stats.removed } else { 0 };
    ensure(
        stats.live + stats.free + removed == stats.cells && stats.in_progress == 0,
        format_args!("at rest: {stats:?}"),
    )
}

/// Fails unless every cell is free, or, where that is allowed, waits to be reclaimed.
pub fn all_free(stats: &Stats, lazy: bool) -> Result<(), Failure> {
    let removed = if lazy { stats.removed } else { 0 };
    ensure(
        stats.free + removed == stats.cells && stats.fullest_bucket == 0 && stats.buckets_used == 0,
        format_args!("at rest and empty: {stats:?}"),
    )
}

/// A full map refuses a new key and hands back what it got.
fn refuses<S: Subject>(map: &S, number: u32) -> Result<(), Failure> {
    let (key, value) = (S::K::new(number), S::V::new(number, 9));
    let same = |(k, v): (S::K, S::V)| k == key && v.token(number) == Some(9);
    let inserted = map.insert(key, value);
    ensure(
        matches!(inserted, Err(Full(back)) if same(back)),
        format_args!("a full map's insert() does not say Full with the pair"),
    )?;
    ensure(
        matches!(map.try_insert(key, value), Tried::Full(back) if same(back)),
        format_args!("a full map's try_insert() does not say Full with the pair"),
    )?;
    let mut made = false;
    let inserted = map.get_or_insert_with(key, || {
        made = true;
        value
    });
    ensure(
        matches!(inserted, Err(Full(back)) if back == key) && !made,
        format_args!("a full map's get_or_insert_with() makes a value or does not say Full"),
    )
}

/// A full map replaces values as long as it has spare cells.
fn replaces<S: Subject>(map: &S) -> Result<(), Failure> {
    let stats = map.stats();
    let has_spares = stats.cells > stats.capacity;
    // More often than there are spare cells: none may get lost.
    for token in 10..20 {
        let key = S::K::new(FIRST);
        let replaced = map.insert(key, S::V::new(FIRST, token));
        ensure(
            matches!(replaced, Ok(Some(_))) == has_spares,
            format_args!("a full map with spare cells: {has_spares}, insert() replaces otherwise"),
        )?;
        let updated = map.update(key, |_| S::V::new(FIRST, token + 100));
        let previous = updated.ok().flatten();
        ensure(
            previous.is_some() == has_spares
                && previous.is_none_or(|(_, value)| value.token(FIRST) == Some(token)),
            format_args!("a full map with spare cells: {has_spares}, update() replaces otherwise"),
        )?;
    }
    Ok(())
}
