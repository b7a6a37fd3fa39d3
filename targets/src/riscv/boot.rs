//! The first instructions, the stacks, the command line.

use core::arch::global_asm;
use core::mem::MaybeUninit;

#[cfg(all(target_pointer_width = "64", target_has_atomic = "ptr"))]
global_asm!(
    include_str!("words64.s"),
    include_str!("reservation.s"),
    include_str!("boot.s")
);
#[cfg(all(target_pointer_width = "32", target_has_atomic = "ptr"))]
global_asm!(
    include_str!("words32.s"),
    include_str!("reservation.s"),
    include_str!("boot.s")
);
#[cfg(not(target_has_atomic = "ptr"))]
global_asm!(
    include_str!("words32.s"),
    include_str!("no_reservation.s"),
    include_str!("boot.s")
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
