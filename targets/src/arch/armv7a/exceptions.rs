//! Interrupts, and exceptions, of which none is expected: each one is reported and ends the program.

use core::arch::asm;

use super::boot::STACKS;
use super::{cores, timer};
use crate::bare::{exit, interrupt};
use crate::board::GIC;
use crate::parts::gic_v2::Taken;
use crate::parts::stacks;

/// boot.s comes here, on the core's emergency stack, with the number of the vector and the address that
/// the processor left in the link register.
#[unsafe(no_mangle)]
extern "C" fn targets_exception(vector: usize, link: usize) -> ! {
    let (status, address): (u32, u32);
    // SAFETY: reads registers.
    unsafe {
        asm!(
            "mrc p15, 0, {}, c5, c0, 0",
            "mrc p15, 0, {}, c6, c0, 0",
            out(reg) status,
            out(reg) address,
            options(nomem, nostack, preserves_flags),
        );
    }
    let core = cores::current();
    let (kind, offset) = match vector {
        1 => ("undefined instruction", 4),
        2 => ("supervisor call", 4),
        3 => ("prefetch abort", 4),
        4 if stacks::is_guard(address as usize, STACKS) => ("stack overflow", 8),
        4 => ("data abort", 8),
        7 => ("fast interrupt", 4),
        _ => ("exception", 0),
    };
    let place = link.wrapping_sub(offset);
    exit::fail(format_args!(
        "core {core} took an exception: {kind} at {place:#x}, DFSR {status:#x}, DFAR {address:#x}, \
         vector {vector}"
    ));
}

/// boot.s comes here, on the core's emergency stack: an interrupt while the timer is armed, before the
/// instruction at this address.
#[unsafe(no_mangle)]
extern "C" fn targets_interrupt(place: usize) {
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
