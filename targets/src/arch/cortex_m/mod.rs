//! Cortex-M: one core with tasks, or the two cores of Arm's SSE-200 subsystem.

mod boot;
pub mod clock;
#[cfg(not(one_core))]
pub mod cores;
pub mod counter;
mod exceptions;
#[cfg(one_core)]
mod switch;
#[cfg(one_core)]
pub mod tasks;
#[cfg(not(one_core))]
pub mod timer;

#[cfg(one_core)]
pub use crate::parts::systick as timer;

pub use crate::parts::semihosting::{command_line, power_off};
