//! Counts packets and bytes per flow of a real capture, on all cores in one map.
//!
//! Every core takes frames of the capture, without a lock; core 0 also watches the table and shows the busiest
//! flows meanwhile.
//!
//! The map is a plain `static` ([`flows::FLOWS`]). No allocator, no registration of cores, no
//! set-up: see [`flows::record`] for how an entry is found or made and counted through a guard,
//! [`monitor`] for walking the map while it changes, and [`count`] below for how the cores share
//! the work.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod args;
mod check;
mod flows;
mod log;
mod monitor;
mod packet;
mod pcap;
mod report;
#[cfg(test)]
mod testdata;
mod work;

use core::fmt;

use targets::{boot, clock, cores, exit::Status};

use args::Args;
use flows::FlowMap;
use monitor::Monitor;
use pcap::Capture;
use work::{Share, Tally, Work};

/// How long to count when `--loops` does not say how often.
const DEFAULT_RUN_NS: u64 = 2_000_000_000;

targets::entry!(main);

fn main() -> Status {
    match run() {
        Ok(()) => Status::SUCCESS,
        Err(failure) => {
            targets::eprintln!("flow_table: {failure}");
            Status::failure(failure.exit_code())
        }
    }
}

fn run() -> Result<(), Failure> {
    let args = Args::parse(boot::args()).map_err(Failure::Usage)?;
    if args.help {
        targets::println!("{}", args::HELP);
        return Ok(());
    }
    let file = boot::file().ok_or(Failure::NoFile)?;
    // The whole capture is checked before anything is counted or printed.
    let capture = Capture::validate(file).map_err(Failure::Capture)?;
    if args.small {
        count(&flows::FEW, &capture, &args)
    } else {
        count(&flows::FLOWS, &capture, &args)
    }
}

/// Counts the capture in `flows` on all cores, then reports and checks the result.
fn count<const N: usize>(
    flows: &'static FlowMap<N>,
    capture: &Capture<'_>,
    args: &Args,
) -> Result<(), Failure> {
    let work = Work::new(capture);
    let tallies: [Tally; cores::MAX] = core::array::from_fn(|_| Tally::default());
    let tallies = &tallies[..cores::available()];

    log::started(capture.frame_count(), tallies.len(), flows.capacity());
    let start = clock::now_ns();
    let wanted = |pass| match args.loops {
        Some(loops) => pass < loops,
        None => pass == 0 || clock::now_ns() - start < DEFAULT_RUN_NS,
    };
    cores::run(&|core| {
        // Core 0 is the monitor too: between its own batches it walks the map, while the other
        // cores go on writing to it.
        let mut monitor = (core == 0).then(|| Monitor::new(flows, tallies, start));
        while let Some(batch) = work.claim(wanted) {
            let mut share = Share {
                batches: 1,
                ..Share::default()
            };
            for frame in batch {
                share.frames += 1;
                if let Some(key) = packet::flow_of(frame.data) {
                    share.lookups += 1;
                    let counted = flows::record(flows, key, frame.wire_len);
                    share.not_tracked += u64::from(counted.is_err());
                }
            }
            if share.not_tracked > 0 && tallies[core].share().not_tracked == 0 {
                log::refused(flows.len());
            }
            tallies[core].add(share);
            if let Some(monitor) = &mut monitor {
                monitor.tick(clock::now_ns());
            }
        }
        log::idle(tallies[core].share());
    });
    let elapsed = clock::now_ns() - start;
    log::ended(work.passes(), elapsed, flows);

    // Standard output belongs to the data: to the table of `--tsv`, else to the report.
    let print: report::Print = if args.tsv {
        |line| targets::eprintln!("{line}")
    } else {
        |line| targets::println!("{line}")
    };
    let rows = report::ROWS.take();
    rows.collect(flows);
    if args.tsv {
        rows.print_tsv();
    }
    if capture.frame_count() == 0 {
        print(format_args!("the capture has no frames"));
    }
    report::print_run(capture, work.passes(), tallies, elapsed, print);
    report::print_map(flows, print);
    rows.print_top(args.top, print);

    let all: Share = tallies.iter().map(Tally::share).sum();
    let recount = check::RECOUNT.take();
    recount.count(capture);
    let verdict = recount.compare(flows, work.passes(), all.not_tracked, |difference| {
        targets::eprintln!("{difference}");
    });
    print(format_args!("{verdict}"));

    if verdict.is_wrong() {
        return Err(Failure::WrongCount);
    }
    if all.not_tracked > 0 {
        return Err(Failure::NotTracked {
            frames: all.not_tracked,
            of: all.lookups,
            capacity: N,
            cores: tallies.len(),
            small: args.small,
        });
    }
    Ok(())
}

/// Why the program does not end with success.
#[derive(Debug)]
enum Failure {
    Usage(args::Error<'static>),
    NoFile,
    Capture(pcap::Error),
    NotTracked {
        frames: u64,
        of: u64,
        capacity: usize,
        cores: usize,
        small: bool,
    },
    WrongCount,
}

impl Failure {
    const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            _ => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => write!(f, "{error}"),
            Self::NoFile => write!(
                f,
                "no capture given: name a classic pcap file, with --capture FILE for the runner \
                 or TARGETS_FILE=FILE in the environment of the host's program"
            ),
            Self::Capture(error) => write!(f, "{error}"),
            Self::NotTracked {
                frames,
                of,
                capacity,
                cores,
                small,
            } => {
                // Each other core may hold a place for a moment for a flow that is there already.
                let sure = capacity.saturating_sub(cores - 1);
                let advice = if *small {
                    "leave out --small"
                } else {
                    "raise MAX_FLOWS in src/flows.rs"
                };
                write!(
                    f,
                    "{frames} of {of} frames were not tracked: the capture has more flows than the \
                     {sure} that a map for {capacity} is sure to hold on {cores} cores; {advice}"
                )
            }
            Self::WrongCount => write!(f, "the counts are wrong, see the check above"),
        }
    }
}
