use core::time::Duration;

use proptest::prelude::*;

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
fn starts(format: Format) -> [usize; 4] {
    let header = format.record_header();
    [0, 11, 11, 14].map({
        let mut records = 0;
        move |data| {
            records += 1;
            24 + (records - 1) * header + data
        }
    })
}

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
        let frame = |data, wire_len| Frame { data, wire_len };
        assert_eq!(
            frames,
            [
                frame(b"first frame", 11),
                frame(b"", 60),
                frame(b"cut", 1500),
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
fn a_file_cut_at_any_byte_keeps_its_whole_records_and_says_where_it_ends() {
    for format in Format::ALL {
        let file = small(format);
        let starts = starts(format);
        let header = format.record_header();
        for len in 0..file.len() {
            let outcome = Capture::validate(&file[..len]);
            let Some(whole) = starts.iter().rposition(|&start| start <= len) else {
                let expected = match len {
                    0 => Error::Empty,
                    _ => Error::FileHeader { len },
                };
                assert_eq!(outcome.unwrap_err(), expected);
                continue;
            };
            let capture = outcome.unwrap();
            let found = len - starts[whole];
            let fault = match found.checked_sub(header) {
                None => Fault::Header {
                    found,
                    needed: header,
                },
                Some(found) => Fault::Data {
                    captured: [11, 0, 3][whole],
                    found,
                },
            };
            // Cut between two records: a shorter capture, nothing is wrong with it.
            let cut = (found > 0).then_some(Cut {
                record: whole as u64 + 1,
                offset: starts[whole],
                fault,
            });
            assert_eq!(
                (capture.frame_count(), capture.cut()),
                (whole as u64, cut),
                "{len}"
            );
            assert_eq!(capture.frames().count(), whole);
            assert_eq!(capture.len(), starts[whole] - 24);
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
    assert_eq!(
        (lengths(first), end),
        (vec![11, 60], starts(Format::ALL[0])[2] - 24)
    );
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
        "the file is a pcapng capture: name it with --capture, which converts it"
    );
    assert_eq!(
        message(b"\x1f\x8b\x08\0"),
        "the file is compressed with gzip: name it with --capture, which unpacks it"
    );
    assert_eq!(
        message(b"\x28\xb5\x2f\xfd"),
        "the file is not a pcap capture: it starts with 28 b5 2f fd, as a file compressed with zstd \
         does; unpack it first"
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
        message(&Format::ALL[3].header(127)),
        "the link type is 127 (802.11 wireless with radiotap), but only Ethernet, raw IP, null and \
         Linux cooked captures are supported"
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
        let second = starts(format)[1];
        let with_lengths = |captured, wire_len| {
            let mut file = file.clone();
            file[second + 8..][..4].copy_from_slice(&format.u32(captured));
            file[second + 12..][..4].copy_from_slice(&format.u32(wire_len));
            file
        };
        let damaged = |captured, wire_len| message(&with_lengths(captured, wire_len));
        assert_eq!(
            damaged(262_145, 262_145),
            format!(
                "record 2 at byte {second} is damaged: a frame of 262145 bytes, \
                 the format's limit is 262144"
            )
        );
        assert_eq!(
            damaged(0, u32::MAX),
            format!(
                "record 2 at byte {second} is damaged: 0 bytes captured of a frame of 4294967295, \
                 but no frame has more than 1048576"
            )
        );
        // Less on the wire than was captured: some tools write that. The file says what it says.
        let file = with_lengths(0, 0);
        let capture = Capture::validate(&file).unwrap();
        assert_eq!((capture.frame_count(), capture.shortened()), (3, 0));
        let mut file = file;
        file[24 + 12..][..4].copy_from_slice(&format.u32(9));
        let capture = Capture::validate(&file).unwrap();
        assert_eq!((capture.frame_count(), capture.shortened()), (3, 1));
        let first = capture.frames().next().unwrap();
        assert_eq!((first.wire_len, first.data.len()), (9, 11));
    }
}

#[test]
fn a_cut_file_is_told_in_words() {
    let file = small(Format::ALL[0]);
    let capture = Capture::validate(&file[..file.len() - 1]).unwrap();
    assert_eq!(
        capture.cut().unwrap().to_string(),
        "the capture was cut off: its last record, 3 at byte 67, is truncated: 2 of 3 bytes of its \
         frame; the 2 whole records before it are counted"
    );
}

/// The frames that the crate `pcap-parser` finds: what was kept, and the length on the wire.
fn by_pcap_parser(file: &[u8]) -> std::vec::Vec<(std::vec::Vec<u8>, u32)> {
    use pcap_parser::traits::PcapReaderIterator;
    use pcap_parser::{LegacyPcapReader, PcapBlockOwned, PcapError};
    let mut reader = LegacyPcapReader::new(65536, file).unwrap();
    let mut frames = std::vec::Vec::new();
    loop {
        match reader.next() {
            Ok((used, block)) => {
                if let PcapBlockOwned::Legacy(block) = block {
                    frames.push((block.data.to_vec(), block.origlen));
                }
                reader.consume(used);
            }
            Err(PcapError::Incomplete(_)) => reader.refill().unwrap(),
            Err(PcapError::Eof) => return frames,
            Err(error) => panic!("{error:?}"),
        }
    }
}

proptest! {
    #[test]
    fn another_crate_finds_the_same_frames(
        // It does not know the modified format.
        format in prop::sample::select(&Format::ALL[..4]),
        link in prop::sample::select(&[0, 1, 101, 113, 276][..]),
        records in prop::collection::vec((any::<u32>(), prop::collection::vec(any::<u8>(), 0..80), 0..2000u32), 0..20),
    ) {
        let mut file = format.header(link);
        for (second, data, wire_len) in &records {
            file.extend(format.record((*second, 5), data, *wire_len));
        }
        let capture = Capture::validate(&file).unwrap();
        let frames = capture.frames().map(|frame| (frame.data.to_vec(), frame.wire_len));
        let found: std::vec::Vec<_> = frames.collect();
        prop_assert_eq!(&found, &by_pcap_parser(&file));
        prop_assert_eq!(found.len(), records.len());
        let shortened = records.iter().filter(|(_, data, wire_len)| (*wire_len as usize) < data.len());
        prop_assert_eq!(capture.shortened(), shortened.count() as u64);
    }

    /// Whatever is done to a file: what is validated can be walked to its end, in batches, too.
    #[test]
    fn no_damage_makes_it_panic(
        format in prop::sample::select(&Format::ALL[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        len: prop::sample::Index,
        batch in 1..5usize,
    ) {
        let mut file = small(format);
        file.extend(format.record((3, 3), &[7; 300], 300));
        for (at, value) in changes {
            let at = at.index(file.len());
            file[at] = value;
        }
        file.truncate(len.index(file.len() + 1));
        if let Ok(capture) = Capture::validate(&file) {
            let frames: std::vec::Vec<_> = capture.frames().collect();
            prop_assert_eq!(frames.len() as u64, capture.frame_count());
            let (mut offset, mut in_batches) = (0, std::vec::Vec::new());
            while offset < capture.len() {
                let (frames, end) = capture.batch(offset, batch);
                in_batches.extend(frames);
                prop_assert!(end > offset);
                offset = end;
            }
            prop_assert_eq!(frames, in_batches);
        }
    }
}
