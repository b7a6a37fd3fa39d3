//! Reads a classic pcap capture in place, from a byte slice.
//!
//! Why not a crate: `pcap-file` 2.0, `pcap-parser` 0.17 and `capfile` 0.1 all need `std` (their
//! readers rest on `std::io::Read`, a circular buffer or a memory map) and do not build for a
//! target without it. The format is two fixed headers, so it is read here.
//!
//! [`Capture::validate`] walks the whole file once. After that every record is known to be
//! complete, and reading frames cannot fail any more: that is what lets many cores walk the
//! same bytes without a way to report an error.

use core::fmt;
use core::time::Duration;

/// Length of the header at the start of the file.
const FILE_HEADER: usize = 24;
/// Length of the header before each frame.
const RECORD_HEADER: usize = 16;
/// No capture tool writes longer frames (libpcap's own limit). The snapshot length in the file
/// header is not taken as the limit: merged captures state one that is too small.
const MAX_FRAME: u32 = 262_144;
/// The link type of Ethernet.
const ETHERNET: u32 = 1;

/// One captured frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The bytes that were kept, starting with the Ethernet header.
    pub data: &'a [u8],
    /// How long the frame was on the wire; more than `data.len()` when it was cut.
    pub wire_len: u32,
    /// When it was captured, since 1970.
    pub time: Duration,
}

/// A capture whose every record has been checked.
#[derive(Clone, Copy, Debug)]
pub struct Capture<'a> {
    records: &'a [u8],
    layout: Layout,
    frames: u64,
    duration: Duration,
}

impl<'a> Capture<'a> {
    /// Checks the whole of `file`, header and records, and counts its frames.
    pub fn validate(file: &'a [u8]) -> Result<Self, Error> {
        let layout = Layout::of_file(file)?;
        let records = &file[FILE_HEADER..];
        let mut frames = 0;
        let mut offset = 0;
        let mut earliest = Duration::MAX;
        let mut latest = Duration::ZERO;
        while offset < records.len() {
            let (frame, end) = layout
                .record(records, offset)
                .map_err(|fault| Error::Record {
                    record: frames + 1,
                    offset: FILE_HEADER + offset,
                    fault,
                })?;
            earliest = earliest.min(frame.time);
            latest = latest.max(frame.time);
            frames += 1;
            offset = end;
        }
        Ok(Self {
            records,
            layout,
            frames,
            duration: latest.saturating_sub(earliest),
        })
    }

    /// The number of frames.
    pub const fn frame_count(&self) -> u64 {
        self.frames
    }

    /// The length of all records in bytes: the offsets that [`batch`](Self::batch) takes and
    /// gives lie in `0..len()`.
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// The time from the first to the last frame.
    pub const fn duration(&self) -> Duration {
        self.duration
    }

    /// All frames, in file order.
    pub const fn frames(&self) -> Frames<'a> {
        Frames {
            records: self.records,
            layout: self.layout,
            offset: 0,
        }
    }

    /// Up to `max_frames` frames starting at the record at `offset`, and the offset behind them.
    /// Touches the record headers only, not the frames.
    pub fn batch(&self, offset: usize, max_frames: usize) -> (Frames<'a>, usize) {
        let mut walk = Frames {
            records: self.records,
            layout: self.layout,
            offset,
        };
        for _ in 0..max_frames {
            if walk.next().is_none() {
                break;
            }
        }
        let batch = Frames {
            records: &self.records[..walk.offset],
            layout: self.layout,
            offset,
        };
        (batch, walk.offset)
    }
}

/// Iterator over frames of a validated capture.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    records: &'a [u8],
    layout: Layout,
    offset: usize,
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        if self.offset >= self.records.len() {
            return None;
        }
        // Every record was checked by `Capture::validate`, so the error cannot occur.
        let (frame, end) = self.layout.record(self.records, self.offset).ok()?;
        self.offset = end;
        Some(frame)
    }
}

/// How the numbers in a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    big_endian: bool,
    /// Whether the fraction of a time stamp counts nanoseconds (else microseconds).
    nanoseconds: bool,
}

impl Layout {
    /// Reads the file header.
    fn of_file(file: &[u8]) -> Result<Self, Error> {
        let magic: [u8; 4] = match file.first_chunk() {
            Some(magic) => *magic,
            None if file.is_empty() => return Err(Error::Empty),
            None => return Err(Error::FileHeader { len: file.len() }),
        };
        let layout = |big_endian, nanoseconds| Self {
            big_endian,
            nanoseconds,
        };
        let layout = match magic {
            [0xd4, 0xc3, 0xb2, 0xa1] => layout(false, false),
            [0xa1, 0xb2, 0xc3, 0xd4] => layout(true, false),
            [0x4d, 0x3c, 0xb2, 0xa1] => layout(false, true),
            [0xa1, 0xb2, 0x3c, 0x4d] => layout(true, true),
            [0x0a, 0x0d, 0x0d, 0x0a] => return Err(Error::PcapNg),
            other => return Err(Error::NotPcap { magic: other }),
        };
        let Some(header) = file.first_chunk::<FILE_HEADER>() else {
            return Err(Error::FileHeader { len: file.len() });
        };
        let (major, minor) = (layout.u16_at(header, 4), layout.u16_at(header, 6));
        // Before 2.4 the two lengths of a record stood the other way round.
        if (major, minor) != (2, 4) {
            return Err(Error::Version { major, minor });
        }
        // The upper bits of this field say whether frames end with a checksum: no matter here.
        let link_type = layout.u32_at(header, 20) & 0x03ff_ffff;
        if link_type != ETHERNET {
            return Err(Error::LinkType(link_type));
        }
        Ok(layout)
    }

    /// Reads the record at `offset`: the frame, and the offset of the next record.
    fn record<'a>(&self, records: &'a [u8], offset: usize) -> Result<(Frame<'a>, usize), Fault> {
        let rest = records.get(offset..).unwrap_or_default();
        let Some((header, rest)) = rest.split_first_chunk::<RECORD_HEADER>() else {
            return Err(Fault::Header { found: rest.len() });
        };
        let captured = self.u32_at(header, 8);
        let wire_len = self.u32_at(header, 12);
        if captured > MAX_FRAME {
            return Err(Fault::TooLong { captured });
        }
        if captured > wire_len {
            return Err(Fault::Lengths { captured, wire_len });
        }
        let Some(data) = rest.get(..captured as usize) else {
            return Err(Fault::Data {
                captured,
                found: rest.len(),
            });
        };
        let fraction = u64::from(self.u32_at(header, 4));
        let fraction = if self.nanoseconds {
            Duration::from_nanos(fraction)
        } else {
            Duration::from_micros(fraction)
        };
        let frame = Frame {
            data,
            wire_len,
            time: Duration::from_secs(u64::from(self.u32_at(header, 0))) + fraction,
        };
        Ok((frame, offset + RECORD_HEADER + data.len()))
    }

    fn u16_at(&self, header: &[u8], at: usize) -> u16 {
        let bytes = [header[at], header[at + 1]];
        if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        }
    }

    fn u32_at(&self, header: &[u8], at: usize) -> u32 {
        let bytes = [header[at], header[at + 1], header[at + 2], header[at + 3]];
        if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }
    }
}

/// Why a file is not a capture that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The file has no bytes.
    Empty,
    /// The file is a pcapng capture.
    PcapNg,
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
    /// The frames are not Ethernet frames.
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
    /// The record header says that more was captured than was on the wire.
    Lengths {
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
                "the file is a pcapng capture; convert it to classic pcap: \
                 editcap -F pcap in.pcapng out.pcap"
            ),
            Self::NotPcap { magic } => write!(
                f,
                "the file is not a pcap capture: it starts with {:02x} {:02x} {:02x} {:02x}",
                magic[0], magic[1], magic[2], magic[3]
            ),
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
                "the link type is {number} ({}), but only Ethernet (1) is supported; \
                 capture on an Ethernet interface",
                link_type_name(*number)
            ),
            Self::Record {
                record,
                offset,
                fault,
            } => {
                write!(f, "record {record} at byte {offset} ")?;
                match fault {
                    Fault::Header { found } => write!(
                        f,
                        "is truncated: {found} of the {RECORD_HEADER} bytes of its header"
                    ),
                    Fault::Data { captured, found } => {
                        write!(f, "is truncated: {found} of {captured} bytes of its frame")
                    }
                    Fault::TooLong { captured } => write!(
                        f,
                        "is damaged: a frame of {captured} bytes, \
                         the format's limit is {MAX_FRAME}"
                    ),
                    Fault::Lengths { captured, wire_len } => write!(
                        f,
                        "is damaged: {captured} bytes captured of a frame of {wire_len}"
                    ),
                }
            }
        }
    }
}

/// The names of link types that captures often have.
fn link_type_name(number: u32) -> &'static str {
    match number {
        0 => "BSD loopback",
        9 => "PPP",
        12 | 14 | 101 => "raw IP",
        105 => "802.11 wireless",
        108 => "OpenBSD loopback",
        113 => "Linux cooked, as from `tcpdump -i any`",
        127 => "802.11 wireless with radiotap",
        192 => "wireless with PPI",
        195 | 230 => "802.15.4",
        228 => "raw IPv4",
        229 => "raw IPv6",
        276 => "Linux cooked v2, as from `tcpdump -i any`",
        _ => "not a common one",
    }
}

#[cfg(test)]
#[path = "pcap_tests.rs"]
mod tests;
