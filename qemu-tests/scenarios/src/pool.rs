//! `tagged_arena::Pool`: an identifier names its value and no other, for as long as it is there.

use crate::content::{Stamp, Tokens, Value, Witness, mix};
use crate::env::{Core, Env};
use crate::failure::{Failure, ensure};
use crate::ledger::{Counted, Ledger};
use portable_atomic::{AtomicUsize, Ordering};
use spin::Mutex;
use tagged_arena::{Full, Id, Pool, PoolGuard};

type Plain = Stamp<4>;

const PLACES: usize = 24;

/// Identifiers that all cores know.
const SHARED: usize = 16;

/// Identifiers that one core knows.
const OWN: usize = 8;

static PLAIN_POOL: Pool<Plain, PLACES> = Pool::new();
static COUNTED_POOL: Pool<Counted, PLACES> = Pool::new();
static LEDGER: Ledger = Ledger::new();

/// Plain data.
pub fn plain(env: &Env<'_>) -> Result<(), Failure> {
    churn(env, &PLAIN_POOL, |token| Plain::new(KEY, token))
}

/// Values with drop glue.
pub fn counted(env: &Env<'_>) -> Result<(), Failure> {
    LEDGER.must_be_new()?;
    churn(env, &COUNTED_POOL, |token| {
        Counted::new(&LEDGER, KEY, token)
    })?;
    LEDGER.check(0)
}

/// Values in a pool have no key; all are made with this one.
const KEY: u32 = 77;

fn churn<T: Witness>(
    env: &Env<'_>,
    pool: &'static Pool<T, PLACES>,
    new: impl Fn(u64) -> T + Sync,
) -> Result<(), Failure> {
    ensure(
        pool.is_empty(),
        format_args!("the pool is not empty at the start: an earlier run of the scenario failed"),
    )?;
    let shared = [const { AtomicUsize::new(0) }; SHARED];
    // The sum of what went in, less what came out, of mixed tokens.
    let balance = Mutex::new(0u64);
    env.on_all_cores(|core| {
        let mut worker = Worker {
            pool,
            shared: &shared,
            tokens: Tokens::of(core.index),
            own: [None; OWN],
            balance: 0,
            held: None,
        };
        for _ in core.steps(env.steps(100_000)) {
            worker.step(core, &new)?;
        }
        for place in 0..OWN {
            worker.look_up_own(place)?;
            worker.remove_own(place)?;
        }
        let mut sum = balance.lock();
        *sum = sum.wrapping_add(worker.balance);
        Ok(())
    })?;
    let mut left = balance.into_inner();
    for id in &shared {
        let removed = Id::from_bits(id.load(Ordering::Relaxed)).and_then(|id| pool.remove(id));
        if let Some(guard) = removed {
            left = left.wrapping_sub(mix(token_of(&guard)?));
        }
    }
    ensure(
        left == 0 && pool.is_empty(),
        format_args!(
            "{} values are left; what came out is what went in: {}",
            pool.len(),
            left == 0
        ),
    )?;
    fill(pool, new)
}

/// Fills the pool to the brim and beyond, and empties it.
fn fill<T: Witness>(pool: &'static Pool<T, PLACES>, new: impl Fn(u64) -> T) -> Result<(), Failure> {
    let mut ids = [None; PLACES];
    for place in 0..PLACES {
        let Ok(id) = pool.insert(new(place as u64 + 1)) else {
            return Err(Failure::new(format_args!(
                "at rest, a pool of {PLACES} is full with {place} values"
            )));
        };
        ensure(
            !ids[..place].contains(&Some(id)),
            format_args!("two values in the pool have the same identifier {id:?}"),
        )?;
        ids[place] = Some(id);
    }
    let refused = pool.insert(new(99));
    ensure(
        matches!(refused, Err(Full(value)) if value.token(KEY) == Some(99)),
        format_args!("a full pool does not say Full with the value"),
    )?;
    for (place, id) in ids.into_iter().flatten().enumerate() {
        let removed = pool.remove(id);
        ensure(
            removed.is_some_and(|guard| guard.token(KEY) == Some(place as u64 + 1)),
            format_args!("at rest, {id:?} names no value, or a wrong one"),
        )?;
    }
    ensure(
        pool.is_empty(),
        format_args!("{} values are left in an emptied pool", pool.len()),
    )
}

fn token_of<T: Witness>(guard: &PoolGuard<'static, T>) -> Result<u64, Failure> {
    match guard.token(KEY) {
        Some(token) => Ok(token),
        None => Err(Failure::new(format_args!(
            "a guarded value is torn or was dropped"
        ))),
    }
}

struct Worker<'a, T: 'static> {
    pool: &'static Pool<T, PLACES>,
    shared: &'a [AtomicUsize; SHARED],
    tokens: Tokens,
    /// What this core put in: the identifier and the token.
    own: [Option<(Id, u64)>; OWN],
    balance: u64,
    /// A guard that is kept for a while, and the token it showed.
    held: Option<(PoolGuard<'static, T>, u64)>,
}

impl<T: Witness> Worker<'_, T> {
    fn step(&mut self, core: &mut Core<'_>, new: &impl Fn(u64) -> T) -> Result<(), Failure> {
        let place = core.below(OWN as u32) as usize;
        let shared = &self.shared[core.below(SHARED as u32) as usize];
        match core.below(8) {
            0..3 => self.insert(place, shared, new),
            3 => self.look_up_own(place),
            4 => self.remove_own(place),
            5 => self.remove(Id::from_bits(shared.load(Ordering::Relaxed)), None),
            _ => {
                // Acquire: an identifier comes with the value that it names.
                let id = Id::from_bits(shared.load(Ordering::Acquire));
                self.hold(id.and_then(|id| self.pool.get(id)))
            }
        }
    }

    fn insert(
        &mut self,
        place: usize,
        shared: &AtomicUsize,
        new: &impl Fn(u64) -> T,
    ) -> Result<(), Failure> {
        self.remove_own(place)?;
        let token = self.tokens.next();
        match self.pool.insert(new(token)) {
            Ok(id) => {
                self.balance = self.balance.wrapping_add(mix(token));
                self.own[place] = Some((id, token));
                // Nobody but this core need know the one that is displaced: its maker removes it.
                shared.swap(id.to_bits(), Ordering::AcqRel);
                Ok(())
            }
            Err(Full(value)) => ensure(
                value.token(KEY) == Some(token),
                format_args!("a full pool hands back another value than it got"),
            ),
        }
    }

    fn look_up_own(&mut self, place: usize) -> Result<(), Failure> {
        let Some((id, token)) = self.own[place] else {
            return Ok(());
        };
        match self.pool.get(id) {
            Some(guard) => {
                ensure(
                    token_of(&guard)? == token,
                    format_args!("{id:?} names another value than was put in"),
                )?;
                self.hold(Some(guard))
            }
            None => self.stale(id),
        }
    }

    fn remove_own(&mut self, place: usize) -> Result<(), Failure> {
        match self.own[place].take() {
            Some((id, token)) => self.remove(Some(id), Some(token)),
            None => Ok(()),
        }
    }

    fn remove(&mut self, id: Option<Id>, expected: Option<u64>) -> Result<(), Failure> {
        let Some(id) = id else {
            return Ok(());
        };
        if let Some(guard) = self.pool.remove(id) {
            let token = token_of(&guard)?;
            ensure(
                expected.is_none_or(|expected| expected == token),
                format_args!("{id:?} names another value than was put in"),
            )?;
            self.balance = self.balance.wrapping_sub(mix(token));
            self.hold(Some(guard))?;
        }
        self.stale(id)
    }

    /// Fails if the identifier still names something.
    fn stale(&self, id: Id) -> Result<(), Failure> {
        ensure(
            !self.pool.contains(id)
                && self.pool.get(id).is_none()
                && self.pool.remove(id).is_none(),
            format_args!("{id:?} is stale and names a value again"),
        )
    }

    /// Keeps a guard until the next one comes, and looks at it again then.
    fn hold(&mut self, guard: Option<PoolGuard<'static, T>>) -> Result<(), Failure> {
        let Some(guard) = guard else {
            return Ok(());
        };
        let token = token_of(&guard)?;
        if let Some((before, token)) = self.held.replace((guard, token)) {
            ensure(
                token_of(&before)? == token,
                format_args!("a guarded value has changed"),
            )?;
        }
        Ok(())
    }
}
