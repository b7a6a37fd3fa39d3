//! AArch64 at EL1, with a GICv2.

mod boot;
pub mod clock;
pub mod cores;
pub mod counter;
mod exceptions;
mod mmu;
pub mod timer;

pub use crate::parts::semihosting::{command_line, power_off};
