use core::net::SocketAddr;
use std::vec::Vec;

use super::*;
use crate::recount;
use crate::testdata::{
    Extension, ICMP, IPV4, IPV6, TCP, UDP, authentication, ethernet, ipv4, ipv6, transport,
};

#[path = "packet_damage_tests.rs"]
mod damaged;

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

fn key(protocol: Protocol, source: &str, destination: &str) -> Option<FlowKey> {
    let end = |text: &str| -> SocketAddr { text.parse().unwrap() };
    Some(FlowKey::new(protocol, end(source), end(destination)))
}

fn v4(protocol: Protocol) -> Option<FlowKey> {
    key(protocol, "192.0.2.1:40000", "192.0.2.2:53")
}

fn v6(protocol: Protocol) -> Option<FlowKey> {
    key(protocol, "[2001:db8::1]:40000", "[2001:db8::2]:53")
}

/// The flow of a frame, which both parsers must find.
fn both(link: Link, frame: &[u8]) -> Option<FlowKey> {
    let found = super::flow_of(link, frame).ok();
    assert_eq!(
        found,
        recount::packet::flow_of(link, frame),
        "{link:?} {frame:02x?}"
    );
    found
}

/// The same for Ethernet.
fn flow_of(frame: &[u8]) -> Option<FlowKey> {
    both(Link::Ethernet, frame)
}

/// Why there is no flow.
fn other(frame: &[u8]) -> Other {
    assert_eq!(flow_of(frame), None);
    super::flow_of(Link::Ethernet, frame).unwrap_err()
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
    // Hop-by-hop options ought to be the first, but where they are not the ports are no less visible.
    let late = [Extension::Destination, Extension::HopByHop];
    assert_eq!(flow(IPV6, &ipv6(&late, UDP, &ports)), v6(Protocol::Udp));
}

/// A frame whose content stands behind a few bytes that say so.
fn behind(content: u16, header: &[u8], packet: &[u8]) -> Vec<u8> {
    ethernet(&[], content, &[header, packet].concat())
}

#[test]
fn what_carries_ip_is_looked_through() {
    let ports = transport(40000, 53);
    let (four, six) = (ipv4(UDP, &[], 0, &ports), ipv6(&[], TCP, &ports));
    let (udp, tcp) = (v4(Protocol::Udp), v6(Protocol::Tcp));
    let last = [0, 1, 1, 64];
    let labels = [0, 1, 0, 64, 0, 2, 0, 64, 0, 3, 1, 64];
    for ether_type in [0x8847, 0x8848] {
        assert_eq!(flow_of(&behind(ether_type, &last, &four)), udp);
        assert_eq!(flow_of(&behind(ether_type, &labels, &six)), tcp);
    }
    let session = [0x11, 0, 0, 1, 0, 46];
    let ppp = |protocol: &[u8], packet: &[u8]| {
        flow_of(&behind(0x8864, &[&session, protocol].concat(), packet))
    };
    assert_eq!(ppp(&[0x00, 0x21], &four), udp);
    assert_eq!(ppp(&[0x21], &four), udp);
    assert_eq!(ppp(&[0x00, 0x57], &six), tcp);
    assert_eq!(ppp(&[0x57], &six), tcp);
    assert_eq!(ppp(&[0x02, 0x81, 0, 1, 1, 64], &four), udp);
    // A length in place of the EtherType: LLC, with SNAP or without.
    for organization in [0, 0xf8] {
        let snap = [0xaa, 0xaa, 3, 0, 0, organization];
        assert_eq!(
            flow_of(&behind(40, &[&snap[..], &[8, 0]].concat(), &four)),
            udp
        );
        assert_eq!(
            flow_of(&behind(1500, &[&snap[..], &[0x86, 0xdd]].concat(), &six)),
            tcp
        );
        let tagged = [&snap[..], &[0x81, 0, 0, 5, 8, 0]].concat();
        assert_eq!(flow_of(&behind(40, &tagged, &four)), udp);
    }
    assert_eq!(flow_of(&behind(31, &[6, 6, 3], &four)), udp);
    // 802.1BR, and a frame in a frame: 802.1ah.
    assert_eq!(
        flow_of(&behind(0x893f, &[0, 0, 0, 1, 0, 0, 8, 0], &four)),
        udp
    );
    let inner = ethernet(&[VLAN], IPV6, &six);
    assert_eq!(flow_of(&behind(0x88e7, &[0, 0, 0, 9], &inner)), tcp);
    // One in the other.
    let labelled = ethernet(&[VLAN], 0x8847, &[&last[..], &four].concat());
    assert_eq!(flow_of(&behind(0x88e7, &[0, 0, 0, 9], &labelled)), udp);
}

#[test]
fn other_links_than_ethernet() {
    let ports = transport(40000, 53);
    let (four, six) = (ipv4(UDP, &[], 0, &ports), ipv6(&[], TCP, &ports));
    let (udp, tcp) = (v4(Protocol::Udp), v6(Protocol::Tcp));
    assert_eq!(both(Link::Raw, &four), udp);
    assert_eq!(both(Link::Raw, &six), tcp);
    assert_eq!(both(Link::Raw, &[0x10; 60]), None);
    for family in [[2, 0, 0, 0], [0, 0, 0, 2]] {
        assert_eq!(both(Link::Null, &[&family, &four[..]].concat()), udp);
    }
    for family in [10, 24, 28, 30] {
        let six = [&[family, 0, 0, 0], &six[..]].concat();
        assert_eq!(both(Link::Null, &six), tcp);
    }
    assert_eq!(both(Link::Null, &[&[7, 0, 0, 0], &four[..]].concat()), None);
    let cooked = |protocol: [u8; 2], packet: &[u8]| {
        let one = [
            &[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0],
            &protocol[..],
            packet,
        ]
        .concat();
        let two = [&protocol[..], &[0; 18], packet].concat();
        let found = both(Link::Cooked, &one);
        assert_eq!(both(Link::Cooked2, &two), found);
        found
    };
    assert_eq!(cooked([8, 0], &four), udp);
    assert_eq!(cooked([0x86, 0xdd], &six), tcp);
    assert_eq!(cooked([0x81, 0], &[&[0, 5, 8, 0], &four[..]].concat()), udp);
    let snap = [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &four[..]].concat();
    // 4 is Linux's number for LLC, 1 its number for frames without it.
    assert_eq!(cooked([0, 4], &snap), udp);
    assert_eq!(cooked([0, 1], &snap), None);
}

#[test]
fn what_is_not_followed_is_named() {
    let ports = transport(40000, 53);
    let packet = ipv4(UDP, &[], 0, &ports);
    for (frame, expected) in [
        (ethernet(&[], 0x0806, &[0; 28]), Other::EtherType(0x0806)),
        (
            ethernet(&[VLAN], 0x88cc, &[0; 28]),
            Other::EtherType(0x88cc),
        ),
        (behind(0x8847, &[0, 1, 1, 64], &[0; 40]), Other::Mpls),
        (
            behind(0x8864, &[0x11, 0, 0, 1, 0, 9, 0xc0, 0x21], &[0; 9]),
            Other::Ppp(0xc021),
        ),
        (behind(38, &[0x42, 0x42, 3], &[0; 35]), Other::Llc(0x42)),
        (
            behind(38, &[0xaa, 0xaa, 3, 0, 0, 0xc, 0x20, 0], &[0; 30]),
            Other::Snap(0xc),
        ),
        // An EtherType below 0x600 is none.
        (
            behind(38, &[0xaa, 0xaa, 3, 0, 0, 0, 0, 4], &packet),
            Other::EtherType(4),
        ),
        (
            ethernet(&[], IPV4, &ipv4(ICMP, &[], 0, &ports)),
            Other::Protocol(1),
        ),
        (
            ethernet(&[], IPV6, &ipv6(&[], 58, &ports)),
            Other::Protocol(58),
        ),
        (
            ethernet(&[], IPV4, &ipv4(UDP, &[], 7, &ports)),
            Other::LaterFragment,
        ),
        (ethernet(&[], IPV4, &packet[..19]), Other::Cut),
        (ethernet(&[], IPV4, &packet[..23]), Other::Cut),
        (ethernet(&[], IPV4, &ipv6(&[], UDP, &ports)), Other::BadIp),
        (vec![0; 13], Other::Cut),
    ] {
        assert_eq!(other(&frame), expected);
    }
}

#[test]
fn a_total_length_that_cannot_be_is_damage_and_none_at_all_is_the_whole_frame() {
    let ports = transport(40000, 53);
    let with_length = |len: u16| {
        let mut packet = ipv4(TCP, &[], 0, &ports);
        packet[2..4].copy_from_slice(&len.to_be_bytes());
        ethernet(&[], IPV4, &packet)
    };
    for len in [1, 10, 19] {
        assert_eq!(other(&with_length(len)), Other::BadIp);
    }
    for len in 20..24 {
        assert_eq!(other(&with_length(len)), Other::Cut);
    }
    // 0: the network card fills it in.
    for len in [0, 24, 40, 65535] {
        assert_eq!(flow_of(&with_length(len)), v4(Protocol::Tcp));
    }
    let mut packet = ipv6(&[], UDP, &ports);
    packet[4..6].copy_from_slice(&[0, 0]);
    assert_eq!(flow(IPV6, &packet), v6(Protocol::Udp));
}
