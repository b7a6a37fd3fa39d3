//! Lets all cores of a board work on one map after the other, and prints what each did and when, as histories
//! that the crate `history` checks.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod args;
mod dump;
mod fault;
mod list;
mod log;
mod pool;
mod subject;
mod work;

use core::sync::atomic::{AtomicUsize, Ordering};

use args::Args;
use dump::Head;
use list::{ALL, Entry, What};
use log::{LOGS, MOST_CORES, MOST_STEPS};
use oorandom::Rand32;
use targets::{boot, clock, cores, exit::Status};
use work::Core;

targets::entry!(main);

/// Every fourth round ends with operations that never end, as far as the history tells.
const OPEN_ROUNDS: u64 = 4;

fn main() -> Status {
    match Args::parse(boot::args()) {
        Ok(args) if args.help => {
            targets::println!("{}", args::HELP);
            Status::SUCCESS
        }
        Ok(args) => Status::from(run(&args)),
        Err(error) => {
            targets::eprintln!("recorder: {error}");
            Status::failure(2)
        }
    }
}

/// Goes round the maps until there are enough operations.
fn run(args: &Args<'_>) -> Result<(), &'static str> {
    let selected = || ALL.iter().filter(|entry| entry.name.contains(args.subject));
    if selected().next().is_none() {
        return Err("no map has such a name");
    }
    let cores = cores::available().min(MOST_CORES);
    targets::println!("tick {}", tick());
    let each = args
        .operations
        .div_ceil((selected().count() * cores) as u64);
    let steps = each.clamp(32, MOST_STEPS as u64) as usize;
    let mut done = 0;
    for (number, entry) in (0..).zip(selected().cycle()) {
        if done >= args.operations {
            break;
        }
        done += round(args, entry, cores, steps, number)?;
    }
    Ok(())
}

/// Lets the cores work on one map, and prints what they did.
fn round(
    args: &Args<'_>,
    entry: &Entry,
    cores: usize,
    steps: usize,
    number: u64,
) -> Result<u64, &'static str> {
    let ready = AtomicUsize::new(0);
    let base = clock::ticks();
    cores::run(&|core| {
        if core >= cores {
            return;
        }
        let mut log = LOGS[core].lock();
        log.clear();
        let stream = number * MOST_CORES as u64 + core as u64;
        let mut random = Rand32::new_inc(args.seed, stream);
        // A generator's first numbers resemble those of its neighbours.
        random.rand_u32();
        random.rand_u32();
        let mut core = Core {
            number: core,
            cores,
            steps,
            random,
            log: &mut log,
            fault: args.fault,
        };
        // Awake: a core that sleeps comes too late to overlap with the others.
        ready.fetch_add(1, Ordering::AcqRel);
        while ready.load(Ordering::Acquire) < cores {
            cores::pause();
        }
        match entry.what {
            What::Map(map) => work::work(map, &mut core),
            What::Pool(pool, places) => pool::work(pool, places, &mut core),
        }
        if number % OPEN_ROUNDS == 1 {
            core.log.leave_open();
        }
    });
    let head = Head {
        name: entry.name,
        capacity: entry.capacity(),
        refuses: entry.refuses,
        cores,
        base,
    };
    let count = dump::print(&head, |line| targets::println!("{line}"));
    let empty = match entry.what {
        What::Map(map) => map.clear(),
        What::Pool(pool, places) => pool::clear(pool, places),
    };
    if empty {
        Ok(count)
    } else {
        Err("a map is not empty after all its entries were removed")
    }
}

/// Picoseconds of a tick of the clock, measured.
fn tick() -> u64 {
    const PERIOD_NS: u64 = 20_000_000;
    let (time, ticks) = (clock::now_ns(), clock::ticks());
    let elapsed = loop {
        let elapsed = clock::now_ns() - time;
        if elapsed >= PERIOD_NS {
            break elapsed;
        }
    };
    elapsed * 1000 / clock::ticks_between(ticks, clock::ticks()).max(1)
}
