//! From reset to the program.

use crate::bare;

pub use crate::bare::boot::{args, file};
pub use crate::riscv::boot::command_line;

/// The core comes here from boot.s, on its own stack.
#[unsafe(no_mangle)]
extern "C" fn targets_rust_start(_: usize) -> ! {
    bare::boot::run_program()
}
