use std::vec::Vec;

use super::*;
use crate::flows::record;
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

/// Counts the capture in the map `passes` times; how many frames were not tracked.
fn count<const N: usize>(flows: &FlowMap<N>, capture: &Capture<'_>, passes: u64) -> u64 {
    let mut not_tracked = 0;
    for _ in 0..passes {
        for frame in capture.frames() {
            if let Some(key) = packet::flow_of(frame.data) {
                not_tracked += u64::from(record(flows, key, frame.wire_len).is_err());
            }
        }
    }
    not_tracked
}

fn recount(capture: &Capture<'_>) -> Recount<32> {
    let mut recount = Recount::new();
    recount.count(capture);
    recount
}

#[test]
fn the_same_counts_are_right() {
    let file = capture();
    let capture = Capture::validate(&file).unwrap();
    let flows = FlowMap::<64>::new();
    assert_eq!(count(&flows, &capture, 3), 0);
    let verdict = recount(&capture).compare(&flows, 3, 0, |difference| panic!("{difference}"));
    assert!(!verdict.is_wrong());
    assert_eq!(
        verdict.to_string(),
        "check: 20 flows equal to a single-core recount"
    );
}

#[test]
fn a_frame_too_many_or_too_few_is_found() {
    let file = capture();
    let capture = Capture::validate(&file).unwrap();
    let recount = recount(&capture);
    let key = packet::flow_of(capture.frames().next().unwrap().data).unwrap();
    for (passes, extra_bytes) in [(2, Some(60)), (2, Some(0)), (1, None)] {
        let flows = FlowMap::<64>::new();
        count(&flows, &capture, passes);
        if let Some(bytes) = extra_bytes {
            record(&flows, key, bytes).unwrap();
        }
        let mut shown = 0;
        let verdict = recount.compare(&flows, 2, 0, |_| shown += 1);
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
    count(&flows, &capture, 1);
    let key = packet::flow_of(capture.frames().next().unwrap().data).unwrap();
    let stranger = FlowKey {
        destination_port: 54,
        ..key
    };
    record(&flows, stranger, 100).unwrap();
    let mut differences = Vec::new();
    let verdict = recount(&capture).compare(&flows, 1, 0, |difference| {
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
    let not_tracked = count(&flows, &capture, 2);
    assert_eq!(not_tracked, 4 * 3 * 2);
    let recount = recount(&capture);
    let verdict = recount.compare(&flows, 2, not_tracked, |difference| panic!("{difference}"));
    assert!(!verdict.is_wrong());
    assert_eq!(
        verdict.to_string(),
        "check: 16 of 20 flows equal to a single-core recount, \
         and the 24 frames missing in the others are those not tracked"
    );
    for wrong in [0, not_tracked - 1, not_tracked + 1] {
        assert!(recount.compare(&flows, 2, wrong, |_| ()).is_wrong());
    }
}

#[test]
fn a_recount_that_is_full_itself_says_nothing() {
    let file = capture();
    let capture = Capture::validate(&file).unwrap();
    let mut recount = Recount::<16>::new();
    recount.count(&capture);
    let verdict = recount.compare(&FlowMap::<8>::new(), 1, 50, |_| ());
    assert!(!verdict.is_wrong());
    assert_eq!(
        verdict.to_string(),
        "check: not possible: the capture has more than the 16 flows that the recount can hold"
    );
}
