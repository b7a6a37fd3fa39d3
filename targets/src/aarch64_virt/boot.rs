//! From reset to the program.

use core::mem::MaybeUninit;

use super::{cores, mmu};
use crate::bare;
use crate::bare::stacks::Emergency;

pub use bare::boot::{args, file};

core::arch::global_asm!(include_str!("boot.s"));

/// Where the stacks lie: `STACKS` in boot.s, and the gap below the image in image.ld.
pub const STACKS: usize = 0x4020_0000;

/// Where boot.s points each core's exceptions.
#[unsafe(no_mangle)]
static mut TARGETS_EMERGENCY_STACKS: Emergency = Emergency::new();

/// Every core comes here from boot.s, with the MMU on and a stack.
#[unsafe(no_mangle)]
extern "C" fn targets_rust_start(core: usize) -> ! {
    mmu::assert_on();
    cores::set_up_interrupts();
    if core == 0 {
        cores::start_others();
        bare::boot::run_program()
    } else {
        bare::cores::serve(core)
    }
}

/// The command line that QEMU was given, in `buffer`; `None` if it does not fit.
pub fn command_line(buffer: &mut [u8]) -> Option<&[u8]> {
    // SAFETY: `MaybeUninit<u8>` has the layout of `u8`, and the call below writes only bytes.
    let bytes = unsafe { &mut *(core::ptr::from_mut(buffer) as *mut [MaybeUninit<u8>]) };
    // The semihosting call fails only when the buffer is too small. Its answer ends with a NUL
    // byte when the crate keeps it.
    let line = semihosting::sys::arm_compat::sys_get_cmdline_uninit(bytes).ok()?;
    let end = line.iter().position(|&byte| byte == 0);
    Some(&line[..end.unwrap_or(line.len())])
}
