//! The timer's interrupt, and exceptions, of which none is expected: each one is reported and ends the
//! program.

use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};

use crate::bare::{cores, exit};

/// # Safety
/// Called by the CPU only.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    let core = cores::current();
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
    let core = cores::current();
    // SAFETY: reads a register.
    let state = unsafe { (*SCB::PTR).icsr.read() };
    exit::fail(format_args!(
        "core {core} took an unexpected interrupt: {number}, ICSR {state:#x}"
    ));
}

#[cfg(not(one_core))]
#[exception]
fn SysTick() {
    // Where it came nobody has told: the registers lie on the stack of the code it came in.
    crate::bare::interrupt::on_tick(0);
    // Masked by `disarm` from here on, but where the interrupt is to come again.
    crate::bare::interrupt::go_on();
}
