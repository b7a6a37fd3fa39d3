//! Atomics of shuttle, which runs programs under chosen schedules: `--cfg tagged_arena_shuttle`.
//!
//! Each access is a point where another thread may run. All of it is sequentially consistent.

pub use ::shuttle::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering, fence};

/// A cell whose content is reached through closures, as loom wants it.
#[repr(transparent)]
pub struct UnsafeCell<T: ?Sized>(core::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(core::cell::UnsafeCell::new(value))
    }

    /// Calls `f` with a pointer for reading.
    pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    /// Calls `f` with a pointer for writing.
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// See the native build: here every access is sequentially consistent.
pub fn fence_after_rmw() {
    fence(Ordering::SeqCst);
}

/// Lets another thread run, so that schedulers which let one go on for long end.
pub fn pause() {
    ::shuttle::thread::yield_now();
}

/// Differs between threads, and is the same whenever a schedule is repeated.
pub fn context_hint() -> usize {
    usize::from(::shuttle::current::me())
}
