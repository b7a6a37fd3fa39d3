//! QEMU's `mps2-an386` board: one Cortex-M4.

use protocol::Board;

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod exit;

pub use crate::bare::{entry_point, interrupt};
pub use crate::cortex_m::{counter, tasks, timer};

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::MPS2_AN386;

/// See [`crate::NAME`].
pub const NAME: &str = "mps2-an386";

/// See [`crate::SMALL`].
pub const SMALL: bool = false;

/// The size of the program's own stack.
pub const MAIN_STACK: usize = 0x1_0000;
/// The size of another task's stack.
pub const TASK_STACK: usize = 0x8000;

/// 25 MHz: 64 ns an instruction are 1.6 ticks.
pub const COUNTER_UNIT: crate::counter::Unit = crate::counter::Unit::Ticks {
    ticks: 8,
    instructions: 5,
};
