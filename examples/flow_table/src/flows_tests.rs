use std::thread;

use super::*;

fn key(port: u16) -> FlowKey {
    FlowKey {
        protocol: Protocol::Tcp,
        source: [192, 0, 2, 1].into(),
        source_port: port,
        destination: [192, 0, 2, 2].into(),
        destination_port: 80,
    }
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
                        record(&flows, key(port), 100 + u32::from(port)).unwrap();
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
                        if record(&flows, key(port), 1) == Err(NotTracked) {
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
    let back = FlowKey {
        source: there.destination,
        source_port: there.destination_port,
        destination: there.source,
        destination_port: there.source_port,
        ..there
    };
    let udp = FlowKey {
        protocol: Protocol::Udp,
        ..there
    };
    let mapped = FlowKey {
        source: core::net::Ipv4Addr::new(192, 0, 2, 1)
            .to_ipv6_mapped()
            .into(),
        ..there
    };
    for (bytes, key) in (1..).zip([there, back, udp, mapped, key(1001)]) {
        record(&flows, key, bytes).unwrap();
    }
    assert_eq!(flows.len(), 5);
    assert_eq!(there.to_string(), "tcp 192.0.2.1:1000 > 192.0.2.2:80");
    assert_eq!(
        mapped.to_string(),
        "tcp [::ffff:192.0.2.1]:1000 > 192.0.2.2:80"
    );
}
