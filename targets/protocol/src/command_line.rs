//! The one string through which the guest learns its arguments and where its input file lies.
//!
//! The rules:
//! - Words are separated by exactly one space.
//! - When the runner has placed a file in guest memory, the first word is `file=ADDRESS:LENGTH`,
//!   both in hexadecimal without a prefix. It is not one of the program's arguments.
//! - Every other word is one argument. A byte other than an ASCII letter, a digit or one of
//!   `- _ . / : + @ ~` is written as `%` and two hexadecimal digits. As `=` is among the escaped
//!   bytes, no argument can be taken for the file word.
//! - An empty argument is the word `%`.
//! - Arguments are UTF-8 and hold no NUL byte.

use core::fmt;

/// The longest command line, in bytes, that every board can receive (x86_64 is the strictest:
/// QEMU's boot code for ELF kernels has a buffer of 4096 bytes with a NUL at the end).
pub const COMMAND_LINE_MAX: usize = 4095;

/// The prefix of the word that says where the file lies.
const FILE_PREFIX: &str = "file=";

/// The place of the input file in guest memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileRegion {
    /// The physical address of the first byte.
    pub address: u64,
    /// The number of bytes.
    pub length: u64,
}

/// Why a command line cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// An argument holds a NUL byte.
    Nul,
    /// The line would be longer than [`COMMAND_LINE_MAX`].
    TooLong,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nul => f.write_str("an argument for the guest holds a NUL byte: leave it out"),
            Self::TooLong => write!(
                f,
                "the guest's arguments need more than {COMMAND_LINE_MAX} bytes: pass fewer or shorter ones"
            ),
        }
    }
}

impl core::error::Error for EncodeError {}

/// Why a command line cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// A `%` is not followed by two hexadecimal digits.
    BadEscape,
    /// The file word is not `file=ADDRESS:LENGTH`.
    BadFile,
    /// An argument is not UTF-8 or holds a NUL byte.
    NotText,
    /// The buffer is too small: one byte more than the line is always enough.
    BufferTooSmall,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadEscape => {
                "the command line holds a `%` without two hexadecimal digits: start the image with the \
                 runner"
            }
            Self::BadFile => {
                "the command line's file word is not `file=ADDRESS:LENGTH` in hexadecimal: start the image \
                 with the runner"
            }
            Self::NotText => {
                "the command line holds bytes that are not UTF-8 text: start the image with the runner"
            }
            Self::BufferTooSmall => {
                "the command line does not fit the guest's buffer: pass fewer or shorter arguments"
            }
        })
    }
}

impl core::error::Error for DecodeError {}

/// Writes the command line for these arguments into `out` (a `String` on the host).
pub fn encode<'a>(
    file: Option<FileRegion>,
    arguments: impl IntoIterator<Item = &'a str>,
    out: &mut impl fmt::Write,
) -> Result<(), EncodeError> {
    let mut out = Limited {
        out,
        left: COMMAND_LINE_MAX,
    };
    let mut first = true;
    if let Some(FileRegion { address, length }) = file {
        out.write(format_args!("{FILE_PREFIX}{address:x}:{length:x}"))?;
        first = false;
    }
    for argument in arguments {
        if argument.contains('\0') {
            return Err(EncodeError::Nul);
        }
        if !first {
            out.write(format_args!(" "))?;
        }
        first = false;
        if argument.is_empty() {
            out.write(format_args!("%"))?;
        }
        for &byte in argument.as_bytes() {
            if is_plain(byte) {
                out.write(format_args!("{}", char::from(byte)))?;
            } else {
                out.write(format_args!("%{byte:02X}"))?;
            }
        }
    }
    Ok(())
}

/// Bytes that stand for themselves.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':' | b'+' | b'@' | b'~')
}

/// A writer that refuses to write more than `left` bytes.
struct Limited<'w, W> {
    out: &'w mut W,
    left: usize,
}

impl<W: fmt::Write> Limited<'_, W> {
    fn write(&mut self, text: fmt::Arguments<'_>) -> Result<(), EncodeError> {
        // The only errors are our own limit and one of `out`, which means the same: no more room.
        fmt::Write::write_fmt(self, text).map_err(|_| EncodeError::TooLong)
    }
}

impl<W: fmt::Write> fmt::Write for Limited<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.left = self.left.checked_sub(text.len()).ok_or(fmt::Error)?;
        self.out.write_str(text)
    }
}

/// A command line that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandLine<'a> {
    file: Option<FileRegion>,
    /// Invariant: every argument is followed by a NUL byte, and none holds one.
    text: &'a str,
}

impl<'a> CommandLine<'a> {
    /// A command line without a file and without arguments.
    pub const EMPTY: Self = Self {
        file: None,
        text: "",
    };

    /// Where the input file lies, if there is one.
    pub const fn file(&self) -> Option<FileRegion> {
        self.file
    }

    /// The program's arguments, without a program name.
    pub fn arguments(&self) -> Arguments<'a> {
        Arguments(self.text.split_terminator('\0'))
    }
}

/// The program's arguments, in order: see [`CommandLine::arguments`].
#[derive(Clone, Debug)]
pub struct Arguments<'a>(core::str::SplitTerminator<'a, char>);

impl<'a> Iterator for Arguments<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0.next()
    }
}

/// Reads a command line. The decoded arguments are kept in `buffer`, which must have one byte more
/// than the line ([`COMMAND_LINE_MAX`]` + 1` is always enough).
pub fn decode<'b>(line: &[u8], buffer: &'b mut [u8]) -> Result<CommandLine<'b>, DecodeError> {
    let mut file = None;
    let mut out = Output { buffer, used: 0 };
    if !line.is_empty() {
        for (position, word) in line.split(|&byte| byte == b' ').enumerate() {
            match word.strip_prefix(FILE_PREFIX.as_bytes()) {
                Some(region) if position == 0 => file = Some(decode_file(region)?),
                _ => decode_word(word, &mut out)?,
            }
        }
    }
    let Output { buffer, used } = out;
    let text = core::str::from_utf8(&buffer[..used]).map_err(|_| DecodeError::NotText)?;
    Ok(CommandLine { file, text })
}

/// Decodes one argument and puts a NUL byte behind it.
fn decode_word(word: &[u8], out: &mut Output<'_>) -> Result<(), DecodeError> {
    let start = out.used;
    // An empty argument is a lone `%`.
    let mut rest = if word == b"%" { b"" } else { word };
    while let Some((&first, mut tail)) = rest.split_first() {
        let byte = match (first, tail) {
            (b'%', &[high, low, ref after @ ..]) => {
                tail = after;
                decode_hex_digit(high)? << 4 | decode_hex_digit(low)?
            }
            (b'%', _) => return Err(DecodeError::BadEscape),
            _ => first,
        };
        if byte == 0 {
            return Err(DecodeError::NotText);
        }
        out.push(byte)?;
        rest = tail;
    }
    // Checked word by word, so that two words cannot make one character between them.
    core::str::from_utf8(&out.buffer[start..out.used]).map_err(|_| DecodeError::NotText)?;
    out.push(0)
}

/// Decodes `ADDRESS:LENGTH`.
fn decode_file(region: &[u8]) -> Result<FileRegion, DecodeError> {
    let text = core::str::from_utf8(region).map_err(|_| DecodeError::BadFile)?;
    let (address, length) = text.split_once(':').ok_or(DecodeError::BadFile)?;
    let number = |digits| u64::from_str_radix(digits, 16).map_err(|_| DecodeError::BadFile);
    Ok(FileRegion {
        address: number(address)?,
        length: number(length)?,
    })
}

fn decode_hex_digit(digit: u8) -> Result<u8, DecodeError> {
    match char::from(digit).to_digit(16) {
        // A hexadecimal digit is below 16.
        Some(value) => Ok(value as u8),
        None => Err(DecodeError::BadEscape),
    }
}

/// The part of the caller's buffer that is in use.
struct Output<'b> {
    buffer: &'b mut [u8],
    used: usize,
}

impl Output<'_> {
    fn push(&mut self, byte: u8) -> Result<(), DecodeError> {
        let place = self.buffer.get_mut(self.used);
        *place.ok_or(DecodeError::BufferTooSmall)? = byte;
        self.used += 1;
        Ok(())
    }
}
