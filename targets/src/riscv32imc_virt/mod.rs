//! QEMU's `virt` machine for RISC-V: one 32-bit core without the A extension, so without compare-and-swap.

use protocol::Board;

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod exit;

pub use crate::bare::{entry_point, interrupt};
pub use crate::riscv::{tasks, timer};

pub use crate::riscv::counter;

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::RISCV32IMC;

/// See [`crate::NAME`].
pub const NAME: &str = "riscv32imc";

/// See [`crate::SMALL`]. It has memory, but every atomic operation takes long.
pub const SMALL: bool = true;

// Its `critical-section` is what atomics are made of here.
use ::riscv as _;
