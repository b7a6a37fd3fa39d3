//! The local APIC's timer of core 0, and whether interrupts come in.

use x86_64::instructions::interrupts;

use crate::parts::local_apic;

/// Lets the timer's interrupt come after so many ticks.
pub fn arm(ticks: u32) {
    local_apic::start_timer(ticks);
    interrupts::enable();
}

/// The same at the end of an interrupt: the return from it lets the next one in.
pub fn arm_again(ticks: u32) {
    local_apic::start_timer(ticks);
}

/// No interrupt comes any more, but for one that ends a sleep.
pub fn disarm() {
    // First the timer: an interrupt of it that is under way comes here, and not at the next `arm`.
    local_apic::stop_timer();
    interrupts::disable();
}
