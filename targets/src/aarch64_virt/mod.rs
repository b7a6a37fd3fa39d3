//! QEMU's `virt` machine: Cortex-A72 cores at EL1, GICv2, PL011.

use protocol::Board;

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
mod exceptions;
pub mod exit;
mod mmu;

pub use crate::bare::{entry_point, no_interrupt as interrupt};

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::AARCH64;

/// See [`crate::NAME`].
pub const NAME: &str = "aarch64";

/// See [`crate::SMALL`].
pub const SMALL: bool = false;
