use std::thread;

use super::*;

fn key(port: u16) -> FlowKey {
    end_to_end(Protocol::Tcp, ([192, 0, 2, 1], port), ([192, 0, 2, 2], 80))
}

fn end_to_end(
    protocol: Protocol,
    source: (impl Into<IpAddr>, u16),
    destination: (impl Into<IpAddr>, u16),
) -> FlowKey {
    let end = |address, port| SocketAddr::new(address, port);
    FlowKey::new(
        protocol,
        end(source.0.into(), source.1),
        end(destination.0.into(), destination.1),
    )
}

fn frame(bytes: u64) -> Totals {
    Totals { packets: 1, bytes }
}

const THREADS: u64 = 4;

#[test]
fn many_threads_that_meet_the_same_new_flows_lose_no_frame() {
    for _ in 0..50 {
        let flows = FlowMap::<64>::new();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for port in (0..60).cycle().take(60 * 20) {
                        record(&flows, key(port), frame(100 + u64::from(port))).unwrap();
                    }
                });
            }
        });
        assert_eq!(flows.len(), 60);
        for port in 0..60 {
            let totals = flows.get(&key(port)).unwrap().totals();
            assert_eq!(totals.packets, THREADS * 20);
            assert_eq!(totals.bytes, THREADS * 20 * (100 + u64::from(port)));
        }
    }
}

#[test]
fn a_full_table_goes_on_counting_the_flows_that_it_has() {
    for _ in 0..50 {
        let flows = FlowMap::<16>::new();
        let not_tracked = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for port in (0..24).cycle().take(24 * 20) {
                        if record(&flows, key(port), frame(1)) == Err(NotTracked) {
                            not_tracked.fetch_add(1, Relaxed);
                        }
                    }
                });
            }
        });
        let counted: u64 = flows.iter().map(|flow| flow.totals().packets).sum();
        let not_tracked = not_tracked.into_inner();
        assert_eq!(counted + not_tracked, THREADS * 24 * 20);
        assert_eq!(flows.len(), 16);
        assert!(not_tracked >= THREADS * 8 * 19, "{not_tracked}");
    }
}

#[test]
fn the_direction_the_ports_and_the_protocol_make_a_flow() {
    let flows = FlowMap::<16>::new();
    let there = key(1000);
    let ends = ([192, 0, 2, 1], 1000);
    let back = end_to_end(Protocol::Tcp, ([192, 0, 2, 2], 80), ends);
    let udp = end_to_end(Protocol::Udp, ends, ([192, 0, 2, 2], 80));
    let mapped = Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped();
    let mapped = end_to_end(Protocol::Tcp, (mapped, 1000), ([192, 0, 2, 2], 80));
    for (bytes, key) in (1..).zip([there, back, udp, mapped, key(1001)]) {
        record(&flows, key, frame(bytes)).unwrap();
    }
    assert_eq!(flows.len(), 5);
    assert_eq!(there.to_string(), "tcp 192.0.2.1:1000 > 192.0.2.2:80");
    assert_eq!(udp.to_string(), "udp 192.0.2.1:1000 > 192.0.2.2:80");
}

#[test]
fn a_key_gives_back_what_it_was_made_of() {
    for (source, destination) in [
        ("192.0.2.1:1", "255.255.255.255:65535"),
        (
            "[2001:db8::1]:0",
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:443",
        ),
        ("0.0.0.0:0", "0.0.0.0:0"),
        ("[::]:0", "[::1]:1"),
    ] {
        let (source, destination) = (source.parse().unwrap(), destination.parse().unwrap());
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            let key = FlowKey::new(protocol, source, destination);
            assert_eq!(key.protocol(), protocol);
            assert_eq!((key.source(), key.destination()), (source, destination));
        }
    }
}

#[test]
fn every_part_of_a_key_is_hashed() {
    use core::hash::BuildHasher;
    use std::collections::HashSet;
    for (source, other_source, destination, other_destination) in [
        ("192.0.2.1:1", "192.0.2.3:1", "192.0.2.2:2", "192.0.3.2:2"),
        (
            "[2001:db8::1]:1",
            "[2001:db9::1]:1",
            "[2001:db8::2]:2",
            "[2001:db8::3]:2",
        ),
        ("192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:2", "192.0.2.2:1"),
    ] {
        let mut hashes = HashSet::new();
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            for source in [source, other_source] {
                for destination in [destination, other_destination] {
                    let [source, destination] =
                        [source, destination].map(|end| end.parse().unwrap());
                    let key = FlowKey::new(protocol, source, destination);
                    hashes.insert(arenamap::DefaultHashBuilder::new().hash_one(key));
                }
            }
        }
        assert_eq!(hashes.len(), 8);
    }
}
