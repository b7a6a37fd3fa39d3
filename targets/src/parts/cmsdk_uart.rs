//! The serial port of Arm's FPGA boards.

const TRANSMITTER_FULL: u32 = 1 << 0;
const TRANSMITTER_ON: u32 = 1 << 0;
/// The smallest divider that counts as set.
const DIVIDER: u32 = 16;

/// A port.
pub struct CmsdkUart {
    data: *mut u32,
    state: *const u32,
    control: *mut u32,
    divider: *mut u32,
}

impl CmsdkUart {
    /// The port whose registers are at this address.
    pub const fn at(base: usize) -> Self {
        Self {
            data: core::ptr::without_provenance_mut(base),
            state: core::ptr::without_provenance(base + 4),
            control: core::ptr::without_provenance_mut(base + 8),
            divider: core::ptr::without_provenance_mut(base + 16),
        }
    }

    /// Switches the transmitter on.
    pub fn set_up(&self) {
        // SAFETY: the port's own registers.
        unsafe {
            self.divider.write_volatile(DIVIDER);
            self.control.write_volatile(TRANSMITTER_ON);
        }
    }

    /// Sends one byte.
    pub fn send(&self, byte: u8) {
        // SAFETY: the port's own registers; any core may access them at any time without harm to
        // memory.
        unsafe {
            while self.state.read_volatile() & TRANSMITTER_FULL != 0 {
                core::hint::spin_loop();
            }
            self.data.write_volatile(u32::from(byte));
        }
    }
}
