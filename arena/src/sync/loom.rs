//! Atomics of loom, the model checker: `--cfg tagged_arena_loom`.

pub use ::loom::cell::UnsafeCell;
pub use ::loom::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering, fence};

/// See the other build: under loom always the fence, which is what loom models exactly.
pub fn fence_after_rmw() {
    fence(Ordering::SeqCst);
}

/// Nothing changes meanwhile but what loom tries anyway.
pub fn pause() {}

/// Stack addresses differ from run to run, which loom does not allow: one place for all.
pub fn context_hint() -> usize {
    0
}
