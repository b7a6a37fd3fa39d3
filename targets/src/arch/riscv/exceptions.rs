//! Interrupts, which boot.s brings here, and exceptions, of which none is expected: each one is
//! reported and ends the program.

use core::arch::asm;

use super::clint;
use crate::bare::{cores, exit, interrupt};

const INTERRUPT: usize = 1 << (usize::BITS - 1);
const CALL: usize = INTERRUPT | 3;
const TIMER: usize = INTERRUPT | 7;

/// boot.s comes here; the registers lie at this address.
#[unsafe(no_mangle)]
extern "C" fn targets_trapped(stack_pointer: usize) -> usize {
    let (cause, place, value): (usize, usize, usize);
    // SAFETY: reads registers.
    unsafe {
        asm!(
            "csrr {}, mcause",
            "csrr {}, mepc",
            "csrr {}, mtval",
            out(reg) cause,
            out(reg) place,
            out(reg) value,
            options(nomem, nostack, preserves_flags),
        );
    }
    match cause {
        TIMER if interrupt::on_tick(place) => {
            interrupt::go_on();
            stack_pointer
        }
        TIMER => switch(stack_pointer),
        CALL => {
            clint::call(super::hart(), false);
            switch(stack_pointer)
        }
        _ => {
            let core = cores::current();
            exit::fail(format_args!(
                "core {core} took an exception: {} at {place:#x} (mepc), mcause {cause:#x}, mtval {value:#x}",
                name(cause)
            ));
        }
    }
}

#[cfg(one_core)]
use crate::bare::tasks::switch;

/// Cores have no tasks.
#[cfg(not(one_core))]
fn switch(stack_pointer: usize) -> usize {
    stack_pointer
}

fn name(cause: usize) -> &'static str {
    match cause {
        0 | 4 | 6 => "misaligned access",
        1 => "instruction access fault",
        2 => "illegal instruction",
        3 => "breakpoint",
        5 | 7 => "data access fault",
        _ => "exception",
    }
}
