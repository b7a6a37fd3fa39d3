//! Exceptions. None but the timer's is expected: each one is reported and ends the program.

use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};

use crate::bare::exit;

/// # Safety
/// Called by the CPU only.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    let core = crate::cores::current();
    exit::fail(format_args!(
        "core {core} took an exception: fault at {:#x} (PC), LR {:#x}",
        frame.pc(),
        frame.lr()
    ));
}

/// # Safety
/// Called by the CPU only.
#[exception]
unsafe fn DefaultHandler(number: i16) {
    let core = crate::cores::current();
    // SAFETY: reads a register.
    let state = unsafe { (*SCB::PTR).icsr.read() };
    exit::fail(format_args!(
        "core {core} took an unexpected interrupt: {number}, ICSR {state:#x}"
    ));
}
