//! Switching the machine off.

use x86_64::instructions::port::Port;

use super::cores;

pub use crate::bare::exit::exit;

/// QEMU's `isa-debug-exit` device ([`protocol::Board`] puts it there).
const DEBUG_EXIT: u16 = 0xf4;

/// The machine's sleep control register, and what switches it off: sleep state 5, now.
const SLEEP_CONTROL: *mut u8 = core::ptr::without_provenance_mut(0xfea0_0200);
const OFF: u8 = 5 << 2 | 1 << 5;

/// Ends QEMU, with the exit status that [`protocol::Board::qemu_status`] foresees for this code.
pub fn power_off(code: u8) -> ! {
    // SAFETY: ends the machine. The power-off is not immediate, so this core stops afterwards.
    unsafe {
        if code == 0 {
            SLEEP_CONTROL.write_volatile(OFF);
        } else {
            Port::<u32>::new(DEBUG_EXIT).write(u32::from(code));
        }
    }
    cores::stop()
}
