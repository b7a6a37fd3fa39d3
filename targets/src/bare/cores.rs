//! Handing a function to all cores and waiting for its end.
//!
//! Core 0 publishes a job under a new number and wakes the others; each runs it once and counts
//! itself off; the last one wakes core 0. A core that has nothing to do sleeps until it is woken.
//!
//! The invariant *job*: `function` is written only by core 0, and only while no other core runs a
//! job (`unfinished` is 0); other cores read it only between seeing a new `number` and counting
//! themselves off.

use core::cell::UnsafeCell;

use portable_atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::arch::clock;
use crate::arch::cores::{sleep_until, wake};
use crate::board::BOARD;

pub use crate::arch::cores::{current, stop};
pub use core::hint::spin_loop as pause;

/// See [`crate::cores::MAX`].
pub const MAX: usize = BOARD.cores.contexts();

type Function = dyn Fn(usize) + Sync;

struct Job {
    /// How many jobs there were.
    number: AtomicUsize,
    /// How many other cores have not yet finished the job.
    unfinished: AtomicUsize,
    function: UnsafeCell<Option<*const Function>>,
}

// SAFETY: the invariant *job* keeps accesses to `function` apart, and edges (1, 2) and (3, 4) order
// them. The function itself is `Sync`.
unsafe impl Sync for Job {}

static JOB: Job = Job {
    number: AtomicUsize::new(0),
    unfinished: AtomicUsize::new(0),
    function: UnsafeCell::new(None),
};

/// Bit `n` is set when core `n` is ready for jobs.
static READY: AtomicUsize = AtomicUsize::new(1);

/// How many cores there are.
static AVAILABLE: AtomicUsize = AtomicUsize::new(1);

/// Whether core 0 is in [`run`].
static RUNNING: AtomicBool = AtomicBool::new(false);

/// Waits until the cores from 1 to `count - 1`, which the board is starting, are ready for jobs.
pub fn wait_until_ready(count: usize) {
    /// Far more than a core needs.
    const LIMIT_NS: u64 = 10_000_000_000;

    let start = clock::now_ns();
    let all = (1 << count) - 1;
    loop {
        // (6) Acquire: pairs with the Release (5), so that what a core set up for itself is
        // visible to whoever wakes it.
        let ready = READY.load(Ordering::Acquire);
        if ready == all {
            break;
        }
        assert!(
            clock::now_ns() - start < LIMIT_NS,
            "only the cores in the mask {ready:#b} of {count} cores have started"
        );
        core::hint::spin_loop();
    }
    // Other cores read it only in jobs, which edge (1, 2) orders behind this.
    AVAILABLE.store(count, Ordering::Relaxed);
}

/// Where every core but core 0 spends its life once it is set up.
pub fn serve(core: usize) -> ! {
    // (5) Release: pairs with the Acquire (6).
    READY.fetch_or(1 << core, Ordering::Release);
    let mut seen = 0;
    loop {
        // (2) Acquire: pairs with the Release (1), so that the function, and all that core 0 did
        // before, is visible.
        sleep_until(|| JOB.number.load(Ordering::Acquire) != seen);
        // Core 0 waits for this core, so it cannot have missed a job.
        seen = seen.wrapping_add(1);

        // SAFETY: invariant *job*: this core has seen the number and has not counted itself off.
        let function = unsafe { *JOB.function.get() };
        if let Some(function) = function {
            // SAFETY: `run` does not return, and so does not end the borrow, before this core has
            // counted itself off.
            unsafe { (*function)(core) };
        }
        // (3) Release: pairs with the Acquire (4); as a read-modify-write it also carries on the
        // releases of the cores that counted themselves off before.
        if JOB.unfinished.fetch_sub(1, Ordering::Release) == 1 {
            wake(0);
        }
    }
}

/// See [`crate::cores::available`].
pub fn available() -> usize {
    AVAILABLE.load(Ordering::Relaxed)
}

/// See [`crate::cores::run`].
pub fn run(f: &(dyn Fn(usize) + Sync)) {
    assert_eq!(current(), 0, "`cores::run` must be called on core 0");
    assert!(
        !RUNNING.swap(true, Ordering::Relaxed),
        "`cores::run` must not be called within its own function"
    );
    let count = available();
    // SAFETY: only the lifetime changes, and this function waits for the last use of the pointer.
    let function =
        unsafe { core::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), *const Function>(f) };
    // SAFETY: invariant *job*: this is core 0, and no job is running.
    unsafe { *JOB.function.get() = Some(function) };
    JOB.unfinished.store(count - 1, Ordering::Relaxed);
    // (1) Release: pairs with the Acquire (2).
    JOB.number.fetch_add(1, Ordering::Release);
    for core in 1..count {
        wake(core);
    }

    f(0);

    // (4) Acquire: pairs with the Release (3) of every other core: all they did is visible.
    sleep_until(|| JOB.unfinished.load(Ordering::Acquire) == 0);
    RUNNING.store(false, Ordering::Relaxed);
}
