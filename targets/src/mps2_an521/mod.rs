//! QEMU's `mps2-an521` board: two Cortex-M33, in their secure state.

use protocol::Board;

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod exit;
pub mod timer;

pub use crate::bare::{entry_point, interrupt};

pub use crate::cortex_m::counter;

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::MPS2_AN521;

/// See [`crate::NAME`].
pub const NAME: &str = "mps2-an521";

/// See [`crate::SMALL`].
pub const SMALL: bool = false;

/// 20 MHz: 64 ns an instruction are 1.28 ticks.
pub const COUNTER_UNIT: crate::counter::Unit = crate::counter::Unit::Ticks {
    ticks: 32,
    instructions: 25,
};
