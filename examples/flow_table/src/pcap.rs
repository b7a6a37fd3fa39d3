//! Reads a classic pcap capture in place, from a byte slice.
//!
//! Why not a crate: `pcap-file` 2.0, `pcap-parser` 0.17 and `capfile` 0.1 all need `std` (their
//! readers rest on `std::io::Read`, a circular buffer or a memory map) and do not build for a
//! target without it. The format is two fixed headers, so it is read here; what else a user may have
//! (pcapng, compressed) the host converts to it, with `pcap-parser` (package `capture-file`).
//!
//! [`Capture::validate`] walks the whole file once. After that every record is known to be
//! complete, and reading frames cannot fail any more: that is what lets many cores walk the
//! same bytes without a way to report an error.

mod error;

pub use error::{Cut, Error, Fault};

use core::time::Duration;

use crate::link::Link;

/// Length of the header at the start of the file.
const FILE_HEADER: usize = 24;
/// Length of the header before each frame.
const RECORD_HEADER: usize = 16;
/// The same in the "modified" format of some old Linux systems: interface, protocol and packet type follow.
const MODIFIED_HEADER: usize = 24;
/// No capture tool writes longer frames (libpcap's own limit). The snapshot length in the file
/// header is not taken as the limit: merged captures state one that is too small.
const MAX_FRAME: u32 = 262_144;
/// No frame was longer on the wire: the longest that Linux hands on in one piece (BIG TCP) have half of it.
const MAX_WIRE: u32 = 1 << 20;

/// One captured frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The bytes that were kept, starting with the link header.
    pub data: &'a [u8],
    /// How long the frame was on the wire, as the capture says; more than `data.len()` when it was cut.
    pub wire_len: u32,
}

/// A capture whose every record has been checked.
#[derive(Clone, Copy, Debug)]
pub struct Capture<'a> {
    records: &'a [u8],
    layout: Layout,
    link: Link,
    frames: u64,
    shortened: u64,
    duration: Duration,
    cut: Option<Cut>,
}

impl<'a> Capture<'a> {
    /// Checks the whole of `file`, header and records, and counts its frames.
    ///
    /// A file that ends within a record was cut off, as by a full disk: the whole records are the capture,
    /// and [`cut`](Self::cut) says so. Any other damage is an error.
    pub fn validate(file: &'a [u8]) -> Result<Self, Error> {
        let (layout, link) = Layout::of_file(file)?;
        let records = &file[FILE_HEADER..];
        let mut capture = Self {
            records,
            layout,
            link,
            frames: 0,
            shortened: 0,
            duration: Duration::ZERO,
            cut: None,
        };
        let mut offset = 0;
        let mut earliest = Duration::MAX;
        let mut latest = Duration::ZERO;
        while offset < records.len() {
            let (record, start) = (capture.frames + 1, FILE_HEADER + offset);
            match layout.record(records, offset) {
                Ok((frame, end)) => {
                    let time = layout.time(records, offset);
                    earliest = earliest.min(time);
                    latest = latest.max(time);
                    capture.frames += 1;
                    capture.shortened += u64::from((frame.wire_len as usize) < frame.data.len());
                    offset = end;
                }
                Err(fault @ (Fault::Header { .. } | Fault::Data { .. })) => {
                    capture.records = &records[..offset];
                    capture.cut = Some(Cut {
                        record,
                        offset: start,
                        fault,
                    });
                    break;
                }
                Err(fault) => {
                    return Err(Error::Record {
                        record,
                        offset: start,
                        fault,
                    });
                }
            }
        }
        capture.duration = latest.saturating_sub(earliest);
        Ok(capture)
    }

    /// What the frames start with.
    pub const fn link(&self) -> Link {
        self.link
    }

    /// The number of frames.
    pub const fn frame_count(&self) -> u64 {
        self.frames
    }

    /// How many records say that less was on the wire than was captured. Their bytes are counted as they
    /// say.
    pub const fn shortened(&self) -> u64 {
        self.shortened
    }

    /// The record within which the file ends, if it does.
    pub const fn cut(&self) -> Option<Cut> {
        self.cut
    }

    /// The length of all records in bytes: the offsets that [`batch`](Self::batch) takes and
    /// gives lie in `0..len()`.
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no frame.
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
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

    #[inline]
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
    /// The length of a record's header.
    header: usize,
}

impl Layout {
    /// Reads the file header.
    fn of_file(file: &[u8]) -> Result<(Self, Link), Error> {
        let magic: [u8; 4] = match file.first_chunk() {
            Some(magic) => *magic,
            None if file.is_empty() => return Err(Error::Empty),
            None => return Err(Error::FileHeader { len: file.len() }),
        };
        let layout = |big_endian, nanoseconds, header| Self {
            big_endian,
            nanoseconds,
            header,
        };
        let layout = match magic {
            [0xd4, 0xc3, 0xb2, 0xa1] => layout(false, false, RECORD_HEADER),
            [0xa1, 0xb2, 0xc3, 0xd4] => layout(true, false, RECORD_HEADER),
            [0x4d, 0x3c, 0xb2, 0xa1] => layout(false, true, RECORD_HEADER),
            [0xa1, 0xb2, 0x3c, 0x4d] => layout(true, true, RECORD_HEADER),
            [0x34, 0xcd, 0xb2, 0xa1] => layout(false, false, MODIFIED_HEADER),
            [0xa1, 0xb2, 0xcd, 0x34] => layout(true, false, MODIFIED_HEADER),
            [0x0a, 0x0d, 0x0d, 0x0a] => return Err(Error::PcapNg),
            [0x1f, 0x8b, ..] => return Err(Error::Gzip),
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
        let link = Link::of(link_type).ok_or(Error::LinkType(link_type))?;
        Ok((layout, link))
    }

    /// Reads the record at `offset`: the frame, and the offset of the next record.
    #[inline]
    fn record<'a>(&self, records: &'a [u8], offset: usize) -> Result<(Frame<'a>, usize), Fault> {
        let rest = records.get(offset..).unwrap_or_default();
        let Some((header, rest)) = rest.split_at_checked(self.header) else {
            return Err(Fault::Header {
                found: rest.len(),
                needed: self.header,
            });
        };
        let captured = self.u32_at(header, 8);
        let wire_len = self.u32_at(header, 12);
        if captured > MAX_FRAME {
            return Err(Fault::TooLong { captured });
        }
        if wire_len > MAX_WIRE {
            return Err(Fault::WireLength { captured, wire_len });
        }
        let Some(data) = rest.get(..captured as usize) else {
            return Err(Fault::Data {
                captured,
                found: rest.len(),
            });
        };
        let end = offset + self.header + data.len();
        Ok((Frame { data, wire_len }, end))
    }

    /// When the frame of the whole record at `offset` was captured, since 1970.
    fn time(&self, records: &[u8], offset: usize) -> Duration {
        let seconds = u64::from(self.u32_at(records, offset));
        let fraction = u64::from(self.u32_at(records, offset + 4));
        Duration::from_secs(seconds)
            + match self.nanoseconds {
                true => Duration::from_nanos(fraction),
                false => Duration::from_micros(fraction),
            }
    }

    fn u16_at(&self, bytes: &[u8], at: usize) -> u16 {
        let bytes = [bytes[at], bytes[at + 1]];
        match self.big_endian {
            true => u16::from_be_bytes(bytes),
            false => u16::from_le_bytes(bytes),
        }
    }

    #[inline]
    fn u32_at(&self, bytes: &[u8], at: usize) -> u32 {
        let bytes = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        match self.big_endian {
            true => u32::from_be_bytes(bytes),
            false => u32::from_le_bytes(bytes),
        }
    }
}

#[cfg(test)]
#[path = "pcap_tests.rs"]
mod tests;
