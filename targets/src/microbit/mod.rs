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
pub const MAIN_STACK: usize = 0x1300;
/// The size of another task's stack, and so of nested interrupts'.
pub const TASK_STACK: usize = if cfg!(feature = "deep-stack") {
    0x1400
} else {
    0x800
};

/// 16 MHz: 64 ns an instruction are 1.024 ticks.
pub const COUNTER_UNIT: crate::counter::Unit = crate::counter::Unit::Ticks {
    ticks: 128,
    instructions: 125,
};
