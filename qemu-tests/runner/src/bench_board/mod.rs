//! `cargo qemu bench BOARD`: instructions per operation, and the throughput of several cores.

mod chances;
pub mod guard;
mod pages;
mod results;
mod tables;
mod worst;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;

pub use results::{IMAGE, Results};

use crate::boards::Board;
use crate::cargo;
use crate::failure::usage;
use crate::install;
use crate::machine::Job;
use crate::process::{Flow, Stream};
use crate::screen;
use crate::workspace::Workspace;

/// The boards that have committed counts of instructions: `cargo qemu bench BOARD --bless`.
pub const COUNTED: [&str; 8] = [
    "aarch64",
    "x86_64",
    "riscv64",
    "mps2-an386",
    "mps2-an521",
    "lm3s6965evb",
    "riscv32imac",
    "riscv32imc",
];
/// On how many cores throughput is measured, at most.
const SMP_CORES: usize = 4;
/// How often throughput is measured if nothing else is said.
const ROUNDS: u32 = 15;
/// Counting takes seconds.
const COUNTS_LIMIT: Duration = Duration::from_secs(120);

/// Instructions per operation on a board, on one core, and the throughput of several cores
#[derive(Debug, clap::Parser)]
#[command(bin_name = "cargo qemu bench BOARD", no_binary_name = true)]
struct Options {
    /// Only this part
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Write the results to this file, too
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Make the counts of now the committed ones, which the test `counts::BOARD` compares with;
    /// measures no throughput
    #[arg(long, conflicts_with = "only")]
    bless: bool,
    /// How often each throughput is measured; the median counts [default: 15]
    #[arg(long, value_name = "R", conflicts_with = "bless", value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: Option<u32>,
    /// Say what is missing instead of installing it
    #[arg(long)]
    no_install: bool,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Instructions per operation, on one core
    Counts,
    /// Operations per second on 1, 2 and 4 cores
    Smp,
}

/// Measures and returns the exit status.
pub fn run(workspace: &Workspace, board: Board, args: &[String]) -> Result<u8> {
    let options = Options::parse_from(args);
    if options.rounds.is_some() && options.only == Some(Part::Counts) {
        return Err(usage(
            "--rounds: counting does the same each time, and needs no rounds",
        ));
    }
    let csv = options.csv.as_deref().map(create).transpose()?;
    let package = workspace
        .package(IMAGE)
        .with_context(|| format!("the workspace has no package {IMAGE}"))?;
    install::ensure(workspace, &board.needs(), !options.no_install)?;
    let program = cargo::build(workspace, package, board, None, &mut |bytes| {
        // A closed stderr is no reason to stop.
        let _ = io::stderr().write_all(bytes);
    })?;

    let mut results = Results::default();
    let mut text = String::new();
    if options.only != Some(Part::Smp) {
        let bar = screen::spinner(format!("counting on {}", board.name()));
        results = counts_twice(board, &program)?;
        bar.finish_and_clear();
        text.push_str(&tables::counts(&results));
    }
    if options.bless {
        let path = guard::path(workspace, board)?;
        fs::write(&path, guard::table(&results))
            .with_context(|| format!("cannot write {}", path.display()))?;
        pages::write(workspace)?;
        text.push_str(&format!(
            "{} is rewritten, and the tables in README.md and src/design.md\n",
            path.display()
        ));
        if let Some(page) = worst::bless(workspace, board)? {
            text.push_str(&format!(
                "the tables in {} are those of now\n",
                page.display()
            ));
        }
    } else if options.only != Some(Part::Counts) {
        let cores = board.max_cores().min(SMP_CORES);
        if cores > 1 {
            let bar = screen::spinner(format!("{cores} cores of {} at work", board.name()));
            let smp = throughput(board, program, cores, options.rounds.unwrap_or(ROUNDS))?;
            bar.finish_and_clear();
            text.push_str(&tables::rates(&smp));
            results.add_rates(smp);
        } else {
            text.push_str(&format!("\n{} has one core: no throughput\n", board.name()));
        }
    }
    // A reader that has gone away wants no tables.
    let _ = io::stdout().write_all(text.as_bytes());
    if let Some(file) = csv {
        tables::csv(&results, file).context("cannot write the file of --csv")?;
    }
    Ok(0)
}

/// Creates the file for the results before they are there: a wrong name is told at once.
fn create(path: &Path) -> Result<File> {
    File::create(path).map_err(|error| usage(format!("--csv {}: {error}", path.display())))
}

/// Counts, and counts again: a run that counts instructions does exactly the same every time.
pub fn counts_twice(board: Board, program: &Path) -> Result<Results> {
    let first = counts(board, program)?;
    let second = counts(board, program)?;
    if let Some(difference) = first.difference(&second) {
        bail!("two runs of one program count differently: {difference}");
    }
    Ok(first)
}

/// Units of the board's counter per operation.
pub fn counts(board: Board, program: &Path) -> Result<Results> {
    let job = Job {
        board,
        cores: board.min_cores(),
        program: program.into(),
        args: vec!["counts".into()],
        capture: None,
        timeout: COUNTS_LIMIT,
        colours: false,
        icount: true,
    };
    measure(&job)
}

fn throughput(board: Board, program: PathBuf, cores: usize, rounds: u32) -> Result<Results> {
    let job = Job {
        board,
        cores,
        program,
        args: vec!["smp".into(), "--rounds".into(), rounds.to_string()],
        capture: None,
        // A round is about half a second.
        timeout: COUNTS_LIMIT + Duration::from_secs(rounds.into()),
        colours: false,
        icount: false,
    };
    measure(&job)
}

/// Runs the image and reads what it printed.
fn measure(job: &Job) -> Result<Results> {
    let (mut lines, mut log) = (Vec::new(), Vec::new());
    let end = job.run(&mut |stream, bytes| {
        match stream {
            Stream::Out => lines.extend_from_slice(bytes),
            Stream::Err => log.extend_from_slice(bytes),
        }
        Flow::Continue
    });
    match end.with_context(|| String::from_utf8_lossy(&log).into_owned())? {
        0 => Results::parse(&String::from_utf8_lossy(&lines)),
        code => bail!("{}exit status {code}", String::from_utf8_lossy(&log)),
    }
}
