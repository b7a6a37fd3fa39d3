//! QEMU's `microvm` machine: as `q35` to a program, but for time and power.

use protocol::Board;

#[path = "../x86_64_q35/boot.rs"]
pub mod boot;
pub mod clock;
#[path = "../x86_64_q35/console.rs"]
pub mod console;
#[path = "../x86_64_q35/cores.rs"]
pub mod cores;
#[path = "../x86_64_q35/counter.rs"]
pub mod counter;
#[path = "../x86_64_q35/descriptors.rs"]
mod descriptors;
#[path = "../x86_64_q35/exceptions.rs"]
mod exceptions;
pub mod exit;
#[path = "../x86_64_q35/local_apic.rs"]
mod local_apic;
#[path = "../x86_64_q35/mmu.rs"]
mod mmu;
#[path = "../x86_64_q35/timer.rs"]
pub mod timer;

pub use crate::bare::{entry_point, interrupt};

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::X86_64_MICROVM;

/// See [`crate::NAME`].
pub const NAME: &str = "x86_64-microvm";

/// See [`crate::SMALL`].
pub const SMALL: bool = false;
