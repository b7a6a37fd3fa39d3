//! The PL011 serial port. QEMU needs no set-up of it.

const TRANSMITTER_FULL: u32 = 1 << 5;

/// A port.
pub struct Pl011 {
    data: *mut u32,
    flags: *const u32,
}

impl Pl011 {
    /// The port whose registers are at this address.
    pub const fn at(base: usize) -> Self {
        Self {
            data: core::ptr::without_provenance_mut(base),
            flags: core::ptr::without_provenance(base + 0x18),
        }
    }

    /// Nothing to do.
    #[cfg(board = "lm3s6965evb")]
    pub fn set_up(&self) {}

    /// Sends one byte.
    pub fn send(&self, byte: u8) {
        // SAFETY: the port's own registers, device memory to every core; any core or task may access them
        // at any time without harm to memory.
        unsafe {
            while self.flags.read_volatile() & TRANSMITTER_FULL != 0 {
                core::hint::spin_loop();
            }
            self.data.write_volatile(u32::from(byte));
        }
    }
}
