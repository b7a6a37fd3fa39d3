//! The layer `board-stops`: builds an image for each board, and starts the program that stops its cores.

use anyhow::{Context, Result, bail};
use verify::{Effort, Report};

use crate::boards::Board;
use crate::cargo;
use crate::need::Need;
use crate::verify::program::{self, Program};
use crate::workspace::Workspace;

/// The package of the image.
pub const IMAGE: &str = "stops-image";
/// The boards whose cores are stopped.
const BOARDS: [&str; 2] = ["aarch64", "x86_64"];
/// A full run also goes there.
const IF_FULL: &str = "aarch64-lse";

/// The program on the host.
const STOPS: Program = Program {
    package: "board-stops",
    bin: "board-stops",
    rustflags: "",
    target: None,
    args: &[],
    needs: Vec::new,
};

/// Whether the image runs on this board.
pub fn runs_on(board: Board) -> bool {
    board.name() == IF_FULL || BOARDS.contains(&board.name())
}

/// The boards that are needed.
pub fn needs() -> Vec<Need> {
    let boards = BOARDS.into_iter().chain([IF_FULL]);
    let boards = boards.filter_map(|name| Board::parse(name).ok());
    boards.flat_map(Board::needs).collect()
}

/// Builds the images and lets the program stop their cores.
pub fn run(workspace: &Workspace, effort: Effort, report: &mut Report<'_>) -> Result<()> {
    let package = workspace
        .package(IMAGE)
        .with_context(|| format!("no package '{IMAGE}'"))?;
    let more = (effort == Effort::Full).then_some(IF_FULL);
    let mut command = program::command(workspace, &STOPS, effort)?;
    for name in BOARDS.into_iter().chain(more) {
        report.progress(0, 1, format!("building for {name}"));
        let mut log = Vec::new();
        let built = cargo::build(
            workspace,
            package,
            Board::parse(name)?,
            None,
            &mut |bytes| {
                log.extend_from_slice(bytes);
            },
        );
        match built {
            Ok(image) => command.arg(format!("--board={name}={}", image.display())),
            Err(error) => bail!("{}{error:#}", String::from_utf8_lossy(&log)),
        };
    }
    program::report_of(command, report)
}
