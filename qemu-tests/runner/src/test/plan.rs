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
use crate::test::builds::PROGRAMS;
use crate::test::examples;
use crate::test::flow;
use crate::test::lint;
use crate::test::log;
use crate::test::step::{
    Aspect, BESIDE, Cargo, Counts, Evidence, LONG, MODEL, SHORT, Step, Tests, Which, Work, cargo,
    step,
};
use crate::verify;
use crate::workspace::{LIBRARY, Unit, Workspace};

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
/// The seeds that Miri runs the unit tests with: each is another order of threads and of memory
/// effects.
const MIRI_SEEDS: [u32; 1] = [0];

/// Steps that are too long for every change.
const LONG_STEPS: [&str; 4] = [
    "miri::seed0::scenarios",
    "host::bench",
    "normal::aarch64",
    "normal::x86_64",
];

/// The group of the steps in which the layers look for planted faults: too long as well.
const SELF_TESTS: &str = "self-test";

/// What the names of the rows of [`LONG_MODELS`] begin with.
const LONG_LOOM: &str = "long-";

/// Whether a step is left to `--all`.
pub fn is_long(name: &str) -> bool {
    LONG_STEPS.contains(&name) || name.starts_with(SELF_TESTS) || name.starts_with(LONG_LOOM)
}

/// The whole plan.
pub fn plan(workspace: &Workspace) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    lint::steps(&mut steps, workspace)?;
    lint::builds(&mut steps, workspace);
    host(&mut steps);
    tiny(&mut steps);
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
    loom(&mut steps);
    miri(&mut steps);
    layers(&mut steps);
    Ok(steps)
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
        let tests = Tests {
            package,
            units: |unit| !is_loom(unit),
            cargo: cargo(&["test"]),
            which: Which::All,
        };
        let mut step =
            step(&format!("host::{package}"), LONG, Work::Tests(tests.into())).on(Board::Host);
        if *package == "ui" {
            // Some must not compile for a target with 32 bits.
            step = step.need(Need::Target("thumbv7em-none-eabihf".into()));
        }
        steps.push(step);
    }
    let added = Tests {
        package: "arenamap",
        units: |unit| !is_loom(unit),
        cargo: cargo(&["test", "--features", lint::ADDED]),
        which: Which::All,
    };
    steps.push(step("features::arenamap", LONG, Work::Tests(added.into())).on(Board::Host));
}

/// The unit tests with generations of two bits: wraps become common.
fn tiny(steps: &mut Vec<Step>) {
    for package in LIBRARY {
        let tests = Tests {
            package,
            units: |unit| *unit == Unit::Lib,
            cargo: Cargo {
                target: Some("tiny"),
                env: vec![("RUSTFLAGS", "--cfg tagged_arena_tiny".into())],
                ..cargo(&["test"])
            },
            which: Which::All,
        };
        steps.push(step(
            &format!("tiny::{package}"),
            LONG,
            Work::Tests(tests.into()),
        ));
    }
    let tests = Tests {
        package: "fuzz",
        units: |unit| !is_loom(unit),
        cargo: Cargo {
            target: Some("tiny"),
            env: vec![("RUSTFLAGS", "--cfg tagged_arena_tiny".into())],
            ..cargo(&["test"])
        },
        which: Which::All,
    };
    steps.push(step("tiny::fuzz", LONG, Work::Tests(tests.into())));
}

/// Models that take minutes each: rows of their own, left to `--all`.
const LONG_MODELS: &[&str] = &[
    "loom_tests::races::two_guarded_inserts",
    "loom_tests::races::a_guarded_claim_that_is_given_back_refuses_nobody",
    "loom_tests::one_order::full_though_present",
    "loom_tests::steps::full_though_a_guarded_entry",
    "loom_tests::cache::what_is_pinned_in_a_chain_is_not_evicted",
];

/// All orders of the threads of small cases, up to a number of preemptions; also with the ways that are meant
/// for 32-bit targets.
fn loom(steps: &mut Vec<Step>) {
    for (name, flags) in [
        ("loom", "--cfg tagged_arena_loom"),
        (
            "loom-narrow",
            "--cfg tagged_arena_loom --cfg tagged_arena_narrow",
        ),
    ] {
        let mut add = |row: String, package, which| {
            let tests = Tests {
                package,
                units: |unit| *unit == Unit::Lib || is_loom(unit),
                cargo: Cargo {
                    target: Some(name),
                    env: vec![
                        ("RUSTFLAGS", flags.into()),
                        ("LOOM_MAX_PREEMPTIONS", "2".into()),
                    ],
                    ..cargo(&["test", "--release"])
                },
                which,
            };
            steps.push(step(&row, MODEL, Work::Tests(tests.into())));
        };
        for package in LIBRARY {
            let which = Which::Without(LONG_MODELS);
            add(format!("{name}::{package}"), package, which);
        }
        add(
            format!("{LONG_LOOM}{name}"),
            "arenamap",
            Which::With(LONG_MODELS),
        );
    }
}

/// Undefined behaviour and weak memory.
fn miri(steps: &mut Vec<Step>) {
    let mut add = |package, seed, units| {
        let cargo = Cargo {
            toolchain: Some("nightly".into()),
            target: Some("miri"),
            env: vec![(
                "MIRIFLAGS",
                format!("-Zmiri-strict-provenance -Zmiri-seed={seed}"),
            )],
            ..cargo(&["miri", "test"])
        };
        let tests = Tests {
            package,
            units,
            cargo,
            which: Which::All,
        };
        let name = format!("miri::seed{seed}::{package}");
        let step = step(&name, BESIDE, Work::Tests(tests.into()));
        steps.push(step.need(Need::Miri).beside());
    };
    for seed in MIRI_SEEDS {
        for package in LIBRARY {
            add(package, seed, |unit| *unit == Unit::Lib);
        }
    }
    // The scenarios take much longer: one seed.
    add("scenarios", MIRI_SEEDS[0], |unit| {
        *unit == Unit::Test("threads".into())
    });
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
    for (name, aspect) in [("asm", Aspect::Asm), ("size", Aspect::Size)] {
        for target in Target::all() {
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

/// A test file whose name starts with `loom` is for builds with loom only.
fn is_loom(unit: &Unit) -> bool {
    matches!(unit, Unit::Test(name) if name.starts_with("loom"))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
