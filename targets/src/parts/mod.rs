//! Parts that boards are made of: each file knows one device, wherever it is, or one layout of memory, and
//! nothing of boards.

#[cfg(any(board = "mps2_an386", board = "mps2_an521"))]
pub mod cmsdk_uart;
#[cfg(target_arch = "x86_64")]
pub mod com_port;
#[cfg(any(board = "mps2_an386", board = "mps2_an521"))]
pub mod dual_timer;
#[cfg(board = "arm_virt")]
pub mod gic_v2;
#[cfg(board = "lm3s6965evb")]
pub mod host_clock;
#[cfg(target_arch = "x86_64")]
pub mod local_apic;
#[cfg(board = "microbit")]
pub mod nrf51_timer;
#[cfg(board = "microbit")]
pub mod nrf51_uart;
#[cfg(any(board = "arm_virt", board = "lm3s6965evb"))]
pub mod pl011;
#[cfg(board = "arm_virt")]
pub mod psci;
#[cfg(not(target_arch = "x86_64"))]
pub mod semihosting;
#[cfg(any(board = "arm_virt", target_arch = "x86_64"))]
pub mod stacks;
#[cfg(arch = "cortex_m")]
pub mod systick;
#[cfg(board = "riscv_virt")]
pub mod uart_16550;
