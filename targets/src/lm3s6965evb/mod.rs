//! QEMU's `lm3s6965evb` board: one Cortex-M3 with little memory.

use protocol::Board;

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod exit;

pub use crate::bare::{entry_point, interrupt};
pub use crate::cortex_m::{counter, tasks, timer};

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::LM3S6965EVB;

/// See [`crate::NAME`].
pub const NAME: &str = "lm3s6965evb";

/// See [`crate::SMALL`].
pub const SMALL: bool = true;

/// The size of the program's own stack.
pub const MAIN_STACK: usize = 0x2000;
/// The size of another task's stack.
pub const TASK_STACK: usize = 0x1000;

/// 12.5 MHz: 128 ns an instruction are 1.6 ticks.
pub const COUNTER_UNIT: crate::counter::Unit = crate::counter::Unit::Ticks {
    ticks: 8,
    instructions: 5,
};
