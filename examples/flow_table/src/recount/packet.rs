//! The flow of a frame, found by other code than [`crate::packet`]: the headers that the crate `etherparse`
//! knows are cut by it, and the others here.
//!
//! A mistake in one of the two is a difference that the check reports.

use core::net::{IpAddr, SocketAddr};

use etherparse::{
    EtherType, Ethernet2Slice, IpAuthHeaderSlice, IpNumber, Ipv4HeaderSlice,
    Ipv6FragmentHeaderSlice, Ipv6HeaderSlice, Ipv6RawExtHeaderSlice, SingleVlanSlice, ether_type,
    ip_number,
};

use crate::flows::{FlowKey, Protocol};
use crate::link::Link;

/// What stands behind a header.
#[derive(Clone, Copy)]
enum Next {
    /// What this EtherType says.
    Ether(EtherType),
    /// An IEEE 802.2 header.
    Llc,
    /// MPLS labels.
    Labels,
    /// A PPP protocol number.
    Ppp,
    /// An IP packet, of the version that it says itself.
    Ip,
    /// An IP packet of this version.
    IpOf(u8),
}

/// The flow of a frame, or `None` when it has no visible TCP or UDP ports.
pub fn flow_of(link: Link, frame: &[u8]) -> Option<FlowKey> {
    let (mut next, mut rest) = first(link, frame)?;
    loop {
        (next, rest) = match next {
            Next::Ether(number) => match number {
                ether_type::IPV4 => (Next::IpOf(4), rest),
                ether_type::IPV6 => (Next::IpOf(6), rest),
                ether_type::VLAN_TAGGED_FRAME
                | ether_type::PROVIDER_BRIDGING
                | ether_type::VLAN_DOUBLE_TAGGED_FRAME => {
                    let tag = SingleVlanSlice::from_slice(rest).ok()?;
                    (ether_or_length(tag.ether_type()), tag.payload_slice())
                }
                // 802.1BR: a tag of six bytes.
                EtherType(0x893f) => typed(rest.get(6..)?)?,
                // 802.1ah: a tag of four bytes, then a frame of its own.
                EtherType(0x88e7) => ethernet(rest.get(4..)?)?,
                EtherType(0x8847 | 0x8848) => (Next::Labels, rest),
                // A PPPoE header: version, code, session, length.
                EtherType(0x8864) => (Next::Ppp, rest.get(6..)?),
                _ => return None,
            },
            Next::Llc => match rest.get(..3)? {
                [0x06, 0x06, 0x03] => (Next::IpOf(4), &rest[3..]),
                [0xaa, 0xaa, 0x03] => {
                    // Ethernet types are those of the organization 0, and of one for bridges (802.1H).
                    let known = [[0, 0, 0], [0, 0, 0xf8]]
                        .iter()
                        .any(|it| rest[3..].starts_with(it));
                    match typed(rest.get(6..)?)? {
                        (found @ Next::Ether(_), rest) if known => (found, rest),
                        _ => return None,
                    }
                }
                _ => return None,
            },
            Next::Labels => {
                let label = u32::from_be_bytes(*rest.first_chunk()?);
                let is_last = label & 0x100 != 0;
                (if is_last { Next::Ip } else { Next::Labels }, &rest[4..])
            }
            Next::Ppp => {
                let short = rest.first()? % 2 == 1;
                let (number, rest) = rest.split_at_checked(if short { 1 } else { 2 })?;
                match number {
                    [0x21] | [0x00, 0x21] => (Next::IpOf(4), rest),
                    [0x57] | [0x00, 0x57] => (Next::IpOf(6), rest),
                    [0x02, 0x81 | 0x83] => (Next::Labels, rest),
                    _ => return None,
                }
            }
            Next::Ip => (Next::IpOf(rest.first()? / 16), rest),
            Next::IpOf(4) => return ipv4(rest),
            Next::IpOf(6) => return ipv6(rest),
            Next::IpOf(_) => return None,
        };
    }
}

/// Behind the link header.
fn first(link: Link, frame: &[u8]) -> Option<(Next, &[u8])> {
    Some(match link {
        Link::Ethernet => ethernet(frame)?,
        Link::Raw => (Next::Ip, frame),
        Link::Null => {
            let (family, rest) = frame.split_first_chunk::<4>()?;
            let number = match family {
                [number, 0, 0, 0] | [0, 0, 0, number] => *number,
                _ => return None,
            };
            let version = match number {
                2 => 4,
                10 | 24 | 28 | 30 => 6,
                _ => return None,
            };
            (Next::IpOf(version), rest)
        }
        // 16 bytes, the protocol last; 20 bytes, the protocol first.
        Link::Cooked => cooked(*frame.get(14..)?.first_chunk()?, frame.get(16..)?)?,
        Link::Cooked2 => cooked(*frame.first_chunk()?, frame.get(20..)?)?,
    })
}

fn ethernet(frame: &[u8]) -> Option<(Next, &[u8])> {
    let frame = Ethernet2Slice::from_slice_without_fcs(frame).ok()?;
    Some((ether_or_length(frame.ether_type()), frame.payload_slice()))
}

fn cooked(protocol: [u8; 2], rest: &[u8]) -> Option<(Next, &[u8])> {
    match u16::from_be_bytes(protocol) {
        4 => Some((Next::Llc, rest)),
        number if number < 0x600 => None,
        number => Some((Next::Ether(EtherType(number)), rest)),
    }
}

/// An EtherType, and what it announces.
fn typed(rest: &[u8]) -> Option<(Next, &[u8])> {
    let (number, rest) = rest.split_first_chunk()?;
    Some((
        ether_or_length(EtherType(u16::from_be_bytes(*number))),
        rest,
    ))
}

/// What stands in an EtherType's place is a length up to 1500.
const fn ether_or_length(number: EtherType) -> Next {
    if number.0 <= 1500 {
        Next::Llc
    } else {
        Next::Ether(number)
    }
}

fn ipv4(packet: &[u8]) -> Option<FlowKey> {
    let header = Ipv4HeaderSlice::from_slice(packet);
    // Cut within its options: they are of no interest, but then no port was captured.
    let header = header.ok()?;
    let own = header.slice().len();
    let payload = match usize::from(header.total_len()) {
        // Filled in by the network card.
        0 => &packet[own..],
        total if total < own => return None,
        total => &packet[own..total.min(packet.len())],
    };
    if header.fragments_offset().value() != 0 {
        return None;
    }
    let addresses = (
        header.source_addr().into(),
        header.destination_addr().into(),
    );
    behind_authentication(addresses, header.protocol(), payload)
}

/// IPv4 has no other extension header.
fn behind_authentication(
    addresses: (IpAddr, IpAddr),
    mut number: IpNumber,
    mut payload: &[u8],
) -> Option<FlowKey> {
    while number == ip_number::AUTH {
        let header = IpAuthHeaderSlice::from_slice(payload).ok()?;
        number = header.next_header();
        payload = &payload[header.slice().len()..];
    }
    ports(addresses, number, payload)
}

fn ipv6(packet: &[u8]) -> Option<FlowKey> {
    let header = Ipv6HeaderSlice::from_slice(packet).ok()?;
    let payload = &packet[header.slice().len()..];
    let mut payload = match usize::from(header.payload_length()) {
        0 => payload,
        len => &payload[..len.min(payload.len())],
    };
    let addresses = (
        header.source_addr().into(),
        header.destination_addr().into(),
    );
    let mut number = header.next_header();
    // Slice by slice, not with `Ipv6ExtensionsSlice`: that one ends at hop-by-hop options which are not
    // first, and etherparse 0.21 iterates over a broken chain without bounds checks.
    loop {
        let len;
        (number, len) = match number {
            ip_number::IPV6_HEADER_HOP_BY_HOP
            | ip_number::IPV6_ROUTE_HEADER
            | ip_number::IPV6_DESTINATION_OPTIONS => {
                let header = Ipv6RawExtHeaderSlice::from_slice(payload).ok()?;
                (header.next_header(), header.slice().len())
            }
            ip_number::IPV6_FRAGMENTATION_HEADER => {
                let header = Ipv6FragmentHeaderSlice::from_slice(payload).ok()?;
                if header.fragment_offset().value() != 0 {
                    return None;
                }
                (header.next_header(), header.slice().len())
            }
            ip_number::AUTHENTICATION_HEADER => {
                let header = IpAuthHeaderSlice::from_slice(payload).ok()?;
                (header.next_header(), header.slice().len())
            }
            _ => return ports(addresses, number, payload),
        };
        payload = &payload[len..];
    }
}

fn ports(
    (source, destination): (IpAddr, IpAddr),
    number: IpNumber,
    payload: &[u8],
) -> Option<FlowKey> {
    let protocol = match number {
        ip_number::TCP => Protocol::Tcp,
        ip_number::UDP => Protocol::Udp,
        _ => return None,
    };
    // The least header, UDP's, has eight bytes: etherparse's slices would want all of them.
    let (from, rest) = payload.split_first_chunk()?;
    let (to, _) = rest.split_first_chunk()?;
    Some(FlowKey::new(
        protocol,
        SocketAddr::new(source, u16::from_be_bytes(*from)),
        SocketAddr::new(destination, u16::from_be_bytes(*to)),
    ))
}
