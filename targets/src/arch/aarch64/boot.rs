//! From reset to the program.

use super::{cores, mmu};
use crate::bare;
use crate::board::GIC;
use crate::parts::stacks::Emergency;

core::arch::global_asm!(include_str!("boot.s"));

/// Where the stacks lie: `STACKS` in boot.s, and the gap below the image in memory.x.
pub const STACKS: usize = 0x4020_0000;

/// Where boot.s points each core's exceptions.
#[unsafe(no_mangle)]
static mut TARGETS_EMERGENCY_STACKS: Emergency = Emergency::new();

/// Every core comes here from boot.s, with the MMU on and a stack.
#[unsafe(no_mangle)]
extern "C" fn targets_rust_start(core: usize) -> ! {
    mmu::assert_on();
    GIC.set_up();
    if core == 0 {
        bare::cores::wait_until_ready(cores::start_others());
        bare::boot::run_program()
    } else {
        bare::cores::serve(core)
    }
}
