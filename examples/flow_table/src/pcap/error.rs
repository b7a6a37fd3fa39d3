//! What is wrong with a capture, in the user's words.

use core::fmt;

use super::{FILE_HEADER, MAX_FRAME, MAX_WIRE};
use crate::link::name_of_unsupported;

/// Why a file is not a capture that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The file has no bytes.
    Empty,
    /// The file is a pcapng capture.
    PcapNg,
    /// The file is compressed.
    Gzip,
    /// The file starts with none of the marks of a pcap capture.
    NotPcap {
        /// What it starts with.
        magic: [u8; 4],
    },
    /// The file ends inside the file header.
    FileHeader {
        /// The length of the file.
        len: usize,
    },
    /// A version of the format other than 2.4.
    Version {
        /// The number before the dot.
        major: u16,
        /// The number behind the dot.
        minor: u16,
    },
    /// The frames start with something else than what [`Link`](crate::link::Link) has.
    LinkType(u32),
    /// A record is broken.
    Record {
        /// The number of the record, from 1.
        record: u64,
        /// Where in the file it starts.
        offset: usize,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// What is wrong with one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The file ends inside the record header.
    Header {
        /// How many of its bytes are there.
        found: usize,
        /// How many it has.
        needed: usize,
    },
    /// The file ends inside the frame.
    Data {
        /// How many bytes the record header announces.
        captured: u32,
        /// How many are there.
        found: usize,
    },
    /// The record header announces a frame longer than any capture tool writes.
    TooLong {
        /// How many bytes the record header announces.
        captured: u32,
    },
    /// The record header announces a length on the wire that no frame has.
    WireLength {
        /// The captured length.
        captured: u32,
        /// The length on the wire.
        wire_len: u32,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the capture file is empty (0 bytes)"),
            Self::PcapNg => write!(
                f,
                "the file is a pcapng capture: name it with --capture, which converts it"
            ),
            Self::Gzip => write!(
                f,
                "the file is compressed with gzip: name it with --capture, which unpacks it"
            ),
            Self::NotPcap { magic } => {
                write!(
                    f,
                    "the file is not a pcap capture: it starts with {:02x} {:02x} {:02x} {:02x}",
                    magic[0], magic[1], magic[2], magic[3]
                )?;
                match compressed_with(*magic) {
                    Some(name) => write!(
                        f,
                        ", as a file compressed with {name} does; unpack it first"
                    ),
                    None => Ok(()),
                }
            }
            Self::FileHeader { len } => write!(
                f,
                "the capture is truncated: {len} bytes, but the file header alone has {FILE_HEADER}"
            ),
            Self::Version { major, minor } => write!(
                f,
                "pcap version {major}.{minor} is not supported, only 2.4; \
                 rewrite the capture: editcap -F pcap in.pcap out.pcap"
            ),
            Self::LinkType(number) => write!(
                f,
                "the link type is {number} ({}), but only Ethernet, raw IP, null and Linux cooked \
                 captures are supported",
                name_of_unsupported(*number)
            ),
            Self::Record {
                record,
                offset,
                fault,
            } => {
                write!(f, "record {record} at byte {offset} {fault}")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { found, needed } => {
                write!(
                    f,
                    "is truncated: {found} of the {needed} bytes of its header"
                )
            }
            Self::Data { captured, found } => {
                write!(f, "is truncated: {found} of {captured} bytes of its frame")
            }
            Self::TooLong { captured } => write!(
                f,
                "is damaged: a frame of {captured} bytes, the format's limit is {MAX_FRAME}"
            ),
            Self::WireLength { captured, wire_len } => write!(
                f,
                "is damaged: {captured} bytes captured of a frame of {wire_len}, but no frame has \
                 more than {MAX_WIRE}"
            ),
        }
    }
}

/// The last record of a file that was cut off: the whole ones before it are the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The number of the record, from 1.
    pub record: u64,
    /// Where in the file it starts.
    pub offset: usize,
    /// What is missing.
    pub fault: Fault,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the capture was cut off: its last record, {} at byte {}, {}; the {} whole records before \
             it are counted",
            self.record,
            self.offset,
            self.fault,
            self.record - 1
        )
    }
}

/// What else captures are compressed with.
const fn compressed_with(magic: [u8; 4]) -> Option<&'static str> {
    match magic {
        [0x28, 0xb5, 0x2f, 0xfd] => Some("zstd"),
        [0xfd, b'7', b'z', b'X'] => Some("xz"),
        [b'B', b'Z', b'h', _] => Some("bzip2"),
        [0x04, 0x22, 0x4d, 0x18] => Some("lz4"),
        [b'P', b'K', 3, 4] => Some("zip"),
        _ => None,
    }
}
