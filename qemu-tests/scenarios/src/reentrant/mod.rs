//! Every operation inside every other one: an interrupt comes in the middle of an operation, and its
//! handler runs another operation on the same map. Nested twice: another interrupt comes in the middle
//! of that one.
//!
//! For each pair of operations the interrupt comes one tick later each time, until the outer
//! operation ends before it: with a machine that counts instructions it has then come at every one.
//! After each time the answers of all and the content of the map must be those of the operations one
//! after the other.

pub mod cache;
pub mod model;
mod pool;
mod subject;
pub(crate) mod sweep;

use crate::by_id::ById;
use crate::content::Stamp;
use crate::env::{Env, Interrupt};
use crate::failure::Failure;
use crate::hashers::OneChain;
use arenamap::{CopyMap, Map};
use model::KEYS;

pub use pool::Table;
pub use subject::Swept;
pub use sweep::{Sample, Tally, once};

type Narrow = Stamp<2>;

/// Room for all keys, and for the cells that three operations may have in hand.
const PLACES: usize = KEYS + 6;

/// A `CopyMap`.
pub type CopySpread = CopyMap<u32, Narrow, PLACES>;
/// A `CopyMap` with all keys in one chain.
pub type CopyOneChain = CopyMap<u32, Narrow, PLACES, 8, OneChain>;
/// A `Map`.
pub type MapSpread = Map<u32, Narrow, PLACES>;
/// A `Map` with all keys in one chain.
pub type MapOneChain = Map<u32, Narrow, PLACES, 8, OneChain>;
/// A `Map` whose entries are found and removed by their identifiers.
pub type MapById = ById<Narrow, PLACES>;
/// A pool, and a table that says which key has which identifier.
pub type PoolTable = Table<PLACES>;

static COPY_MAP: CopySpread = CopyMap::new();
static COPY_CHAIN_MAP: CopyOneChain = CopyMap::with_hasher(OneChain::new());
static SPREAD_MAP: MapSpread = Map::new();
static CHAIN_MAP: MapOneChain = Map::with_hasher(OneChain::new());
static BY_ID_MAP: MapById = ById(Map::new());
static POOL: PoolTable = Table::new();

/// All sweeps of one subject.
#[derive(Clone, Copy)]
pub struct Sweep {
    /// What is swept, and how its keys lie.
    pub name: &'static str,
    /// An operation within each other one, with so many ticks from one place to the next.
    pub pairs: fn(Interrupt, u32) -> Result<Tally, Failure>,
    /// An operation within one within one.
    pub triples: fn(Interrupt, Sample) -> Result<Tally, Failure>,
}

/// The sweeps that this target has memory for.
pub const SWEEPS: &[Sweep] = if targets::SMALL { FEW } else { EVERY };

const EVERY: &[Sweep] = &[
    COPY_SPREAD,
    COPY_ONE_CHAIN,
    MAP_SPREAD,
    MAP_ONE_CHAIN,
    MAP_BY_ID,
    IN_POOL,
];
const FEW: &[Sweep] = &[COPY_ONE_CHAIN, MAP_ONE_CHAIN, IN_POOL];

/// A `CopyMap`.
const COPY_SPREAD: Sweep = Sweep {
    name: "copy_map::spread",
    pairs: |interrupt, stride| sweep::pairs(&COPY_MAP, interrupt, stride),
    triples: |interrupt, sample| sweep::triples(&COPY_MAP, interrupt, sample),
};

/// A `CopyMap` with all keys in one chain.
const COPY_ONE_CHAIN: Sweep = Sweep {
    name: "copy_map::one_chain",
    pairs: |interrupt, stride| sweep::pairs(&COPY_CHAIN_MAP, interrupt, stride),
    triples: |interrupt, sample| sweep::triples(&COPY_CHAIN_MAP, interrupt, sample),
};

/// A `Map`.
const MAP_SPREAD: Sweep = Sweep {
    name: "map::spread",
    pairs: |interrupt, stride| sweep::pairs(&SPREAD_MAP, interrupt, stride),
    triples: |interrupt, sample| sweep::triples(&SPREAD_MAP, interrupt, sample),
};

/// A `Map` with all keys in one chain.
const MAP_ONE_CHAIN: Sweep = Sweep {
    name: "map::one_chain",
    pairs: |interrupt, stride| sweep::pairs(&CHAIN_MAP, interrupt, stride),
    triples: |interrupt, sample| sweep::triples(&CHAIN_MAP, interrupt, sample),
};

/// A `Map`, by identifiers.
const MAP_BY_ID: Sweep = Sweep {
    name: "map::by_id",
    pairs: |interrupt, stride| sweep::pairs(&BY_ID_MAP, interrupt, stride),
    triples: |interrupt, sample| sweep::triples(&BY_ID_MAP, interrupt, sample),
};

/// A pool.
const IN_POOL: Sweep = Sweep {
    name: "pool",
    pairs: |interrupt, stride| sweep::pairs(&POOL, interrupt, stride),
    triples: |interrupt, sample| sweep::triples(&POOL, interrupt, sample),
};

/// The scenario: a `CopyMap`.
pub fn copy_spread(env: &Env<'_>) -> Result<(), Failure> {
    scenario(env, COPY_SPREAD)
}

/// The scenario: a `CopyMap` with all keys in one chain.
pub fn copy_one_chain(env: &Env<'_>) -> Result<(), Failure> {
    scenario(env, COPY_ONE_CHAIN)
}

/// The scenario: a `Map`.
pub fn map_spread(env: &Env<'_>) -> Result<(), Failure> {
    scenario(env, MAP_SPREAD)
}

/// The scenario: a `Map` with all keys in one chain.
pub fn map_one_chain(env: &Env<'_>) -> Result<(), Failure> {
    scenario(env, MAP_ONE_CHAIN)
}

fn scenario(env: &Env<'_>, sweep: Sweep) -> Result<(), Failure> {
    let Some(interrupt) = env.interrupt() else {
        return Err(Failure::new(format_args!(
            "this machine has no interrupts for a scenario"
        )));
    };
    (sweep.pairs)(interrupt, env.stride())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::BEFORE;

    /// One that brings the handler, and says that it has not.
    const LYING: Interrupt = |delay, handler, work| {
        BEFORE(delay, handler, work);
        false
    };

    #[test]
    fn sweeps_count_what_came() {
        for sweep in SWEEPS {
            let tally = (sweep.pairs)(BEFORE, 1).unwrap();
            assert_eq!(tally.points, tally.cases * 20, "{}", sweep.name);
            let sample = Sample {
                outer: 10,
                inner: 10,
                every: 7,
            };
            let tally = (sweep.triples)(BEFORE, sample).unwrap();
            assert!(
                tally.cases >= 4 && tally.nested >= tally.cases,
                "{}",
                sweep.name
            );
        }
    }

    #[test]
    fn an_operation_that_ran_twice_is_found() {
        let (kind, map) = (model::Kind::Insert, CopySpread::default());
        let result = once(&map, LYING, [(kind, 0), (kind, 0)], 0b1000, 1);
        assert!(result.is_err());
    }
}
