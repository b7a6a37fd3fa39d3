//! Ending the process.

use std::fmt;
use std::io::{self, Write};

/// See [`crate::exit::exit`].
pub fn exit(code: u8) -> ! {
    std::process::exit(i32::from(code))
}

/// Ends the process because its environment is not as it must be.
pub fn fail(message: fmt::Arguments<'_>) -> ! {
    // Nobody is left to be told when the standard error output is gone.
    let _ = writeln!(io::stderr().lock(), "error: {message}");
    exit(1)
}
