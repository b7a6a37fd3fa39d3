//! The serial port of the nRF51.

pub use crate::bare::console::{print_data, print_text};

const START_TRANSMITTER: *mut u32 = register(0x008);
/// Not zero once the last byte has gone.
const SENT: *mut u32 = register(0x11c);
const ENABLE: *mut u32 = register(0x500);
const DATA: *mut u32 = register(0x51c);

const ON: u32 = 4;

const fn register(offset: usize) -> *mut u32 {
    core::ptr::without_provenance_mut(0x4000_2000 + offset)
}

/// Switches the transmitter on. QEMU needs neither pins nor a speed.
pub fn set_up() {
    // SAFETY: the port's own registers.
    unsafe {
        ENABLE.write_volatile(ON);
        START_TRANSMITTER.write_volatile(1);
    }
}

/// Sends one byte and waits until it has gone. Whoever takes the console by force in the middle of
/// this may lose a byte to it, and nothing else.
pub fn send(byte: u8) {
    // SAFETY: the port's own registers; any task may access them at any time without harm to memory.
    unsafe {
        SENT.write_volatile(0);
        DATA.write_volatile(u32::from(byte));
        while SENT.read_volatile() == 0 {
            core::hint::spin_loop();
        }
    }
}
