//! From reset to the program.

use super::{clock, console};
use crate::bare;
use crate::cortex_m::{boot, tasks};

pub use crate::bare::boot::{args, file};
pub use crate::cortex_m::boot::command_line;

/// `cortex-m-rt` comes here.
#[cortex_m_rt::entry]
fn start() -> ! {
    console::set_up();
    clock::set_up();
    boot::enter(tasks::main_stack_end(), program)
}

extern "C" fn program() -> ! {
    bare::boot::run_program()
}
