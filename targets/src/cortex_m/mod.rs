//! What the Cortex-M boards share.

pub mod boot;
#[cfg(any(board = "mps2_an386", board = "mps2_an521"))]
pub mod cmsdk_uart;
pub mod counter;
#[cfg(any(board = "mps2_an386", board = "mps2_an521"))]
pub mod dual_timer;
pub mod exceptions;
#[cfg(one_core)]
pub mod tasks;
pub mod timer;
