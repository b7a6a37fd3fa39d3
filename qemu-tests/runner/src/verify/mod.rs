//! `cargo qemu verify`: the layers that look for faults of the lock-free core, and what each tried.

pub mod board_stops;
pub mod histories;
pub mod interrupts;
pub mod layers;
mod models;
mod page;
mod show;

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use verify::{Effort, Line, Report};

use crate::cargo;
use crate::failure::usage;
use crate::install::{self, Need};
use crate::process;
use crate::verify::layers::{LAYERS, Layer, Program, Work};
use crate::verify::show::{Outcome, Show};
use crate::workspace::Workspace;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// One layer (`--list` names them); or `self-test`: each layer must find a fault that is planted for it
    layer: Option<String>,
    /// What the default test command has time for: three minutes (the default)
    #[arg(long, conflicts_with = "full")]
    quick: bool,
    /// All of it
    #[arg(long)]
    full: bool,
    /// Write what came out into src/verification.md; rows of layers that did not run stay
    #[arg(long, requires = "full")]
    bless: bool,
    /// Only whether it finds the faults that are planted for it
    #[arg(long, conflicts_with_all = ["quick", "full"])]
    self_test: bool,
    /// Name the layers instead of running them
    #[arg(long)]
    list: bool,
    /// Say what is missing instead of installing it
    #[arg(long)]
    no_install: bool,
}

/// What stands for every layer's negative control on the command line.
const SELF_TEST: &str = "self-test";

/// What has to be installed for these layers.
pub fn needs() -> Vec<Need> {
    LAYERS.iter().flat_map(layer_needs).collect()
}

/// What has to be installed for one of them.
pub fn layer_needs(layer: &Layer) -> Vec<Need> {
    match &layer.work {
        Work::Program(program) => (program.needs)(),
        Work::Inside { needs, .. } => needs(),
    }
}

/// Runs it and returns the exit status.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    if options.list {
        let names = LAYERS
            .iter()
            .map(|layer| format!("{}: {}\n", layer.name, layer.what));
        // A reader that has gone away wants no list.
        let _ = io::stdout().write_all(names.collect::<String>().as_bytes());
        return Ok(0);
    }
    let (effort, chosen) = choose(options)?;
    let needs: Vec<_> = chosen.iter().copied().flat_map(layer_needs).collect();
    install::ensure(workspace, &needs, !options.no_install)?;
    let outcomes = chosen.iter().map(|layer| one(workspace, layer, effort));
    let outcomes: Vec<_> = outcomes.collect();
    show::table(&outcomes);
    if options.bless {
        page::bless(workspace, &outcomes)?;
    }
    Ok(u8::from(outcomes.iter().any(Outcome::failed)))
}

fn choose(options: &Options) -> Result<(Effort, Vec<&'static Layer>)> {
    let effort = match options {
        Options {
            self_test: true, ..
        } => Effort::SelfTest,
        Options { full: true, .. } => Effort::Full,
        _ => Effort::Quick,
    };
    let name = match options.layer.as_deref() {
        None => return Ok((effort, LAYERS.iter().collect())),
        Some(SELF_TEST) => return Ok((Effort::SelfTest, LAYERS.iter().collect())),
        Some(name) => name,
    };
    match LAYERS.iter().find(|layer| layer.name == name) {
        Some(layer) => Ok((effort, vec![layer])),
        None => Err(usage(format!(
            "there is no layer '{name}'; `cargo qemu verify --list` names them"
        ))),
    }
}

/// Runs one layer.
fn one(workspace: &Workspace, layer: &'static Layer, effort: Effort) -> Outcome {
    let mut show = Show::new(layer);
    let start = Instant::now();
    {
        let mut report = Report::new(|line| show.line(line));
        let result = match &layer.work {
            Work::Program(program) => external(workspace, program, effort, &mut report),
            Work::Inside { run, .. } => run(workspace, effort, &mut report),
        };
        report.conclude(effort, result);
    }
    show.finish(start.elapsed())
}

/// Builds a layer's program, runs it and takes its report over.
fn external(
    workspace: &Workspace,
    part: &Program,
    effort: Effort,
    report: &mut Report<'_>,
) -> Result<()> {
    report_of(program(workspace, part, effort)?, report)
}

/// The command that builds and runs a layer's program.
pub fn program(workspace: &Workspace, program: &Program, effort: Effort) -> Result<Command> {
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
pub fn report_of(mut command: Command, report: &mut Report<'_>) -> Result<()> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = process::die_with_parent(&mut command).spawn()?;
    let output = child.stdout.take().context("no standard output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        match serde_json::from_str::<Line>(&line) {
            Ok(line) => report.line(line),
            Err(_) => bail!("not a line of a report: {line}"),
        }
    }
    let status = child.wait()?;
    if !status.success() && !report.failed() {
        bail!("the layer's program ended with {status} and named no failure");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_not_the_self_test() {
        for (i, layer) in LAYERS.iter().enumerate() {
            assert_ne!(layer.name, SELF_TEST);
            assert!(LAYERS[..i].iter().all(|other| other.name != layer.name));
        }
    }
}
