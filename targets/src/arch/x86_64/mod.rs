//! x86_64, started by a PVH loader, with xAPICs.

mod boot;
pub mod clock;
mod command_line;
pub mod cores;
pub mod counter;
mod descriptors;
mod exceptions;
mod exit;
mod mmu;
pub mod timer;

pub use command_line::command_line;
pub use exit::power_off;
