//! The critical section of boards with compare-and-swap, which bring none themselves: interrupts of
//! this core are masked, as every single-core implementation does it.

use core::arch::asm;

struct SingleCore;

critical_section::set_impl!(SingleCore);

// SAFETY: only `counts::run` uses critical sections, on core 0 while the others sleep, so masking this
// core's interrupts is enough. They are masked from `acquire` to the `release` that gets its answer.
unsafe impl critical_section::Impl for SingleCore {
    /// Whether interrupts were allowed before.
    unsafe fn acquire() -> bool {
        mask()
    }

    unsafe fn release(allowed: bool) {
        if allowed {
            // SAFETY: they were allowed when the outermost section began.
            unsafe { allow() };
        }
    }
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn mask() -> bool {
    /// The bit of `DAIF` that masks interrupts.
    const MASKED: u64 = 1 << 7;

    let flags: u64;
    // SAFETY: masking interrupts breaks nothing. Not `nomem`: the section begins here.
    unsafe {
        asm!("mrs {}, daif", "msr daifset, #2", out(reg) flags, options(nostack, preserves_flags));
    }
    flags & MASKED == 0
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
unsafe fn allow() {
    // SAFETY: the caller says that interrupts may come. Not `nomem`: the section ends here.
    unsafe { asm!("msr daifclr, #2", options(nostack, preserves_flags)) };
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn mask() -> bool {
    /// The flag that allows interrupts.
    const ALLOWED: u64 = 1 << 9;

    let flags: u64;
    // SAFETY: masking interrupts breaks nothing. Not `nomem`: the section begins here.
    unsafe { asm!("pushfq", "pop {}", "cli", out(reg) flags) };
    flags & ALLOWED != 0
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn allow() {
    // SAFETY: the caller says that interrupts may come. Not `nomem`: the section ends here.
    unsafe { asm!("sti", options(nostack)) };
}

#[cfg(target_arch = "arm")]
#[inline(always)]
fn mask() -> bool {
    let masked: u32;
    // SAFETY: masking interrupts breaks nothing. Not `nomem`: the section begins here.
    unsafe {
        asm!("mrs {}, primask", "cpsid i", out(reg) masked, options(nostack, preserves_flags));
    }
    masked & 1 == 0
}

#[cfg(target_arch = "arm")]
#[inline(always)]
unsafe fn allow() {
    // SAFETY: the caller says that interrupts may come. Not `nomem`: the section ends here.
    unsafe { asm!("cpsie i", options(nostack, preserves_flags)) };
}

/// The bit of `mstatus` that allows interrupts.
#[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
const ALLOWED: usize = 1 << 3;

#[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
#[inline(always)]
fn mask() -> bool {
    let status: usize;
    // SAFETY: masking interrupts breaks nothing. Not `nomem`: the section begins here.
    unsafe { asm!("csrrci {}, mstatus, {}", out(reg) status, const ALLOWED, options(nostack)) };
    status & ALLOWED != 0
}

#[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
#[inline(always)]
unsafe fn allow() {
    // SAFETY: the caller says that interrupts may come. Not `nomem`: the section ends here.
    unsafe { asm!("csrsi mstatus, {}", const ALLOWED, options(nostack)) };
}
