//! Lets all cores of a board work on one map after the other, and prints what each did and when, as
//! histories that the crate `history` checks.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod args;
#[path = "../../history/src/decision.rs"]
mod decision;
mod dump;
mod fault;
mod held;
mod list;
mod log;
mod named;
mod pool;
mod subject;
mod work;

use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

use args::Args;
use dump::Head;
use fault::FAULTS;
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
        Ok(args) if args.faults => {
            FAULTS
                .iter()
                .for_each(|(name, _, text)| targets::println!("{name} {text}"));
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
        let round = Round {
            args,
            entry,
            cores,
            steps,
            number,
        };
        done += round.record(|line| targets::println!("{line}"))?;
    }
    Ok(())
}

/// One map's turn.
struct Round<'a> {
    args: &'a Args<'a>,
    entry: &'a Entry,
    cores: usize,
    /// Operations of each core.
    steps: usize,
    number: u64,
}

impl Round<'_> {
    /// Lets the cores work on the map and prints what they did.
    fn record(&self, line: impl FnMut(fmt::Arguments<'_>)) -> Result<u64, &'static str> {
        let Round { entry, cores, .. } = *self;
        let ready = AtomicUsize::new(0);
        let base = clock::ticks();
        cores::run(&|core| {
            if core < cores {
                self.work(core, &ready);
            }
        });
        let head = Head {
            name: entry.name,
            capacity: entry.capacity(),
            spares: entry.spares(),
            guards: entry.guards(),
            cores,
            base,
        };
        let count = dump::print(&head, line);
        let empty = match entry.what {
            What::Map(map, _) => map.clear(),
            What::Pool(pool, places) => pool::clear(pool, places),
        };
        if empty {
            Ok(count)
        } else {
            Err("a map is not empty after all its entries were removed")
        }
    }

    /// What one core does.
    fn work(&self, core: usize, ready: &AtomicUsize) {
        let mut log = LOGS[core].lock();
        log.clear();
        let stream = self.number * MOST_CORES as u64 + core as u64;
        let mut random = Rand32::new_inc(self.args.seed, stream);
        // A generator's first numbers resemble those of its neighbours.
        random.rand_u32();
        random.rand_u32();
        let mut core = Core {
            number: core,
            cores: self.cores,
            steps: self.steps,
            random,
            log: &mut log,
            fault: self.args.fault,
        };
        // Awake: a core that sleeps comes too late to overlap with the others.
        ready.fetch_add(1, Ordering::AcqRel);
        while ready.load(Ordering::Acquire) < self.cores {
            cores::pause();
        }
        match self.entry.what {
            What::Map(map, keys) => work::work(map, keys, &mut core),
            What::Pool(pool, places) => pool::work(pool, places, &mut core),
        }
        if self.number % OPEN_ROUNDS == 1 {
            core.log.leave_open();
        }
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

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Mutex;

    use super::*;
    use crate::fault::Fault;
    use history::text::{Failure, check};

    /// There is one log for each core.
    static ALONE: Mutex<()> = Mutex::new(());

    /// What all maps together print.
    fn text(fault: Option<Fault>, steps: usize, first: u64) -> String {
        let mut text = String::new();
        let args = Args {
            fault,
            ..Args::parse([].into_iter()).unwrap()
        };
        for (number, entry) in (first..).zip(&ALL) {
            let cores = cores::available().min(MOST_CORES);
            let round = Round {
                args: &args,
                entry,
                cores,
                steps,
                number,
            };
            round
                .record(|line| writeln!(text, "{line}").unwrap())
                .unwrap();
        }
        text
    }

    #[test]
    fn what_is_printed_can_be_checked() {
        let _alone = ALONE.lock().unwrap();
        let summary = check(&text(None, MOST_STEPS, 0)).unwrap();
        assert_eq!(summary.histories, ALL.len() as u64);
        assert!(summary.operations >= 1000 * summary.histories);
        assert!(summary.open > 0 && summary.refusals > 0);
    }

    #[test]
    fn every_fault_is_found() {
        let _alone = ALONE.lock().unwrap();
        for (name, fault, says) in FAULTS {
            let found = (0..20).find_map(|round| {
                match check(&text(Some(fault), MOST_STEPS, 100 * round)) {
                    Err(Failure::Violation { violation, .. }) => Some(violation.what),
                    _ => None,
                }
            });
            assert!(found.is_some_and(|what| what.contains(says)), "{name}");
        }
    }
}
