//! QEMU's `microbit` board: one Cortex-M0 (nRF51) with very little memory, and without
//! compare-and-swap.

use protocol::Board;

use crate::parts::nrf51_timer::Nrf51Timer;
use crate::parts::nrf51_uart::Nrf51Uart;

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::MICROBIT;

/// See [`crate::SMALL`].
pub const SMALL: bool = true;

/// The serial port.
pub const CONSOLE: Nrf51Uart = Nrf51Uart(0x4000_2000);
/// Time: the first timer.
pub const CLOCK: Nrf51Timer = Nrf51Timer(0x4000_8000);

/// The size of the program's own stack.
pub const MAIN_STACK: usize = if cfg!(feature = "deep-stack") {
    0x1C00
} else {
    0x1600
};
/// The size of another task's stack, and so of nested interrupts'.
pub const TASK_STACK: usize = if cfg!(feature = "deep-stack") {
    0x1400
} else {
    0xA00
};

/// So many ticks of SysTick are so many instructions. 16 MHz: 64 ns an instruction are 1.024 ticks.
pub const TICKS_OF_INSTRUCTIONS: (u64, u64) = (128, 125);
