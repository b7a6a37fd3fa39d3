//! The host runner behind `cargo qemu`: sets a machine up, runs examples on the boards that QEMU
//! emulates, measures the map there, and runs the whole test plan.

mod bench;
mod bench_board;
mod boards;
mod capture;
mod cargo;
mod code;
mod demux;
mod examples;
mod failure;
mod install;
mod log;
mod machine;
mod made;
mod need;
mod packages;
mod picture;
mod process;
mod run;
mod rust;
mod screen;
mod soak;
mod test;
mod verify;
mod workspace;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Runs the map's examples and tests on threads and on the boards that QEMU emulates.
#[derive(Debug, Parser)]
#[command(name = "qemu", bin_name = "cargo qemu", version)]
struct Cli {
    #[command(subcommand)]
    command: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Install all that the other commands need: Rust targets, Miri, QEMU
    Setup {
        /// Only say what is missing, and fail if anything is
        #[arg(long)]
        no_install: bool,
    },
    /// List the boards
    Boards,
    /// Build an example and run it on a board
    Run(run::Options),
    /// Show the atomic instructions of the maps' methods on each target, and check them
    Asm(code::Tool<machine_code::asm::Options>),
    /// Show what the maps cost in code, memory and stack on each target, and check the limits
    Size(code::Tool<machine_code::size::Options>),
    /// Show the tables of the documentation's page "targets" as they are now, or write them
    Docs(code::Tool<machine_code::docs::Options>),
    /// Measure: on the host beside other maps, on a board the instructions of every operation
    Bench(bench::Options),
    /// Run the test plan, or the part of it that matches a filter
    Test(test::Options),
    /// Look for faults of the lock-free core, layer by layer, and say what was tried
    Verify(verify::Options),
    /// Recorded operations for hours, every history checked; ends at the first failure
    Soak(soak::Options),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match act(cli.command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let text = format!("{error:#}");
            if !text.is_empty() {
                let _ = writeln!(io::stderr(), "error: {text}");
            }
            ExitCode::from(failure::code_of(&error))
        }
    }
}

fn act(action: Action) -> Result<u8> {
    if let Action::Soak(options) = action {
        // It handles signals itself, or becomes another program that does.
        return soak::run(&Workspace::find()?, &options);
    }
    if let Action::Verify(options) = action {
        // It ends with what was tried.
        process::stop_children_on_signals()?;
        return verify::run(&Workspace::find()?, &options);
    }
    process::kill_children_on_signals()?;
    match action {
        Action::Setup { no_install } => {
            let workspace = Workspace::find()?;
            let mut needs = test::all_needs(&workspace)?;
            needs.extend(verify::needs());
            install::ensure(&workspace, &needs, !no_install)?;
            eprintln!("all that is needed is installed");
            Ok(0)
        }
        Action::Boards => {
            // A reader that has gone away wants no table.
            let _ = io::stdout().write_all(boards::table().as_bytes());
            Ok(0)
        }
        Action::Run(options) => run::run(&Workspace::find()?, options),
        Action::Asm(options) => code::asm(&Workspace::find()?, &options),
        Action::Size(options) => code::size(&Workspace::find()?, &options),
        Action::Docs(options) => code::docs(&Workspace::find()?, &options),
        Action::Bench(options) => bench::run(&Workspace::find()?, &options),
        Action::Test(options) => test::run(&Workspace::find()?, &options),
        Action::Verify(_) | Action::Soak(_) => unreachable!("handled above"),
    }
}
