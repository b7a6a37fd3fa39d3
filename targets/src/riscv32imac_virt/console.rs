//! The serial port.

pub use crate::riscv::console::{print_data, print_text, send};
