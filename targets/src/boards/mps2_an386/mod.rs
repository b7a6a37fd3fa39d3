//! QEMU's `mps2-an386` board: one Cortex-M4.

use protocol::Board;

use crate::parts::cmsdk_uart::CmsdkUart;
use crate::parts::dual_timer::DualTimer;

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::MPS2_AN386;

/// See [`crate::SMALL`].
pub const SMALL: bool = false;

/// The first serial port.
pub const CONSOLE: CmsdkUart = CmsdkUart::at(0x4000_4000);
/// Time, by the board's clock of 25 MHz.
pub const CLOCK: DualTimer = DualTimer::at(0x4000_2000, 40);

/// The size of the program's own stack.
pub const MAIN_STACK: usize = 0x1_0000;
/// The size of another task's stack.
pub const TASK_STACK: usize = 0x8000;

/// So many ticks of SysTick are so many instructions. 25 MHz: 64 ns an instruction are 1.6 ticks.
pub const TICKS_OF_INSTRUCTIONS: (u64, u64) = (8, 5);
