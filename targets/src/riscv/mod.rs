//! What the RISC-V boards share: QEMU's `virt` machine in machine mode, without firmware.

pub mod boot;
pub mod clint;
pub mod clock;
pub mod console;
#[cfg(not(one_core))]
pub mod cores;
pub mod counter;
#[cfg(one_core)]
pub mod tasks;
pub mod timer;
pub mod traps;

/// The number of this core.
pub fn hart() -> usize {
    let number;
    // SAFETY: reads a register.
    unsafe {
        core::arch::asm!("csrr {}, mhartid", out(reg) number, options(nomem, nostack, preserves_flags));
    }
    number
}
