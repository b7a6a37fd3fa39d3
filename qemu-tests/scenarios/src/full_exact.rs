//! An insert is refused only if there really is no place.
//!
//! Cores share permits. A core inserts a key only after it has taken a permit, and gives the permit back
//! after it has removed the key. There are as many as the map has places, less one for each core: a
//! replacement may take a place for as long as it lasts. So there is a place for every insert, and none may
//! be refused, however often the map is full in between.

use crate::content::{Stamp, Value, Witness};
use crate::env::{Core, Env};
use crate::failure::{Failure, ensure};
use crate::hashers::{ByOwner, OneChain};
use crate::ledger::{Counted, Ledger};
use crate::rest;
use crate::subject::Subject;
use arenamap::{CopyMap, Map};
use portable_atomic::{AtomicUsize, Ordering};

type Narrow = Stamp<3>;

/// Many, so that a search for a free cell takes long enough for cells to move meanwhile; few under
/// Miri. With the eight spares so many that the number of groups of four is a multiple of eight, as
/// [`ByOwner`] wants it.
const OWN_PLACES: usize = if cfg!(miri) { 24 } else { 88 };

static COPY_OWN_MAP: CopyMap<u32, Narrow, OWN_PLACES, 8, ByOwner> =
    CopyMap::with_hasher(ByOwner::new());
static OWN_MAP: Map<u32, Narrow, OWN_PLACES, 8, ByOwner> = Map::with_hasher(ByOwner::new());
static COUNTED_OWN_MAP: Map<u32, Counted, 24, 8, ByOwner> = Map::with_hasher(ByOwner::new());
static COUNTED_LEDGER: Ledger = Ledger::new();
static COPY_CHAIN_MAP: CopyMap<u32, Narrow, 6, 2, OneChain> = CopyMap::with_hasher(OneChain::new());
static CHAIN_MAP: Map<u32, Narrow, 6, 2, OneChain> = Map::with_hasher(OneChain::new());

/// A core has at most so many keys in the map: two have more than there are places.
const MOST_OWN: usize = 64;

/// Each core has chains of its own in a `CopyMap`.
pub fn copy_own(env: &Env<'_>) -> Result<(), Failure> {
    own_chains_of(env, &COPY_OWN_MAP)
}

/// Each core has chains of its own in a `Map`, whose cells wait to be reclaimed.
pub fn map_own(env: &Env<'_>) -> Result<(), Failure> {
    own_chains_of(env, &OWN_MAP)
}

/// Each core has chains of its own in a `Map`, whose cells are reclaimed at once.
pub fn counted_own(env: &Env<'_>) -> Result<(), Failure> {
    let map = &COUNTED_OWN_MAP;
    let insert = |number| map.insert(number, Counted::new(&COUNTED_LEDGER, number, 1));
    COUNTED_LEDGER.must_be_new()?;
    let permits = Permits::new(map.capacity() - env.cores());
    own_chains(
        env,
        &permits,
        |number| insert(number).map(|replaced| replaced.is_none()).ok(),
        |number| {
            map.remove(&number)
                .is_some_and(|entry| entry.token(number) == Some(1))
        },
    )?;
    rest::all_free(&map.stats(), false)?;
    COUNTED_LEDGER.check(0)
}

/// All cores share one chain of a `CopyMap`.
pub fn copy_chain(env: &Env<'_>) -> Result<(), Failure> {
    one_chain(env, &COPY_CHAIN_MAP)
}

/// All cores share one chain of a `Map`.
pub fn map_chain(env: &Env<'_>) -> Result<(), Failure> {
    one_chain(env, &CHAIN_MAP)
}

/// One for each place.
struct Permits(AtomicUsize);

impl Permits {
    fn new(places: usize) -> Self {
        Self(AtomicUsize::new(places))
    }

    fn take(&self) -> bool {
        // Acquire: pairs with `give`: the removal before it comes before what follows here.
        let less = |permits: usize| permits.checked_sub(1);
        self.0
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, less)
            .is_ok()
    }

    fn give(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// The keys that a core has in the map.
struct Own {
    keys: [u32; MOST_OWN],
    len: usize,
    /// The core's number in the high half, a running number in the low half.
    next: u32,
}

impl Own {
    fn of(core: &Core<'_>) -> Self {
        Self {
            keys: [0; MOST_OWN],
            len: 0,
            next: (core.index as u32) << 16,
        }
    }

    /// A key that is not in the map.
    fn new_key(&mut self) -> u32 {
        let owner = self.next & !0xFFFF;
        loop {
            self.next = owner | (self.next + 1) & 0xFFFF;
            if !self.keys[..self.len].contains(&self.next) {
                return self.next;
            }
        }
    }

    fn add(&mut self, key: u32) {
        self.keys[self.len] = key;
        self.len += 1;
    }

    /// Takes any of the keys.
    fn take(&mut self, core: &mut Core<'_>) -> Option<u32> {
        if self.len == 0 {
            return None;
        }
        let place = core.below(self.len as u32) as usize;
        self.len -= 1;
        self.keys.swap(place, self.len);
        Some(self.keys[self.len])
    }
}

fn insert_into<S: Subject<K = u32>>(map: &S) -> impl Fn(u32) -> Option<bool> {
    |number| {
        let inserted = map.insert(number, S::V::new(number, 1));
        inserted.map(|replaced| replaced.is_none()).ok()
    }
}

fn remove_from<S: Subject<K = u32>>(map: &S) -> impl Fn(u32) -> bool {
    |number| {
        let removed = map.remove(number);
        removed.is_some_and(|(key, value)| key == number && value.token(number) == Some(1))
    }
}

fn own_chains_of<S: Subject<K = u32>>(env: &Env<'_>, map: &S) -> Result<(), Failure> {
    rest::must_be_empty(map)?;
    let permits = Permits::new(map.capacity() - env.cores());
    own_chains(env, &permits, insert_into(map), remove_from(map))?;
    rest::refill(map)
}

/// No core ever sees another one's entries, so no one helps another one and keeps its cell: not one
/// refusal is right. `insert` says `None` for Full, and whether the key was new.
fn own_chains(
    env: &Env<'_>,
    permits: &Permits,
    insert: impl Fn(u32) -> Option<bool> + Sync,
    remove: impl Fn(u32) -> bool + Sync,
) -> Result<(), Failure> {
    env.on_all_cores(|core| {
        let mut own = Own::of(core);
        let remove = |key| {
            ensure(
                remove(key),
                format_args!("key {key:#x}: the core that put it in does not find it"),
            )?;
            permits.give();
            Ok(())
        };
        for _ in core.steps(env.steps(300_000)) {
            if own.len > 0 && core.below(8) == 0 {
                // May stand in the way of an insert: there is a permit less for it.
                let key = own.keys[core.below(own.len as u32) as usize];
                ensure(
                    insert(key) == Some(false),
                    format_args!("key {key:#x}: it is there, and is not replaced"),
                )?;
            } else if own.len < MOST_OWN && core.below(8) < 5 && permits.take() {
                let key = own.new_key();
                ensure(
                    insert(key) == Some(true),
                    format_args!("key {key:#x}: no place, though there is one for each permit"),
                )?;
                own.add(key);
            } else if let Some(key) = own.take(core) {
                remove(key)?;
            } else {
                core.pause();
            }
        }
        while let Some(key) = own.take(core) {
            remove(key)?;
        }
        Ok(())
    })
}

/// Lets one core go on alone for a moment, while all others are between two operations.
struct Gate {
    /// The core that wants to be alone, plus one; 0: nobody.
    alone: AtomicUsize,
    parked: AtomicUsize,
}

impl Gate {
    /// Between two operations: waits while another core wants to be alone.
    ///
    /// All SeqCst: a core that leaves counts itself out before it looks again, so that whoever has
    /// counted it as parked is either done or seen.
    fn pass(&self, core: &Core<'_>) {
        while self.alone.load(Ordering::SeqCst) != 0 {
            self.parked.fetch_add(1, Ordering::SeqCst);
            let go_on = core.wait(|| self.alone.load(Ordering::SeqCst) == 0);
            self.parked.fetch_sub(1, Ordering::SeqCst);
            if !go_on {
                return;
            }
        }
    }

    /// This core comes no more.
    fn leave(&self) {
        self.parked.fetch_add(1, Ordering::SeqCst);
    }

    /// Does something while nobody else is at work; `None` if another core is ahead.
    fn alone<R>(&self, core: &Core<'_>, act: impl FnOnce() -> R) -> Option<R> {
        let (relaxed, me) = (Ordering::Relaxed, core.index + 1);
        self.alone
            .compare_exchange(0, me, Ordering::SeqCst, relaxed)
            .ok()?;
        let quiet = core.wait(|| self.parked.load(Ordering::SeqCst) + 1 == core.cores);
        let result = quiet.then(act);
        self.alone.store(0, Ordering::SeqCst);
        result
    }
}

/// A core that is stopped between unlinking another one's cell and freeing it has that cell in hand,
/// as the map's contract says. So a refusal counts only if it persists when all others have finished
/// what they were at.
fn one_chain<S: Subject<K = u32>>(env: &Env<'_>, map: &S) -> Result<(), Failure> {
    rest::must_be_empty(map)?;
    let permits = Permits::new(map.capacity());
    let gate = Gate {
        alone: AtomicUsize::new(0),
        parked: AtomicUsize::new(0),
    };
    env.on_all_cores(|core| {
        let (insert, remove) = (insert_into(map), remove_from(map));
        let mut own = Own::of(core);
        for _ in core.steps(env.steps(200_000)) {
            gate.pass(core);
            if own.len < MOST_OWN && core.below(8) < 5 && permits.take() {
                let key = own.new_key();
                let mut inserted = insert(key);
                while inserted.is_none() {
                    match gate.alone(core, || insert(key)) {
                        Some(Some(new)) => inserted = Some(new),
                        Some(None) => {
                            return Err(Failure::new(format_args!(
                                "key {key:#x}: no place, though there is one for each permit \
                                 and all other cores are at rest: {:?}",
                                map.stats()
                            )));
                        }
                        None => {
                            gate.pass(core);
                            inserted = insert(key);
                            if core.steps(1).next().is_none() {
                                return Ok(());
                            }
                        }
                    }
                }
                ensure(
                    inserted == Some(true),
                    format_args!("key {key:#x}: another entry of this key was there"),
                )?;
                own.add(key);
            } else if let Some(key) = own.take(core) {
                ensure(
                    remove(key),
                    format_args!("key {key:#x}: the core that put it in does not find it"),
                )?;
                permits.give();
            } else {
                core.pause();
            }
        }
        while let Some(key) = own.take(core) {
            gate.pass(core);
            ensure(
                remove(key),
                format_args!("key {key:#x}: the core that put it in does not find it"),
            )?;
            permits.give();
        }
        gate.leave();
        Ok(())
    })?;
    rest::refill(map)
}
