use super::*;
use crate::testdata::Format;

/// Three frames of different lengths, one of them empty, one of them cut.
fn small(format: Format) -> std::vec::Vec<u8> {
    let mut file = format.header(1);
    file.extend(format.record((7, 250_000), b"first frame", 11));
    file.extend(format.record((9, 1), b"", 60));
    file.extend(format.record((8, 999_999), b"cut", 1500));
    file
}

/// Where the records of `small` start, and the end.
const STARTS: [usize; 4] = [
    24,
    24 + 16 + 11,
    24 + 16 + 11 + 16,
    24 + 16 + 11 + 16 + 16 + 3,
];

#[test]
fn reads_both_byte_orders_and_both_kinds_of_time_stamps() {
    for format in Format::ALL {
        let file = small(format);
        let capture = Capture::validate(&file).unwrap();
        assert_eq!(capture.frame_count(), 3);
        assert_eq!(capture.len(), file.len() - 24);
        let fraction = |value| match format.nanoseconds {
            true => Duration::from_nanos(value),
            false => Duration::from_micros(value),
        };
        let frames: std::vec::Vec<_> = capture.frames().collect();
        let frame = |data, wire_len, seconds, part| Frame {
            data,
            wire_len,
            time: Duration::from_secs(seconds) + fraction(part),
        };
        assert_eq!(
            frames,
            [
                frame(b"first frame", 11, 7, 250_000),
                frame(b"", 60, 9, 1),
                frame(b"cut", 1500, 8, 999_999),
            ]
        );
        // From the earliest to the latest, in whatever order they stand.
        assert_eq!(
            capture.duration(),
            Duration::from_secs(2) + fraction(1) - fraction(250_000)
        );
    }
}

#[test]
fn a_file_cut_at_any_byte_is_an_error_that_says_where() {
    for format in Format::ALL {
        let file = small(format);
        for len in 0..file.len() {
            let outcome = Capture::validate(&file[..len]).map(|capture| capture.frame_count());
            let record = STARTS.iter().rposition(|&start| start <= len);
            let expected = match record {
                None if len == 0 => Err(Error::Empty),
                None => Err(Error::FileHeader { len }),
                // Cut between two records: a shorter capture, nothing is wrong with it.
                Some(whole) if STARTS[whole] == len => Ok(whole as u64),
                Some(whole) => {
                    let found = len - STARTS[whole];
                    let captured = [11, 0, 3][whole];
                    Err(Error::Record {
                        record: whole as u64 + 1,
                        offset: STARTS[whole],
                        fault: match found.checked_sub(16) {
                            None => Fault::Header { found },
                            Some(found) => Fault::Data { captured, found },
                        },
                    })
                }
            };
            assert_eq!(outcome, expected, "cut to {len} bytes");
        }
    }
}

#[test]
fn no_single_wrong_byte_makes_it_panic() {
    for format in Format::ALL {
        let file = small(format);
        for at in 0..file.len() {
            for wrong in [0, 1, 0x7f, 0x80, 0xff] {
                let mut file = file.clone();
                file[at] = wrong;
                if let Ok(capture) = Capture::validate(&file) {
                    // What was validated can be walked to its end.
                    assert_eq!(capture.frames().count() as u64, capture.frame_count());
                }
            }
        }
    }
}

#[test]
fn a_capture_without_frames_is_fine() {
    for format in Format::ALL {
        let file = format.header(1);
        let capture = Capture::validate(&file).unwrap();
        assert_eq!((capture.frame_count(), capture.len()), (0, 0));
        assert_eq!(capture.frames().next(), None);
        assert_eq!(capture.duration(), Duration::ZERO);
    }
}

#[test]
fn batches_end_where_the_next_one_starts() {
    let file = small(Format::ALL[0]);
    let capture = Capture::validate(&file).unwrap();
    let lengths =
        |frames: Frames<'_>| -> std::vec::Vec<u32> { frames.map(|frame| frame.wire_len).collect() };
    let (first, end) = capture.batch(0, 2);
    assert_eq!((lengths(first), end), (vec![11, 60], STARTS[2] - 24));
    let (second, end) = capture.batch(end, 2);
    assert_eq!((lengths(second), end), (vec![1500], capture.len()));
}

/// What the user reads for this file.
fn message(file: &[u8]) -> std::string::String {
    Capture::validate(file).unwrap_err().to_string()
}

#[test]
fn other_kinds_of_files_are_named() {
    assert_eq!(message(b""), "the capture file is empty (0 bytes)");
    assert_eq!(
        message(b"\x0a\x0d\x0d\x0a rest of a pcapng"),
        "the file is a pcapng capture; convert it to classic pcap: \
         editcap -F pcap in.pcapng out.pcap"
    );
    assert_eq!(
        message(b"GIF89a"),
        "the file is not a pcap capture: it starts with 47 49 46 38"
    );
    assert_eq!(
        message(b"\xd4\xc3\xb2\xa1\x02\x00"),
        "the capture is truncated: 6 bytes, but the file header alone has 24"
    );
    assert_eq!(
        message(&Format::ALL[3].header(113)),
        "the link type is 113 (Linux cooked, as from `tcpdump -i any`), \
         but only Ethernet (1) is supported; capture on an Ethernet interface"
    );
    let mut old = Format::ALL[0].header(1);
    old[6] = 3;
    assert!(message(&old).starts_with("pcap version 2.3 is not supported, only 2.4"));
}

#[test]
fn a_checksum_note_in_the_link_type_does_not_matter() {
    let file = Format::ALL[0].header(0x2400_0000 | 1);
    assert!(Capture::validate(&file).is_ok());
}

#[test]
fn damaged_records_are_named() {
    for format in Format::ALL {
        let file = small(format);
        assert_eq!(
            message(&file[..STARTS[2] + 10]),
            "record 3 at byte 67 is truncated: 10 of the 16 bytes of its header"
        );
        assert_eq!(
            message(&file[..STARTS[1] - 1]),
            "record 1 at byte 24 is truncated: 10 of 11 bytes of its frame"
        );
        let with_lengths = |captured, wire_len| {
            let mut file = file.clone();
            file[STARTS[1] + 8..][..4].copy_from_slice(&format.u32(captured));
            file[STARTS[1] + 12..][..4].copy_from_slice(&format.u32(wire_len));
            message(&file)
        };
        assert_eq!(
            with_lengths(262_145, 262_145),
            "record 2 at byte 51 is damaged: a frame of 262145 bytes, the format's limit is 262144"
        );
        assert_eq!(
            with_lengths(u32::MAX, u32::MAX),
            "record 2 at byte 51 is damaged: a frame of 4294967295 bytes, \
             the format's limit is 262144"
        );
        assert_eq!(
            with_lengths(12, 11),
            "record 2 at byte 51 is damaged: 12 bytes captured of a frame of 11"
        );
    }
}
