//! Errors that carry the exit status of the whole command.
//!
//! Everything else is an `anyhow` error and ends with status 1.

use std::fmt;

/// Exit status for a wrong command line, as clap uses it.
pub const USAGE: u8 = 2;
/// Exit status for a run that passed its time limit, as `timeout(1)` uses it.
pub const TIMED_OUT: u8 = 124;
/// Exit status after Ctrl-C: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;
/// Exit status when the reader of stdout went away: 128 + SIGPIPE.
pub const STDOUT_CLOSED: u8 = 141;

/// An error with its exit status; an empty text prints nothing.
#[derive(Debug)]
pub struct Failure {
    /// The exit status of the command.
    pub code: u8,
    /// One line that says what is wrong and what to do.
    pub text: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// A failure with this exit status and text.
    pub fn new(code: u8, text: impl Into<String>) -> Self {
        Failure {
            code,
            text: text.into(),
        }
    }
}

/// A wrong command line: exit status 2.
pub fn usage(text: impl Into<String>) -> anyhow::Error {
    Failure::new(USAGE, text).into()
}

/// The exit status that an error asks for.
pub fn code_of(error: &anyhow::Error) -> u8 {
    if error.is::<machine_code::Usage>() {
        return USAGE;
    }
    error.downcast_ref::<Failure>().map_or(1, |f| f.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn code_survives_context() {
        let error = Err::<(), _>(usage("no such board")).context("cargo qemu run");
        assert_eq!(error.as_ref().map_err(code_of), Err(USAGE));
        assert_eq!(code_of(&anyhow::anyhow!("anything else")), 1);
    }
}
