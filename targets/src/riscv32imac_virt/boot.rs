//! From reset to the program.

use crate::bare;
use crate::riscv::{cores, timer};

pub use crate::bare::boot::{args, file};
pub use crate::riscv::boot::command_line;

/// Every core comes here from boot.s, on its own stack.
#[unsafe(no_mangle)]
extern "C" fn targets_rust_start(core: usize) -> ! {
    timer::listen();
    if core == 0 {
        cores::start_others();
        bare::boot::run_program()
    } else {
        bare::cores::serve(core)
    }
}
