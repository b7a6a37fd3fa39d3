//! From reset to the program.

use super::{clock, cores, descriptors, mmu};
use crate::bare;
use crate::board::CONSOLE;
use crate::parts::local_apic;

core::arch::global_asm!(include_str!("boot.s"), options(att_syntax));

/// Where the stacks lie: `STACKS` in boot.s, and the gap below the image in memory.x.
pub const STACKS: usize = 0x20_0000;

/// Every core comes here from boot.s, with the MMU on and a stack.
#[unsafe(no_mangle)]
extern "C" fn targets_rust_start(core: usize) -> ! {
    descriptors::set_up(core);
    mmu::set_up_caches();
    if core == 0 {
        CONSOLE.set_up();
        mmu::assert_on();
        local_apic::mask_legacy_interrupts();
        local_apic::set_up();
        clock::set_up();
        bare::cores::wait_until_ready(cores::start_others());
        bare::boot::run_program()
    } else {
        mmu::assert_on();
        local_apic::set_up();
        bare::cores::serve(core)
    }
}
