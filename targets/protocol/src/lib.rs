//! What a guest and the host runner say to each other, in one place, so that they cannot disagree.
//!
//! - [`marks`] and [`lines`]: the guest has one output channel, its serial port. The first byte of a line
//!   says whether the line is data, the exit code, a log frame or plain console text.
//! - [`log`]: how a frame of a logger travels in one line.
//! - [`command_line`]: the guest receives its arguments, and the place of its input file, as one
//!   string.
//! - [`board`]: everything that depends on the board: how QEMU is called, where the file lies, and
//!   which exit status QEMU ends with. The runner has no board knowledge of its own.
//! - [`boards`]: the table of all boards.
//!
//! The crate is `no_std`, needs no allocator and depends on nothing: the guest uses the same code.
#![no_std]

pub mod board;
pub mod boards;
pub mod command_line;
pub mod lines;
pub mod log;
pub mod marks;

pub use board::{Board, Cores, Run};
pub use boards::{
    AARCH64, AARCH64_LSE, ARMV7A, BOARDS, LM3S6965EVB, MICROBIT, MPS2_AN386, MPS2_AN521,
    RISCV32IMAC, RISCV32IMC, RISCV64, X86_64, X86_64_MICROVM,
};
pub use command_line::{COMMAND_LINE_MAX, FileRegion};
pub use lines::Line;
pub use log::LogFrame;
pub use marks::{EXIT_MARK, LOG_MARK, STDOUT_MARK, is_mark};

/// The environment variable that names the input file of a program that runs on the host.
pub const FILE_VARIABLE: &str = "TARGETS_FILE";

/// The environment variable that sets how many cores (threads) a program on the host has.
pub const CORES_VARIABLE: &str = "TARGETS_CORES";

/// The exit code of a program that panicked or took an unexpected CPU exception: the code that a
/// Rust program on the host ends with after a panic.
pub const PANIC_CODE: u8 = 101;
