//! Interrupts, and exceptions, of which none is expected: each one is reported and ends the program.

use core::arch::asm;

use super::boot::STACKS;
use super::{cores, timer};
use crate::bare::{exit, interrupt};
use crate::board::GIC;
use crate::parts::gic_v2::Taken;
use crate::parts::stacks;

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
    let core = cores::current();
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

/// boot.s comes here, on the core's emergency stack: an interrupt while the timer is armed.
#[unsafe(no_mangle)]
extern "C" fn targets_interrupt() {
    let place = place();
    match GIC.take(timer::disarm) {
        Taken::Nothing => {}
        Taken::Timer => {
            if !interrupt::on_tick(place) {
                exit::fail(format_args!(
                    "an interrupt of the timer that nobody has armed"
                ));
            }
            interrupt::go_on();
        }
        Taken::Unexpected(number) => exit::fail(format_args!(
            "core {} took an unexpected interrupt: {number}",
            cores::current()
        )),
    }
}

/// Where the exception that is handled has come.
fn place() -> usize {
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
