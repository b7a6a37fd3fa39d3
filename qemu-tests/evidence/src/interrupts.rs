//! A `critical-section` for one core: masks interrupts, as firmware does it.

use core::arch::asm;

use critical_section::{Impl, RawRestoreState};

struct Masked;

critical_section::set_impl!(Masked);

// SAFETY: with interrupts masked nothing else runs on the only core, and they are unmasked again only
// by the `release` of the outermost `acquire`.
unsafe impl Impl for Masked {
    unsafe fn acquire() -> RawRestoreState {
        mask()
    }

    unsafe fn release(were_enabled: RawRestoreState) {
        if were_enabled {
            // SAFETY: the caller is the outermost `release`.
            unsafe { unmask() };
        }
    }
}

/// Masks interrupts and says whether they were enabled.
#[cfg(target_arch = "arm")]
#[inline(always)]
fn mask() -> bool {
    let primask: u32;
    // SAFETY: reads and sets PRIMASK, nothing else.
    unsafe {
        asm!("mrs {}, primask", "cpsid i", out(reg) primask, options(nostack, preserves_flags))
    };
    primask & 1 == 0
}

/// # Safety
/// The caller is the outermost `release`.
#[cfg(target_arch = "arm")]
#[inline(always)]
unsafe fn unmask() {
    // SAFETY: clears PRIMASK, nothing else.
    unsafe { asm!("cpsie i", options(nostack, preserves_flags)) };
}

/// Masks interrupts and says whether they were enabled.
#[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
#[inline(always)]
fn mask() -> bool {
    let mstatus: usize;
    // SAFETY: reads mstatus and clears its bit MIE, nothing else.
    unsafe { asm!("csrrci {}, mstatus, 8", out(reg) mstatus, options(nostack, preserves_flags)) };
    mstatus & 8 != 0
}

/// # Safety
/// The caller is the outermost `release`.
#[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
#[inline(always)]
unsafe fn unmask() {
    // SAFETY: sets the bit MIE of mstatus, nothing else.
    unsafe { asm!("csrsi mstatus, 8", options(nostack, preserves_flags)) };
}

/// Masks interrupts and says whether they were enabled.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn mask() -> bool {
    let daif: u64;
    // SAFETY: reads DAIF and sets its bit I, nothing else.
    unsafe {
        asm!("mrs {}, daif", "msr daifset, #2", out(reg) daif, options(nostack, preserves_flags))
    };
    daif & 0x80 == 0
}

/// # Safety
/// The caller is the outermost `release`.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
unsafe fn unmask() {
    // SAFETY: clears the bit I of DAIF, nothing else.
    unsafe { asm!("msr daifclr, #2", options(nostack, preserves_flags)) };
}

/// Masks interrupts and says whether they were enabled.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn mask() -> bool {
    let flags: u64;
    // SAFETY: reads the flags and clears IF; the push and the pop are within the stack.
    unsafe { asm!("pushfq", "pop {}", "cli", out(reg) flags) };
    flags & 0x200 != 0
}

/// # Safety
/// The caller is the outermost `release`.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn unmask() {
    // SAFETY: sets IF, nothing else.
    unsafe { asm!("sti", options(nostack)) };
}
