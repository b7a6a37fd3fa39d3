//! Frames that are damaged, and any bytes: both parsers find the same.

use std::vec::Vec;

use proptest::prelude::*;

use super::*;

/// Frames of all kinds that the tests above have.
fn good_frames() -> Vec<Vec<u8>> {
    use Extension::{Authentication, Destination, Fragment, HopByHop, Routing};
    let ports = transport(40000, 53);
    let four = ipv4(UDP, &[1; 8], 0, &ports);
    let long = [
        HopByHop,
        Destination,
        Routing,
        Fragment(0, true),
        Authentication,
    ];
    let six = ipv6(&long, TCP, &ports);
    let behind_authentication = [&authentication(TCP)[..], &ports].concat();
    vec![
        ethernet(&[VLAN], IPV4, &four),
        ethernet(&[PROVIDER, VLAN], IPV6, &six),
        ethernet(&[], IPV4, &ipv4(51, &[], 0, &behind_authentication)),
        behind(0x8847, &[0, 1, 0, 64, 0, 3, 1, 64], &six),
        behind(0x8864, &[0x11, 0, 0, 1, 0, 46, 0, 0x57], &six),
        behind(0x8864, &[0x11, 0, 0, 1, 0, 46, 2, 0x81, 0, 1, 1, 64], &four),
        behind(40, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &four),
        behind(40, &[6, 6, 3], &four),
        behind(0x893f, &[0, 0, 0, 1, 0, 0, 8, 0], &four),
        behind(0x88e7, &[0, 0, 0, 9], &ethernet(&[VLAN], IPV6, &six)),
        four.clone(),
        six.clone(),
        [&[2, 0, 0, 0], &four[..]].concat(),
        [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], &four[..]].concat(),
        [&[0x86, 0xdd][..], &[0; 18], &six].concat(),
    ]
}

const LINKS: [Link; 5] = [
    Link::Ethernet,
    Link::Null,
    Link::Raw,
    Link::Cooked,
    Link::Cooked2,
];

#[test]
fn each_single_wrong_byte_is_the_same_to_both_parsers() {
    for frame in good_frames() {
        for link in LINKS {
            for at in 0..frame.len() {
                for wrong in 0..=255 {
                    let mut frame = frame.clone();
                    frame[at] = wrong;
                    both(link, &frame);
                }
                both(link, &frame[..at]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_damage_is_the_same_to_both_parsers(
        frame in prop::sample::select(good_frames()),
        link in prop::sample::select(&LINKS[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        len: prop::sample::Index,
    ) {
        let mut frame = frame;
        for (at, value) in changes {
            let at = at.index(frame.len());
            frame[at] = value;
        }
        both(link, &frame);
        both(link, &frame[..len.index(frame.len())]);
    }

    #[test]
    fn any_bytes_are_the_same_to_both_parsers(
        link in prop::sample::select(&LINKS[..]),
        frame in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        both(link, &frame);
    }
}
