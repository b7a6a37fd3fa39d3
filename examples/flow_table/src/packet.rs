//! From an Ethernet frame to the flow that it belongs to.
//!
//! Headers are cut by `etherparse`. Its "lax" slices are used because a capture may keep only the
//! first bytes of each frame: a frame counts as soon as its ports can be seen.

use core::net::IpAddr;

use etherparse::{
    EtherType, Ethernet2Slice, IpNumber, Ipv6ExtensionSlice, LaxIpPayloadSlice, LaxIpv4Slice,
    LaxIpv6Slice, SingleVlanSlice, ether_type, ip_number,
};

use crate::flows::{FlowKey, Protocol};

/// The flow of a frame, or `None` when it has no visible TCP or UDP ports: not IP, another
/// protocol, a later fragment, or cut before the ports.
///
/// Looks through any number of VLAN tags (802.1Q and 802.1ad) and through the IPv6 extension
/// headers, not into tunnels and not into the packet quoted by an ICMP error.
pub fn flow_of(frame: &[u8]) -> Option<FlowKey> {
    let ethernet = Ethernet2Slice::from_slice_without_fcs(frame).ok()?;
    let mut content = ethernet.ether_type();
    let mut rest = ethernet.payload_slice();
    while is_vlan_tag(content) {
        let tag = SingleVlanSlice::from_slice(rest).ok()?;
        content = tag.ether_type();
        rest = tag.payload_slice();
    }
    match content {
        ether_type::IPV4 => flow_of_ipv4(rest),
        ether_type::IPV6 => flow_of_ipv6(rest),
        _ => None,
    }
}

fn is_vlan_tag(content: EtherType) -> bool {
    matches!(
        content,
        ether_type::VLAN_TAGGED_FRAME
            | ether_type::PROVIDER_BRIDGING
            | ether_type::VLAN_DOUBLE_TAGGED_FRAME
    )
}

fn flow_of_ipv4(packet: &[u8]) -> Option<FlowKey> {
    let (packet, _) = LaxIpv4Slice::from_slice(packet).ok()?;
    let header = packet.header();
    // Only the first fragment carries the ports.
    if header.fragments_offset().value() != 0 {
        return None;
    }
    flow_of_payload(
        header.source_addr().into(),
        header.destination_addr().into(),
        packet.payload(),
    )
}

fn flow_of_ipv6(packet: &[u8]) -> Option<FlowKey> {
    let (packet, broken) = LaxIpv6Slice::from_slice(packet).ok()?;
    // A chain of extension headers that breaks off does not lead to ports. It must not be
    // iterated either: etherparse 0.21 iterates without bounds checks, counting on a whole chain.
    if broken.is_some() {
        return None;
    }
    let later_fragment = packet.extensions().clone().into_iter().any(|extension| {
        matches!(extension, Ipv6ExtensionSlice::Fragment(fragment)
            if fragment.fragment_offset().value() != 0)
    });
    if later_fragment {
        return None;
    }
    let header = packet.header();
    flow_of_payload(
        header.source_addr().into(),
        header.destination_addr().into(),
        packet.payload(),
    )
}

fn flow_of_payload(
    source: IpAddr,
    destination: IpAddr,
    payload: &LaxIpPayloadSlice<'_>,
) -> Option<FlowKey> {
    let protocol = protocol(payload.ip_number)?;
    // TCP and UDP both start with the two ports; the rest of their headers may be cut off.
    let &[s0, s1, d0, d1] = payload.payload.first_chunk()?;
    Some(FlowKey {
        protocol,
        source,
        source_port: u16::from_be_bytes([s0, s1]),
        destination,
        destination_port: u16::from_be_bytes([d0, d1]),
    })
}

fn protocol(number: IpNumber) -> Option<Protocol> {
    match number {
        ip_number::TCP => Some(Protocol::Tcp),
        ip_number::UDP => Some(Protocol::Udp),
        _ => None,
    }
}

#[cfg(test)]
#[path = "packet_tests.rs"]
mod tests;
