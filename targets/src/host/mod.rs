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

/// See [`crate::SMALL`].
pub const SMALL: bool = false;
