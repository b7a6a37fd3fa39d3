//! Layers that are programs of the workspace, which report through the crate `verify`.

use std::process::Command;

use anyhow::{Context, Result, bail};
use verify::{Effort, Line, Report};

use crate::cargo;
use crate::need::Need;
use crate::process;
use crate::workspace::Workspace;

/// A program that is a layer.
#[derive(Debug)]
pub struct Program {
    /// Its package.
    pub package: &'static str,
    /// Its binary.
    pub bin: &'static str,
    /// Flags for the compiler, such as `--cfg`.
    pub rustflags: &'static str,
    /// A target folder of its own below the workspace's, for builds with other flags.
    pub target: Option<&'static str>,
    /// What follows `--effort E`.
    pub args: &'static [&'static str],
    /// What has to be installed.
    pub needs: fn() -> Vec<Need>,
}

/// Builds a layer's program, runs it and takes its report over.
pub fn run(
    workspace: &Workspace,
    part: &Program,
    effort: Effort,
    report: &mut Report<'_>,
) -> Result<()> {
    report_of(command(workspace, part, effort)?, report)
}

/// The command that builds and runs a layer's program.
pub fn command(workspace: &Workspace, program: &Program, effort: Effort) -> Result<Command> {
    let package = workspace
        .package(program.package)
        .with_context(|| format!("no package '{}'", program.package))?;
    let mut command = cargo::cargo(workspace);
    command.args(["run", "--release", "--quiet", "--package", &package.name]);
    command.args(["--bin", program.bin]);
    if !program.rustflags.is_empty() {
        command.env("RUSTFLAGS", program.rustflags);
    }
    if let Some(folder) = program.target {
        command.env("CARGO_TARGET_DIR", workspace.target.join(folder));
    }
    let effort_name = match effort {
        Effort::Quick => "quick",
        Effort::Full => "full",
        Effort::SelfTest => "self-test",
    };
    command.args(["--", "--effort", effort_name]);
    command.args(program.args);
    Ok(command)
}

/// Runs a program whose standard output is a report.
pub fn report_of(command: Command, report: &mut Report<'_>) -> Result<()> {
    let status = process::lines(command, &mut |line| {
        let parsed = serde_json::from_str::<Line>(line);
        report.line(parsed.with_context(|| format!("not a line of a report: {line}"))?);
        Ok(())
    })?;
    if !status.success() && !report.failed() {
        bail!("the layer's program ended with {status} and named no failure");
    }
    Ok(())
}
