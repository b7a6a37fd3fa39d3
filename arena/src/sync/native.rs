//! Atomics of `portable-atomic`: every target, with or without compare-and-swap.

pub use portable_atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering, fence};

/// A cell whose content is reached through closures, as loom wants it.
#[repr(transparent)]
pub struct UnsafeCell<T: ?Sized>(core::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(core::cell::UnsafeCell::new(value))
    }

    /// Calls `f` with a pointer for reading.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    /// Calls `f` with a pointer for writing.
    #[inline(always)]
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// `fence(SeqCst)` at a place where the same thread has just performed a successful
/// read-modify-write, the store side of a store→load pair.
///
/// On x86 a `lock`-prefixed instruction is itself a full barrier, so that only the compiler has
/// to be held; everywhere else (LL/SC, LSE, `lr`/`sc`) it is a real fence. Miri and loom see
/// the real fence too.
#[inline(always)]
pub fn fence_after_rmw() {
    if cfg!(all(
        any(target_arch = "x86_64", target_arch = "x86"),
        not(miri)
    )) {
        core::sync::atomic::compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

/// A moment of the processor's time, for another one's sake.
#[inline(always)]
pub fn pause() {
    // Under Miri it would be a thread's whole turn.
    if !cfg!(miri) {
        core::hint::spin_loop();
    }
}

/// Where a search for a free place starts: differs between cores, tasks and interrupt levels,
/// because their stacks do. A hint only: nothing depends on it but speed.
#[inline(always)]
pub fn context_hint() -> usize {
    // Less than the smallest stack in use, so that two contexts differ; more than a few frames,
    // so that one context stays with its place.
    const SHIFT: u32 = if usize::BITS == 64 { 12 } else { 9 };
    let local = 0u8;
    let address = core::ptr::from_ref(&local).addr() >> SHIFT;
    address.wrapping_mul(0x9E37_79B9) >> 16
}

const _: () = assert!(
    !cfg!(target_has_atomic = "ptr") || AtomicUsize::is_always_lock_free(),
    "a target with native compare-and-swap must get lock-free link words"
);
