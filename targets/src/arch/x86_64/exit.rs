//! Switching the machine off.

use x86_64::instructions::port::Port;

use super::cores;
use crate::board;

/// QEMU's `isa-debug-exit` device ([`protocol::Board`] puts it there).
const DEBUG_EXIT: u16 = 0xf4;

/// Ends QEMU, with the exit status that [`protocol::Board::qemu_status`] foresees for this code.
pub fn power_off(code: u8) -> ! {
    if code == 0 {
        board::switch_off();
    } else {
        // SAFETY: ends the machine, and touches no memory.
        unsafe { Port::<u32>::new(DEBUG_EXIT).write(u32::from(code)) };
    }
    // The power-off is not immediate.
    cores::stop()
}
