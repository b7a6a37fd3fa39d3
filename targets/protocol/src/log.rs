//! Log frames: binary pieces of a logger (defmt's), each in one line of the console.
//!
//! ```text
//! LOG_MARK core ':' frame '\n'        core in decimal, the frame escaped
//! ```
//!
//! No escaped frame holds a line feed, a carriage return or a mark, so a frame that was cut short ends
//! at the next line like everything else, and nothing within it can pass for another line.

use crate::marks::{LOG_MARK, is_mark};

/// Stands before a byte that must not appear as it is; that byte follows with [`FLIPPED`] flipped.
const ESCAPE: u8 = 0x10;
/// Moves every byte that must be escaped to where none is.
const FLIPPED: u8 = 0x40;

/// Whether a byte of a frame is sent escaped.
const fn is_special(byte: u8) -> bool {
    is_mark(byte) || matches!(byte, ESCAPE | b'\n' | b'\r')
}

/// Sends what stands before the frame of `core`.
pub fn start(core: usize, mut send: impl FnMut(u8)) {
    send(LOG_MARK);
    let mut divisor = 1;
    while core / divisor >= 10 {
        divisor *= 10;
    }
    while divisor > 0 {
        // A remainder by ten fits.
        send(b'0' + (core / divisor % 10) as u8);
        divisor /= 10;
    }
    send(b':');
}

/// Sends one byte of a frame.
pub fn encode(byte: u8, mut send: impl FnMut(u8)) {
    if is_special(byte) {
        send(ESCAPE);
        send(byte ^ FLIPPED);
    } else {
        send(byte);
    }
}

/// A frame and the core that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogFrame<'a> {
    core: usize,
    /// INVARIANT: escaped as [`encode`] does it.
    escaped: &'a [u8],
}

impl<'a> LogFrame<'a> {
    /// Reads a line behind its mark, without its line feed; `None` if it is no frame.
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let (core, escaped) = (&line[..colon], &line[colon + 1..]);
        if core.is_empty() || !core.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let core = core::str::from_utf8(core).ok()?.parse().ok()?;
        let mut bytes = escaped.iter();
        while let Some(&byte) = bytes.next() {
            let escape = byte == ESCAPE;
            if escape && !is_special(bytes.next()? ^ FLIPPED) || !escape && is_special(byte) {
                return None;
            }
        }
        Some(Self { core, escaped })
    }

    /// The core that sent it.
    pub fn core(&self) -> usize {
        self.core
    }

    /// The frame's bytes, as the logger wrote them.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + use<'a> {
        let mut escaped = self.escaped.iter();
        core::iter::from_fn(move || match *escaped.next()? {
            ESCAPE => escaped.next().map(|byte| byte ^ FLIPPED),
            byte => Some(byte),
        })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::marks::{EXIT_MARK, STDOUT_MARK};
    use std::vec::Vec;

    fn line(core: usize, frame: &[u8]) -> Vec<u8> {
        let mut line = Vec::new();
        start(core, |byte| line.push(byte));
        for &byte in frame {
            encode(byte, |byte| line.push(byte));
        }
        line
    }

    #[test]
    fn every_byte_comes_back_and_none_can_be_taken_for_a_line() {
        let all: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        let sent = line(7, &all);
        for special in [b'\n', b'\r', STDOUT_MARK, EXIT_MARK, LOG_MARK] {
            assert!(!sent[1..].contains(&special), "{special:#x}");
        }
        assert_eq!(sent[0], LOG_MARK);
        let frame = LogFrame::parse(&sent[1..]).unwrap();
        assert_eq!(frame.core(), 7);
        assert!(frame.bytes().eq(all));
    }

    #[test]
    fn core_numbers() {
        for core in [0, 1, 9, 10, 63, 100, 4_294_967_295] {
            let sent = line(core, b"\0x\0");
            let frame = LogFrame::parse(&sent[1..]).unwrap();
            assert_eq!(frame.core(), core);
            assert!(frame.bytes().eq(*b"\0x\0"));
        }
        assert!(LogFrame::parse(b"0:").unwrap().bytes().next().is_none());
    }

    #[test]
    fn what_no_encoder_wrote_is_refused() {
        for bad in [
            &b""[..],
            b"1",
            b":x",
            b"-1:x",
            b"x:x",
            b"99999999999999999999999:x",
            b"1:a\x02b",
            b"1:a\rb",
            b"1:a\x10",
            b"1:a\x10\x10",
            b"1:a\x10x",
        ] {
            assert_eq!(LogFrame::parse(bad), None, "{bad:?}");
        }
        let mut sent = line(1, b"x");
        sent.push(b'\r');
        assert_eq!(LogFrame::parse(&sent[1..]), None);
    }
}
