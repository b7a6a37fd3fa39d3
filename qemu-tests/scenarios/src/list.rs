//! The list of all scenarios.

use crate::{Env, Failure};
use crate::{
    by_id, cache, conservation, drops, full_exact, guards, iteration, pool, put_if_absent,
    reentrant, replace, stale, turnover, watch,
};

/// A scenario: its name and what it does.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// Its name: what is checked, then on what.
    pub name: &'static str,
    /// Runs it.
    pub run: fn(&Env<'_>) -> Result<(), Failure>,
}

const fn scenario(name: &'static str, run: fn(&Env<'_>) -> Result<(), Failure>) -> Scenario {
    Scenario { name, run }
}

/// All scenarios that this target has memory for.
pub const ALL: &[Scenario] = if targets::SMALL { FEW } else { EVERY };

/// Of each kind those with the smallest maps, as far as they fit: for 16 KiB of RAM and 256 KiB of flash.
const FEW: &[Scenario] = &[
    scenario(
        "conservation::copy_map::one_hash",
        conservation::copy_one_hash,
    ),
    scenario("conservation::copy_map::two_cells", conservation::copy_few),
    scenario("conservation::map::one_hash", conservation::map_one_hash),
    scenario("drops::two_keys", drops::two_keys),
    scenario("put_if_absent::copy_map::claim", put_if_absent::copy_claim),
    scenario("replace_never_absent::copy_map::full", replace::copy_full),
    scenario("replace_never_absent::map::full", replace::map_full),
    scenario("full_exact::map::one_chain", full_exact::map_chain),
    scenario("full_and_empty::copy_map", turnover::copy),
    scenario("full_and_empty::map", turnover::map),
    scenario("pool::stale_handles", stale::handles),
    scenario("watch::copy_map", watch::copy),
];

/// All scenarios.
const EVERY: &[Scenario] = &[
    scenario("conservation::copy_map::spread", conservation::copy_spread),
    scenario(
        "conservation::copy_map::one_hash",
        conservation::copy_one_hash,
    ),
    scenario("conservation::copy_map::wide", conservation::copy_wide),
    scenario("conservation::copy_map::two_cells", conservation::copy_few),
    scenario("conservation::map::spread", conservation::map_spread),
    scenario("conservation::map::one_hash", conservation::map_one_hash),
    scenario("conservation::map::wide", conservation::map_wide),
    scenario("conservation::map::two_cells", conservation::map_few),
    scenario("conservation::map::by_id", conservation::map_by_id),
    scenario(
        "conservation::map::by_id_one_hash",
        conservation::map_by_id_one_hash,
    ),
    scenario("drops::spread", drops::spread),
    scenario("drops::one_hash", drops::one_hash),
    scenario("drops::two_keys", drops::two_keys),
    scenario("drops::walks", drops::walks),
    scenario("guards::plain", guards::plain),
    scenario("guards::counted", guards::counted),
    scenario("guards::leaked", guards::leaked),
    scenario("put_if_absent::copy_map::claim", put_if_absent::copy_claim),
    scenario(
        "put_if_absent::copy_map::rounds",
        put_if_absent::copy_rounds,
    ),
    scenario("put_if_absent::map::claim", put_if_absent::map_claim),
    scenario("put_if_absent::map::rounds", put_if_absent::map_rounds),
    scenario(
        "replace_never_absent::copy_map::update",
        replace::copy_update,
    ),
    scenario(
        "replace_never_absent::copy_map::one_chain",
        replace::copy_one_chain,
    ),
    scenario("replace_never_absent::copy_map::full", replace::copy_full),
    scenario(
        "replace_never_absent::copy_map::insert",
        replace::copy_insert,
    ),
    scenario("replace_never_absent::map::update", replace::map_update),
    scenario(
        "replace_never_absent::map::one_chain",
        replace::map_one_chain,
    ),
    scenario("replace_never_absent::map::full", replace::map_full),
    scenario("replace_never_absent::map::insert", replace::map_insert),
    scenario("iteration::copy_map::spread", iteration::copy_spread),
    scenario("iteration::copy_map::one_chain", iteration::copy_chain),
    scenario("iteration::map::spread", iteration::map_spread),
    scenario("iteration::map::one_chain", iteration::map_chain),
    scenario("full_exact::copy_map::own_chains", full_exact::copy_own),
    scenario("full_exact::copy_map::one_chain", full_exact::copy_chain),
    scenario("full_exact::map::own_chains", full_exact::map_own),
    scenario("full_exact::map::counted", full_exact::counted_own),
    scenario("full_exact::map::one_chain", full_exact::map_chain),
    scenario("full_and_empty::copy_map", turnover::copy),
    scenario("full_and_empty::map", turnover::map),
    scenario("map::stale_handles", by_id::stale),
    scenario("pool::stale_handles", stale::handles),
    scenario("cache::evictions", cache::evictions),
    scenario("pool::plain", pool::plain),
    scenario("pool::counted", pool::counted),
    scenario("watch::copy_map", watch::copy),
    scenario("watch::map", watch::map),
];

/// What only a machine with interrupts can run, and only one that counts instructions completely.
pub const REENTRANT: &[Scenario] = if targets::SMALL {
    &[COPY_ONE_CHAIN, MAP_ONE_CHAIN, WATCH]
} else {
    &[
        COPY_SPREAD,
        COPY_ONE_CHAIN,
        MAP_SPREAD,
        MAP_ONE_CHAIN,
        WATCH,
        CACHE,
    ]
};

const CACHE: Scenario = scenario("reentrant::cache", reentrant::cache::scenario);
const COPY_SPREAD: Scenario = scenario("reentrant::copy_map::spread", reentrant::copy_spread);
const COPY_ONE_CHAIN: Scenario =
    scenario("reentrant::copy_map::one_chain", reentrant::copy_one_chain);
const MAP_SPREAD: Scenario = scenario("reentrant::map::spread", reentrant::map_spread);
const MAP_ONE_CHAIN: Scenario = scenario("reentrant::map::one_chain", reentrant::map_one_chain);
const WATCH: Scenario = scenario("reentrant::watch", watch::interrupted);
