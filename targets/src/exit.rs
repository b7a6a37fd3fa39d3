//! Ending the program.

use core::fmt::Display;

use crate::backend;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a status does nothing until `main` returns it or `exit` is called with it"]
pub struct Status(u8);

impl Status {
    /// All went well: exit code 0.
    pub const SUCCESS: Self = Self(0);

    /// A failure with this exit code. As 0 would mean success, it becomes 1.
    pub const fn failure(code: u8) -> Self {
        Self(if code == 0 { 1 } else { code })
    }

    /// The exit code.
    pub const fn code(self) -> u8 {
        self.0
    }
}

/// Success: `main` has returned.
impl From<()> for Status {
    fn from((): ()) -> Self {
        Self::SUCCESS
    }
}

/// Compiles for what can be a program's `main` ([`entry!`](crate::entry)).
#[doc(hidden)]
pub const fn is_main<T: Into<Status>>(_: fn() -> T) {}

/// Lets `fn main() -> Status` be the host's entry.
#[cfg(not(target_os = "none"))]
impl std::process::Termination for Status {
    fn report(self) -> std::process::ExitCode {
        self.code().into()
    }
}

/// Success, or a failure with code 1 whose error is printed as text.
impl<E: Display> From<Result<(), E>> for Status {
    fn from(result: Result<(), E>) -> Self {
        match result {
            Ok(()) => Self::SUCCESS,
            Err(error) => {
                crate::eprintln!("error: {error}");
                Self::failure(1)
            }
        }
    }
}

/// Ends the program at once, with all cores: on a board, says the exit code to the runner and
/// switches the machine off. Returning from `main` does the same.
pub fn exit(status: Status) -> ! {
    backend::exit::exit(status.code())
}
