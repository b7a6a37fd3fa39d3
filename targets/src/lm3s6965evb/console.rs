//! The first serial port, a PL011. QEMU needs no set-up of it.

pub use crate::bare::console::{print_data, print_text};

const DATA: *mut u32 = core::ptr::without_provenance_mut(0x4000_c000);
const FLAGS: *const u32 = core::ptr::without_provenance(0x4000_c018);
const TRANSMITTER_FULL: u32 = 1 << 5;

/// Nothing to do.
pub fn set_up() {}

/// Sends one byte.
pub fn send(byte: u8) {
    // SAFETY: the port's own registers; any task may access them at any time without harm to memory.
    unsafe {
        while FLAGS.read_volatile() & TRANSMITTER_FULL != 0 {
            core::hint::spin_loop();
        }
        DATA.write_volatile(u32::from(byte));
    }
}
