//! The timer's interrupt, and exceptions, of which none is expected: each one is reported and ends the
//! program.

use x86_64::registers::control::Cr2;

use super::boot::STACKS;
use super::cores;
use crate::bare::{exit, interrupt};
use crate::parts::{local_apic, stacks};

/// What boot.s and the CPU have pushed.
#[repr(C)]
struct Frame {
    vector: u64,
    error: u64,
    instruction: u64,
}

/// boot.s comes here, on the core's emergency stack.
#[unsafe(no_mangle)]
extern "C" fn targets_exception(frame: &Frame) -> ! {
    let core = cores::current();
    let Frame {
        vector,
        error,
        instruction,
    } = frame;
    let address = Cr2::read_raw();
    let kind = match vector {
        0 => "division error",
        2 => "non-maskable interrupt",
        3 => "breakpoint",
        6 => "invalid instruction",
        7 => "floating-point instruction",
        8 => "double fault",
        12 => "stack segment fault",
        13 => "general protection fault",
        14 if stacks::is_guard(address as usize, STACKS) => "stack overflow",
        14 => "page fault",
        _ => "exception",
    };
    exit::fail(format_args!(
        "core {core} took an exception: {kind} at {instruction:#x} (RIP), vector {vector}, \
         error code {error:#x}, CR2 {address:#x}"
    ));
}

/// boot.s comes here, on the interrupted stack, with the place of the interrupt.
#[unsafe(no_mangle)]
extern "C" fn targets_timer(place: usize) {
    // Ended before the handler runs, or no other interrupt could come within it.
    local_apic::end_of_interrupt();
    if !interrupt::on_tick(place) {
        let core = cores::current();
        exit::fail(format_args!(
            "core {core} took an unexpected interrupt: its timer's"
        ));
    }
    interrupt::go_on();
}
