//! `cargo qemu bench`: measures, on the host or on a board.

mod host;

use anyhow::Result;

use crate::bench_board;
use crate::boards::Board;
use crate::workspace::Workspace;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Where: `host` is this machine, beside the concurrent maps of the field; or a board (see `cargo
    /// qemu boards`)
    #[arg(value_parser = Board::parser(), hide_possible_values = true)]
    place: Board,
    /// Options of the benchmark; `cargo qemu bench PLACE -- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Runs it and returns the exit status of the program.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    match options.place {
        Board::Host => host::run(workspace, &options.args),
        board @ Board::Guest(_) => bench_board::run(workspace, board, &options.args),
    }
}
