//! The one place that names an atomics library.
//!
//! Everything else in the workspace's lock-free core imports atomics, fences and cells from here. Each build
//! takes them from one of the modules below: `native` for use, the others for checks.

#[cfg(tagged_arena_loom)]
#[path = "sync/loom.rs"]
mod imp;
#[cfg(tagged_arena_shuttle)]
#[path = "sync/shuttle.rs"]
mod imp;
#[cfg(tagged_arena_hooks)]
#[path = "sync/hooked.rs"]
mod imp;
#[cfg(not(any(tagged_arena_loom, tagged_arena_shuttle, tagged_arena_hooks)))]
#[path = "sync/native.rs"]
mod imp;

pub use imp::*;

/// Whether the core takes the ways that are meant for 32-bit targets, where code is dear and a branch that
/// goes the wrong way is cheap. Checks on a 64-bit host take them too, with `--cfg tagged_arena_narrow`.
pub const NARROW: bool = usize::BITS == 32 || cfg!(tagged_arena_narrow);

/// How a value is read that is changed in place: see *On the core that decides* in [`crate::order`].
// kept: Acquire only where Acquire loads are `ldapr`, on which no test runs.
pub const DECIDING: Ordering = match cfg!(all(target_arch = "aarch64", target_feature = "rcpc")) {
    true => Ordering::Acquire,
    false => Ordering::Relaxed,
};

/// How a word is read that is counted: see there.
// kept: Acquire only on a processor on which no model runs.
pub const COUNTING: Ordering = match cfg!(target_arch = "aarch64") {
    true => Ordering::Acquire,
    false => Ordering::Relaxed,
};

/// Numbers that are handed out one after the other, from zero on, to all contexts. For a `static` in every
/// build: what order they come in says nothing, so checks do not look at it.
#[derive(Debug, Default)]
pub struct Numbers(portable_atomic::AtomicUsize);

impl Numbers {
    /// Begins at zero.
    pub const fn new() -> Self {
        Self(portable_atomic::AtomicUsize::new(0))
    }

    /// The next one; no other call gets it before all have been given.
    #[inline]
    pub fn draw(&self) -> usize {
        // Relaxed: a read-modify-write finds the last number; nothing else is told by it.
        self.0.fetch_add(1, portable_atomic::Ordering::Relaxed)
    }
}

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
impl_init!([] AtomicU8 = AtomicU8::new(0));
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
