//! The host: a process with threads for cores.

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod counter;
pub mod exit;
pub mod interrupt;

/// See [`crate::NAME`].
pub const NAME: &str = "host";

/// On the host, `main` is the entry already: checks its type.
#[doc(hidden)]
#[macro_export]
macro_rules! __targets_entry_point {
    ($main:path) => {
        const _: fn() -> $crate::exit::Status = $main;
    };
}

pub use crate::__targets_entry_point as entry_point;

/// See [`crate::SMALL`].
pub const SMALL: bool = false;
