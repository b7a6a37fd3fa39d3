use std::vec::Vec;

use super::*;
use core::net::SocketAddr;

use crate::flows::{Protocol, record};

fn key(protocol: Protocol, source: &str, port: u16, destination: &str) -> FlowKey {
    let end = |address: &str, port| SocketAddr::new(address.parse().unwrap(), port);
    FlowKey::new(protocol, end(source, port), end(destination, 53))
}

#[test]
fn columns_hold_the_longest_flow() {
    let long = "1111:2222:3333:4444:5555:6666:7777:8888";
    let end = SocketAddr::new(long.parse().unwrap(), 65535);
    let key = FlowKey::new(Protocol::Tcp, end, end);
    let text = columns(&key);
    assert_eq!(text, format!("tcp\t{long}\t65535\t{long}\t65535").as_str());
    assert_eq!(text.len(), KEY_TEXT);
}

#[test]
fn ipv6_addresses_are_written_as_tshark_does() {
    for (address, shown) in [
        ("0:0:0:0:0:0:0:0", "::"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:DB8:0:0:0:0:0A:1", "2001:db8::a:1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("::192.0.2.1", "::192.0.2.1"),
        ("::1", "::1"),
        ("::1:0", "::0.1.0.0"),
        ("::1:0:0", "::1:0:0"),
    ] {
        let text = columns(&key(Protocol::Udp, address, 1, address));
        assert_eq!(text, format!("udp\t{shown}\t1\t{shown}\t53").as_str());
    }
}

#[test]
fn rows_are_sorted_as_whole_lines() {
    let flows = FlowMap::<16>::new();
    for (protocol, source, port) in [
        (Protocol::Udp, "192.0.2.1", 1),
        (Protocol::Tcp, "192.0.2.1", 530),
        (Protocol::Tcp, "192.0.2.1", 53),
        (Protocol::Tcp, "192.0.2.10", 9),
        (Protocol::Tcp, "2001:db8::1", 1),
        (Protocol::Tcp, "2001:db8::1:0", 1),
        (Protocol::Tcp, "192.0.2.1", 6),
        (Protocol::Tcp, "fe80::1", 1),
    ] {
        let destination = if source.contains(':') {
            "::1"
        } else {
            "127.0.0.1"
        };
        let key = key(protocol, source, port, destination);
        let bytes = 100 + u64::from(port);
        record(&flows, key, Totals { packets: 1, bytes }).unwrap();
    }
    let mut rows = Rows::<16>::new();
    rows.collect(&flows);
    rows.sort_as_text();
    let lines: Vec<_> = rows.0.iter().map(|row| row.to_string()).collect();
    let mut sorted = lines.clone();
    sorted.sort_unstable_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    assert_eq!(lines, sorted);
    assert_eq!(lines[0], "tcp\t192.0.2.1\t53\t127.0.0.1\t53\t1\t153");
    assert_eq!(lines[7], "udp\t192.0.2.1\t1\t127.0.0.1\t53\t1\t101");
}

#[test]
fn scaled_numbers() {
    for (number, text) in [
        (0, "0 "),
        (999, "999 "),
        (1000, "1.0 k"),
        (1999, "1.9 k"),
        (999_999, "999.9 k"),
        (12_345_678, "12.3 M"),
        (u64::MAX, "18446744073.7 G"),
    ] {
        assert_eq!(Scaled(number).to_string(), text);
    }
}
