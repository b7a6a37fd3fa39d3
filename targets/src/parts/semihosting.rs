//! What QEMU itself does for a program that asks it by semihosting.

use core::mem::MaybeUninit;

/// Ends QEMU with this exit status.
pub fn power_off(code: u8) -> ! {
    semihosting::process::exit(i32::from(code))
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
