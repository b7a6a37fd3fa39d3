//! The rows of the plan about the sources: format, lints, documentation, and builds for each target.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::bench_board::{self, COUNTED};
use crate::boards::Board;
use crate::examples::Example;
use crate::need::Need;
use crate::test::exec::IMAGE;
use crate::test::step::{Cargo, LONG, SHORT, Step, Work, cargo, step};
use crate::verify::{board_stops, histories, interrupts};
use crate::workspace::{LIBRARY, Workspace};

/// Targets that the library is built for, and the features that it needs there: those without
/// compare-and-swap take their atomics from `critical-section`.
const LIBRARY_TARGETS: [(&str, Option<&str>); 6] = [
    ("thumbv6m-none-eabi", Some("critical-section")),
    ("thumbv7em-none-eabihf", None),
    ("riscv32imac-unknown-none-elf", None),
    ("riscv32imc-unknown-none-elf", Some("critical-section")),
    ("aarch64-unknown-none-softfloat", None),
    ("x86_64-unknown-none", None),
];

/// Features that only add to the library: all at once.
pub const ADDED: &str = "arenamap/heapless,arenamap/serde,arenamap/siphash";

/// Format, lints, documentation.
pub fn steps(steps: &mut Vec<Step>, workspace: &Workspace) -> Result<()> {
    let fmt = step(
        "lint::fmt",
        SHORT,
        Work::Commands(vec![cargo(&[
            "fmt",
            "--all",
            "--check",
            "--",
            "--color=never",
        ])]),
    );
    steps.push(fmt.need(Need::Component("rustfmt")));

    let clippy = |name: &str, args: &[&str]| {
        let mut call = cargo(&["clippy"]);
        call.args.extend(args.iter().map(ToString::to_string));
        call.args.extend(["--", "-D", "warnings"].map(String::from));
        let name = format!("lint::clippy::{name}");
        step(&name, LONG, Work::Commands(vec![call])).need(Need::Component("clippy"))
    };
    let all = ["--workspace", "--all-targets", "--features", ADDED];
    steps.push(clippy("host", &all));
    // As `cargo test` builds it.
    steps.push(clippy("plain", &["--all-targets"]));
    // What only layers build that the default leaves out, in their folders.
    for (name, flags, package) in [
        ("loom", "--cfg tagged_arena_loom", "programs"),
        ("shuttle", "--cfg tagged_arena_shuttle", "schedules"),
    ] {
        let mut step = clippy(name, &["--package", package]);
        if let Work::Commands(calls) = &mut step.work {
            for call in calls {
                call.target = Some(name);
                call.env.push(("RUSTFLAGS", flags.into()));
            }
        }
        steps.push(step);
    }
    for (triple, feature) in LIBRARY_TARGETS {
        let mut args = library(triple, feature);
        args.push("--lib");
        steps.push(clippy(triple, &args).need(Need::Target(triple.into())));
    }
    let examples = workspace.examples()?;
    let mut triples = BTreeSet::new();
    for board in Board::all() {
        let Some(triple) = board.triple() else {
            continue;
        };
        let mut args = vec!["--target", triple, "--package", "targets"];
        // All that two boards of one triple do not share is in `targets`.
        let is_first = triples.insert(triple);
        if is_first {
            args.extend(["--package", IMAGE, "--package", interrupts::IMAGE]);
            if COUNTED.contains(&board.name()) {
                args.extend(["--package", bench_board::IMAGE]);
            }
            if board_stops::runs_on(board) {
                args.extend(["--package", board_stops::IMAGE]);
            }
            if histories::BOARDS.contains(&board.name()) {
                args.extend(["--package", histories::IMAGE]);
            }
        }
        let mut step = clippy(&format!("board::{}", board.name()), &args);
        if let Work::Commands(calls) = &mut step.work {
            if is_first {
                calls.push(clippy_of_examples(&examples, board, triple));
            }
            calls.iter_mut().for_each(|call| call.board = Some(board));
        }
        steps.push(step.built_for(board));
    }

    let mut all = cargo(&["doc", "--no-deps", "--workspace"]);
    all.env.push(("RUSTDOCFLAGS", "-D warnings".into()));
    let mut features = cargo(&["doc", "--no-deps", "--features"]);
    features.env.clone_from(&all.env);
    let every = format!("critical-section,defmt,{ADDED}");
    features.args.push(every);
    for package in LIBRARY {
        features.args.extend(["--package".into(), package.into()]);
    }
    let calls = vec![all, features];
    steps.push(step("lint::doc", LONG, Work::Commands(calls)));
    Ok(())
}

/// Clippy for those of the examples in the workspace that run on this board.
fn clippy_of_examples(examples: &[Example], board: Board, triple: &str) -> Cargo {
    let mut call = cargo(&["clippy", "--target", triple]);
    for example in examples {
        if !example.alone && example.runs_on(board) {
            let words = ["--package", &example.package, "--bin", &example.name];
            call.args.extend(words.map(String::from));
        }
    }
    call.args.extend(["--", "-D", "warnings"].map(String::from));
    call
}

/// Builds of the library.
pub fn builds(steps: &mut Vec<Step>, workspace: &Workspace) {
    for (triple, feature) in LIBRARY_TARGETS {
        let mut call = cargo(&["build", "--release"]);
        let args = library(triple, feature);
        call.args.extend(args.iter().map(ToString::to_string));
        // Without them it is in every program for the target, and has been through clippy.
        call.args.extend(["--features", ADDED].map(String::from));
        let name = format!("build::{triple}");
        let mut step = step(&name, LONG, Work::Commands(vec![call]));
        step.board = Board::all()
            .find(|board| board.triple() == Some(triple) && board.rustflags().is_empty());
        steps.push(step.need(Need::Target(triple.into())));
    }
    let version = full_version(&workspace.rust_version);
    let mut check = cargo(&["check"]);
    for package in LIBRARY {
        check.args.extend(["--package".into(), package.into()]);
    }
    check.toolchain = Some(version.clone());
    check.target = Some("msrv");
    let mut defmt = check.clone();
    defmt.args.extend(["--features", "defmt"].map(String::from));
    let mut added = check.clone();
    // `heapless` itself asks for a later version.
    let old = "arenamap/serde,arenamap/siphash";
    added.args.extend(["--features", old].map(String::from));
    let calls = Work::Commands(vec![check, defmt, added]);
    steps.push(step("build::msrv", LONG, calls).need(Need::Toolchain(version)));
}

fn library(triple: &'static str, feature: Option<&'static str>) -> Vec<&'static str> {
    let mut args = vec!["--target", triple];
    for package in LIBRARY {
        args.extend(["--package", package]);
    }
    if let Some(feature) = feature {
        args.extend(["--features", feature]);
    }
    args
}

/// `1.85` is the toolchain `1.85.0`: the oldest that must do.
fn full_version(version: &str) -> String {
    if version.split('.').count() == 2 {
        format!("{version}.0")
    } else {
        version.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_names_the_oldest_version() {
        let workspace = Workspace::find().unwrap();
        let readme = std::fs::read_to_string(workspace.root.join("README.md")).unwrap();
        let version = &workspace.rust_version;
        let version = version.strip_suffix(".0").unwrap_or(version);
        let text = format!("Minimum supported Rust version: {version} (tested;");
        assert!(readme.contains(&text), "{text}");
    }

    #[test]
    fn versions() {
        assert_eq!(full_version("1.85"), "1.85.0");
        assert_eq!(full_version("1.85.1"), "1.85.1");
    }
}
