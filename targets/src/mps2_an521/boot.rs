//! From reset to the program.

use super::{clock, console, cores};
use crate::bare;

pub use crate::bare::boot::{args, file};
pub use crate::cortex_m::boot::command_line;

/// Core 0 comes here from `cortex-m-rt`.
#[cortex_m_rt::entry]
fn start() -> ! {
    cortex_m::interrupt::disable();
    console::set_up();
    clock::set_up();
    cores::listen();
    cores::start_others();
    bare::boot::run_program()
}
