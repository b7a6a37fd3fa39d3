//! The command line comes back as it was written, and a bad one is refused.

use protocol::command_line::{CommandLine, DecodeError, EncodeError, decode, encode};
use protocol::{COMMAND_LINE_MAX, FileRegion};

fn encoded(file: Option<FileRegion>, arguments: &[&str]) -> Result<String, EncodeError> {
    let mut line = String::new();
    encode(file, arguments.iter().copied(), &mut line).map(|()| line)
}

fn assert_round_trip(file: Option<FileRegion>, arguments: &[&str]) {
    let line = encoded(file, arguments).expect("a valid command line");
    let safe = |byte: u8| byte == b' ' || (byte.is_ascii_graphic() && !b"\"',\\".contains(&byte));
    assert!(line.bytes().all(safe), "unsafe byte in {line:?}");
    let mut buffer = [0xff; COMMAND_LINE_MAX + 1];
    let decoded = decode(line.as_bytes(), &mut buffer).expect("our own line");
    assert_eq!(decoded.file(), file);
    assert_eq!(decoded.arguments().collect::<Vec<_>>(), arguments);
}

#[test]
fn arguments_come_back() {
    let region = FileRegion {
        address: 0x5000_0000,
        length: 0x2d_c6c0,
    };
    let largest = FileRegion {
        address: u64::MAX,
        length: u64::MAX,
    };
    let every_byte: String = ('\u{1}'..='\u{ff}').collect();
    for file in [None, Some(region), Some(largest)] {
        assert_round_trip(file, &[]);
        assert_round_trip(file, &[""]);
        assert_round_trip(file, &["", "", "a", ""]);
        assert_round_trip(
            file,
            &["--cores", "4", "a b", "50%", "%20", "x,y", "\"q\"", "'"],
        );
        assert_round_trip(file, &["file=1:2", "file=1:2"]);
        assert_round_trip(file, &["schlüssel", "鍵", "\u{7f}\n\t\r\x02\x03"]);
        assert_round_trip(file, &[&every_byte]);
    }
}

#[test]
fn the_written_form_is_stable() {
    let region = FileRegion {
        address: 0x1000_0000,
        length: 255,
    };
    assert_eq!(encoded(None, &[]).as_deref(), Ok(""));
    assert_eq!(
        encoded(Some(region), &["a b", "", "k=v,w", "-x/y.z"]).as_deref(),
        Ok("file=10000000:ff a%20b % k%3Dv%2Cw -x/y.z")
    );
}

#[test]
fn lengths_are_limited() {
    let longest = "a".repeat(COMMAND_LINE_MAX);
    assert_round_trip(None, &[&longest]);
    assert_eq!(encoded(None, &[&longest, "b"]), Err(EncodeError::TooLong));
    assert_eq!(encoded(None, &["a\0b"]), Err(EncodeError::Nul));
    assert_eq!(
        decode(b"abc", &mut [0; 3]),
        Err(DecodeError::BufferTooSmall)
    );
    assert!(decode(b"abc", &mut [0; 4]).is_ok());
}

#[test]
fn bad_lines_are_refused() {
    let decode = |line: &[u8]| decode(line, &mut [0; 64]).map(|_| ()).unwrap_err();
    for line in ["a%", "a%2", "%%", "%zz", "%+1", "x %1 y"] {
        assert_eq!(decode(line.as_bytes()), DecodeError::BadEscape, "{line}");
    }
    for line in [
        "file=",
        "file=1",
        "file=1:",
        "file=:1",
        "file=g:1",
        "file=1:10000000000000000",
    ] {
        assert_eq!(decode(line.as_bytes()), DecodeError::BadFile, "{line}");
    }
    for line in ["%00", "%C3", "%C3 %A9", "%FF"] {
        assert_eq!(decode(line.as_bytes()), DecodeError::NotText, "{line}");
    }
}

#[test]
fn an_empty_line_has_nothing() {
    assert_eq!(decode(b"", &mut []), Ok(CommandLine::EMPTY));
    assert_eq!(CommandLine::EMPTY.arguments().count(), 0);
}
