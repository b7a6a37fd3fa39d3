//! The first serial port of a PC, a 16550.

use x86_64::instructions::port::Port;

const BASE: u16 = 0x3f8;
const DATA: u16 = BASE;
const INTERRUPT_ENABLE: u16 = BASE + 1;
const FIFO_CONTROL: u16 = BASE + 2;
const LINE_CONTROL: u16 = BASE + 3;
const LINE_STATUS: u16 = BASE + 5;

const TRANSMITTER_EMPTY: u8 = 1 << 5;

/// The port.
pub struct ComPort;

impl ComPort {
    /// Eight data bits, no interrupts, with FIFO. QEMU's port has no speed.
    pub fn set_up(&self) {
        for (port, value) in [(INTERRUPT_ENABLE, 0), (LINE_CONTROL, 3), (FIFO_CONTROL, 1)] {
            // SAFETY: the port's own registers; they touch no memory.
            unsafe { Port::<u8>::new(port).write(value) };
        }
    }

    /// Sends one byte.
    pub fn send(&self, byte: u8) {
        // SAFETY: the port's own registers; they touch no memory.
        unsafe {
            while Port::<u8>::new(LINE_STATUS).read() & TRANSMITTER_EMPTY == 0 {
                core::hint::spin_loop();
            }
            Port::<u8>::new(DATA).write(byte);
        }
    }
}
