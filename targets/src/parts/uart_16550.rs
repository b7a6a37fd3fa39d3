//! A 16550 serial port in memory. QEMU needs no set-up of it.

const TRANSMITTER_EMPTY: u8 = 1 << 5;

/// A port.
pub struct Uart16550 {
    data: *mut u8,
    status: *const u8,
}

impl Uart16550 {
    /// The port whose registers are at this address.
    pub const fn at(base: usize) -> Self {
        Self {
            data: core::ptr::without_provenance_mut(base),
            status: core::ptr::without_provenance(base + 5),
        }
    }

    /// Sends one byte.
    pub fn send(&self, byte: u8) {
        // SAFETY: the port's own registers; any core may access them at any time without harm to memory.
        unsafe {
            while self.status.read_volatile() & TRANSMITTER_EMPTY == 0 {
                core::hint::spin_loop();
            }
            self.data.write_volatile(byte);
        }
    }
}
