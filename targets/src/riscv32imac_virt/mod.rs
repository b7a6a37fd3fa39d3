//! QEMU's `virt` machine for RISC-V: 32-bit cores.

use protocol::Board;

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod exit;

pub use crate::bare::{entry_point, interrupt};
pub use crate::riscv::timer;

pub use crate::riscv::counter;

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::RISCV32IMAC;

/// See [`crate::NAME`].
pub const NAME: &str = "riscv32imac";

/// See [`crate::SMALL`].
pub const SMALL: bool = false;
