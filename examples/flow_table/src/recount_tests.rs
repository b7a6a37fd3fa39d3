use std::vec::Vec;

use super::*;
use crate::count::Counter;
use crate::flows::{Protocol, record};
use crate::testdata::{Format, IPV4, TCP, UDP, ethernet, ipv4, transport};

/// 60 frames of 20 flows, and 5 frames without ports.
fn capture() -> Vec<u8> {
    let frames: Vec<_> = (0..65u16)
        .map(|i| match i / 60 {
            0 => {
                let protocol = if i % 2 == 0 { TCP } else { UDP };
                let ports = transport(1000 + i % 20, 53);
                let mut frame = ethernet(&[], IPV4, &ipv4(protocol, &[], 0, &ports));
                frame.resize(frame.len() + i as usize, 0);
                frame
            }
            _ => ethernet(&[], 0x0806, &[0; 28]),
        })
        .collect();
    Format::ALL[0].capture(&frames)
}

/// Counts the capture in the map `passes` times; what was done.
fn count<const N: usize>(flows: &FlowMap<N>, capture: &Capture<'_>, passes: u64) -> Share {
    let mut counter = Counter::new(flows, capture);
    (0..passes).map(|_| counter.batch(capture.frames())).sum()
}

/// In two tables, between which the flows are shared out.
fn recount(capture: &Capture<'_>) -> Recount<32, 2> {
    let mut recount = Recount::new();
    recount.count(capture);
    recount
}

/// The first frame's flow, but for the port that it goes to.
fn key(port: u16) -> FlowKey {
    FlowKey::new(
        Protocol::Tcp,
        ([192, 0, 2, 1], 1000).into(),
        ([192, 0, 2, 2], port).into(),
    )
}

fn frame(bytes: u64) -> Totals {
    Totals { packets: 1, bytes }
}

#[test]
fn the_same_counts_are_right() {
    let file = capture();
    let capture = Capture::validate(&file).unwrap();
    let flows = FlowMap::<64>::new();
    let all = count(&flows, &capture, 3);
    assert_eq!((all.frames, all.lookups, all.not_tracked), (195, 180, 0));
    let verdict = recount(&capture).compare(&flows, 3, all, |difference| panic!("{difference}"));
    assert!(!verdict.is_wrong());
    assert_eq!(
        verdict.to_string(),
        "check: 20 flows equal to a single-core recount by another parser"
    );
}

#[test]
fn a_frame_too_many_or_too_few_is_found() {
    let file = capture();
    let capture = Capture::validate(&file).unwrap();
    let recount = recount(&capture);
    for (passes, extra_bytes) in [(2, Some(60)), (2, Some(0)), (1, None)] {
        let flows = FlowMap::<64>::new();
        let mut all = count(&flows, &capture, passes);
        all.lookups = 120;
        if let Some(bytes) = extra_bytes {
            record(&flows, key(53), frame(bytes)).unwrap();
        }
        let mut shown = 0;
        let verdict = recount.compare(&flows, 2, all, |_| shown += 1);
        assert!(verdict.is_wrong());
        assert_eq!(verdict.equal, if extra_bytes.is_some() { 19 } else { 0 });
        assert_eq!(shown, if extra_bytes.is_some() { 1 } else { SHOWN });
        assert!(verdict.to_string().starts_with("check: the map is WRONG"));
    }
}

#[test]
fn a_flow_that_is_not_in_the_capture_is_found() {
    let file = capture();
    let capture = Capture::validate(&file).unwrap();
    let flows = FlowMap::<64>::new();
    let all = count(&flows, &capture, 1);
    record(&flows, key(54), frame(100)).unwrap();
    let mut differences = Vec::new();
    let verdict = recount(&capture).compare(&flows, 1, all, |difference| {
        differences.push(difference.to_string());
    });
    assert!(verdict.is_wrong());
    assert_eq!(
        differences,
        [
            "check: tcp 192.0.2.1:1000 > 192.0.2.2:54 has 1 packets, 100 bytes in the map, \
          but 0 packets, 0 bytes in the recount"
        ]
    );
}

#[test]
fn a_full_map_is_right_when_it_owns_up_to_every_frame() {
    let file = capture();
    let capture = Capture::validate(&file).unwrap();
    let flows = FlowMap::<16>::new();
    let all = count(&flows, &capture, 2);
    assert_eq!(all.not_tracked, 4 * 3 * 2);
    let recount = recount(&capture);
    let verdict = recount.compare(&flows, 2, all, |difference| panic!("{difference}"));
    assert!(!verdict.is_wrong());
    assert_eq!(
        verdict.to_string(),
        "check: 16 of 20 flows equal to a single-core recount by another parser, \
         and the 24 frames missing in the others are those not tracked"
    );
    for wrong in [0, all.not_tracked - 1, all.not_tracked + 1] {
        let not_tracked = wrong;
        let wrong = Share { not_tracked, ..all };
        assert!(recount.compare(&flows, 2, wrong, |_| ()).is_wrong());
    }
}

#[test]
fn a_recount_that_is_full_itself_says_nothing() {
    let file = capture();
    let capture = Capture::validate(&file).unwrap();
    let mut recount = Recount::<8, 2>::new();
    recount.count(&capture);
    let flows = FlowMap::<8>::new();
    let all = count(&flows, &capture, 1);
    let verdict = recount.compare(&flows, 1, all, |_| ());
    assert!(!verdict.is_wrong());
    assert_eq!(
        verdict.to_string(),
        "check: not possible: the capture has more than the 16 flows that the recount can hold"
    );
}

#[test]
fn a_frame_that_only_one_parser_finds_a_flow_for_is_reported() {
    let file = capture();
    let capture = Capture::validate(&file).unwrap();
    let flows = FlowMap::<64>::new();
    let mut all = count(&flows, &capture, 1);
    all.lookups -= 1;
    let verdict = recount(&capture).compare(&flows, 1, all, |_| ());
    assert!(verdict.is_wrong());
    assert_eq!(
        verdict.to_string(),
        "check: the cores found a flow for 59 frames, but the recount's parser for 60"
    );
}
