//! Exceptions. None is expected: each one is reported and ends the program.

use core::arch::asm;

use super::boot::STACKS;
use crate::bare::{exit, stacks};

/// boot.s comes here, on the core's emergency stack, with the number of the vector.
#[unsafe(no_mangle)]
extern "C" fn targets_exception(vector: usize) -> ! {
    let (esr, elr, far): (u64, u64, u64);
    // SAFETY: reads registers.
    unsafe {
        asm!(
            "mrs {}, esr_el1",
            "mrs {}, elr_el1",
            "mrs {}, far_el1",
            out(reg) esr,
            out(reg) elr,
            out(reg) far,
            options(nomem, nostack, preserves_flags),
        );
    }
    let core = super::cores::current();
    let kind = match vector % 4 {
        0 => synchronous(esr, far),
        1 => "interrupt",
        2 => "fast interrupt",
        _ => "system error",
    };
    exit::fail(format_args!(
        "core {core} took an exception: {kind} at {elr:#x} (ELR), ESR {esr:#x}, FAR {far:#x}, vector {vector}"
    ));
}

/// Where the exception that is handled has come.
pub fn place() -> usize {
    let place: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mrs {}, elr_el1", out(reg) place, options(nomem, nostack, preserves_flags)) };
    place
}

/// What a synchronous exception was raised by.
fn synchronous(esr: u64, far: u64) -> &'static str {
    match esr >> 26 {
        0x00 => "unknown instruction",
        0x07 => "floating-point instruction",
        0x0e => "illegal execution state",
        0x21 => "instruction abort",
        0x22 => "misaligned program counter",
        0x25 if stacks::is_guard(far as usize, STACKS) => "stack overflow",
        0x25 => "data abort",
        0x26 => "misaligned stack pointer",
        0x3c => "breakpoint instruction",
        _ => "synchronous exception",
    }
}
