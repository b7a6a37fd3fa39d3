//! Guards keep what they show, however many there are and whatever happens to the entry.

use crate::content::{Stamp, Tokens, Value, Witness};
use crate::env::{Core, Env};
use crate::failure::{Failure, ensure};
use crate::ledger::{Counted, Ledger};
use crate::rest;
use arenamap::{Map, Ref, TryInsertError};

/// More than there are hazard slots, so that some guards are counted in the cell.
const MOST_HELD: usize = 24;

const CELLS: usize = 20;
const KEYS: u32 = 30;

type Plain = Stamp<3>;

static PLAIN_MAP: Map<u32, Plain, CELLS> = Map::new();
static COUNTED_MAP: Map<u32, Counted, CELLS> = Map::new();
static COUNTED_LEDGER: Ledger = Ledger::new();

/// Guards on plain data, whose cells are reclaimed when they are wanted.
pub fn plain(env: &Env<'_>) -> Result<(), Failure> {
    churn(env, &PLAIN_MAP, true, Plain::new)
}

/// Guards on values with drop glue, whose cells are reclaimed with the last guard.
pub fn counted(env: &Env<'_>) -> Result<(), Failure> {
    COUNTED_LEDGER.must_be_new()?;
    let new = |key, token| Counted::new(&COUNTED_LEDGER, key, token);
    churn(env, &COUNTED_MAP, false, new)?;
    COUNTED_LEDGER.check(0)
}

/// Guards that are never dropped cost their cells and nothing else.
pub fn leaked(_: &Env<'_>) -> Result<(), Failure> {
    const LEAKED: u32 = 18;
    const LEFT: u32 = 6;
    let map: Map<u32, Plain, { (LEAKED + LEFT) as usize }> = Map::new();
    let all = LEAKED + LEFT;
    fill(&map, 0..all, Plain::new)?;
    for number in 0..LEAKED {
        core::mem::forget(map.remove(&number));
    }
    let refused = |number| map.insert(number, Plain::new(number, 2)).is_err();
    for number in all..all + 4 {
        ensure(
            refused(number),
            format_args!("a cell is reused while a guard holds it"),
        )?;
    }
    for number in LEAKED..all {
        let replaced = map.insert(number, Plain::new(number, 3));
        ensure(
            matches!(replaced, Ok(Some(old)) if old.token(number) == Some(1)),
            format_args!("leaked guards keep key {number} from being replaced"),
        )?;
        let removed = map.remove(&number);
        ensure(
            removed.is_some_and(|entry| entry.token(number) == Some(3)),
            format_args!("leaked guards keep key {number} from being removed"),
        )?;
    }
    fill(&map, 0..LEFT, Plain::new)?;
    ensure(
        refused(all) && map.len() == LEFT as usize,
        format_args!("{LEAKED} leaked guards do not cost {LEAKED} cells"),
    )
}

/// Inserts these new keys, all with token 1.
fn fill<V: Witness, const N: usize>(
    map: &Map<u32, V, N>,
    keys: core::ops::Range<u32>,
    new: impl Fn(u32, u64) -> V,
) -> Result<(), Failure> {
    for number in keys.clone() {
        let inserted = map.insert(number, new(number, 1));
        ensure(
            matches!(inserted, Ok(None)),
            format_args!("at rest, key {number} of {keys:?} finds no free cell"),
        )?;
    }
    Ok(())
}

fn churn<V: Witness>(
    env: &Env<'_>,
    map: &'static Map<u32, V, CELLS>,
    lazy: bool,
    new: impl Fn(u32, u64) -> V + Sync,
) -> Result<(), Failure> {
    rest_empty(map)?;
    env.on_all_cores(|core| {
        let mut holder = Holder {
            map,
            held: [const { None }; MOST_HELD],
            tokens: Tokens::of(core.index),
        };
        let mut most = 0;
        let mut taken = 0u32;
        for step in core.steps(env.steps(100_000)) {
            if step % 512 == 0 {
                // Few guards let cells be reused at once; many use up the slots.
                most = [1, 3, 8, MOST_HELD][core.below(4) as usize];
                holder.let_go_beyond(most)?;
            }
            let place = core.below(most as u32) as usize;
            taken += u32::from(holder.exchange(core, place, &new)?);
        }
        ensure(
            taken > 0,
            format_args!("no guard was ever given out: nothing was tried"),
        )?;
        holder.let_go_beyond(0)
    })?;
    for number in 0..KEYS {
        map.remove(&number);
    }
    rest::all_free(&map.stats(), lazy)?;
    let capacity = map.capacity() as u32;
    fill(map, 0..capacity, &new)?;
    ensure(
        map.insert(capacity, new(capacity, 1)).is_err(),
        format_args!("a map at capacity takes one more"),
    )?;
    for number in 0..capacity {
        map.remove(&number);
    }
    rest::all_free(&map.stats(), lazy)
}

fn rest_empty<V>(map: &Map<u32, V, CELLS>) -> Result<(), Failure> {
    ensure(
        map.is_empty(),
        format_args!("the map is not empty at the start: an earlier run of the scenario failed"),
    )
}

/// A core and the guards it holds, each with key and token as they were at first.
struct Holder<V: 'static> {
    map: &'static Map<u32, V, CELLS>,
    held: [Option<(Ref<'static, u32, V>, u32, u64)>; MOST_HELD],
    tokens: Tokens,
}

impl<V: Witness> Holder<V> {
    /// Looks at the guard in this place once more and puts another one there, from a random
    /// operation; says whether that gave one.
    fn exchange(
        &mut self,
        core: &mut Core<'_>,
        place: usize,
        new: &impl Fn(u32, u64) -> V,
    ) -> Result<bool, Failure> {
        self.look_at(place)?;
        if core.below(4) == 0 {
            // The others see it go.
            self.held[place] = None;
        }
        let number = core.below(KEYS);
        let token = self.tokens.next();
        let map = self.map;
        let got = match core.below(8) {
            0..2 => map.insert(number, new(number, token)).ok().flatten(),
            2 => match map.try_insert(number, new(number, token)) {
                Ok(entry)
                | Err(TryInsertError::Occupied {
                    existing: entry, ..
                }) => Some(entry),
                Err(TryInsertError::Full(_)) => None,
            },
            3 => {
                let made = map.get_or_insert_with(number, || new(number, token));
                made.ok()
            }
            4 => map.update(&number, |_| new(number, token)).ok().flatten(),
            5 => map.get(&number),
            6 => map.iter().nth(core.below(4) as usize),
            _ => map.remove(&number),
        };
        let Some(entry) = got else {
            return Ok(false);
        };
        let number = *entry.key();
        let Some(token) = entry.token(number) else {
            return Err(Failure::new(format_args!(
                "key {number}: the value found is torn, dropped or another key's"
            )));
        };
        self.held[place] = Some((entry, number, token));
        Ok(true)
    }

    fn look_at(&self, place: usize) -> Result<(), Failure> {
        match &self.held[place] {
            Some((entry, number, token)) => ensure(
                entry.key() == number && entry.token(*number) == Some(*token),
                format_args!("key {number}: a guarded entry has changed or was dropped"),
            ),
            None => Ok(()),
        }
    }

    /// Drops the guards from this place on, after a last look.
    fn let_go_beyond(&mut self, most: usize) -> Result<(), Failure> {
        for place in most..MOST_HELD {
            self.look_at(place)?;
            self.held[place] = None;
        }
        Ok(())
    }
}
