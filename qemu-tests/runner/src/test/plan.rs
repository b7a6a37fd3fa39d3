//! The test plan: every row says what runs, where, and how long at most.
//!
//! Flags for a special build (loom, small generations) go with a target folder of their own, so
//! that one build does not throw away the other's work.

use anyhow::Result;
use machine_code::Target;

use crate::bench_board::{self, COUNTED};
use crate::boards::Board;
use crate::code;
use crate::need::Need;
use crate::test::apart::{self, is_loom};
use crate::test::builds::PROGRAMS;
use crate::test::examples;
use crate::test::flow;
use crate::test::left_out::{LONG_ROW, SELF_TESTS, is_left_out};
use crate::test::lint;
use crate::test::log;
use crate::test::publish;
use crate::test::step::{
    Aspect, Counts, Evidence, HOURS, LONG, MODEL, SHORT, Step, Tests, Which, Work, cargo, step,
};
use crate::verify;
use crate::workspace::Workspace;

/// The packages whose tests run on the host.
const HOST_TESTED: &[&str] = &[
    "tagged-arena",
    "arenamap",
    "protocol",
    "targets",
    "scenarios",
    "image",
    "bench-image",
    "recorder",
    "flow_table",
    "qemu",
    "bench",
    "ui",
    "history",
    "machine-code",
    "verify",
    "gate",
    "fuzz",
    "schedules",
    "stopped",
    "board-stops",
    "programs",
    "sweep-image",
    "capture-file",
];
/// Boards on which the flow table runs on other numbers of cores than the one that it runs on by
/// default.
const FLOW_CORES: [(&str, &[usize]); 3] = [
    ("aarch64", &[1, 2, 4, 8]),
    ("x86_64", &[1, 2, 4]),
    ("riscv64", &[1, 2, 4, 8]),
];
/// The targets for which the maps of a plan are built: words of 32 bits and of 64.
const SIZED: [&str; 2] = ["thumbv7em-none-eabihf", "x86_64-unknown-none"];
/// What builds with the profile of tests.
const TESTS: [&str; 5] = [
    "lint::",
    "host::",
    "build::features",
    "defmt::arenamap",
    "defmt::tagged-arena",
];
/// But this one builds a release.
const RELEASE_ON_HOST: &str = "host::threads";
/// What builds in a folder of its own.
const APART: [&str; 10] = [
    LONG_ROW,
    "build::minimal_versions",
    "build::msrv",
    "build::published",
    "loom",
    "miri::",
    "narrow::",
    "tiny::",
    "verify::logic",
    "verify::orderings",
];

/// Where a row builds. Those that share a folder would wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// With the profile of releases.
    Releases,
    /// With the profile of tests.
    Tests,
    /// In a folder of its own.
    Apart,
}

/// The whole plan.
pub fn plan(workspace: &Workspace) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    lint::steps(&mut steps, workspace)?;
    lint::builds(&mut steps, workspace);
    publish::steps(&mut steps);
    host(&mut steps);
    apart::steps(&mut steps);
    for board in Board::all() {
        // The other tests of the host have names below `host` too.
        let name = match board {
            Board::Host => "host::threads",
            Board::Guest(board) => board.name,
        };
        let cores = board.cores(None)?;
        let work = image(board, cores);
        steps.push(step(name, LONG, work).on(board));
        if board.takes_files() {
            let row = FLOW_CORES.iter().find(|row| row.0 == board.name());
            let usual = [cores];
            flow::steps(
                &mut steps,
                workspace,
                board,
                row.map_or(&usual, |row| row.1),
            )?;
        }
    }
    examples::steps(&mut steps, workspace)?;
    log::steps(&mut steps)?;
    other_cores(&mut steps);
    normal(&mut steps)?;
    counts(&mut steps)?;
    repeatable(&mut steps)?;
    evidence(&mut steps);
    machine_code(&mut steps);
    docs(&mut steps);
    layers(&mut steps);
    for step in &mut steps {
        if is_left_out(&step.name) {
            step.timeout = step.timeout.max(HOURS);
        }
    }
    Ok(steps)
}

/// Where the row with this name builds.
pub fn lane(name: &str) -> Lane {
    let is_one_of = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    if is_one_of(&APART) {
        Lane::Apart
    } else if is_one_of(&TESTS) && name != RELEASE_ON_HOST {
        Lane::Tests
    } else {
        Lane::Releases
    }
}

/// The scenarios on a board.
fn image(board: Board, cores: usize) -> Work {
    let icount = board.has_one_core();
    let args: &[&str] = match board.name() {
        "host" => &["--skip", "reentrant"],
        _ if icount => &["--scale", "small"],
        _ => &["--scale", "small", "--skip", "reentrant"],
    };
    Work::Image {
        cores,
        args,
        icount,
    }
}

/// All scenarios at their full length, which takes two boards most of a minute each.
fn normal(steps: &mut Vec<Step>) -> Result<()> {
    for name in ["aarch64", "x86_64"] {
        let board = Board::parse(name)?;
        let work = Work::Image {
            cores: board.cores(None)?,
            args: &["--skip", "reentrant"],
            icount: false,
        };
        steps.push(step(&format!("normal::{name}"), LONG, work).on(board));
    }
    Ok(())
}

/// The scenarios that race most, on other numbers of cores than the default.
fn other_cores(steps: &mut Vec<Step>) {
    for board in Board::all().filter(|board| board.triple().is_some()) {
        for cores in [2, 8].into_iter().filter(|&cores| {
            cores > board.min_cores() && cores <= board.max_cores() && !board.has_one_core()
        }) {
            let work = Work::Image {
                cores,
                args: &["--scale", "small", "conservation"],
                icount: false,
            };
            let name = format!("cores::{}::{cores}", board.name());
            steps.push(step(&name, LONG, work).on(board));
        }
    }
}

/// What needs a machine that counts instructions: interrupts inside every operation, where the
/// board's other row does without; and two runs of one scenario that must print the same.
fn repeatable(steps: &mut Vec<Step>) -> Result<()> {
    let work = Work::Twice {
        cores: 1,
        args: &["--scale", "small", "conservation::map::spread"],
    };
    for board in Board::all().filter(|board| board.interrupts_by_count()) {
        let work = Work::Image {
            cores: board.min_cores(),
            args: &["--scale", "small", "reentrant"],
            icount: true,
        };
        let name = format!("icount::{}", board.name());
        steps.push(step(&name, LONG, work).on(board));
    }
    let board = Board::parse("mps2-an386")?;
    steps.push(step("icount::mps2-an386::twice_the_same", LONG, work).on(board));
    Ok(())
}

fn host(steps: &mut Vec<Step>) {
    for package in HOST_TESTED {
        let mut tests = Tests {
            package,
            units: |unit| !is_loom(unit),
            cargo: cargo(&["test"]),
            which: Which::All,
        };
        if *package == "arenamap" {
            // They only add: what is tested without them is tested with them, too.
            tests
                .cargo
                .args
                .extend(["--features", lint::ADDED].map(String::from));
        }
        let mut step =
            step(&format!("host::{package}"), LONG, Work::Tests(tests.into())).on(Board::Host);
        if *package == "ui" {
            // Some must not compile for a target with 32 bits.
            step = step.need(Need::Target("thumbv7em-none-eabihf".into()));
        }
        steps.push(step);
    }
}

/// Instructions per operation.
fn counts(steps: &mut Vec<Step>) -> Result<()> {
    for name in COUNTED {
        let board = Board::parse(name)?;
        for (name, counts) in [
            (format!("counts::{name}"), Counts::Committed),
            (format!("counts::repeat::{name}"), Counts::Repeat),
        ] {
            steps.push(step(&name, SHORT, Work::Counts(counts)).on(board));
        }
    }
    Ok(())
}

fn evidence(steps: &mut Vec<Step>) {
    for board in Board::all().filter(|board| board.triple().is_some()) {
        let programs = PROGRAMS
            .into_iter()
            .filter(|program| *program != flow::EXAMPLE || board.takes_files());
        for (name, evidence) in [
            ("no_allocator", Evidence::NoAllocator),
            ("bss", Evidence::Bss),
        ] {
            let on_stack = evidence == Evidence::NoAllocator && COUNTED.contains(&board.name());
            for program in programs
                .clone()
                .chain(on_stack.then_some(bench_board::IMAGE))
            {
                let name = format!("evidence::{name}::{}::{program}", board.name());
                let work = Work::Evidence { program, evidence };
                steps.push(step(&name, SHORT, work).built_for(board));
            }
        }
    }
}

/// The machine code of the maps' methods, by target.
fn machine_code(steps: &mut Vec<Step>) {
    for (name, aspect) in [
        ("asm", Aspect::Asm),
        ("size", Aspect::Size),
        ("size::sizing", Aspect::Sizing),
    ] {
        let is_sized = |target: &&Target| aspect != Aspect::Sizing || SIZED.contains(&target.name);
        for target in Target::all().filter(is_sized) {
            let work = Work::Code { target, aspect };
            let mut step = step(&format!("{name}::{}", target.name), LONG, work);
            step.needs.extend(code::needs(target));
            steps.push(step);
        }
    }
}

/// The page whose tables come from the same machine code.
fn docs(steps: &mut Vec<Step>) {
    let mut step = step("docs::targets", LONG, Work::Docs);
    step.needs.extend(Target::all().flat_map(code::needs));
    steps.push(step);
}

/// The layers of `cargo qemu verify`, quickly; and whether they find what is planted for them.
fn layers(steps: &mut Vec<Step>) {
    for (group, effort) in [("verify", "--quick"), (SELF_TESTS, "--self-test")] {
        for layer in verify::all_here() {
            let work = Work::Verify { layer, effort };
            // Builds included.
            let mut step = step(&format!("{group}::{}", layer.name), MODEL, work);
            step.needs.extend(verify::layer_needs(layer));
            steps.push(step);
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
