//! The serial port, a 16550. QEMU needs no set-up of it.

pub use crate::bare::console::{print_data, print_text};

const DATA: *mut u8 = core::ptr::without_provenance_mut(0x1000_0000);
const STATUS: *const u8 = core::ptr::without_provenance(0x1000_0005);
const TRANSMITTER_EMPTY: u8 = 1 << 5;

/// Sends one byte.
pub fn send(byte: u8) {
    // SAFETY: the port's own registers; any core may access them at any time without harm to memory.
    unsafe {
        while STATUS.read_volatile() & TRANSMITTER_EMPTY == 0 {
            core::hint::spin_loop();
        }
        DATA.write_volatile(byte);
    }
}
