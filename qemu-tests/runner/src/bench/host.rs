//! `cargo qemu bench host`: the map beside the concurrent maps of the field, on this machine.

use std::io::{self, Write};

use anyhow::{Context, Result};

use crate::cargo;
use crate::process;
use crate::workspace::Workspace;

/// The package that measures.
const PACKAGE: &str = "bench";

/// Builds the suite and runs it with these options.
pub fn run(workspace: &Workspace, args: &[String]) -> Result<u8> {
    let package = workspace.package(PACKAGE).context("no package 'bench'")?;
    let program = cargo::build(
        workspace,
        package,
        crate::boards::Board::Host,
        None,
        &mut |bytes| {
            // A closed stderr is no reason to stop.
            let _ = io::stderr().write_all(bytes);
        },
    )?;
    let mut command = std::process::Command::new(program);
    command.arg("peers").args(args);
    let status = process::foreground(process::die_with_parent(&mut command))
        .context("cannot start the benchmark")?;
    // Without a status it was killed by a signal.
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}
