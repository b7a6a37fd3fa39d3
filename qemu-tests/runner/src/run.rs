//! `cargo qemu run`: builds an example for a board and runs it there.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::boards::Board;
use crate::capture::{self, Capture};
use crate::cargo;
use crate::examples::{self, Example};
use crate::failure::usage;
use crate::install;
use crate::log::{self, Filter};
use crate::machine::{self, Job};
use crate::screen::Screen;
use crate::workspace::Workspace;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The example: a program in `examples/`
    #[arg(required_unless_present = "list")]
    example: Option<String>,
    /// List the examples: what each shows, and on which boards; the first one is its default
    #[arg(long)]
    list: bool,
    /// Where to run it (`cargo qemu boards` lists them) [default: the example's own]
    #[arg(long, value_parser = Board::parser(), hide_possible_values = true)]
    board: Option<Board>,
    /// Number of cores, or of threads on the host [default: 4, or as many as there are]
    #[arg(long, allow_hyphen_values = true)]
    cores: Option<usize>,
    /// Kill the run after this many seconds
    #[arg(
        long,
        value_name = "S",
        default_value_t = 120,
        allow_hyphen_values = true,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    timeout: u64,
    /// Count instructions instead of time: each run does exactly the same, but cores never run at
    /// the same time. Boards with one core always do
    #[arg(long)]
    icount: bool,
    /// Build the program to log with defmt, and print what it logs on stderr: time in seconds, core,
    /// level, text. The variable DEFMT_LOG says what is compiled in, such as `debug` or
    /// `off,flow_table=trace` [default: info]
    #[arg(long)]
    defmt: bool,
    /// Say what is missing instead of installing it
    #[arg(long)]
    no_install: bool,
    /// A capture for the program; may also stand among ARGS. It may be pcapng or compressed with gzip; -
    /// is the standard input
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
    /// The program's arguments. `--capture FILE` names a file of this machine: the runner takes it
    /// out of the arguments and places the file in the guest's memory
    #[arg(last = true)]
    args: Vec<String>,
}

/// Runs it and returns the exit status of the program.
pub fn run(workspace: &Workspace, options: Options) -> Result<u8> {
    if options.list {
        let text = examples::list(&workspace.examples()?)?;
        // A reader that has gone away wants no list.
        let _ = io::stdout().write_all(text.as_bytes());
        return Ok(0);
    }
    let example = workspace.example(options.example.as_deref().unwrap_or_default())?;
    let board = example.board(options.board)?;
    if example.alone {
        return run_alone(workspace, &example, &options);
    }
    let cores = board.cores(options.cores)?;
    if options.defmt && board.triple().is_none() {
        return Err(usage(
            "--defmt: a program on the host does not log; name another --board",
        ));
    }
    let package = workspace.package(&example.package);
    if options.defmt && !package.is_some_and(|package| package.has_defmt) {
        return Err(usage(format!(
            "--defmt: {} logs nothing; flow_table does",
            example.name
        )));
    }
    if options.icount && board.triple().is_none() {
        return Err(usage(
            "--icount: on the host nothing counts instructions; name another --board",
        ));
    }
    let filter = options.defmt.then(Filter::of_user);
    let mut args = options.args;
    let path = match (options.capture, capture::take(&mut args)?) {
        (Some(_), Some(_)) => return Err(usage("--capture is given twice; a run takes one file")),
        (one, other) => one.or(other),
    };
    if path.is_some() && example.default_capture.is_none() {
        return Err(usage(format!("{} takes no capture", example.name)));
    }
    let path = path.or_else(|| example.default_capture.clone());
    let capture = path.map(|path| Capture::open(&path)).transpose()?;
    for note in capture.iter().flat_map(|capture| &capture.notes) {
        // A closed stderr is no reason to stop.
        let _ = writeln!(io::stderr(), "{note}");
    }

    install::ensure(workspace, &board.needs(), !options.no_install)?;
    let one = cargo::build_examples(workspace, &[&example], board, filter.as_ref(), &mut show);
    let job = Job {
        board,
        cores,
        program: one?.pop().context("cargo has built nothing")?,
        args,
        capture,
        timeout: Duration::from_secs(options.timeout),
        colours: log::colours(),
        icount: options.icount || board.has_one_core(),
    };
    let mut screen = screen(&example, format_args!("{}, {cores} cores", board.name()));
    job.run(&mut |stream, bytes| screen.show(stream, bytes))
}

/// An example that stands alone: what the runner says to programs that know `targets` it cannot be told.
fn run_alone(workspace: &Workspace, example: &Example, options: &Options) -> Result<u8> {
    let told = options.cores.is_some()
        || options.icount
        || options.defmt
        || options.capture.is_some()
        || !options.args.is_empty();
    if told {
        return Err(usage(format!(
            "{} stands alone, as a project of your own does: it takes no --cores, --icount, --defmt, --capture \
             or arguments",
            example.name
        )));
    }
    let board = example.boards[0];
    install::ensure(workspace, &board.needs(), !options.no_install)?;
    cargo::build_alone(workspace, example, &mut show)?;
    let mut screen = screen(example, format_args!("{}", board.name()));
    let timeout = Duration::from_secs(options.timeout);
    machine::run_alone(workspace, example, timeout, &mut |stream, bytes| {
        screen.show(stream, bytes)
    })
}

fn screen(example: &Example, place: std::fmt::Arguments<'_>) -> Screen {
    Screen::new(format!("{} runs on {place}", example.name))
}

/// What cargo says.
fn show(bytes: &[u8]) {
    // A closed stderr is no reason to stop.
    let _ = io::stderr().write_all(bytes);
}
