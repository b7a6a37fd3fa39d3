//! Starting cores, and letting them sleep and wake each other.
//!
//! Interrupts are off, but for a core that sleeps in `hlt`; an interrupt between local APICs wakes
//! it. One that comes earlier stays pending and ends the next `hlt` at once.

use core::arch::asm;

use x86_64::instructions::port::Port;
use x86_64::instructions::{hlt, interrupts};

pub use super::descriptors::current;

use super::clock;
use crate::board::BOARD;
use crate::parts::local_apic::{self, Command};

/// Where cores start: the page that the start command names. Nothing uses it after the firmware.
const TRAMPOLINE: usize = 0x8000;

/// Starts all other cores; says how many there are with this one.
pub fn start_others() -> usize {
    /// The handbook's pause between reset and start.
    const PAUSE_NS: u64 = 10_000_000;

    let (count, most) = (count(), BOARD.cores.most());
    assert!(
        count <= most,
        "there are {count} cores: start QEMU with at most {most}"
    );
    copy_trampoline();
    for core in 1..count {
        local_apic::send(core, Command::Reset);
    }
    let start = clock::now_ns();
    while clock::now_ns() - start < PAUSE_NS {
        core::hint::spin_loop();
    }
    for core in 1..count {
        local_apic::send(core, Command::Start((TRAMPOLINE >> 12) as u8));
    }
    count
}

/// How many cores QEMU was started with.
fn count() -> usize {
    const SELECTOR: u16 = 0x510;
    const DATA: u16 = 0x511;
    const CORE_COUNT: u16 = 5;

    // SAFETY: QEMU's configuration device; reading it changes nothing else.
    unsafe {
        Port::<u16>::new(SELECTOR).write(CORE_COUNT);
        let mut data = Port::<u8>::new(DATA);
        usize::from(u16::from_le_bytes([data.read(), data.read()]))
    }
}

/// Puts boot.s's code for the other cores where they start.
fn copy_trampoline() {
    unsafe extern "C" {
        fn targets_trampoline();
        fn targets_trampoline_end();
    }
    let start = targets_trampoline as *const u8;
    let length = targets_trampoline_end as *const () as usize - start as usize;
    let place = core::ptr::with_exposed_provenance_mut(TRAMPOLINE);
    // SAFETY: the code lies between the two symbols; the page at `TRAMPOLINE` is mapped memory
    // that belongs to nobody.
    unsafe { core::ptr::copy_nonoverlapping(start, place, length) };
}

/// Wakes a core, now or when it next sleeps.
pub fn wake(core: usize) {
    // SAFETY: a barrier: what this core has written is visible before the other one is woken.
    unsafe { asm!("mfence", options(nostack, preserves_flags)) };
    local_apic::send(core, Command::Wake);
}

/// Sleeps until the condition holds; whoever makes it true wakes this core afterwards.
pub fn sleep_until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        // Interrupts come on only with the `hlt`, so the waking cannot slip in before it.
        interrupts::enable_and_hlt();
        interrupts::disable();
    }
}

/// Stops this core for ever.
pub fn stop() -> ! {
    interrupts::disable();
    loop {
        hlt();
    }
}
