//! RISC-V in machine mode, without firmware, with a CLINT.

mod boot;
mod clint;
pub mod clock;
#[cfg(not(one_core))]
pub mod cores;
pub mod counter;
mod exceptions;
#[cfg(one_core)]
pub mod tasks;
pub mod timer;

pub use crate::parts::semihosting::{command_line, power_off};

/// The number of this core.
pub fn hart() -> usize {
    let number;
    // SAFETY: reads a register.
    unsafe {
        core::arch::asm!("csrr {}, mhartid", out(reg) number, options(nomem, nostack, preserves_flags));
    }
    number
}
