//! Splits a guest's one output channel into data, console text, log frames and the exit line.
//!
//! The marks are [`protocol`]'s: a guest and this runner cannot disagree about them.

use protocol::{Line, LogFrame};

/// A longer line is handed out before its end, so that a guest gone wild cannot fill the memory.
const LONGEST: usize = 1 << 20;

/// A piece of output; data and text have their newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// For stdout.
    Data(&'a [u8]),
    /// For stderr.
    Console(&'a [u8]),
    /// A frame of the guest's logger.
    Log(LogFrame<'a>),
    /// Something that begins like a frame and is none.
    BadLog,
}

/// How the guest's output ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastWord {
    /// No exit line came.
    Missing,
    /// The guest's exit code.
    Code(u8),
    /// The exit line holds no code, or a second one or data came after it.
    Garbled,
    /// A line had no end.
    Overlong,
}

/// Puts bytes that come in pieces together to lines.
#[derive(Default)]
pub struct Lines(Vec<u8>);

impl Lines {
    /// Takes the next bytes and hands out the lines that end in them.
    pub fn feed(&mut self, bytes: &[u8], line: &mut dyn FnMut(&[u8])) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.0.extend_from_slice(part);
            if part.ends_with(b"\n") || self.0.len() > LONGEST {
                self.rest(line);
            }
        }
    }

    /// Hands out what is left of an unfinished line.
    pub fn rest(&mut self, line: &mut dyn FnMut(&[u8])) {
        if !self.0.is_empty() {
            line(&self.0);
            self.0.clear();
        }
    }
}

/// The splitter: feed it bytes as they come, then [`finish`](Demux::finish) it. A line that is too long counts
/// as a failure.
pub struct Demux {
    lines: Lines,
    last_word: LastWord,
}

impl Default for Demux {
    fn default() -> Self {
        Demux {
            lines: Lines::default(),
            last_word: LastWord::Missing,
        }
    }
}

impl Demux {
    /// Takes the next bytes of the channel.
    pub fn feed(&mut self, bytes: &[u8], out: &mut dyn FnMut(Piece<'_>)) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.feed(bytes, &mut |line| {
            self.line(line, out);
            if !line.ends_with(b"\n") {
                self.last_word = LastWord::Overlong;
            }
        });
        self.lines = lines;
    }

    /// Hands out what is left of an unfinished line and says how the output ended.
    pub fn finish(&mut self, out: &mut dyn FnMut(Piece<'_>)) -> LastWord {
        std::mem::take(&mut self.lines).rest(&mut |line| self.line(line, out));
        self.last_word
    }

    fn line(&mut self, line: &[u8], out: &mut dyn FnMut(Piece<'_>)) {
        match Line::parse(line) {
            Line::Data(data) => {
                self.not_the_last();
                out(Piece::Data(&[data, b"\n"].concat()));
            }
            Line::Console(text) => out(Piece::Console(&[text, b"\n"].concat())),
            Line::Log(frame) => {
                self.not_the_last();
                out(Piece::Log(frame));
            }
            Line::BadLog(_) => out(Piece::BadLog),
            Line::Exit(code) if self.last_word == LastWord::Missing => {
                self.last_word = LastWord::Code(code);
            }
            Line::Exit(_) | Line::BadExit(_) => self.last_word = LastWord::Garbled,
        }
    }

    /// Data and log frames must not come after the exit line.
    fn not_the_last(&mut self) {
        if self.last_word != LastWord::Missing {
            self.last_word = LastWord::Garbled;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `input` in chunks of `chunk` bytes.
    fn split(input: &[u8], chunk: usize) -> (String, String, LastWord) {
        let (mut data, mut console) = (Vec::new(), Vec::new());
        let mut demux = Demux::default();
        let mut out = |piece: Piece<'_>| match piece {
            Piece::Data(bytes) => data.extend_from_slice(bytes),
            Piece::Console(bytes) => console.extend_from_slice(bytes),
            Piece::Log(frame) => {
                let bytes: Vec<u8> = frame.bytes().collect();
                console.extend_from_slice(format!("{}{bytes:?}\n", frame.core()).as_bytes());
            }
            Piece::BadLog => console.extend_from_slice(b"bad log\n"),
        };
        for bytes in input.chunks(chunk) {
            demux.feed(bytes, &mut out);
        }
        let last = demux.finish(&mut out);
        (
            String::from_utf8(data).unwrap(),
            String::from_utf8(console).unwrap(),
            last,
        )
    }

    #[test]
    fn marks_count_only_at_the_start_of_a_line() {
        let input = b"boot\n\x02a\tb\nx \x02 y\n\x02\n\x02\x02z\nwarn \x0342\n\x030\n";
        for chunk in 1..=input.len() {
            assert_eq!(
                split(input, chunk),
                (
                    "a\tb\n\n\x02z\n".into(),
                    "boot\nx \x02 y\nwarn \x0342\n".into(),
                    LastWord::Code(0)
                )
            );
        }
    }

    #[test]
    fn an_unfinished_line_is_not_lost() {
        assert_eq!(
            split(b"panicked at", 3),
            (String::new(), "panicked at\n".into(), LastWord::Missing)
        );
        assert_eq!(split(b"\x03101", 2).2, LastWord::Code(101));
    }

    #[test]
    fn only_one_good_exit_line_at_the_end_counts() {
        for bad in [
            &b"\x03\n"[..],
            b"\x03256\n",
            b"\x03ok\n",
            b"\x03-1\n",
            b"\x030\n\x030\n",
            b"\x030\n\x02late\n",
            b"\x030\n\x040:late\n",
        ] {
            assert_eq!(split(bad, 4).2, LastWord::Garbled, "{bad:?}");
        }
        assert_eq!(split(b"\x037\r\nbye\n", 4).2, LastWord::Code(7));
    }

    #[test]
    fn log_frames_are_unwrapped() {
        let input = b"a\n\x043:x\x10J\ny\n\x04y\n \x040:x\n\x030\n";
        for chunk in 1..=input.len() {
            let console = "a\n3[120, 10]\ny\nbad log\n \x040:x\n";
            let all = (String::new(), console.into(), LastWord::Code(0));
            assert_eq!(split(input, chunk), all);
        }
    }

    #[test]
    fn a_line_without_end_is_a_failure() {
        let mut input = vec![b'x'; 3 * LONGEST];
        input.extend_from_slice(b"\n\x030\n");
        let (data, console, last) = split(&input, 4096);
        assert_eq!((data.len(), last), (0, LastWord::Garbled));
        assert!(console.len() >= 3 * LONGEST);
        assert_eq!(split(&input[..2 * LONGEST], 4096).2, LastWord::Overlong);
    }
}
