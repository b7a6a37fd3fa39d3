//! `cargo qemu bench`: measures the map.

use anyhow::Result;

use crate::bench_board;
use crate::boards::Board;
use crate::failure::usage;
use crate::workspace::Workspace;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Where to measure: a board (see `cargo qemu boards`)
    place: String,
    #[command(flatten)]
    board: bench_board::BoardOptions,
}

/// Measures and returns the exit status.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    match Board::parse(&options.place)? {
        board @ Board::Guest(_) => bench_board::run(workspace, board, &options.board),
        Board::Host => Err(usage(
            "instructions are counted on a board that QEMU emulates; the host has: \
             cargo run --release -p bench",
        )),
    }
}
