//! Running a function on all cores.

use crate::backend;

/// The greatest number of cores that this target has.
pub const MAX: usize = backend::cores::MAX;

/// How many cores there are: at least 1, at most [`MAX`].
///
/// On a board with one core so many tasks stand in for cores, between which a timer interrupt switches. On
/// any other board, as many as QEMU's `-smp` says. On the host, as many threads as the environment variable
/// `TARGETS_CORES` ([`protocol::CORES_VARIABLE`]) says, or else as the host has processors.
pub fn available() -> usize {
    backend::cores::available()
}

/// The number of the core (on the host, of the thread that [`run`] started) that calls this. Core 0
/// runs `main`. Never waits.
pub fn current() -> usize {
    backend::cores::current()
}

/// Calls `f(core)` once on every core from 0 to [`available`]` - 1`, all at the same time, and
/// returns when all calls have returned. This core is core 0.
///
/// What the caller did before is visible to every call of `f`, and what those did is visible to the
/// caller afterwards. It may be called again and again; in between, the other cores sleep.
///
/// ```
/// use core::sync::atomic::{AtomicUsize, Ordering};
/// use targets::cores;
///
/// let sum = AtomicUsize::new(0);
/// for _ in 0..2 {
///     cores::run(&|core| {
///         assert_eq!(core, cores::current());
///         sum.fetch_add(core + 1, Ordering::Relaxed);
///     });
/// }
/// let count = cores::available();
/// assert_eq!(sum.into_inner(), count * (count + 1));
/// ```
///
/// # Panics
/// If it is called within `f`, or on another core than core 0. If `f` panics on any core, the whole
/// program ends with the panic's message, place and core, and code 101 ([`protocol::PANIC_CODE`]).
pub fn run(f: &(dyn Fn(usize) + Sync)) {
    backend::cores::run(f);
}

/// Lets others work, while this core waits for another one: a processor is only told so, but a
/// thread or a task gives its turn away.
pub fn pause() {
    backend::cores::pause();
}
