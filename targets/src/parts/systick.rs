//! SysTick, the processor's own timer.

use cortex_m::peripheral::{SCB, SYST};

const ENABLE: u32 = 1 << 0;
const INTERRUPT: u32 = 1 << 1;
/// Counts the processor's clock.
const PROCESSOR: u32 = 1 << 2;

/// Lets the interrupt come after so many ticks.
pub fn arm(ticks: u32) {
    // SAFETY: this core's own registers. What the interrupt does is up to who armed it.
    unsafe {
        let timer = &*SYST::PTR;
        timer.csr.write(0);
        timer.rvr.write(ticks);
        timer.cvr.write(0);
        timer.csr.write(ENABLE | INTERRUPT | PROCESSOR);
    }
}

/// The same at the end of the interrupt, within which no other SysTick comes.
#[allow(unused_imports)] // Where there are two cores, the timer has its own.
pub use arm as arm_again;

/// No interrupt comes any more.
pub fn disarm() {
    // SAFETY: this core's own register.
    unsafe { (*SYST::PTR).csr.write(0) };
    SCB::clear_pendst();
    cortex_m::asm::dsb();
    cortex_m::asm::isb();
}
