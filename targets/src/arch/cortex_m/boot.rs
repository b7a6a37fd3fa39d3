//! From reset to the program. `cortex-m-rt` has the vector table and fills the memory.

use crate::bare;
use crate::board::{CLOCK, CONSOLE};

/// `cortex-m-rt` comes here.
#[cortex_m_rt::entry]
fn start() -> ! {
    CONSOLE.set_up();
    CLOCK.set_up();
    enter()
}

/// Goes on with the program on the process stack; interrupts keep the main stack.
#[cfg(one_core)]
fn enter() -> ! {
    extern "C" fn program() -> ! {
        bare::boot::run_program()
    }
    // SAFETY: the stack belongs to the program alone, and nothing of this one is needed any more.
    unsafe {
        core::arch::asm!(
            "msr psp, {stack}",
            "msr control, {select}",
            "isb",
            "bx {program}",
            stack = in(reg) super::tasks::main_stack_end(),
            select = in(reg) 2,
            program = in(reg) program as *const () as u32,
            options(noreturn),
        )
    }
}

/// Starts the second core and goes on with the program.
#[cfg(not(one_core))]
fn enter() -> ! {
    use super::cores;

    extern "C" fn start_second() -> ! {
        make_exclusives_global();
        cortex_m::interrupt::disable();
        cores::listen();
        bare::cores::serve(1)
    }
    make_exclusives_global();
    cortex_m::interrupt::disable();
    cores::listen();
    cores::start_second(start_second);
    bare::cores::wait_until_ready(2);
    bare::boot::run_program()
}

/// Lets this core's exclusive accesses ask the monitor that both cores share. Without it a Cortex-M33 asks
/// its own alone, unless the memory protection unit says that the memory is shared, and both cores' `strex`
/// may succeed. (QEMU has one monitor in any case.)
#[cfg(not(one_core))]
fn make_exclusives_global() {
    /// In the auxiliary control register: EXTEXCLALL.
    const EXTERNAL: u32 = 1 << 29;
    // SAFETY: this core's own register, which nobody else writes.
    unsafe {
        (*cortex_m::peripheral::ICB::PTR)
            .actlr
            .modify(|value| value | EXTERNAL)
    };
    cortex_m::asm::dsb();
    cortex_m::asm::isb();
}
