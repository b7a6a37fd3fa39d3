//! The serial port of the nRF51.

const START_TRANSMITTER: usize = 0x008;
/// Not zero once the last byte has gone.
const SENT: usize = 0x11c;
const ENABLE: usize = 0x500;
const DATA: usize = 0x51c;

const ON: u32 = 4;

/// The port whose registers are at this address.
pub struct Nrf51Uart(pub usize);

impl Nrf51Uart {
    const fn register(&self, offset: usize) -> *mut u32 {
        core::ptr::without_provenance_mut(self.0 + offset)
    }

    /// Switches the transmitter on. QEMU needs neither pins nor a speed.
    pub fn set_up(&self) {
        // SAFETY: the port's own registers.
        unsafe {
            self.register(ENABLE).write_volatile(ON);
            self.register(START_TRANSMITTER).write_volatile(1);
        }
    }

    /// Sends one byte and waits until it has gone. Whoever takes the console by force in the middle of
    /// this may lose a byte to it, and nothing else.
    pub fn send(&self, byte: u8) {
        // SAFETY: the port's own registers; any task may access them at any time without harm to memory.
        unsafe {
            self.register(SENT).write_volatile(0);
            self.register(DATA).write_volatile(u32::from(byte));
            while self.register(SENT).read_volatile() == 0 {
                core::hint::spin_loop();
            }
        }
    }
}
