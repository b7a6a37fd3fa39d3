//! From reset to the program: the first instructions, the stacks.

use core::arch::global_asm;

use crate::bare;

global_asm!(
    ".equ REG, {register}",
    ".equ RESERVES, {reserves}",
    include_str!("boot.s"),
    register = const size_of::<usize>(),
    reserves = const cfg!(target_has_atomic = "ptr") as usize,
);

/// `MAX_CORES` in boot.s.
const CORES: usize = 8;

/// `SLOT_SHIFT` in boot.s: 64 KiB for each core.
const STACK_SLOT: usize = 1 << 16;

/// Stacks of the cores (of task 0, on a board with one). Only stack pointers lead here.
#[repr(C, align(16))]
struct Stacks([[u8; STACK_SLOT]; CORES]);

#[unsafe(no_mangle)]
static mut TARGETS_STACKS: Stacks = Stacks([[0; STACK_SLOT]; CORES]);

/// Every core comes here from boot.s, on its own stack.
#[cfg(not(one_core))]
#[unsafe(no_mangle)]
extern "C" fn targets_rust_start(core: usize) -> ! {
    super::timer::listen();
    if core == 0 {
        bare::cores::wait_until_ready(super::cores::count());
        bare::boot::run_program()
    } else {
        bare::cores::serve(core)
    }
}

/// The core comes here from boot.s, on its own stack.
#[cfg(one_core)]
#[unsafe(no_mangle)]
extern "C" fn targets_rust_start(_: usize) -> ! {
    bare::boot::run_program()
}
