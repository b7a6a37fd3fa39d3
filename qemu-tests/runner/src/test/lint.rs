//! The rows of the plan about the sources: format, lints, documentation, and builds for each target.

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
    steps.push(clippy("host", &["--workspace", "--all-targets"]));
    let added = [
        "--package",
        "arenamap",
        "--all-targets",
        "--features",
        ADDED,
    ];
    steps.push(clippy("features", &added));
    for (triple, feature) in LIBRARY_TARGETS {
        let mut args = library(triple, feature);
        args.push("--lib");
        steps.push(clippy(triple, &args).need(Need::Target(triple.into())));
    }
    let examples = workspace.examples()?;
    for board in Board::all() {
        let Some(triple) = board.triple() else {
            continue;
        };
        let mut args = vec!["--target", triple, "--package", "targets"];
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
        let mut step = clippy(&format!("board::{}", board.name()), &args);
        if let Work::Commands(calls) = &mut step.work {
            calls.push(clippy_of_examples(&examples, board, triple));
            calls.iter_mut().for_each(|call| call.board = Some(board));
        }
        steps.push(step.built_for(board));
    }

    let mut all = cargo(&["doc", "--no-deps", "--workspace"]);
    all.env.push(("RUSTDOCFLAGS", "-D warnings".into()));
    let mut feature = all.clone();
    feature.args = ["doc", "--no-deps", "--features", "critical-section"]
        .map(String::from)
        .to_vec();
    for package in LIBRARY {
        feature.args.extend(["--package".into(), package.into()]);
    }
    let mut defmt = feature.clone();
    defmt.args[3] = "defmt".into();
    let mut added = feature.clone();
    added.args[3] = ADDED.into();
    let calls = vec![all, feature, defmt, added];
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
        let mut added = call.clone();
        added.args.extend(["--features", ADDED].map(String::from));
        let mut step = step(
            &format!("build::{triple}"),
            LONG,
            Work::Commands(vec![call, added]),
        );
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
    // As a registry would get them; the registry itself is only asked for the dependencies.
    let mut publish = cargo(&["publish", "--dry-run", "--allow-dirty"]);
    for package in LIBRARY {
        publish.args.extend(["--package".into(), package.into()]);
    }
    let publish = Work::Commands(vec![publish]);
    steps.push(step("build::published", LONG, publish));
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
    fn versions() {
        assert_eq!(full_version("1.85"), "1.85.0");
        assert_eq!(full_version("1.85.1"), "1.85.1");
    }
}
