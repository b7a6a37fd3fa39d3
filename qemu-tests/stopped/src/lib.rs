//! Contexts that are suspended for ever, interrupted, or fail, at each access to shared memory.
//!
//! Two programs, both a layer of `cargo qemu verify`:
//!
//! * `stops` is built with `--cfg tagged_arena_hooks`: every atomic access of the maps calls a hook, and so
//!   an operation can be suspended before its access number k, for every k, another one can run there to
//!   its end, and a weak compare-and-swap can fail there.
//! * `kills` is the normal build: a child on shared memory is single-stepped, and what it has left in memory
//!   after each instruction is what a context would leave that was killed there.
//!
//! What they look at is a [`subject::Subject`]; what is right is in [`model`].

#[cfg(tagged_arena_hooks)]
pub mod cached;
pub mod call;
#[cfg(tagged_arena_hooks)]
pub mod context;
pub mod hashes;
#[cfg(tagged_arena_hooks)]
pub mod interrupt;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod kill;
pub mod model;
pub mod pending;
pub mod planted;
pub mod pooled;
pub mod prepare;
#[cfg(tagged_arena_hooks)]
pub mod stop;
pub mod subject;
#[cfg(tagged_arena_hooks)]
pub mod weak;
pub mod work;
