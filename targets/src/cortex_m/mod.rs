//! What the Cortex-M boards share.

pub mod boot;
#[cfg(board = "mps2_an386")]
pub mod cmsdk_uart;
pub mod exceptions;
#[cfg(one_core)]
pub mod tasks;
pub mod timer;
