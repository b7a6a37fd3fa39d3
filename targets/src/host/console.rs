//! The process's standard output and standard error output.

use std::fmt;
use std::io::{self, Write};

use super::exit::fail;

/// See [`crate::console::print_data`].
pub fn print_data(text: fmt::Arguments<'_>) {
    // `lock` keeps the whole text together.
    let mut out = io::stdout().lock();
    if let Err(error) = writeln!(out, "{text}") {
        drop(out);
        fail(format_args!("cannot write to the standard output: {error}"));
    }
}

/// See [`crate::console::print_text`].
pub fn print_text(text: fmt::Arguments<'_>) {
    // Nobody is left to be told when the standard error output is gone.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
