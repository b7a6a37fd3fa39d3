//! Switching the machine off.

use x86_64::instructions::port::Port;

use super::cores;

pub use crate::bare::exit::exit;

/// QEMU's `isa-debug-exit` device ([`protocol::Board`] puts it there).
const DEBUG_EXIT: u16 = 0xf4;

/// The ACPI power control register, where the firmware has put it.
const POWER_CONTROL: u16 = 0x604;
const SLEEP_ENABLE: u16 = 1 << 13;

/// Ends QEMU, with the exit status that [`protocol::Board::qemu_status`] foresees for this code.
pub fn power_off(code: u8) -> ! {
    // SAFETY: ends the machine. The power-off is not immediate, so this core stops afterwards.
    unsafe {
        if code == 0 {
            Port::<u16>::new(POWER_CONTROL).write(SLEEP_ENABLE);
        } else {
            Port::<u32>::new(DEBUG_EXIT).write(u32::from(code));
        }
    }
    cores::stop()
}
