use portable_atomic::AtomicU64;
use std::thread;
use std::vec::Vec;

use super::*;
use crate::testdata::Format;

/// A capture of `count` frames of different lengths, each with its number as content.
fn numbered(count: u32) -> Vec<u8> {
    let frames: Vec<_> = (0..count)
        .map(|number| {
            let mut frame = number.to_le_bytes().to_vec();
            frame.resize(4 + number as usize % 7, 0);
            frame
        })
        .collect();
    Format::ALL[0].capture(&frames)
}

/// Lets `threads` threads claim everything; how often each frame was handed out.
fn claim_all(file: &[u8], threads: usize, wanted: impl Fn(u64) -> bool + Sync) -> (Vec<u64>, u64) {
    let capture = Capture::validate(file).unwrap();
    let work = Work::new(&capture, threads);
    let seen: Vec<AtomicU64> = (0..capture.frame_count())
        .map(|_| AtomicU64::new(0))
        .collect();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(batch) = work.claim(&wanted) {
                    let mut frames = 0;
                    for frame in batch {
                        let number = u32::from_le_bytes(*frame.data.first_chunk().unwrap());
                        seen[number as usize].fetch_add(1, Relaxed);
                        frames += 1;
                    }
                    assert!((1..=MOST).contains(&frames));
                }
            });
        }
    });
    let seen = seen.into_iter().map(AtomicU64::into_inner).collect();
    (seen, work.passes())
}

#[test]
fn every_frame_of_every_pass_goes_to_exactly_one_core() {
    // One frame, a part of a batch, whole batches, and more.
    for count in [1, 15, 16, 17, 160, 1003, 5000] {
        let file = numbered(count);
        for passes in [1, 2, 50] {
            for threads in [1, 2, 8] {
                let (seen, done) = claim_all(&file, threads, |pass| pass < passes);
                assert_eq!(done, passes);
                assert_eq!(seen, vec![passes; count as usize]);
            }
        }
    }
}

#[test]
fn a_run_that_ends_at_any_moment_ends_with_a_whole_pass() {
    let file = numbered(333);
    let asked = AtomicU64::new(0);
    // Threads get different answers for the same pass: only one of them may count.
    let (seen, passes) = claim_all(&file, 4, |_| asked.fetch_add(1, Relaxed) < 100);
    assert!(passes > 0 && passes <= 100, "{passes}");
    assert_eq!(seen, vec![passes; 333]);
}

#[test]
fn a_capture_without_frames_is_no_work() {
    let (seen, passes) = claim_all(&numbered(0), 2, |_| true);
    assert_eq!((seen, passes), (vec![], 0));
}

#[test]
fn tallies_add_up() {
    let tallies = [Tally::default(), Tally::default()];
    let share = |frames| Share {
        frames,
        batches: 1,
        lookups: frames / 2,
        not_tracked: frames / 10,
    };
    tallies[0].add(share(16));
    tallies[1].add(share(10));
    tallies[1].add(share(6));
    assert_eq!(tallies[0].share(), share(16));
    let all: Share = tallies.iter().map(Tally::share).sum();
    let expected = Share {
        frames: 32,
        batches: 3,
        lookups: 16,
        not_tracked: 2,
    };
    assert_eq!(all, expected);
}
