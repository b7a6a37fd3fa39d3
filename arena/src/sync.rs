//! The one place that names an atomics library.
//!
//! Everything else in the workspace's lock-free core imports atomics, fences and cells from here, so
//! that one build runs on `portable-atomic` (every target, with or without compare-and-swap) and
//! another, with `--cfg tagged_arena_loom`, under loom's model checker.

#[cfg(not(tagged_arena_loom))]
mod imp {
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
}

#[cfg(tagged_arena_loom)]
mod imp {
    pub use loom::cell::UnsafeCell;
    pub use loom::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering, fence};

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
}

pub use imp::*;

/// Half a native word: what is beside a value that is changed in place.
#[cfg(target_pointer_width = "64")]
pub type Half = u32;
/// Half a native word: what is beside a value that is changed in place.
#[cfg(target_pointer_width = "32")]
pub type Half = u16;

#[cfg(not(any(target_pointer_width = "32", target_pointer_width = "64")))]
compile_error!("tagged-arena needs a 32-bit or a 64-bit target: a link is one native word");

/// A value with an initial state that is all zero bits and, outside loom, known at compile time.
///
/// A `static` made of such values lies in `.bss`: it costs no flash.
pub trait Init: Sized {
    /// The initial value; all zero bits.
    #[cfg(not(tagged_arena_loom))]
    const INIT: Self;
    /// The initial value (loom's atomics cannot be made at compile time).
    #[cfg(tagged_arena_loom)]
    fn init() -> Self;
}

/// Implements [`Init`] once for both builds: `const` for products, a function for loom.
///
/// A macro because the two builds need two different items from the same expression.
#[macro_export]
#[doc(hidden)]
macro_rules! impl_init {
    ([$($generics:tt)*] $type:ty = $value:expr) => {
        impl<$($generics)*> $crate::sync::Init for $type {
            #[cfg(not(tagged_arena_loom))]
            #[allow(clippy::declare_interior_mutable_const)]
            const INIT: Self = $value;
            #[cfg(tagged_arena_loom)]
            fn init() -> Self {
                $value
            }
        }
    };
}

/// A constructor that is `const` but under loom, whose atomics cannot be made at compile time.
#[macro_export]
#[doc(hidden)]
macro_rules! const_new {
    ($(#[$doc:meta])* pub $($fn:ident)+ ($($arg:ident: $type:ty)?) -> Self $body:block) => {
        $(#[$doc])*
        #[cfg(not(tagged_arena_loom))]
        #[allow(clippy::new_without_default)]
        pub const $($fn)+ ($($arg: $type)?) -> Self $body

        $(#[$doc])*
        #[cfg(tagged_arena_loom)]
        #[allow(clippy::new_without_default)]
        pub $($fn)+ ($($arg: $type)?) -> Self $body
    };
}

/// The initial value of a field, inside an [`impl_init!`] expression.
#[macro_export]
#[doc(hidden)]
macro_rules! init {
    ($type:ty) => {{
        #[cfg(not(tagged_arena_loom))]
        {
            <$type as $crate::sync::Init>::INIT
        }
        #[cfg(tagged_arena_loom)]
        {
            <$type as $crate::sync::Init>::init()
        }
    }};
}

impl_init!([] AtomicUsize = AtomicUsize::new(0));
impl_init!([] AtomicU16 = AtomicU16::new(0));
impl_init!([] AtomicU32 = AtomicU32::new(0));
impl_init!([]() = ());

impl<T: Init, const N: usize> Init for [T; N] {
    #[cfg(not(tagged_arena_loom))]
    #[allow(clippy::declare_interior_mutable_const)]
    const INIT: Self = [const { T::INIT }; N];
    #[cfg(tagged_arena_loom)]
    fn init() -> Self {
        core::array::from_fn(|_| T::init())
    }
}

/// Keeps its content on cache lines of its own where cores share them, and costs nothing on 32-bit
/// parts, where memory is dear and caches are rare.
#[cfg_attr(target_pointer_width = "64", repr(align(64)))]
#[derive(Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Padded<T>(pub T);

impl_init!([T: Init] Padded<T> = Padded(init!(T)));
