//! Threads in place of cores.

use std::cell::Cell;
use std::sync::OnceLock;
use std::thread;

use protocol::{CORES_VARIABLE, PANIC_CODE};

use super::exit::fail;

/// See [`crate::cores::pause`].
pub fn pause() {
    thread::yield_now();
}

/// See [`crate::cores::MAX`]: the host may have more processors than the boards have cores.
pub const MAX: usize = 64;

/// See [`crate::cores::available`].
pub fn available() -> usize {
    static AVAILABLE: OnceLock<usize> = OnceLock::new();
    *AVAILABLE.get_or_init(|| match std::env::var_os(CORES_VARIABLE) {
        Some(text) => match text.to_str().and_then(|text| text.parse().ok()) {
            Some(cores) if (1..=MAX).contains(&cores) => cores,
            _ => fail(format_args!(
                "{CORES_VARIABLE} is {text:?}: set it to a number from 1 to {MAX}"
            )),
        },
        None => thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX)),
    })
}

thread_local! {
    static CURRENT: Cell<usize> = const { Cell::new(0) };
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// See [`crate::cores::current`].
pub fn current() -> usize {
    CURRENT.get()
}

/// See [`crate::cores::run`].
pub fn run(f: &(dyn Fn(usize) + Sync)) {
    assert!(
        !RUNNING.get(),
        "`cores::run` must not be called within its own function"
    );
    thread::scope(|scope| {
        for core in 1..available() {
            let named = thread::Builder::new().name(format!("core {core}"));
            let spawned = named.spawn_scoped(scope, move || call(f, core));
            if let Err(error) = spawned {
                fail(format_args!(
                    "cannot start a thread for core {core}: {error}; set {CORES_VARIABLE} to a smaller number"
                ));
            }
        }
        call(f, 0);
    });
}

/// Calls the function as this core.
fn call(f: &(dyn Fn(usize) + Sync), core: usize) {
    let _guard = ExitOnPanic;
    CURRENT.set(core);
    RUNNING.set(true);
    f(core);
    RUNNING.set(false);
}

/// Ends the process when the function panics, as a panic on any core ends a board: the other cores
/// may be waiting for this one. The panic hook has printed the message, the place and the core.
struct ExitOnPanic;

impl Drop for ExitOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            std::process::exit(i32::from(PANIC_CODE));
        }
    }
}
