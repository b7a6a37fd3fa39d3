//! The command line, kept from boot to the end.

use protocol::command_line::{COMMAND_LINE_MAX, CommandLine, decode};
use spin::Mutex;

use super::exit;
use crate::arch;
use crate::board::{BOARD, SMALL};

/// Written once, by core 0 before `main`.
static COMMAND_LINE: Mutex<CommandLine<'static>> = Mutex::new(CommandLine::EMPTY);

unsafe extern "Rust" {
    /// What [`crate::entry!`] expands to in the program. Says the exit code.
    safe fn __targets_main() -> u8;
}

/// The longest command line that this board takes.
const LINE_MAX: usize = if SMALL { 255 } else { COMMAND_LINE_MAX };

/// Core 0 comes here once the board is set up: runs the program.
pub fn run_program() -> ! {
    static DECODED: Mutex<[u8; LINE_MAX + 1]> = Mutex::new([0; LINE_MAX + 1]);

    // Leaking the guard makes the buffer ours for ever.
    let decoded = spin::MutexGuard::leak(DECODED.lock());
    let mut received = [0; LINE_MAX + 1];
    match arch::command_line(&mut received) {
        Some(line) => match decode(line, decoded) {
            Ok(decoded) => *COMMAND_LINE.lock() = decoded,
            Err(error) => exit::fail(format_args!("{error}")),
        },
        None => exit::fail(format_args!(
            "the command line is longer than {LINE_MAX} bytes: pass fewer or shorter arguments"
        )),
    }
    exit::exit(__targets_main())
}

/// See [`crate::boot::args`].
pub fn args() -> impl Iterator<Item = &'static str> {
    // Copied out, so that the lock is not held while the caller works.
    let line = *COMMAND_LINE.lock();
    line.arguments()
}

/// See [`crate::boot::file`].
pub fn file() -> Option<&'static [u8]> {
    let region = COMMAND_LINE.lock().file()?;
    if region.address != BOARD.file_address || region.length > BOARD.file_max {
        exit::fail(format_args!(
            "the file lies at {:#x} with {} bytes, outside its place: start the image with the runner",
            region.address, region.length
        ));
    }
    let start = core::ptr::with_exposed_provenance(region.address as usize);
    // SAFETY: the file's place. The linker script ends the image's memory where `file_address`
    // begins, so that nothing else uses the memory from there for `file_max` bytes; the boot code
    // maps it; nobody writes to it after QEMU has filled it before the machine started.
    Some(unsafe { core::slice::from_raw_parts(start, region.length as usize) })
}
