//! Atomics that call a hook before every access: `--cfg tagged_arena_hooks`.
//!
//! A test program sets the hook for its thread ([`set_hook`]) and can then suspend a context at any access,
//! run something else there, count accesses, or let a weak compare-and-swap fail. Same names as in the
//! other builds; the types wrap those of `portable-atomic` and have their layout, so that memory may be
//! cast to them.

extern crate std;

#[path = "native.rs"]
#[allow(dead_code, reason = "not all of it stays as it is")]
mod native;

pub use self::native::{Ordering, UnsafeCell, pause};
use core::cell::Cell;

/// What is about to be done to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// A load.
    Load,
    /// A store.
    Store,
    /// A read-modify-write that always writes: swap, add, subtract, or, and.
    Rmw,
    /// A compare-and-swap.
    Cas,
    /// A compare-and-swap that may fail for no reason: it does if the hook returns `false`.
    WeakCas,
    /// A fence.
    Fence,
}

/// Is called before each access. What it returns matters for [`Access::WeakCas`] only: `false` lets it fail.
pub type Hook = fn(Access) -> bool;

std::thread_local! {
    static HOOK: Cell<Option<Hook>> = const { Cell::new(None) };
    static CONTEXT: Cell<usize> = const { Cell::new(0) };
}

/// Sets this thread's hook and returns the one that it had. Without one nothing is called.
pub fn set_hook(hook: Option<Hook>) -> Option<Hook> {
    HOOK.replace(hook)
}

/// Sets what [`context_hint`] returns on this thread, and returns what it was.
pub fn set_context_hint(hint: usize) -> usize {
    CONTEXT.replace(hint)
}

/// The hint that was set last: the same in every run, unlike the address of a stack.
pub fn context_hint() -> usize {
    CONTEXT.get()
}

fn hook(access: Access) -> bool {
    match HOOK.get() {
        Some(hook) => hook(access),
        None => true,
    }
}

/// See the native build.
pub fn fence(order: Ordering) {
    hook(Access::Fence);
    native::fence(order);
}

/// See the native build.
pub fn fence_after_rmw() {
    hook(Access::Fence);
    native::fence_after_rmw();
}

/// One wrapper type: `$name` around the native one, for values of `$value`.
macro_rules! hooked {
    ($($name:ident $value:ty),+) => {$(
        /// Calls the hook before each access.
        #[repr(transparent)]
        #[derive(Debug, Default)]
        pub struct $name(native::$name);

        impl $name {
            /// Wraps `value`.
            pub const fn new(value: $value) -> Self {
                Self(native::$name::new(value))
            }

            /// A load.
            pub fn load(&self, order: Ordering) -> $value {
                hook(Access::Load);
                self.0.load(order)
            }

            /// A store.
            pub fn store(&self, value: $value, order: Ordering) {
                hook(Access::Store);
                self.0.store(value, order);
            }

            /// Exchanges the value.
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                hook(Access::Rmw);
                self.0.swap(value, order)
            }

            /// Adds, and wraps.
            pub fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                hook(Access::Rmw);
                self.0.fetch_add(value, order)
            }

            /// Subtracts, and wraps.
            pub fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                hook(Access::Rmw);
                self.0.fetch_sub(value, order)
            }

            /// Sets bits.
            pub fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                hook(Access::Rmw);
                self.0.fetch_or(value, order)
            }

            /// Clears bits.
            pub fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                hook(Access::Rmw);
                self.0.fetch_and(value, order)
            }

            /// Compares and swaps.
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                hook(Access::Cas);
                self.0.compare_exchange(current, new, success, failure)
            }

            /// Compares and swaps, or fails because the hook says so.
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                if hook(Access::WeakCas) {
                    self.0.compare_exchange(current, new, success, failure)
                } else {
                    Err(self.0.load(failure))
                }
            }
        }
    )+};
}

hooked!(AtomicU8 u8, AtomicU16 u16, AtomicU32 u32, AtomicUsize usize);
