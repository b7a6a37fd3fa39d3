//! The tests that count instructions.

use std::path::Path;

use anyhow::{Result, bail};

use crate::bench_board::{self, guard};
use crate::boards::Board;
use crate::test::step::Counts;
use crate::workspace::Workspace;

/// Counts on the board; returns what is worth knowing though nothing is wrong.
pub fn check(
    workspace: &Workspace,
    board: Board,
    program: &Path,
    test: Counts,
) -> Result<Vec<String>> {
    match test {
        Counts::Repeat => bench_board::counts_twice(board, program).map(|_| Vec::new()),
        Counts::Committed => {
            let committed = guard::read(workspace, board)?;
            let comparison = committed.compare(&bench_board::counts(board, program)?)?;
            if comparison.failures.is_empty() {
                return Ok(comparison.notes);
            }
            let lines = [comparison.notes, comparison.failures].concat();
            bail!("{}", lines.join("\n"))
        }
    }
}
