//! The local APIC's timer of core 0, and whether interrupts come in.

use x86_64::instructions::interrupts;

use super::local_apic;
use crate::bare::{exit, interrupt};

/// Lets the timer's interrupt come after so many ticks.
pub fn arm(ticks: u32) {
    local_apic::start_timer(ticks);
    interrupts::enable();
}

/// No interrupt comes any more, but for one that ends a sleep.
pub fn disarm() {
    // First the timer: an interrupt of it that is under way comes here, and not at the next `arm`.
    local_apic::stop_timer();
    interrupts::disable();
}

/// boot.s comes here, on the interrupted stack, with the place of the interrupt.
#[unsafe(no_mangle)]
extern "C" fn targets_timer(place: usize) {
    // Ended before the handler runs, or no other interrupt could come within it.
    local_apic::end_of_interrupt();
    if !interrupt::on_tick(place) {
        let core = super::cores::current();
        exit::fail(format_args!(
            "core {core} took an unexpected interrupt: its timer's"
        ));
    }
}
