use std::thread;

use super::*;

#[test]
fn kinds_are_named_with_their_numbers() {
    for (kind, text) in [
        (Other::EtherType(0x0806), "ARP (EtherType 0x0806)"),
        (Other::EtherType(0x1234), "EtherType 0x1234"),
        (Other::Llc(0x42), "spanning tree (LLC 0x42)"),
        (Other::Llc(2), "LLC 0x02"),
        (Other::Snap(0x00_000c), "Cisco (SNAP 00-00-0c)"),
        (Other::Snap(0x00_80c2), "SNAP 00-80-c2"),
        (Other::Ppp(0xc021), "LCP (PPP 0xc021)"),
        (Other::Protocol(1), "ICMP (IP protocol 1)"),
        (Other::Protocol(253), "IP protocol 253"),
        (Other::Family(7), "address family 7"),
    ] {
        assert_eq!(kind.to_string(), text);
    }
}

#[test]
fn many_threads_count_and_no_frame_is_lost_when_there_are_more_kinds_than_places() {
    let others = Others::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..100 {
                    others.add(Other::EtherType(number), 1 + u64::from(number % 3));
                }
            });
        }
    });
    let (kinds, further) = others.sorted();
    assert_eq!(kinds.len(), KINDS);
    assert!(kinds.is_sorted_by(|a, b| a.1 >= b.1));
    let named: u64 = kinds.iter().map(|kind| kind.1).sum();
    let expected: u64 = (0..100).map(|number| 4 * (1 + number % 3)).sum();
    assert_eq!(named + further, expected);
}
