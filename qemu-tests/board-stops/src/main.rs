//! The layer `board-stops`: on boards, through the emulator's debugger stub, one core is stopped at each
//! instruction of each operation, for ever as far as the other one can tell, which goes on meanwhile.
//!
//! At each instruction the other core performs operations drawn at random, each answer checked, and then
//! shows how many cells are lost. Then all memory of the subject is put back, and the stopped core executes
//! one instruction more. From some instructions it also goes on to the operation's end after what the
//! others have done: what it returns must be right, and no cell may be lost then. In one more run the
//! others do a little between any two instructions, and nothing is put back.
//!
//! The board's memory is a file of the host, through which lists of operations and their answers go, and
//! in which memory is put back. That an instruction is really one that the operation executes is known
//! from a run before in which nobody disturbs it: each address that it executes must be stopped at.

mod between;
mod board;
mod case;
mod gdb;
mod looked;
mod machine;
mod plan;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use verify::{Effort, Report};

/// The command line.
#[derive(Debug, Parser)]
struct Cli {
    /// How much to do
    #[arg(long, value_enum, default_value = "quick")]
    effort: Effort,
    /// A board and the image that is built for it: NAME=PATH
    #[arg(long = "board", value_name = "NAME=PATH", value_parser = pair, required = true)]
    boards: Vec<(String, PathBuf)>,
    /// Only subjects that have this in their names
    only: Option<String>,
}

fn pair(text: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = text.split_once('=').ok_or("NAME=PATH")?;
    Ok((name.into(), path.into()))
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut report = Report::to_stdout();
    let result = plan::run(cli.effort, cli.only.as_deref(), &cli.boards, &mut report);
    report.conclude(cli.effort, result);
    ExitCode::from(u8::from(report.failed()))
}
