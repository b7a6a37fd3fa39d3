//! QEMU's `q35` machine: PVH boot, xAPIC, 16550 serial port.

use protocol::Board;

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod counter;
mod descriptors;
mod exceptions;
pub mod exit;
mod local_apic;
mod mmu;
pub mod timer;

pub use crate::bare::{entry_point, interrupt};

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::X86_64;

/// See [`crate::NAME`].
pub const NAME: &str = "x86_64";

/// See [`crate::SMALL`].
pub const SMALL: bool = false;
