//! Starting cores, and letting them sleep and wake each other.

use core::arch::asm;

use crate::board::{BOARD, GIC};
use crate::parts::psci;

/// See [`crate::cores::current`].
pub fn current() -> usize {
    let affinity: usize;
    // SAFETY: reads a register.
    unsafe {
        asm!("mrs {}, mpidr_el1", out(reg) affinity, options(nomem, nostack, preserves_flags))
    };
    // With a GICv2, QEMU numbers up to eight cores in the lowest field.
    affinity & 0xff
}

/// Starts all other cores; says how many there are with this one.
pub fn start_others() -> usize {
    unsafe extern "C" {
        /// In boot.s.
        fn targets_secondary_start();
    }
    const CPU_ON: i64 = 0xc400_0003_u64 as i64;

    psci::start_others(BOARD.cores.most(), |core| {
        let mut result = CPU_ON;
        // SAFETY: a PSCI call. Every core that it starts runs on its own stack: boot.s derives
        // that from the core's number, the last argument.
        unsafe {
            asm!(
                "hvc #0",
                inout("x0") result,
                inout("x1") core => _,
                inout("x2") targets_secondary_start as *const () as usize => _,
                inout("x3") core => _,
                // As a function: before version 1.1 of the convention even more than the first four
                // registers.
                clobber_abi("C"),
                options(nostack),
            );
        }
        result as isize
    })
}

/// Wakes a core, now or when it next sleeps.
pub fn wake(core: usize) {
    GIC.wake(core);
}

/// Sleeps until the condition holds; whoever makes it true wakes this core afterwards.
pub fn sleep_until(condition: impl FnMut() -> bool) {
    GIC.sleep_until(condition);
}

/// Stops this core for ever.
pub fn stop() -> ! {
    loop {
        // SAFETY: only waits.
        unsafe { asm!("wfi", options(nomem, nostack, preserves_flags)) };
    }
}
