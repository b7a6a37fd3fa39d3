//! `cargo qemu verify`: the layers that look for faults of the lock-free core, and what each tried.

pub mod board_stops;
pub mod histories;
pub mod interrupts;
pub mod layers;
mod models;
mod page;
mod program;
pub mod record;
mod show;

use std::env::consts::{ARCH, OS};
use std::io::{self, Write};

use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser};
use verify::{Effort, Report};

use crate::failure;
use crate::install;
use crate::need::Need;
use crate::process;
use crate::verify::layers::{LAYERS, Layer, Work};
use crate::verify::show::{Outcome, Show};
use crate::workspace::Workspace;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub struct Options {
    /// Which layers; without a name all
    #[arg(value_name = "LAYER", value_parser = parser())]
    layers: Vec<String>,
    /// A small budget (the default): all layers together take three minutes, builds not counted
    #[arg(long, conflicts_with = "full")]
    quick: bool,
    /// With the largest budget
    #[arg(long)]
    full: bool,
    /// Write what came out into src/verification.md; what layers that did not run tried stays there
    #[arg(long, requires = "full")]
    bless: bool,
    /// Only whether they find the faults that are planted for them
    #[arg(long, conflicts_with_all = ["quick", "full"])]
    self_test: bool,
    /// Name the layers and what they cannot see instead of running them
    #[arg(long, conflicts_with_all = ["quick", "full", "bless", "self_test"])]
    list: bool,
    /// Say what is missing instead of installing it
    #[arg(long)]
    no_install: bool,
    #[command(subcommand)]
    all: Option<All>,
}

/// What is done with all layers.
#[derive(Debug, clap::Subcommand)]
enum All {
    /// Each layer must find the faults that are planted for it
    SelfTest {
        /// Say what is missing instead of installing it
        #[arg(long)]
        no_install: bool,
    },
}

/// Takes the names of layers.
fn parser() -> PossibleValuesParser {
    let names = LAYERS.iter();
    PossibleValuesParser::new(names.map(|layer| PossibleValue::new(layer.name).help(layer.what)))
}

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

/// The layers with these names; without names all.
fn named(names: &[String]) -> impl Iterator<Item = &'static Layer> + '_ {
    let is_named =
        move |layer: &&Layer| names.is_empty() || names.iter().any(|name| name == layer.name);
    LAYERS.iter().filter(is_named)
}

/// Those that are to run. One that cannot run on this host is left out unless it is named: then it fails.
fn chosen(names: &[String], os: &str, arch: &str) -> Vec<&'static Layer> {
    let runs = |layer: &&Layer| !names.is_empty() || layer.runs_on(os, arch);
    named(names).filter(runs).collect()
}

/// All that can run on this host.
pub fn all_here() -> Vec<&'static Layer> {
    chosen(&[], OS, ARCH)
}

/// Runs it and returns the exit status.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    if options.list {
        let core = record::core(workspace)?;
        let names = named(&options.layers).map(|layer| {
            let Layer {
                name, what, blind, ..
            } = layer;
            format!("{name}: {what}\n    cannot see: {blind}\n")
        });
        // A reader that has gone away wants no list.
        let text = format!(
            "{}the core as it is now: {core}\n",
            names.collect::<String>()
        );
        let _ = io::stdout().write_all(text.as_bytes());
        return Ok(0);
    }
    let effort = match options {
        Options { all: Some(_), .. }
        | Options {
            self_test: true, ..
        } => Effort::SelfTest,
        Options { full: true, .. } => Effort::Full,
        _ => Effort::Quick,
    };
    let no_install = options.no_install
        || matches!(options.all, Some(All::SelfTest { no_install }) if no_install);
    let chosen = chosen(&options.layers, OS, ARCH);
    for left_out in
        named(&options.layers).filter(|layer| !chosen.iter().any(|one| one.name == layer.name))
    {
        println!("{} is left out: not for {OS} on {ARCH}", left_out.name);
    }
    let needs: Vec<_> = chosen.iter().copied().flat_map(layer_needs).collect();
    install::ensure(workspace, &needs, !no_install)?;
    // As it is before they run: whoever changes it meanwhile is told another digest.
    let core = options.bless.then(|| record::core(workspace)).transpose()?;
    let outcomes = chosen
        .into_iter()
        .take_while(|_| !process::interrupted())
        .map(|layer| one(workspace, layer, effort));
    let outcomes: Vec<_> = outcomes.collect();
    show::table(&outcomes);
    if process::interrupted() {
        println!("ended by the user");
        return Ok(failure::INTERRUPTED);
    }
    if let Some(core) = core {
        page::bless(workspace, &core, &outcomes)?;
    }
    Ok(u8::from(outcomes.iter().any(Outcome::failed)))
}

/// Runs one layer.
fn one(workspace: &Workspace, layer: &'static Layer, effort: Effort) -> Outcome {
    let mut show = Show::new(layer);
    {
        let mut report = Report::new(|line| show.line(line));
        let result = match &layer.work {
            Work::Program(program) => program::run(workspace, program, effort, &mut report),
            Work::Inside { run, .. } => run(workspace, effort, &mut report),
        };
        report.conclude(effort, result);
    }
    show.finish()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    fn parse(args: &str) -> Result<Options, String> {
        let cli = Cli::try_parse_from(format!("verify {args}").split_whitespace());
        cli.map(|cli| cli.options)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn several_layers_or_all() {
        assert!(parse("").unwrap().layers.is_empty());
        let two = parse("stops kills --full --bless").unwrap();
        assert_eq!(two.layers, ["stops", "kills"]);
        assert!(parse("self-test --no-install").unwrap().all.is_some());
        assert!(parse("--list histories").unwrap().list);
    }

    #[test]
    fn a_layer_that_cannot_run_on_this_host_is_left_out_unless_it_is_named() {
        let runs = |names: &[&str], os, arch| {
            let names: Vec<_> = names.iter().map(ToString::to_string).collect();
            let chosen = chosen(&names, os, arch);
            chosen.iter().any(|layer| layer.name == "kills")
        };
        assert!(runs(&[], "linux", "x86_64"));
        assert!(!runs(&[], "linux", "aarch64") && !runs(&[], "macos", "x86_64"));
        assert!(runs(&["kills"], "macos", "aarch64"));
        assert_eq!(chosen(&[], "macos", "aarch64").len(), LAYERS.len() - 1);
    }

    #[test]
    fn a_wrong_name_names_the_layers() {
        for args in ["histores", "--list histores", "stops histores"] {
            let error = parse(args).unwrap_err();
            assert!(error.contains("board-stops"), "{error}");
            assert!(
                error.contains("a similar value exists: 'histories'"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for args in [
            "--list --self-test",
            "--list --quick",
            "--list --full",
            "--list --bless",
            "--quick --full",
            "--self-test --full",
        ] {
            let error = parse(args).unwrap_err();
            assert!(error.contains("cannot be used with"), "{args}: {error}");
        }
        for args in [
            "self-test --self-test",
            "self-test histories",
            "self-test --full",
        ] {
            let error = parse(args).unwrap_err();
            assert!(error.contains("unexpected argument"), "{args}: {error}");
        }
        for args in ["--self-test self-test", "histories self-test"] {
            let error = parse(args).unwrap_err();
            assert!(
                error.contains("invalid value 'self-test'"),
                "{args}: {error}"
            );
        }
        assert!(parse("--bless").unwrap_err().contains("--full"));
    }

    #[test]
    fn names_are_unique() {
        for (i, layer) in LAYERS.iter().enumerate() {
            assert!(LAYERS[..i].iter().all(|other| other.name != layer.name));
        }
    }
}
