//! `cargo qemu soak` on the host.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::Result;
use clap::Parser;
use history::text::write;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use schedules::soak::{Plan, Totals, soak, subject};
use verify::soak::Options;

/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(250);

/// Exit status after Ctrl-C: 128 + SIGINT.
const INTERRUPTED: u8 = 130;

/// Performs recorded operations on threads and checks the histories.
#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    options: Options,
}

/// More threads than there are cores, so that they are interrupted anywhere.
fn threads() -> u16 {
    let cores = thread::available_parallelism().map_or(2, usize::from);
    2 * cores.min(16) as u16
}

fn main() -> Result<ExitCode> {
    let Cli { options } = Cli::parse();
    let plan = Plan {
        seed: options.seed.unwrap_or_else(|| fastrand::u64(..)),
        threads: options.threads.unwrap_or_else(threads),
        time: options.time(),
        operations: options.operations(),
    };
    println!(
        "seed {0}, {1} threads; --seed {0} repeats the operations, not their timing",
        plan.seed, plan.threads
    );
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    ctrlc::set_handler(move || asked.store(true, Ordering::Relaxed))?;

    let totals = Totals::default();
    let start = Instant::now();
    let over = AtomicBool::new(false);
    let failure = thread::scope(|scope| {
        let shown = scope.spawn(|| show(&totals, start, &over));
        let failure = soak(plan, &totals, &stop, subject);
        over.store(true, Ordering::Relaxed);
        shown.join().expect("drawing does not panic");
        failure
    });
    let little = totals.shows_nothing().filter(|_| failure.is_none());
    let failures = u32::from(failure.is_some() || little.is_some());
    println!("{}", line(&totals, start, failures));
    if let Some(little) = little {
        println!("FAILED: {little}");
        return Ok(ExitCode::FAILURE);
    }
    let Some(failure) = failure else {
        if stop.load(Ordering::Relaxed) {
            println!("ended by the user");
            return Ok(ExitCode::from(INTERRUPTED));
        }
        return Ok(ExitCode::SUCCESS);
    };
    let path = env::current_dir()?.join(format!("soak-{}-{}.history", plan.seed, failure.round));
    write(&failure.history, &mut fs::File::create(&path)?)?;
    println!("FAILED in round {}: {}", failure.round, failure.why);
    println!("the history: {}", path.display());
    Ok(ExitCode::FAILURE)
}

fn line(totals: &Totals, start: Instant, failures: u32) -> String {
    let operations = totals.operations.load(Ordering::Relaxed);
    let seconds = start.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
    format!(
        "{} operations, {}/s, {} pauses injected, {} histories checked ({} operations), \
         {} overlapping one on the same key, {} refused because the map was full, {failures} failures",
        HumanCount(operations),
        HumanCount((operations as f64 / seconds) as u64),
        HumanCount(totals.faults.load(Ordering::Relaxed)),
        HumanCount(totals.histories.load(Ordering::Relaxed)),
        HumanCount(totals.checked.load(Ordering::Relaxed)),
        HumanCount(totals.overlapping.load(Ordering::Relaxed)),
        HumanCount(totals.refusals.load(Ordering::Relaxed)),
    )
}

/// One line, drawn anew until it is over.
fn show(totals: &Totals, start: Instant, over: &AtomicBool) {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{elapsed} {msg}") {
        bar.set_style(style);
    }
    while !over.load(Ordering::Relaxed) {
        bar.set_message(line(totals, start, 0));
        bar.tick();
        thread::sleep(TICK);
    }
    bar.finish_and_clear();
}
