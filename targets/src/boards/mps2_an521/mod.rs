//! QEMU's `mps2-an521` board: two Cortex-M33, in their secure state.

use protocol::Board;

use crate::parts::cmsdk_uart::CmsdkUart;
use crate::parts::dual_timer::DualTimer;

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::MPS2_AN521;

/// See [`crate::SMALL`].
pub const SMALL: bool = false;

/// The first serial port.
pub const CONSOLE: CmsdkUart = CmsdkUart::at(0x5020_0000);
/// Time, by the board's clock of 20 MHz.
pub const CLOCK: DualTimer = DualTimer::at(0x5000_2000, 50);

/// So many ticks of SysTick are so many instructions. 20 MHz: 64 ns an instruction are 1.28 ticks.
pub const TICKS_OF_INSTRUCTIONS: (u64, u64) = (32, 25);
