//! Arguments and input file of a process.

use std::sync::OnceLock;

use super::exit::fail;

/// See [`crate::boot::args`].
pub fn args() -> impl Iterator<Item = &'static str> {
    static ARGUMENTS: OnceLock<Vec<String>> = OnceLock::new();
    let arguments = ARGUMENTS.get_or_init(|| {
        let text = |argument: std::ffi::OsString| {
            argument.into_string().unwrap_or_else(|argument| {
                fail(format_args!(
                    "the argument {argument:?} is not UTF-8: use UTF-8 text only"
                ))
            })
        };
        std::env::args_os().skip(1).map(text).collect()
    });
    arguments.iter().map(String::as_str)
}

/// See [`crate::boot::file`].
pub fn file() -> Option<&'static [u8]> {
    static FILE: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    let read = || {
        let path = std::env::var_os(protocol::FILE_VARIABLE)?;
        match std::fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) => fail(format_args!(
                "cannot read the file {path:?} that {} names: {error}",
                protocol::FILE_VARIABLE
            )),
        }
    };
    FILE.get_or_init(read).as_deref()
}
