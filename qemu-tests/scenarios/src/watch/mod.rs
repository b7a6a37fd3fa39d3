//! Tasks that wait for changes of a map, run by the smallest executor there is: a core that looks at a flag.
//!
//! A wake that is missed is found without a clock: who waits for something that another core has done, and
//! whose method has returned since, must have been woken.

mod interrupted;

pub use interrupted::interrupted;

use crate::env::{Core, Env, MOST_CORES};
use crate::failure::{Failure, ensure};
use arenamap::{CopyMap, Map, Watched, Watcher};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use portable_atomic::{AtomicBool, AtomicU32, Ordering};

type Copies = CopyMap<u32, u32, 4>;
type Guarded = Map<u32, u32, 4>;

static COPY_MAP: Watched<Copies, MOST_CORES> = Watched::new(CopyMap::new());
static GUARDED_MAP: Watched<Guarded, MOST_CORES> = Watched::new(Map::new());

/// The scenario: a `CopyMap`.
pub fn copy(env: &Env<'_>) -> Result<(), Failure> {
    follow(env, &COPY_MAP, &COPY_WOKEN)
}

/// The scenario: a `Map`.
pub fn map(env: &Env<'_>) -> Result<(), Failure> {
    follow(env, &GUARDED_MAP, &GUARDED_WOKEN)
}

/// A map whose keys come and go.
trait Subject {
    fn put(&self, key: u32) -> bool;
    fn take(&self, key: u32) -> bool;
    fn has(&self, key: u32) -> bool;
}

impl Subject for Watched<Copies, MOST_CORES> {
    fn put(&self, key: u32) -> bool {
        self.insert(key, key) == Ok(None)
    }
    fn take(&self, key: u32) -> bool {
        self.remove(&key) == Some(key)
    }
    fn has(&self, key: u32) -> bool {
        self.get(&key) == Some(key)
    }
}

impl Subject for Watched<Guarded, MOST_CORES> {
    fn put(&self, key: u32) -> bool {
        self.insert(key, key).is_ok_and(|old| old.is_none())
    }
    fn take(&self, key: u32) -> bool {
        self.remove(&key).is_some_and(|value| *value == key)
    }
    fn has(&self, key: u32) -> bool {
        self.get(&key).is_some_and(|value| *value == key)
    }
}

/// Whether a task has been woken.
struct Woken(AtomicBool);

impl Woken {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Polls, with the flag not set: a wake from now on sets it.
    fn poll<F: Future + Unpin>(&'static self, future: &mut F) -> Poll<F::Output> {
        const TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, |_| ());
        fn clone(woken: *const ()) -> RawWaker {
            RawWaker::new(woken, &TABLE)
        }
        fn wake(woken: *const ()) {
            // SAFETY: made below, from a `&'static Woken`.
            let woken = unsafe { &*woken.cast::<Woken>() };
            woken.0.store(true, Ordering::Release);
        }
        let this = core::ptr::from_ref(self).cast();
        // SAFETY: these functions keep to the contract of a waker; there is nothing to drop.
        let waker = unsafe { Waker::from_raw(RawWaker::new(this, &TABLE)) };
        self.clear();
        Pin::new(future).poll(&mut Context::from_waker(&waker))
    }
}

/// One for the task of each core.
type Flags = [Woken; MOST_CORES];

static COPY_WOKEN: Flags = [const { Woken(AtomicBool::new(false)) }; MOST_CORES];
static GUARDED_WOKEN: Flags = [const { Woken(AtomicBool::new(false)) }; MOST_CORES];

/// Core 0 puts in one key after the other, each when all others have seen the one before. They wait, one
/// half for the key, the other half for any change.
fn follow<M: Sync>(
    env: &Env<'_>,
    map: &'static Watched<M, MOST_CORES>,
    woken: &'static Flags,
) -> Result<(), Failure>
where
    Watched<M, MOST_CORES>: Subject,
{
    let steps = env.steps(2_048);
    // The last key whose insert has returned, and the last one that each core has seen.
    let last = AtomicU32::new(0);
    let seen = [const { AtomicU32::new(0) }; MOST_CORES];
    env.on_all_cores(|core| {
        let keys = core.steps(steps).map(|step| step + 1);
        if core.index > 0 {
            let mut watcher = watcher(map)?;
            let woken = &woken[core.index];
            for key in keys {
                let put = || last.load(Ordering::Acquire) == key;
                let has = |map: &Watched<M, MOST_CORES>| map.has(key).then_some(());
                if core.index % 2 == 0 {
                    run(core, woken, watcher.wait_until(has), put)?;
                } else {
                    while has(map).is_none() {
                        run(core, woken, watcher.changed(), put)?;
                    }
                }
                seen[core.index].store(key, Ordering::Release);
            }
            return Ok(());
        }
        for key in keys {
            ensure(map.put(key), format_args!("{key} was there"))?;
            last.store(key, Ordering::Release);
            let others = &seen[1..core.cores];
            let has_seen = |seen: &AtomicU32| seen.load(Ordering::Acquire) == key;
            if !core.wait(|| others.iter().all(has_seen)) {
                break;
            }
            ensure(map.take(key), format_args!("{key} was not there"))?;
        }
        Ok(())
    })
}

fn watcher<M>(
    map: &'static Watched<M, MOST_CORES>,
) -> Result<Watcher<'static, M, MOST_CORES>, Failure> {
    map.watcher()
        .map_err(|full| Failure::new(format_args!("{full}")))
}

/// The executor of a core. `done` says whether what the future waits for has been done, by a method that has
/// returned.
fn run<F: Future + Unpin>(
    core: &Core<'_>,
    woken: &'static Woken,
    mut future: F,
    done: impl Fn() -> bool,
) -> Result<(), Failure> {
    while woken.poll(&mut future).is_pending() {
        let mut missed = false;
        let go_on = core.wait(|| {
            // In this order: what is done has woken us before.
            missed = done() && !woken.is_set();
            missed || woken.is_set()
        });
        ensure(!missed, format_args!("core {} missed a wake", core.index))?;
        ensure(go_on, format_args!("another core failed"))?;
    }
    Ok(())
}
