//! How quick is it? Counts a capture with the standard library's `HashMap` on one thread, and with the shared
//! map on one thread and more.
//!
//!     cargo run --release --package flow_table --example versus -- [CAPTURE]

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use flow_table::count::Counter;
use flow_table::flows::MANY_FLOWS;
use flow_table::pcap::Capture;
use flow_table::work::Work;

/// A round takes at least so long, and the best of these rounds counts: others use the machine, too.
const ROUND: Duration = Duration::from_millis(200);
const ROUNDS: u32 = 7;

/// The other program, as one would write it in a quarter of an hour: Ethernet, VLAN, IPv4 and IPv6.
mod hash_map {
    use super::*;

    #[derive(PartialEq, Eq, Hash)]
    pub struct Key {
        protocol: u8,
        source: IpAddr,
        destination: IpAddr,
        ports: [u16; 2],
    }

    pub type Flows = HashMap<Key, (u64, u64)>;

    fn u16_at(frame: &[u8], at: usize) -> Option<u16> {
        Some(u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?]))
    }

    fn key(frame: &[u8]) -> Option<Key> {
        let (mut at, mut ether_type) = (14, u16_at(frame, 12)?);
        while matches!(ether_type, 0x8100 | 0x88a8) {
            ether_type = u16_at(frame, at + 2)?;
            at += 4;
        }
        let (mut protocol, source, destination, mut ports) = match ether_type {
            0x0800 => {
                let header: [u8; 20] = *frame.get(at..)?.first_chunk()?;
                if u16_at(&header, 6)? & 0x1fff != 0 {
                    return None;
                }
                let address = |at: usize| IpAddr::from([0, 1, 2, 3].map(|i| header[at + i]));
                let ports = at + usize::from(header[0] & 15) * 4;
                (header[9], address(12), address(16), ports)
            }
            0x86dd => {
                let header = frame.get(at..at + 40)?;
                let address = |at: usize| {
                    let octets: [u8; 16] = header[at..at + 16].try_into().expect("16 bytes");
                    IpAddr::from(octets)
                };
                (header[6], address(8), address(24), at + 40)
            }
            _ => return None,
        };
        while matches!(protocol, 0 | 43 | 60) {
            protocol = *frame.get(ports)?;
            ports += 8 + usize::from(*frame.get(ports + 1)?) * 8;
        }
        let ports = [u16_at(frame, ports)?, u16_at(frame, ports + 2)?];
        matches!(protocol, 6 | 17).then_some(Key {
            protocol,
            source,
            destination,
            ports,
        })
    }

    pub fn count(flows: &mut Flows, capture: &Capture<'_>) {
        for frame in capture.frames() {
            if let Some(key) = key(frame.data) {
                let totals = flows.entry(key).or_default();
                totals.0 += 1;
                totals.1 += u64::from(frame.wire_len);
            }
        }
    }
}

/// Counts the capture so often in the shared map.
fn count(capture: &Capture<'_>, threads: usize, passes: u64) {
    let work = Work::new(capture, threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut counter = Counter::new(&MANY_FLOWS, capture);
                while let Some(batch) = work.claim(|pass| pass < passes) {
                    counter.batch(batch);
                }
            });
        }
    });
}

/// Nanoseconds a frame of a function that counts the capture so often.
fn measure(capture: &Capture<'_>, mut count: impl FnMut(u64)) -> f64 {
    let mut passes = 1;
    let mut best = f64::INFINITY;
    let mut rounds = 0;
    while rounds < ROUNDS {
        let start = Instant::now();
        count(passes);
        let elapsed = start.elapsed();
        if elapsed < ROUND {
            passes *= 2;
            continue;
        }
        let frames = capture.frame_count() * passes;
        best = best.min(elapsed.as_nanos() as f64 / frames as f64);
        rounds += 1;
    }
    best
}

fn main() -> ExitCode {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/default.pcap");
    let path = std::env::args().nth(1).unwrap_or_else(|| default.into());
    let plain = match capture_file::read(Path::new(&path)) {
        Ok(plain) => plain,
        Err(error) => return fail(&format!("{path}: {error:#}")),
    };
    let capture = match Capture::validate(&plain.bytes) {
        Ok(capture) if capture.frame_count() > 0 => capture,
        Ok(_) => return fail(&format!("{path}: no frames")),
        Err(error) => return fail(&format!("{path}: {error}")),
    };

    let mut flows = hash_map::Flows::new();
    let alone = measure(&capture, |passes| {
        for _ in 0..passes {
            hash_map::count(&mut flows, &capture);
        }
    });
    println!(
        "{path}: {} frames, {} flows",
        capture.frame_count(),
        flows.len()
    );
    println!("{:<24} {:>9} {:>10}", "", "ns/frame", "speed");
    println!("{:<24} {alone:>9.1} {:>9.2}x", "HashMap, 1 thread", 1.0);
    let most = thread::available_parallelism().map_or(1, usize::from);
    let mut threads = 1;
    while threads <= most {
        let shared = measure(&capture, |passes| count(&capture, threads, passes));
        let name = format!("shared map, {threads} threads");
        println!("{name:<24} {shared:>9.1} {:>9.2}x", alone / shared);
        threads *= 2;
    }
    ExitCode::SUCCESS
}

fn fail(why: &str) -> ExitCode {
    eprintln!("versus: {why}");
    ExitCode::FAILURE
}
