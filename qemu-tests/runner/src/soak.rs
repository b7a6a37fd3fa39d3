//! `cargo qemu soak`: recorded operations for hours, with faults, and every history checked.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::boards::Board;
use crate::cargo;
use crate::failure::usage;
use crate::workspace::Workspace;

/// The package and its program.
const PACKAGE: &str = "schedules";
const PROGRAM: &str = "soak";

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How long, in hours; may be a fraction
    #[arg(long, required_unless_present = "operations")]
    hours: Option<f64>,
    /// Stop after so many operations instead
    #[arg(long, conflicts_with = "hours")]
    operations: Option<u64>,
    /// Where; only the host so far
    #[arg(long, default_value = "host")]
    board: String,
    /// Repeats the operations of a run, though not its timing
    #[arg(long)]
    seed: Option<u64>,
    /// How many threads; by default twice as many as there are cores
    #[arg(long)]
    threads: Option<u16>,
}

/// Builds the program and becomes it: so Ctrl-C reaches it alone, and it ends with its totals.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    match Board::parse(&options.board)? {
        Board::Host => {}
        Board::Guest(board) => {
            let name = board.name;
            return Err(usage(format!(
                "soak runs on the host only so far, not on '{name}'"
            )));
        }
    }
    let mut build = cargo::cargo(workspace);
    build.args(["build", "--release", "--quiet", "--package", PACKAGE]);
    build.args(["--bin", PROGRAM]);
    let status = build.status().context("cargo build")?;
    if !status.success() {
        bail!("cannot build {PROGRAM}");
    }
    let mut command = Command::new(workspace.target.join("release").join(PROGRAM));
    let mut option = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            command.arg(name).arg(value);
        }
    };
    option("--hours", options.hours.map(|hours| hours.to_string()));
    option(
        "--operations",
        options.operations.map(|operations| operations.to_string()),
    );
    option("--seed", options.seed.map(|seed| seed.to_string()));
    option(
        "--threads",
        options.threads.map(|threads| threads.to_string()),
    );
    Err(command.exec()).with_context(|| format!("cannot run {PROGRAM}"))
}
