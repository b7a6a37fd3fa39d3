//! QEMU's `virt` machine: Cortex-A72 or Neoverse-N1 cores at EL1, GICv2, PL011.

use protocol::Board;

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod counter;
mod exceptions;
pub mod exit;
mod mmu;
pub mod timer;

pub use crate::bare::{entry_point, interrupt};

/// What the runner knows of this board.
pub static BOARD: &Board = if cfg!(target_feature = "lse") {
    &protocol::AARCH64_LSE
} else {
    &protocol::AARCH64
};

/// See [`crate::NAME`].
pub const NAME: &str = if cfg!(target_feature = "lse") {
    "aarch64-lse"
} else {
    "aarch64"
};

/// See [`crate::SMALL`].
pub const SMALL: bool = false;
