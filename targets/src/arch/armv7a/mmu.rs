//! The MMU and the caches.

use core::arch::asm;

/// Checks that this core has its MMU and caches on. The architecture lets exclusive accesses fail
/// for ever when they are off; QEMU does not show that.
pub fn assert_on() {
    const MMU: u32 = 1 << 0;
    const DATA_CACHE: u32 = 1 << 2;
    const INSTRUCTION_CACHE: u32 = 1 << 12;
    const ALL: u32 = MMU | DATA_CACHE | INSTRUCTION_CACHE;

    let sctlr: u32;
    // SAFETY: reads a register.
    unsafe {
        asm!("mrc p15, 0, {}, c1, c0, 0", out(reg) sctlr, options(nomem, nostack, preserves_flags))
    };
    assert!(
        sctlr & ALL == ALL,
        "the MMU or a cache is off: SCTLR is {sctlr:#x}"
    );
}
