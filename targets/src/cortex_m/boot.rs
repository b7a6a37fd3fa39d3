//! From reset to the program. `cortex-m-rt` has the vector table and fills the memory.

use core::mem::MaybeUninit;

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

#[cfg(one_core)]
/// Goes on in `program` on the process stack, which ends there; interrupts keep the main stack.
pub fn enter(stack_end: u32, program: extern "C" fn() -> !) -> ! {
    // SAFETY: the stack belongs to the program alone, and nothing of this one is needed any more.
    unsafe {
        core::arch::asm!(
            "msr psp, {stack}",
            "msr control, {select}",
            "isb",
            "bx {program}",
            stack = in(reg) stack_end,
            select = in(reg) 2,
            program = in(reg) program as *const () as u32,
            options(noreturn),
        )
    }
}
