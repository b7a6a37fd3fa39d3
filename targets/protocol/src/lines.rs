//! The guest's output, line by line.

use crate::log::LogFrame;
use crate::marks::{EXIT_MARK, LOG_MARK, STDOUT_MARK};

/// One line of the guest's output, without its line feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Data for the runner's stdout; the mark is taken off.
    Data(&'a [u8]),
    /// The exit code. Nothing that the guest prints after it counts.
    Exit(u8),
    /// A line that starts like an exit line and does not hold a code from 0 to 255. The runner
    /// treats it as a failure of the guest.
    BadExit(&'a [u8]),
    /// A frame of the guest's logger.
    Log(LogFrame<'a>),
    /// A line that starts like a log frame and is none. The runner treats it as a failure of the guest.
    BadLog(&'a [u8]),
    /// Text for the runner's stderr.
    Console(&'a [u8]),
}

impl<'a> Line<'a> {
    /// Tells what kind of line this is. A line feed or carriage return at the end is ignored in
    /// console text and exit lines; data and log frames keep every byte before the line feed.
    pub fn parse(line: &'a [u8]) -> Self {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        match line.split_first() {
            Some((&STDOUT_MARK, data)) => Self::Data(data),
            Some((&EXIT_MARK, code)) => {
                let code = code.strip_suffix(b"\r").unwrap_or(code);
                parse_code(code).map_or(Self::BadExit(code), Self::Exit)
            }
            Some((&LOG_MARK, frame)) => {
                LogFrame::parse(frame).map_or(Self::BadLog(frame), Self::Log)
            }
            _ => Self::Console(line.strip_suffix(b"\r").unwrap_or(line)),
        }
    }
}

/// A decimal number from 0 to 255, digits only.
fn parse_code(digits: &[u8]) -> Option<u8> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn the_first_byte_decides() {
        assert_eq!(Line::parse(b"\x02a,b"), Line::Data(b"a,b"));
        assert_eq!(Line::parse(b"\x02\x02\r\n"), Line::Data(b"\x02\r"));
        assert_eq!(Line::parse(b"\x02"), Line::Data(b""));
        assert_eq!(Line::parse(b"hello\r\n"), Line::Console(b"hello"));
        assert_eq!(Line::parse(b" \x02"), Line::Console(b" \x02"));
        assert_eq!(Line::parse(b""), Line::Console(b""));
        assert!(matches!(Line::parse(b"\x040:a\n"), Line::Log(_)));
        assert_eq!(Line::parse(b"\x040:a\r"), Line::BadLog(b"0:a\r"));
    }

    #[test]
    fn exit_codes() {
        assert_eq!(Line::parse(b"\x030"), Line::Exit(0));
        assert_eq!(Line::parse(b"\x03101\r\n"), Line::Exit(101));
        assert_eq!(Line::parse(b"\x03255"), Line::Exit(255));
        for bad in ["", "256", "+1", "-1", "1 ", "x", "999999999999"] {
            let mut line = [0; 16];
            line[0] = super::EXIT_MARK;
            line[1..=bad.len()].copy_from_slice(bad.as_bytes());
            assert_eq!(
                Line::parse(&line[..=bad.len()]),
                Line::BadExit(bad.as_bytes()),
                "{bad:?}"
            );
        }
    }
}
