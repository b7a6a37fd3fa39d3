//! `cargo qemu soak`: recorded operations for hours, with faults, and every history checked.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use history::verdict::{Verdict, shows_nothing};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use crate::boards::Board;
use crate::failure::{self, usage};
use crate::verify::histories::{self, Outcome, Target};
use crate::workspace::Workspace;
use crate::{cargo, install, process, screen};

/// The package and its program.
const PACKAGE: &str = "schedules";
const PROGRAM: &str = "soak";

/// Operations of one run of the recorder on a board.
const AT_ONCE: u64 = 100_000;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
// The flattened ones are the group.
#[group(skip)]
pub struct Options {
    #[command(flatten)]
    common: verify::soak::Options,
    /// Where: the host, or a board with several cores
    #[arg(long, default_value = "host", value_parser = Board::parser(), hide_possible_values = true)]
    board: Board,
    /// Say what is missing instead of installing it
    #[arg(long)]
    no_install: bool,
}

/// Runs it and returns the exit status.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    match options.board {
        Board::Host => on_host(workspace, options),
        board => on_board(workspace, board, options),
    }
}

/// Builds the program and becomes it: so Ctrl-C reaches it alone, and it ends with its totals.
fn on_host(workspace: &Workspace, options: &Options) -> Result<u8> {
    let mut build = cargo::cargo(workspace);
    build.args(["build", "--release", "--package", PACKAGE]);
    build.args(["--bin", PROGRAM]);
    let status = build.status().context("cargo build")?;
    if !status.success() {
        bail!("cannot build {PROGRAM}");
    }
    let mut command = Command::new(workspace.target.join("release").join(PROGRAM));
    command.args(options.common.args());
    Err(command.exec()).with_context(|| format!("cannot run {PROGRAM}"))
}

/// Lets the recorder of the layer `board-histories` run again and again, each time with the next seed.
fn on_board(workspace: &Workspace, board: Board, options: &Options) -> Result<u8> {
    let name = board.name();
    if !histories::BOARDS.contains(&name) {
        let able = histories::BOARDS.join(", ");
        return Err(usage(format!(
            "no histories are recorded on '{name}'; there are: host, {able}"
        )));
    }
    if options.common.threads.is_some() {
        return Err(usage(
            "--threads is for the host only; a board uses all its cores",
        ));
    }
    install::ensure(workspace, &board.needs(), !options.no_install)?;
    static ASKED: AtomicBool = AtomicBool::new(false);
    ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::Relaxed) {
            process::kill_all_and_exit(failure::INTERRUPTED);
        }
        eprintln!("ends with its totals after this run; Ctrl-C again ends it at once");
    })?;
    let first = options.common.seed.unwrap_or(1);
    println!(
        "seed {first}, {} cores of {name}; --seed {first} repeats the operations, not their timing",
        board.cores(None)?
    );
    let building = screen::phase(format!("building for {name}"));
    let target = Target::build(workspace, name)?;
    building.finish_and_clear();
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{elapsed} {msg}") {
        bar.set_style(style);
    }
    let start = Instant::now();
    let mut totals = Totals::default();
    let mut wrong = None;
    for seed in first.. {
        let left = options.common.operations().map_or(AT_ONCE, |all| {
            all.saturating_sub(totals.operations).min(AT_ONCE)
        });
        let time = options.common.time();
        // Before the first run nothing has been shown, however little time there is.
        let over = totals.operations > 0 && time.is_some_and(|time| start.elapsed() >= time);
        if left == 0 || over || wrong.is_some() || ASKED.load(Ordering::Relaxed) {
            break;
        }
        let seed = ["--seed".into(), seed.to_string()];
        let outcome = target.record(left, &seed, &mut |done| {
            bar.set_message(totals.line(start, done));
            bar.tick();
        })?;
        outcome
            .verdicts
            .iter()
            .for_each(|verdict| totals.add(verdict));
        wrong = outcome
            .verdicts
            .iter()
            .find_map(Verdict::wrong)
            .map(|wrong| wrong.text.clone())
            .or_else(|| too_few(&outcome, left));
    }
    bar.finish_and_clear();
    let wrong = wrong.or_else(|| shows_nothing(totals.operations, 0, totals.overlapping));
    totals.failures = u64::from(wrong.is_some());
    println!("{}", totals.line(start, 0));
    if let Some(text) = &wrong {
        println!("FAILED: {text}");
        return Ok(1);
    }
    if ASKED.load(Ordering::Relaxed) {
        println!("ended by the user");
        return Ok(failure::INTERRUPTED);
    }
    Ok(0)
}

/// Why a run of the recorder would be repeated for ever, if it would: it did less than it was asked to.
fn too_few(outcome: &Outcome, wanted: u64) -> Option<String> {
    let done: u64 = outcome.verdicts.iter().map(Verdict::operations).sum();
    (done < wanted).then(|| format!("the recorder ended after {done} operations of {wanted}"))
}

/// What was recorded on a board so far.
#[derive(Default)]
struct Totals {
    operations: u64,
    histories: u64,
    overlapping: u64,
    refusals: u64,
    open: u64,
    failures: u64,
}

impl Totals {
    fn add(&mut self, verdict: &Verdict) {
        self.operations += verdict.operations();
        self.histories += 1;
        self.overlapping += verdict.overlapping();
        self.refusals += verdict.refusals();
        self.open += verdict.open();
    }

    /// The line, with so many operations that are not counted yet.
    fn line(&self, start: Instant, more: u64) -> String {
        let seconds = start.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
        let operations = self.operations + more;
        format!(
            "{} operations, {}/s, {} histories checked, {} overlapping one on the same key, \
             {} refused because the map was full, \
             {} whose end was withheld, {} failures",
            HumanCount(operations),
            HumanCount((operations as f64 / seconds) as u64),
            HumanCount(self.histories),
            HumanCount(self.overlapping),
            HumanCount(self.refusals),
            HumanCount(self.open),
            self.failures,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorder_that_prints_nothing_is_not_run_again() {
        let nothing = Outcome::default();
        assert!(too_few(&nothing, 1).is_some_and(|text| text.contains("0 operations of 1")));
        assert!(too_few(&nothing, 0).is_none());
    }
}
