//! Cores that all start at once, and letting them sleep and wake each other.
//!
//! A core sleeps in `wfi`, and a software interrupt wakes it. Interrupts stay masked, so a waking one
//! is only taken back, and one that comes before the `wfi` is not lost.

use core::arch::asm;

use super::clint;
use crate::board::BOARD;

pub use super::hart as current;

/// How many cores QEMU was started with. All have started.
pub fn count() -> usize {
    const DATA: *const u8 = core::ptr::without_provenance(0x1010_0000);
    const SELECTOR: *mut u16 = core::ptr::without_provenance_mut(0x1010_0008);
    const CORE_COUNT: u16 = 5;

    // SAFETY: QEMU's configuration device; reading it changes nothing else.
    let count = unsafe {
        SELECTOR.write_volatile(CORE_COUNT.to_be());
        usize::from(u16::from_le_bytes([
            DATA.read_volatile(),
            DATA.read_volatile(),
        ]))
    };
    let most = BOARD.cores.most();
    assert!(
        count <= most,
        "there are {count} cores: start QEMU with at most {most}"
    );
    count
}

/// Wakes a core, now or when it next sleeps.
pub fn wake(core: usize) {
    // SAFETY: a barrier: what this core has written is visible before the other one is woken.
    unsafe {
        asm!(
            "fence rw, rw",
            "fence w, o",
            options(nostack, preserves_flags)
        )
    };
    clint::call(core, true);
}

/// Sleeps until the condition holds; whoever makes it true wakes this core afterwards.
pub fn sleep_until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        // SAFETY: waits for an interrupt, which is masked.
        unsafe { asm!("wfi", options(nostack, preserves_flags)) };
        clint::call(current(), false);
        // SAFETY: a barrier: what the waking core has written before is visible now.
        unsafe { asm!("fence iorw, iorw", options(nostack, preserves_flags)) };
    }
}

/// Stops this core for ever.
pub fn stop() -> ! {
    loop {
        // SAFETY: only waits.
        unsafe { asm!("wfi", options(nomem, nostack, preserves_flags)) };
    }
}
