//! QEMU's `virt` machine for RISC-V: 64-bit cores, 32-bit cores, or one 32-bit core without the A
//! extension, so without compare-and-swap.

use protocol::Board;

use crate::parts::uart_16550::Uart16550;

/// What the runner knows of this board.
pub static BOARD: &Board = if cfg!(target_arch = "riscv64") {
    &protocol::RISCV64
} else if cfg!(target_has_atomic = "ptr") {
    &protocol::RISCV32IMAC
} else {
    &protocol::RISCV32IMC
};

/// See [`crate::SMALL`]. Where it is so there is memory, but every atomic operation takes long.
pub const SMALL: bool = cfg!(not(target_has_atomic = "ptr"));

/// The serial port.
pub const CONSOLE: Uart16550 = Uart16550::at(0x1000_0000);

// Its `critical-section` is what atomics are made of there.
#[cfg(not(target_has_atomic = "ptr"))]
use ::riscv as _;
