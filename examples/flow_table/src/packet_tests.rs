use core::net::{Ipv4Addr, Ipv6Addr};

use super::*;
use crate::testdata::{
    Extension, ICMP, IPV4, IPV6, TCP, UDP, authentication, ethernet, ipv4, ipv6, transport,
};

const VLAN: u16 = 0x8100;
const PROVIDER: u16 = 0x88a8;
const OLD_DOUBLE: u16 = 0x9100;
const TAGS: [&[u16]; 6] = [
    &[],
    &[VLAN],
    &[PROVIDER, VLAN],
    &[VLAN, VLAN],
    &[OLD_DOUBLE, VLAN],
    &[PROVIDER, VLAN, VLAN, VLAN, VLAN],
];
const MORE_FRAGMENTS: u16 = 0x2000;

fn v4(protocol: Protocol) -> Option<FlowKey> {
    Some(FlowKey {
        protocol,
        source: Ipv4Addr::new(192, 0, 2, 1).into(),
        source_port: 40000,
        destination: Ipv4Addr::new(192, 0, 2, 2).into(),
        destination_port: 53,
    })
}

fn v6(protocol: Protocol) -> Option<FlowKey> {
    Some(FlowKey {
        source: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
        destination: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2).into(),
        ..v4(protocol)?
    })
}

/// The flow of the packet, which must be the same behind any VLAN tags.
fn flow(content: u16, packet: &[u8]) -> Option<FlowKey> {
    let plain = flow_of(&ethernet(&[], content, packet));
    for tags in TAGS {
        let tagged = flow_of(&ethernet(tags, content, packet));
        assert_eq!(tagged, plain, "tags {tags:04x?}");
    }
    plain
}

#[test]
fn ipv4_with_tcp_and_udp() {
    let ports = transport(40000, 53);
    let options = [1; 40];
    for (number, protocol) in [(TCP, Protocol::Tcp), (UDP, Protocol::Udp)] {
        for options in [&options[..0], &options[..4], &options] {
            let packet = ipv4(number, options, 0, &ports);
            assert_eq!(flow(IPV4, &packet), v4(protocol));
        }
        let behind_authentication = [&authentication(number)[..], &ports].concat();
        let packet = ipv4(51, &[], 0, &behind_authentication);
        assert_eq!(flow(IPV4, &packet), v4(protocol));
    }
}

#[test]
fn ipv4_first_fragments_count_and_later_ones_do_not() {
    let ports = transport(40000, 53);
    let fragment = |flags_and_offset| flow(IPV4, &ipv4(UDP, &[], flags_and_offset, &ports));
    assert_eq!(fragment(MORE_FRAGMENTS), v4(Protocol::Udp));
    assert_eq!(fragment(MORE_FRAGMENTS | 1), None);
    assert_eq!(fragment(0x1fff), None);
    // "Do not fragment" is no fragment.
    assert_eq!(fragment(0x4000), v4(Protocol::Udp));
}

#[test]
fn ipv6_with_any_extension_headers() {
    use Extension::{Authentication, Destination, Fragment, HopByHop, Routing};
    let ports = transport(40000, 53);
    let chains: [&[Extension]; 8] = [
        &[],
        &[HopByHop],
        &[Destination],
        &[Routing],
        &[Authentication],
        &[Fragment(0, false)],
        &[Fragment(0, true)],
        &[
            HopByHop,
            Destination,
            Routing,
            Fragment(0, true),
            Authentication,
            Destination,
        ],
    ];
    for (number, protocol) in [(TCP, Protocol::Tcp), (UDP, Protocol::Udp)] {
        for chain in chains {
            let packet = ipv6(chain, number, &ports);
            assert_eq!(flow(IPV6, &packet), v6(protocol), "{chain:?}");
        }
    }
    for chain in [
        &[Fragment(1, true)][..],
        &[Fragment(1, false)],
        &[HopByHop, Routing, Fragment(0x1fff, false)],
    ] {
        assert_eq!(flow(IPV6, &ipv6(chain, UDP, &ports)), None, "{chain:?}");
    }
}

#[test]
fn other_content_has_no_flow() {
    let ports = transport(40000, 53);
    assert_eq!(flow(IPV4, &ipv4(ICMP, &[], 0, &ports)), None);
    assert_eq!(flow(IPV6, &ipv6(&[], 58, &ports)), None);
    // An ICMP error quotes the packet that it is about; that packet did not travel here.
    let quoted = [&[3, 3, 0, 0, 0, 0, 0, 0][..], &ipv4(UDP, &[], 0, &ports)].concat();
    assert_eq!(flow(IPV4, &ipv4(ICMP, &[], 0, &quoted)), None);
    // IP in IP: the frame's own packet is neither TCP nor UDP.
    assert_eq!(
        flow(IPV4, &ipv4(4, &[], 0, &ipv4(UDP, &[], 0, &ports))),
        None
    );
    // ARP, an 802.3 length, and IP packets of the other version.
    assert_eq!(flow(0x0806, &[0; 28]), None);
    assert_eq!(flow(0x0026, &[0; 38]), None);
    assert_eq!(flow(IPV4, &ipv6(&[], UDP, &ports)), None);
    assert_eq!(flow(IPV6, &ipv4(UDP, &[], 0, &ports)), None);
}

#[test]
fn padding_is_not_taken_for_ports() {
    // A datagram that ends before its ports, padded to the least length of a frame.
    let mut packet = ipv4(UDP, &[], 0, &[0x9c, 0x40]);
    packet.resize(46, 0);
    assert_eq!(flow(IPV4, &packet), None);
}

#[test]
fn a_frame_counts_as_soon_as_its_ports_are_captured() {
    use Extension::{Authentication, Destination, Fragment, HopByHop, Routing};
    let ports = transport(40000, 53);
    let long = [
        HopByHop,
        Destination,
        Routing,
        Fragment(0, true),
        Authentication,
    ];
    for tags in TAGS {
        for (frame, expected) in [
            (
                ethernet(tags, IPV4, &ipv4(TCP, &[1; 8], 0, &ports)),
                v4(Protocol::Tcp),
            ),
            (
                ethernet(tags, IPV6, &ipv6(&[], UDP, &ports)),
                v6(Protocol::Udp),
            ),
            (
                ethernet(tags, IPV6, &ipv6(&long, UDP, &ports)),
                v6(Protocol::Udp),
            ),
        ] {
            // The frame without what follows the ports.
            let needed = frame.len() - (ports.len() - 4);
            for len in 0..=frame.len() {
                let expected = expected.filter(|_| len >= needed);
                assert_eq!(
                    flow_of(&frame[..len]),
                    expected,
                    "{len} of {} bytes",
                    frame.len()
                );
            }
        }
    }
}

#[test]
fn a_broken_chain_of_extension_headers_is_survived() {
    let ports = transport(40000, 53);
    // Each header as the last that the packet announces, and none of it there.
    for next in [0, 43, 44, 51, 60] {
        assert_eq!(
            flow(IPV6, &ipv6(&[Extension::Destination], next, &[])),
            None
        );
        assert_eq!(flow(IPV6, &ipv6(&[], next, &[])), None);
        assert_eq!(flow(IPV6, &ipv6(&[], next, &[17, 255])), None);
    }
    // A hop-by-hop header is allowed at the start only.
    let late = [Extension::Destination, Extension::HopByHop];
    assert_eq!(flow(IPV6, &ipv6(&late, UDP, &ports)), None);
}

#[test]
fn no_single_wrong_byte_makes_it_panic() {
    use Extension::{Destination, Fragment, HopByHop};
    let ports = transport(40000, 53);
    for frame in [
        ethernet(&[VLAN], IPV4, &ipv4(TCP, &[1; 8], 0, &ports)),
        ethernet(
            &[],
            IPV6,
            &ipv6(&[HopByHop, Fragment(0, true), Destination], UDP, &ports),
        ),
    ] {
        for at in 0..frame.len() {
            for wrong in 0..=255 {
                let mut frame = frame.clone();
                frame[at] = wrong;
                for len in [frame.len(), frame.len() - 17, at + 1] {
                    // No answer is expected of a damaged frame but that there is one.
                    let _ = flow_of(&frame[..len]);
                }
            }
        }
    }
}
