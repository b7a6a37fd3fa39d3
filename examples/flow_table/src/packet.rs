//! From the bytes of a frame to the flow that it belongs to: what every frame goes through, so it is one
//! pass without a copy.
//!
//! A capture may keep only the first bytes of each frame: a frame counts as soon as its ports can be seen.
//! [`crate::recount`] finds the flow by other code, and the tests compare the two.

use crate::flows::{Address, FlowKey, Protocol, words_of_ipv4, words_of_ipv6};
use crate::link::Link;
use crate::other::Other;

/// EtherTypes that are followed.
mod ether_type {
    pub const IPV4: u16 = 0x0800;
    pub const VLAN: u16 = 0x8100;
    pub const IPV6: u16 = 0x86dd;
    pub const MPLS: u16 = 0x8847;
    pub const MPLS_UPSTREAM: u16 = 0x8848;
    pub const PPPOE_SESSION: u16 = 0x8864;
    pub const PROVIDER_VLAN: u16 = 0x88a8;
    /// 802.1ah: an Ethernet frame behind a service tag.
    pub const SERVICE_TAG: u16 = 0x88e7;
    /// 802.1BR.
    pub const E_TAG: u16 = 0x893f;
    pub const OLD_VLAN: u16 = 0x9100;
    /// Up to here the field is a length, and an LLC header follows.
    pub const MAX_LENGTH: u16 = 1500;
    /// No EtherType is smaller.
    pub const FIRST: u16 = 0x0600;
}

/// The flow of a frame, or why it has none.
type Found = Result<FlowKey, Other>;

/// The flow of a frame.
///
/// Looks through VLAN tags, service tags (802.1ah), E-Tags, MPLS labels, PPPoE sessions and LLC/SNAP headers
/// in any order and number, and through the IPv6 extension headers; not into tunnels in IP, and not into the
/// packet that an ICMP error quotes.
pub fn flow_of(link: Link, frame: &[u8]) -> Found {
    match link {
        Link::Ethernet => {
            let (header, rest) = split(frame, 14)?;
            behind(u16_at(header, 12), rest)
        }
        Link::Raw => ip(frame).unwrap_or(Err(Other::BadIp)),
        Link::Null => {
            let (family, rest) = frame.split_first_chunk().ok_or(Other::Cut)?;
            // Written in the byte order of whatever machine captured it; the numbers are small.
            let family = match u32::from_le_bytes(*family) {
                low @ ..=0xffff => low,
                high => high.swap_bytes(),
            };
            match family {
                2 => ipv4(rest),
                // Linux, NetBSD, FreeBSD, macOS.
                10 | 24 | 28 | 30 => ipv6(rest),
                other => Err(Other::Family(other)),
            }
        }
        Link::Cooked => {
            let (header, rest) = split(frame, 16)?;
            cooked(u16_at(header, 14), rest)
        }
        Link::Cooked2 => {
            let (header, rest) = split(frame, 20)?;
            cooked(u16_at(header, 0), rest)
        }
    }
}

/// What Linux says of a frame that it has taken the link header from: an EtherType, or a number of its own.
fn cooked(protocol: u16, rest: &[u8]) -> Found {
    const LLC: u16 = 4;
    match protocol {
        LLC | ether_type::FIRST.. => behind(protocol, rest),
        other => Err(Other::EtherType(other)),
    }
}

/// What an EtherType, or the length in its place, announces.
fn behind(mut content: u16, mut rest: &[u8]) -> Found {
    loop {
        // The length of a header at whose end the next EtherType stands.
        let tag = match content {
            ether_type::IPV4 => return ipv4(rest),
            ether_type::IPV6 => return ipv6(rest),
            ether_type::VLAN | ether_type::PROVIDER_VLAN | ether_type::OLD_VLAN => 4,
            ether_type::E_TAG => 8,
            ether_type::SERVICE_TAG => 18,
            ether_type::MPLS | ether_type::MPLS_UPSTREAM => return mpls(rest),
            ether_type::PPPOE_SESSION => return ppp(split(rest, 6)?.1),
            ..=ether_type::MAX_LENGTH => match snap(rest)? {
                Some(ether_type) => {
                    content = ether_type;
                    rest = &rest[8..];
                    continue;
                }
                None => return ipv4(&rest[3..]),
            },
            other => return Err(Other::EtherType(other)),
        };
        let (header, behind) = split(rest, tag)?;
        content = u16_at(header, tag - 2);
        rest = behind;
    }
}

/// The EtherType in an LLC/SNAP header of eight bytes, or `None` for an LLC header of three that announces
/// IPv4 itself.
fn snap(rest: &[u8]) -> Result<Option<u16>, Other> {
    const UNNUMBERED: u8 = 3;
    match *rest {
        [0xaa, 0xaa, UNNUMBERED, 0, 0, 0 | 0xf8, high, low, ..] => {
            match u16::from_be_bytes([high, low]) {
                number @ ether_type::FIRST.. => Ok(Some(number)),
                number => Err(Other::EtherType(number)),
            }
        }
        [0xaa, 0xaa, UNNUMBERED, a, b, c, _, _, ..] => {
            Err(Other::Snap(u32::from_be_bytes([0, a, b, c])))
        }
        [0xaa, 0xaa, UNNUMBERED, ..] | [] | [_] | [_, _] => Err(Other::Cut),
        [6, 6, UNNUMBERED, ..] => Ok(None),
        [service, ..] => Err(Other::Llc(service)),
    }
}

fn mpls(mut rest: &[u8]) -> Found {
    loop {
        let (label, behind) = split(rest, 4)?;
        rest = behind;
        let is_last = label[2] & 1 == 1;
        if is_last {
            // Nothing in the labels says what follows: an IP packet starts with its version.
            return ip(rest).unwrap_or(Err(Other::Mpls));
        }
    }
}

fn ppp(rest: &[u8]) -> Found {
    let (protocol, rest) = match *rest {
        // A protocol number below 256 may be written in one byte. That is odd, the first of two is even.
        [short, ref rest @ ..] if short & 1 == 1 => (u16::from(short), rest),
        [high, low, ref rest @ ..] => (u16::from_be_bytes([high, low]), rest),
        _ => return Err(Other::Cut),
    };
    match protocol {
        0x0021 => ipv4(rest),
        0x0057 => ipv6(rest),
        0x0281 | 0x0283 => mpls(rest),
        other => Err(Other::Ppp(other)),
    }
}

/// An IP packet of either version; `None` for anything else.
fn ip(packet: &[u8]) -> Option<Found> {
    match packet.first().map(|first| first >> 4) {
        Some(4) => Some(ipv4(packet)),
        Some(6) => Some(ipv6(packet)),
        Some(_) => None,
        None => Some(Err(Other::Cut)),
    }
}

fn ipv4(packet: &[u8]) -> Found {
    let header: &[u8; 20] = packet.first_chunk().ok_or(Other::Cut)?;
    let header_len = usize::from(header[0] & 0xf) * 4;
    let total = usize::from(u16_at(header, 2));
    // 0: the network card cuts the packet, and fills in the length of each part.
    if header[0] >> 4 != 4 || header_len < 20 || (total != 0 && total < header_len) {
        return Err(Other::BadIp);
    }
    // Only the first fragment has the ports.
    if u16_at(header, 6) & 0x1fff != 0 {
        return Err(Other::LaterFragment);
    }
    let payload = up_to(packet, total).get(header_len..).unwrap_or(&[]);
    let [.., s0, s1, s2, s3, d0, d1, d2, d3] = *header;
    let addresses = [[s0, s1, s2, s3], [d0, d1, d2, d3]].map(words_of_ipv4);
    transport(header[9], payload, false, addresses)
}

fn ipv6(packet: &[u8]) -> Found {
    let (header, payload) = packet.split_first_chunk::<40>().ok_or(Other::Cut)?;
    if header[0] >> 4 != 6 {
        return Err(Other::BadIp);
    }
    // 0: as in IPv4, or a packet so long that an option has its length.
    let payload = up_to(payload, usize::from(u16_at(header, 4)));
    let address = |at: usize| {
        let mut octets = [0; 16];
        octets.copy_from_slice(&header[at..at + 16]);
        words_of_ipv6(octets)
    };
    transport(header[6], payload, true, [address(8), address(24)])
}

/// The flow of an IP packet whose header names `next` as what follows, and the two addresses.
#[inline]
fn transport(mut next: u8, mut rest: &[u8], is_ipv6: bool, addresses: [Address; 2]) -> Found {
    loop {
        let protocol = match next {
            6 => Protocol::Tcp,
            17 => Protocol::Udp,
            // IPv4 has but one of the extension headers, the one below.
            0 | 43 | 44 | 60 if is_ipv6 => {
                let &[following, len, high, low, ..] = rest else {
                    return Err(Other::Cut);
                };
                let is_fragment = next == 44;
                if is_fragment && u16::from_be_bytes([high, low]) >> 3 != 0 {
                    return Err(Other::LaterFragment);
                }
                let len = if is_fragment { 0 } else { usize::from(len) };
                rest = split(rest, 8 + 8 * len)?.1;
                next = following;
                continue;
            }
            51 => {
                let &[following, len, ..] = rest else {
                    return Err(Other::Cut);
                };
                // It has twelve bytes before its checksum.
                if len == 0 {
                    return Err(Other::BadIp);
                }
                rest = split(rest, 8 + 4 * usize::from(len))?.1;
                next = following;
                continue;
            }
            other => return Err(Other::Protocol(other)),
        };
        // TCP and UDP both start with the two ports; the rest of their headers may be cut off.
        let &[s0, s1, d0, d1] = rest.first_chunk().ok_or(Other::Cut)?;
        let ports = [[s0, s1], [d0, d1]].map(u16::from_be_bytes);
        return Ok(FlowKey::of_words(protocol, is_ipv6, addresses, ports));
    }
}

/// What the packet says of its own length: the rest pads the frame. 0 says nothing.
fn up_to(bytes: &[u8], len: usize) -> &[u8] {
    match len {
        0 => bytes,
        _ => bytes.get(..len).unwrap_or(bytes),
    }
}

fn split(bytes: &[u8], at: usize) -> Result<(&[u8], &[u8]), Other> {
    bytes.split_at_checked(at).ok_or(Other::Cut)
}

/// The number at `at`, which the caller has made sure is there.
#[inline]
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

#[cfg(test)]
#[path = "packet_tests.rs"]
mod tests;
