//! QEMU's `lm3s6965evb` board: one Cortex-M3 with little memory.

use protocol::Board;

use crate::parts::host_clock::HostClock;
use crate::parts::pl011::Pl011;

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::LM3S6965EVB;

/// See [`crate::SMALL`].
pub const SMALL: bool = true;

/// The first serial port.
pub const CONSOLE: Pl011 = Pl011::at(0x4000_c000);
/// Time.
pub const CLOCK: HostClock = HostClock;

/// The size of the program's own stack.
pub const MAIN_STACK: usize = 0x2000;
/// The size of another task's stack, and so of nested interrupts'.
pub const TASK_STACK: usize = if cfg!(feature = "deep-stack") {
    0x2000
} else {
    0x1000
};

/// So many ticks of SysTick are so many instructions. 12.5 MHz: 128 ns an instruction are 1.6 ticks.
pub const TICKS_OF_INSTRUCTIONS: (u64, u64) = (8, 5);
