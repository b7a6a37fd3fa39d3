//! Where the cores' stacks lie, the same way on every board.
//!
//! The boot code keeps one 2 MiB block of memory for the stacks, outside the image, and maps it
//! page by page: each core has [`SLOT`] bytes, the lowest page of which is not mapped. Rust's code
//! touches every page of a stack in turn, so a stack that overflows meets that page. The exception
//! that follows runs on the core's own emergency stack.

use protocol::command_line::COMMAND_LINE_MAX;

/// The greatest number of cores of every board.
pub const MAX_CORES: usize = 8;

/// The size of all stacks.
pub const SIZE: usize = 0x20_0000;

/// The size of a core's stack with its unmapped page: 256 KiB.
pub const SLOT: usize = SIZE / MAX_CORES;

/// The size of a page.
pub const PAGE: usize = 0x1000;

/// The size of the stack on which a core reports an exception: 16 KiB.
pub const EMERGENCY_SIZE: usize = 0x4000;

const _: () = assert!(
    COMMAND_LINE_MAX < SLOT / 8,
    "boot keeps the command line on the stack"
);

/// The emergency stacks. Only the cores' stack pointers lead here.
#[repr(C, align(16))]
pub struct Emergency([[u8; EMERGENCY_SIZE]; MAX_CORES]);

impl Emergency {
    /// Unused stacks.
    pub const fn new() -> Self {
        Self([[0; EMERGENCY_SIZE]; MAX_CORES])
    }
}

/// Whether an access to this address hit the unmapped page below a core's stack.
pub fn is_guard(address: usize, stacks: usize) -> bool {
    let offset = address.wrapping_sub(stacks);
    offset < SIZE && offset % SLOT < PAGE
}
