//! Identifiers of a `tagged_arena::Pool` that outlive their entry: they name nothing any more, however
//! often the cell is used again, and whoever asks.

use crate::content::{Stamp, Tokens, Value, Witness};
use crate::env::{Core, Env};
use crate::failure::{Failure, ensure};
use portable_atomic::{AtomicUsize, Ordering};
use tagged_arena::{Full, Id, Pool};

type Narrow = Stamp<2>;

/// So few that each cell is used again at once.
const PLACES: usize = 3;
/// So many stale identifiers each core keeps, and all cores know.
const KEPT: usize = 8;
/// Values in a pool have no key; all are made with this one.
const KEY: u32 = 78;

static FEW_POOL: Pool<Narrow, PLACES> = Pool::new();

/// Cores put values in, take them out, and ask for those that they and others took out earlier.
pub fn handles(env: &Env<'_>) -> Result<(), Failure> {
    let pool = &FEW_POOL;
    ensure(
        pool.is_empty(),
        format_args!("the pool is not empty at the start: an earlier run of the scenario failed"),
    )?;
    let known = [const { AtomicUsize::new(0) }; KEPT];
    env.on_all_cores(|core| {
        let mut own = [None; KEPT];
        let mut tokens = Tokens::of(core.index);
        for step in core.steps(env.steps(200_000)) {
            if let Some(id) = there_and_gone(pool, tokens.next(), &own)? {
                own[step as usize % KEPT] = Some(id);
                // Release: who reads it knows that the entry is gone.
                known[core.below(KEPT as u32) as usize].store(id.to_bits(), Ordering::Release);
            }
            names_nothing(pool, own[core.below(KEPT as u32) as usize])?;
            let others = known[core.below(KEPT as u32) as usize].load(Ordering::Acquire);
            names_nothing(pool, Id::from_bits(others))?;
            if step % 64 == 0 {
                look_back(pool, core, &own)?;
            }
        }
        Ok(())
    })?;
    ensure(
        pool.is_empty(),
        format_args!("{} values are left, though all were taken out", pool.len()),
    )
}

/// Puts a value in, finds it, takes it out; returns the identifier, or `None` if the pool was full.
fn there_and_gone(
    pool: &Pool<Narrow, PLACES>,
    token: u64,
    stale: &[Option<Id>],
) -> Result<Option<Id>, Failure> {
    let id = match pool.insert(Narrow::new(KEY, token)) {
        Ok(id) => id,
        Err(Full(value)) => {
            ensure(
                value.token(KEY) == Some(token),
                format_args!("a full pool hands back another value than it got"),
            )?;
            return Ok(None);
        }
    };
    ensure(
        !stale.contains(&Some(id)),
        format_args!("{id:?} was the name of an earlier value, too"),
    )?;
    let found = pool.get(id).and_then(|guard| guard.token(KEY));
    // Nobody else knows it yet.
    let removed = pool.remove(id).and_then(|guard| guard.token(KEY));
    ensure(
        found == Some(token) && removed == Some(token),
        format_args!("{id:?} names {found:?}, then {removed:?}, not {token}"),
    )?;
    Ok(Some(id))
}

/// All that this core has kept.
fn look_back(
    pool: &Pool<Narrow, PLACES>,
    core: &Core<'_>,
    own: &[Option<Id>],
) -> Result<(), Failure> {
    own.iter().try_for_each(|id| names_nothing(pool, *id))?;
    // Lets others use the cells.
    core.pause();
    Ok(())
}

fn names_nothing(pool: &Pool<Narrow, PLACES>, id: Option<Id>) -> Result<(), Failure> {
    let Some(id) = id else {
        return Ok(());
    };
    ensure(
        !pool.contains(id) && pool.get(id).is_none() && pool.remove(id).is_none(),
        format_args!("{id:?} has outlived its value and names another one"),
    )
}
