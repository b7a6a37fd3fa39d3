//! Ending the process.

use std::fmt;
use std::process::{ExitCode, Termination};

use crate::exit::Status;

/// See [`crate::exit::exit`].
pub fn exit(status: Status) -> ! {
    std::process::exit(i32::from(status.code()))
}

/// Lets `fn main() -> Status` be the host's entry.
impl Termination for Status {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

/// Ends the process because its environment is not as it must be.
pub fn fail(message: fmt::Arguments<'_>) -> ! {
    crate::console::print_text(format_args!("error: {message}"));
    exit(Status::failure(1))
}
