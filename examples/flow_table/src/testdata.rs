//! Frames and captures for the tests, put together byte by byte: not with the crate that reads
//! them, so that both cannot share a mistake.

use std::vec::Vec;

/// The IP protocol numbers of TCP, UDP and ICMP.
pub const TCP: u8 = 6;
pub const UDP: u8 = 17;
pub const ICMP: u8 = 1;

/// EtherTypes of IPv4 and IPv6.
pub const IPV4: u16 = 0x0800;
pub const IPV6: u16 = 0x86dd;

/// An Ethernet frame with VLAN tags of the given EtherTypes, the outermost first.
pub fn ethernet(vlans: &[u16], content: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    for (id, vlan) in (100u16..).zip(vlans) {
        frame.extend_from_slice(&vlan.to_be_bytes());
        frame.extend_from_slice(&id.to_be_bytes());
    }
    frame.extend_from_slice(&content.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// An IPv4 packet from 192.0.2.1 to 192.0.2.2. `options` must fill whole words; `fragment` is
/// flags and offset as in the header.
pub fn ipv4(protocol: u8, options: &[u8], fragment: u16, payload: &[u8]) -> Vec<u8> {
    let words = 5 + options.len() / 4;
    let total = (words * 4 + payload.len()) as u16;
    let mut packet = vec![0x40 | words as u8, 0];
    packet.extend_from_slice(&total.to_be_bytes());
    packet.extend_from_slice(&[0x12, 0x34]);
    packet.extend_from_slice(&fragment.to_be_bytes());
    packet.extend_from_slice(&[64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    packet.extend_from_slice(options);
    packet.extend_from_slice(payload);
    packet
}

/// An IPv6 packet from 2001:db8::1 to 2001:db8::2 with extension headers.
pub fn ipv6(extensions: &[Extension], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    for (i, extension) in extensions.iter().enumerate() {
        let next = extensions.get(i + 1).map_or(protocol, Extension::number);
        extension.write(next, &mut content);
    }
    content.extend_from_slice(payload);
    let first = extensions.first().map_or(protocol, Extension::number);
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend_from_slice(&(content.len() as u16).to_be_bytes());
    packet.extend_from_slice(&[first, 64]);
    for last in [1, 2] {
        packet.extend_from_slice(&[
            0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last,
        ]);
    }
    packet.extend_from_slice(&content);
    packet
}

/// An IPv6 extension header.
#[derive(Clone, Copy, Debug)]
pub enum Extension {
    HopByHop,
    Destination,
    Routing,
    Authentication,
    /// With the offset in units of 8 bytes, and whether more fragments follow.
    Fragment(u16, bool),
}

impl Extension {
    pub fn number(&self) -> u8 {
        match self {
            Self::HopByHop => 0,
            Self::Routing => 43,
            Self::Fragment(..) => 44,
            Self::Authentication => 51,
            Self::Destination => 60,
        }
    }

    fn write(&self, next: u8, out: &mut Vec<u8>) {
        match self {
            // One option that pads the header to 8 and 16 bytes.
            Self::HopByHop => out.extend_from_slice(&[next, 0, 1, 4, 0, 0, 0, 0]),
            Self::Destination => {
                out.extend_from_slice(&[next, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            }
            Self::Routing => out.extend_from_slice(&[next, 0, 253, 0, 0, 0, 0, 0]),
            Self::Authentication => out.extend_from_slice(&authentication(next)),
            Self::Fragment(offset, more) => {
                out.extend_from_slice(&[next, 0]);
                out.extend_from_slice(&(offset << 3 | u16::from(*more)).to_be_bytes());
                out.extend_from_slice(&[0, 0, 0, 7]);
            }
        }
    }
}

/// An authentication header with 12 bytes of checksum.
pub fn authentication(next: u8) -> [u8; 24] {
    let mut header = [0; 24];
    header[0] = next;
    header[1] = 4;
    header
}

/// A TCP or UDP header that starts with these ports; 20 bytes do for both.
pub fn transport(source: u16, destination: u16) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend_from_slice(&source.to_be_bytes());
    header.extend_from_slice(&destination.to_be_bytes());
    // For TCP: the header's length; for UDP these bytes are payload.
    header.extend_from_slice(&[0, 20, 0, 0, 0, 0, 0, 0, 0x50, 0, 0, 0, 0, 0, 0, 0]);
    header
}

/// How a capture is written.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    pub big_endian: bool,
    pub nanoseconds: bool,
    /// With eight more bytes in each record's header.
    pub modified: bool,
}

impl Format {
    pub const ALL: [Self; 6] = [
        Self::new(false, false, false),
        Self::new(false, true, false),
        Self::new(true, false, false),
        Self::new(true, true, false),
        Self::new(false, false, true),
        Self::new(true, false, true),
    ];

    const fn new(big_endian: bool, nanoseconds: bool, modified: bool) -> Self {
        Self {
            big_endian,
            nanoseconds,
            modified,
        }
    }

    /// The length of a record's header.
    pub fn record_header(self) -> usize {
        if self.modified { 24 } else { 16 }
    }

    pub fn u16(self, value: u16) -> [u8; 2] {
        match self.big_endian {
            true => value.to_be_bytes(),
            false => value.to_le_bytes(),
        }
    }

    pub fn u32(self, value: u32) -> [u8; 4] {
        match self.big_endian {
            true => value.to_be_bytes(),
            false => value.to_le_bytes(),
        }
    }

    /// The file header.
    pub fn header(self, link_type: u32) -> Vec<u8> {
        let magic = match (self.nanoseconds, self.modified) {
            (true, _) => 0xa1b2_3c4d,
            (false, false) => 0xa1b2_c3d4,
            (false, true) => 0xa1b2_cd34,
        };
        let mut file = self.u32(magic).to_vec();
        file.extend_from_slice(&self.u16(2));
        file.extend_from_slice(&self.u16(4));
        for field in [0, 0, 65535, link_type] {
            file.extend_from_slice(&self.u32(field));
        }
        file
    }

    /// A record: time stamp, captured bytes, length on the wire.
    pub fn record(self, time: (u32, u32), data: &[u8], wire_len: u32) -> Vec<u8> {
        let mut record = Vec::new();
        for field in [time.0, time.1, data.len() as u32, wire_len] {
            record.extend_from_slice(&self.u32(field));
        }
        if self.modified {
            record.extend_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8]);
        }
        record.extend_from_slice(data);
        record
    }

    /// A capture of whole frames, one a second.
    pub fn capture(self, frames: &[Vec<u8>]) -> Vec<u8> {
        let mut file = self.header(1);
        for (second, frame) in (1000..).zip(frames) {
            file.extend_from_slice(&self.record((second, 500), frame, frame.len() as u32));
        }
        file
    }
}
