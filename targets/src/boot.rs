//! What the program was started with.

use crate::backend;

/// The program's arguments, without a program name.
///
/// On a board they come from the runner. On the host they are the process's arguments; the program
/// ends with a message and code 1 if they are not UTF-8.
pub fn args() -> impl Iterator<Item = &'static str> {
    backend::boot::args()
}

/// The program's input file, as it was when the program started.
///
/// On a board the runner places it in memory. On the host the environment variable `TARGETS_FILE`
/// ([`protocol::FILE_VARIABLE`]) names it, and the first call reads it; the program ends with a
/// message and code 1 if that fails.
pub fn file() -> Option<&'static [u8]> {
    backend::boot::file()
}
