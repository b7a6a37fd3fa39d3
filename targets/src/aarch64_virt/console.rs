//! The PL011 serial port. QEMU needs no set-up of it.

pub use crate::bare::console::{print_data, print_text};

const DATA: *mut u32 = core::ptr::without_provenance_mut(0x0900_0000);
const FLAGS: *const u32 = core::ptr::without_provenance(0x0900_0018);
const TRANSMITTER_FULL: u32 = 1 << 5;

/// Sends one byte.
pub fn send(byte: u8) {
    // SAFETY: the PL011's registers, mapped as device memory by boot.s; any core may access them
    // at any time without harm to memory.
    unsafe {
        while FLAGS.read_volatile() & TRANSMITTER_FULL != 0 {
            core::hint::spin_loop();
        }
        DATA.write_volatile(u32::from(byte));
    }
}
