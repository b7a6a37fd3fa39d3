//! The first serial port.

use crate::cortex_m::cmsdk_uart::Port;

pub use crate::bare::console::{print_data, print_text};

const PORT: Port = Port::at(0x5020_0000);

/// Switches it on.
pub fn set_up() {
    PORT.set_up();
}

/// Sends one byte.
pub fn send(byte: u8) {
    PORT.send(byte);
}
