//! QEMU's `microbit` board: one Cortex-M0 (nRF51) with very little memory, and without
//! compare-and-swap.

use protocol::Board;

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod exit;

pub use crate::bare::{entry_point, interrupt};
pub use crate::cortex_m::{counter, tasks, timer};

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::MICROBIT;

/// See [`crate::NAME`].
pub const NAME: &str = "microbit";

/// See [`crate::SMALL`].
pub const SMALL: bool = true;

/// The size of the program's own stack.
pub const MAIN_STACK: usize = 0x1700;
/// The size of another task's stack.
pub const TASK_STACK: usize = 0x800;

/// 16 MHz: 64 ns an instruction are 1.024 ticks.
pub const COUNTER_UNIT: crate::counter::Unit = crate::counter::Unit::Ticks {
    ticks: 128,
    instructions: 125,
};
