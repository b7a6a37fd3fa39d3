//! Counts a capture on all cores, then reports and checks the result.

use heapless::LinearMap;
use targets::{clock, cores};

use crate::args::Args;
use crate::failure::Failure;
use crate::flows::{self, FlowMap};
use crate::log;
use crate::monitor::Monitor;
use crate::other::{OTHERS, Other};
use crate::packet;
use crate::pcap::{Capture, Frames};
use crate::recount::RECOUNT;
use crate::report::{self, ROWS};
use crate::sums::Sums;
use crate::work::{Share, Tally, Work};

/// How long to count when `--loops` does not say how often.
const DEFAULT_RUN_NS: u64 = 2_000_000_000;

/// Counts the capture in `flows`, prints what came out and compares it with a recount.
pub fn count<const N: usize>(
    flows: &'static FlowMap<N>,
    capture: &Capture<'_>,
    args: &Args,
) -> Result<(), Failure> {
    let tallies: [Tally; cores::MAX] = core::array::from_fn(|_| Tally::default());
    let tallies = &tallies[..cores::available()];
    let work = Work::new(capture, tallies.len());

    log::started(capture.frame_count(), tallies.len(), flows.capacity());
    let start = clock::now_ns();
    let wanted = |pass| match args.loops {
        _ if pass > 0 && must_stop() => false,
        Some(loops) => pass < loops,
        None => pass == 0 || args.watch || clock::now_ns() - start < DEFAULT_RUN_NS,
    };
    cores::run(&|core| {
        // Core 0 is the monitor too: between its own batches it walks the map, while the other
        // cores go on writing to it.
        let mut monitor = (core == 0).then(|| Monitor::new(flows, tallies, start, args));
        let mut counter = Counter::new(flows, capture);
        while let Some(batch) = work.claim(wanted) {
            let share = counter.batch(batch);
            if share.not_tracked > 0 && tallies[core].share().not_tracked == 0 {
                log::refused(flows.len());
            }
            tallies[core].add(share);
            if let Some(monitor) = &mut monitor {
                monitor.tick(clock::now_ns());
            }
        }
        log::idle(tallies[core].share());
        if let Some(monitor) = monitor {
            monitor.end();
        }
    });
    let elapsed = clock::now_ns() - start;
    log::ended(work.passes(), elapsed, flows);

    // Standard output belongs to the data: to the table of `--tsv`, else to the report.
    let print: report::Print = if args.tsv {
        |line| targets::eprintln!("{line}")
    } else {
        |line| targets::println!("{line}")
    };
    let rows = ROWS.take();
    rows.collect(flows);
    if args.tsv {
        rows.print_tsv();
    }
    report::print_capture(capture, print);
    report::print_run(capture, work.passes(), tallies, elapsed, print);
    report::print_others(&OTHERS, print);
    report::print_map(flows, print);
    rows.print_top(args.top, print);

    let all: Share = tallies.iter().map(Tally::share).sum();
    let recount = RECOUNT.take();
    recount.count(capture);
    let verdict = recount.compare(flows, work.passes(), all, |difference| {
        targets::eprintln!("{difference}");
    });
    print(format_args!("{verdict}"));

    #[cfg(not(target_os = "none"))]
    if let Some(path) = args.report {
        let mut run = crate::host::Run {
            capture,
            passes: work.passes(),
            elapsed_ns: elapsed,
            tallies,
            stats: flows.stats(),
            rows,
            verdict: &verdict,
        };
        crate::host::write_report(path, &mut run)?;
    }

    if verdict.is_wrong() {
        return Err(Failure::WrongCount);
    }
    if all.not_tracked > 0 {
        return Err(Failure::NotTracked {
            frames: all.not_tracked,
            of: all.lookups,
            capacity: N,
            cores: tallies.len(),
        });
    }
    Ok(())
}

/// Whether the user wants no further pass.
fn must_stop() -> bool {
    #[cfg(not(target_os = "none"))]
    return crate::host::must_stop();
    #[cfg(target_os = "none")]
    false
}

/// One core's way of counting: adds up a batch by itself, then counts in the shared maps.
#[derive(Debug)]
pub struct Counter<'a, const N: usize> {
    flows: &'a FlowMap<N>,
    capture: &'a Capture<'a>,
    sums: Sums,
    others: LinearMap<Other, u64, 8>,
}

impl<'a, const N: usize> Counter<'a, N> {
    /// A counter of frames of `capture`.
    pub const fn new(flows: &'a FlowMap<N>, capture: &'a Capture<'a>) -> Self {
        Self {
            flows,
            capture,
            sums: Sums::new(),
            others: LinearMap::new(),
        }
    }

    /// Counts all frames of a batch. When it returns, all of them are in the maps.
    pub fn batch(&mut self, batch: Frames<'_>) -> Share {
        let mut share = Share {
            batches: 1,
            ..Share::default()
        };
        let mut not_tracked = 0;
        let flows = self.flows;
        let mut count = |key, sum: flows::Totals| {
            if flows::record(flows, key, sum).is_err() {
                not_tracked += sum.packets;
            }
        };
        let link = self.capture.link();
        for frame in batch {
            share.frames += 1;
            match packet::flow_of(link, frame.data) {
                Ok(key) => {
                    share.lookups += 1;
                    self.sums.add(key, frame.wire_len, &mut count);
                }
                Err(other) => add_other(&mut self.others, other),
            }
        }
        self.sums.flush(&mut count);
        share.not_tracked = not_tracked;
        for (kind, frames) in &self.others {
            OTHERS.add(*kind, *frames);
        }
        self.others.clear();
        share
    }
}

/// Adds a frame without a flow. The first few kinds of a batch have a place here.
#[cold]
fn add_other(others: &mut LinearMap<Other, u64, 8>, kind: Other) {
    if let Some(frames) = others.get_mut(&kind) {
        *frames += 1;
    } else if others.insert(kind, 1).is_err() {
        OTHERS.add(kind, 1);
    }
}
