//! `cargo qemu bench`: measures, on the host or elsewhere.

use anyhow::Result;

use crate::bench_board;
use crate::boards::Board;
use crate::failure::usage;
use crate::workspace::Workspace;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Where: a board (see `cargo qemu boards`)
    place: String,
    /// Options of the benchmark; `cargo qemu bench PLACE -- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Runs it and returns the exit status of the program.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    match Board::parse(&options.place)? {
        Board::Host => Err(usage(
            "instructions are counted on a board that QEMU emulates; the host has: \
             cargo run --release -p bench",
        )),
        board @ Board::Guest(_) => bench_board::run(workspace, board, &options.args),
    }
}
