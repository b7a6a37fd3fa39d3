use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A pcapng file, put together byte by byte.
struct PcapNg {
    big_endian: bool,
    bytes: Vec<u8>,
}

impl PcapNg {
    fn new(big_endian: bool) -> Self {
        let mut file = Self {
            big_endian,
            bytes: Vec::new(),
        };
        let mut body = file.u32(0x1a2b_3c4d).to_vec();
        body.extend(file.u16(1));
        body.extend(file.u16(0));
        body.extend([0xff; 8]);
        file.block(0x0a0d_0d0a, &body);
        file
    }

    fn u16(&self, value: u16) -> [u8; 2] {
        match self.big_endian {
            true => value.to_be_bytes(),
            false => value.to_le_bytes(),
        }
    }

    fn u32(&self, value: u32) -> [u8; 4] {
        match self.big_endian {
            true => value.to_be_bytes(),
            false => value.to_le_bytes(),
        }
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let padding = body.len().next_multiple_of(4) - body.len();
        let len = self.u32((12 + body.len() + padding) as u32);
        self.bytes.extend(self.u32(kind));
        self.bytes.extend(len);
        self.bytes.extend(body);
        self.bytes.extend(&[0; 3][..padding]);
        self.bytes.extend(len);
    }

    /// With microseconds, or the power of ten that is given.
    fn interface(&mut self, link: u16, resolution: Option<u8>) {
        let mut body = self.u16(link).to_vec();
        body.extend([0, 0]);
        body.extend(self.u32(96));
        if let Some(resolution) = resolution {
            body.extend(self.u16(9));
            body.extend(self.u16(1));
            body.extend([resolution, 0, 0, 0]);
            body.extend([0; 4]);
        }
        self.block(1, &body);
    }

    fn packet(&mut self, interface: u32, stamp: u64, data: &[u8], wire_len: u32) {
        let mut body = Vec::new();
        for field in [
            interface,
            (stamp >> 32) as u32,
            stamp as u32,
            data.len() as u32,
            wire_len,
        ] {
            body.extend(self.u32(field));
        }
        body.extend(data);
        self.block(6, &body);
    }

    fn simple(&mut self, data: &[u8], wire_len: u32) {
        let mut body = self.u32(wire_len).to_vec();
        body.extend(data);
        self.block(3, &body);
    }
}

/// Little endian, nanoseconds.
fn pcap(link: u32, records: &[(u32, u32, &[u8], u32)]) -> Vec<u8> {
    let mut file = 0xa1b2_3c4d_u32.to_le_bytes().to_vec();
    file.extend([2, 0, 4, 0]);
    for field in [0, 0, 262_144, link] {
        file.extend(u32::to_le_bytes(field));
    }
    for (seconds, fraction, data, wire_len) in records {
        for field in [*seconds, *fraction, data.len() as u32, *wire_len] {
            file.extend(field.to_le_bytes());
        }
        file.extend(*data);
    }
    file
}

fn error(bytes: Vec<u8>) -> String {
    plain(bytes).unwrap_err().to_string()
}

#[test]
fn pcapng_becomes_pcap() {
    for big_endian in [false, true] {
        let mut file = PcapNg::new(big_endian);
        file.interface(1, None);
        file.interface(1, Some(9));
        file.packet(0, 7_250_000, b"micro", 60);
        // An empty packet, and one longer on the wire.
        file.packet(1, 8_000_000_001, b"", 0);
        file.block(0x0000_0bad, b"unknown");
        file.simple(b"simple", 6);
        file.simple(&[1; 96], 1500);
        let found = plain(file.bytes).unwrap();
        let expected = pcap(
            1,
            &[
                (7, 250_000_000, b"micro", 60),
                (8, 1, b"", 0),
                (0, 0, b"simple", 6),
                (0, 0, &[1; 96], 1500),
            ],
        );
        assert_eq!((found.bytes, found.notes), (expected, vec![]));
    }
}

#[test]
fn each_section_has_its_own_interfaces_and_byte_order() {
    let mut file = PcapNg::new(false);
    file.interface(113, None);
    file.packet(0, 1, b"a", 1);
    let mut next = PcapNg::new(true);
    next.interface(113, Some(3));
    next.packet(0, 2500, b"b", 1);
    file.bytes.extend(next.bytes);
    let expected = pcap(113, &[(0, 1000, b"a", 1), (2, 500_000_000, b"b", 1)]);
    assert_eq!(plain(file.bytes).unwrap().bytes, expected);
}

#[test]
fn what_a_pcap_cannot_hold_or_is_damaged_is_an_error() {
    let mut file = PcapNg::new(false);
    file.interface(1, None);
    file.interface(101, None);
    file.packet(0, 1, b"a", 1);
    let start = file.bytes.clone();
    file.packet(1, 1, b"a", 1);
    assert!(error(file.bytes).contains("different link types, 1 and 101"));

    let with = |change: fn(&mut PcapNg)| {
        let mut file = PcapNg {
            big_endian: false,
            bytes: start.clone(),
        };
        change(&mut file);
        error(file.bytes)
    };
    let text = with(|file| file.packet(2, 1, b"a", 1));
    assert_eq!(text, "packet 2 is damaged: there is no interface 2");
    let text = with(|file| file.block(2, &[0; 20]));
    assert!(text.starts_with("block 5 holds a packet in an outdated form"));
    let text = with(|file| file.bytes.extend([6, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(text, "block 5 at byte 104 is damaged: its length is wrong");
}

#[test]
fn a_packet_in_an_outdated_form_is_an_error_in_either_byte_order() {
    for big_endian in [false, true] {
        let mut file = PcapNg::new(big_endian);
        file.interface(1, None);
        file.block(2, &[0; 20]);
        let text = error(file.bytes);
        assert!(
            text.starts_with("block 3 holds a packet in an outdated form"),
            "{text}"
        );
    }
}

/// The first of two blocks says that it reaches to the end of the second.
#[test]
fn no_block_swallows_another() {
    for big_endian in [false, true] {
        for kind in [3, 7, 10, 0x8000_0001] {
            let mut file = PcapNg::new(big_endian);
            file.interface(1, None);
            let at = file.bytes.len();
            let body = [file.u32(12).to_vec(), vec![0; 12]].concat();
            file.block(kind, &body);
            file.simple(&[0; 12], 12);
            let len = file.u32((file.bytes.len() - at) as u32);
            file.bytes[at + 4..at + 8].copy_from_slice(&len);
            let text = error(file.bytes);
            assert_eq!(
                text,
                format!(
                    "block 3 at byte {at} is damaged: its length at its end is another one than at its beginning"
                )
            );
        }
    }
}

#[test]
fn a_block_or_packet_that_is_too_short_is_an_error() {
    // The parser counts on a length of 12 and more.
    let mut file = PcapNg::new(false);
    file.bytes.extend(0x8000_0001_u32.to_le_bytes());
    file.bytes.extend([8, 0, 0, 0]);
    assert!(error(file.bytes).ends_with("its length is wrong"));

    let mut file = PcapNg::new(false);
    file.interface(1, None);
    file.simple(&[0; 12], 40);
    assert_eq!(
        error(file.bytes),
        "packet 1 is damaged: it is shorter than it says"
    );
}

/// Units of a power of two, and seconds that are added.
#[test]
fn clocks_are_read_in_either_byte_order() {
    for big_endian in [false, true] {
        let mut file = PcapNg::new(big_endian);
        let offset = 100_i64;
        let mut body = [&file.u16(1)[..], &[0, 0], &file.u32(96)].concat();
        body.extend([&file.u16(9)[..], &file.u16(1), &[0x80 | 20, 0, 0, 0]].concat());
        body.extend([&file.u16(14)[..], &file.u16(8)].concat());
        body.extend(match big_endian {
            true => offset.to_be_bytes(),
            false => offset.to_le_bytes(),
        });
        body.extend([0; 4]);
        file.block(1, &body);
        file.packet(0, (5 << 20) + (1 << 19), b"a", 1);
        let expected = pcap(1, &[(105, 500_000_000, b"a", 1)]);
        assert_eq!(plain(file.bytes).unwrap().bytes, expected, "{big_endian}");
    }
}

#[test]
fn a_small_file_with_too_much_in_it_is_an_error() {
    let packed = gzip(&[0; 1000]);
    let text = gunzip(&packed, 999, &mut Vec::new())
        .unwrap_err()
        .to_string();
    assert_eq!(text, "the capture has more than 999 bytes");
    assert_eq!(gunzip(&packed, 1000, &mut Vec::new()).unwrap().len(), 1000);
}

#[test]
fn a_capture_that_was_cut_keeps_its_whole_packets() {
    let mut file = PcapNg::new(false);
    file.interface(1, None);
    file.packet(0, 1, b"first", 5);
    let whole = file.bytes.len();
    file.packet(0, 2, b"second", 6);
    for len in whole + 1..file.bytes.len() {
        let found = plain(file.bytes[..len].to_vec()).unwrap();
        assert_eq!(found.bytes, pcap(1, &[(0, 1000, b"first", 5)]), "{len}");
        assert_eq!(
            found.notes,
            [
                "the capture was cut off within its block 4: the 1 whole packets before it are counted"
            ]
        );
    }
    assert!(error(file.bytes[..20].to_vec()).contains("truncated within its first block"));
}

#[test]
fn no_packets_are_fine() {
    let mut file = PcapNg::new(false);
    assert_eq!(plain(file.bytes.clone()).unwrap().bytes, pcap(1, &[]));
    file.interface(113, None);
    assert_eq!(plain(file.bytes).unwrap().bytes, pcap(113, &[]));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn gzip_is_unpacked() {
    // Not compressible, so that a part of the file is a part of the content.
    let noise: Vec<u8> = (0..100_000u32)
        .map(|i| (i.wrapping_mul(0x9e37_79b1) >> 13) as u8)
        .collect();
    let packed = gzip(&noise);
    assert_eq!(plain(packed.clone()).unwrap().bytes, noise);
    // Files that are packed one by one may stand one behind the other.
    let twice = [&packed[..], &gzip(b"more")].concat();
    assert_eq!(plain(twice).unwrap().bytes, [&noise[..], b"more"].concat());

    let cut = plain(packed[..packed.len() / 2].to_vec()).unwrap();
    assert!(noise.starts_with(&cut.bytes) && !cut.bytes.is_empty());
    assert!(cut.notes[0].starts_with("the compressed file was cut off"));
    let mut damaged = packed;
    damaged[20] ^= 0xff;
    damaged[21] ^= 0xff;
    assert!(error(damaged).contains("cannot be unpacked"));

    let mut file = PcapNg::new(true);
    file.interface(1, None);
    file.packet(0, 1, b"a", 1);
    let expected = pcap(1, &[(0, 1000, b"a", 1)]);
    assert_eq!(plain(gzip(&file.bytes)).unwrap().bytes, expected);
}

#[test]
fn other_files_are_handed_on_as_they_are() {
    for bytes in [&b""[..], b"\n", b"GIF89a", &pcap(1, &[])] {
        let found = plain(bytes.to_vec()).unwrap();
        assert_eq!((found.bytes, found.notes), (bytes.to_vec(), vec![]));
    }
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    assert!(is_plain(Path::new(here)).unwrap());
    assert!(!is_plain(Path::new(STDIN)).unwrap());
}

proptest! {
    /// Nothing that is done to a file makes it panic, and a cut file is never an error once a packet is
    /// whole.
    #[test]
    fn no_damage_makes_it_panic(
        big_endian: bool,
        packets in vec((0..3u32, any::<u64>(), vec(any::<u8>(), 0..40), any::<u32>()), 0..6),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut: prop::sample::Index,
    ) {
        let mut file = PcapNg::new(big_endian);
        file.interface(1, None);
        file.interface(1, Some(9));
        file.interface(1, Some(0xff));
        for (interface, stamp, data, wire_len) in &packets {
            file.packet(*interface, *stamp, data, *wire_len);
            file.simple(data, *wire_len);
        }
        let mut bytes = file.bytes;
        let len = cut.index(bytes.len() + 1);
        bytes.truncate(len);
        for (at, value) in changes {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        }
        let _ = plain(bytes.clone());
        let _ = plain(gzip(&bytes));
    }
}
