//! The rows of the plan that build the library with other flags, each kind in a folder of its own: models
//! under loom, tests under Miri, and tests with small generations.

use crate::need::Need;
use crate::test::left_out::{LONG_MODELS, LONG_ROW, MIRI_ARENA, MIRI_MAPS};
use crate::test::step::{Cargo, MODEL, Step, Tests, Which, Work, cargo, step};
use crate::workspace::{LIBRARY, Unit};

/// Adds the rows.
pub fn steps(steps: &mut Vec<Step>) {
    miri(steps);
    loom(steps);
    tiny_and_narrow(steps);
}

/// The unit tests with generations of two bits, and the fuzzer's: wraps become common. And the unit tests with
/// the ways that are meant for 32-bit targets.
fn tiny_and_narrow(steps: &mut Vec<Step>) {
    let library: fn(&Unit) -> bool = |unit| *unit == Unit::Lib;
    let fuzz: fn(&Unit) -> bool = |unit| !is_loom(unit);
    let mut add = |name, flags: &str, package, units| {
        let tests = Tests {
            package,
            units,
            cargo: Cargo {
                target: Some(name),
                env: vec![("RUSTFLAGS", flags.into())],
                ..cargo(&["test"])
            },
            which: Which::All,
        };
        let name = format!("{name}::{package}");
        steps.push(step(&name, MODEL, Work::Tests(tests.into())));
    };
    for package in LIBRARY {
        add("tiny", "--cfg tagged_arena_tiny", package, library);
        add("narrow", "--cfg tagged_arena_narrow", package, library);
    }
    add("tiny", "--cfg tagged_arena_tiny", "fuzz", fuzz);
}

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
            let step = step(&row, MODEL, Work::Tests(tests.into()));
            steps.push(step);
        };
        for package in LIBRARY {
            let which = Which::Without(LONG_MODELS);
            add(format!("{name}::{package}"), package, which);
        }
        add(
            format!("{LONG_ROW}{name}"),
            "arenamap",
            Which::With(LONG_MODELS),
        );
    }
}

/// Undefined behaviour and weak memory.
fn miri(steps: &mut Vec<Step>) {
    let mut add = |name: &str, package, units, which| {
        let cargo = Cargo {
            toolchain: Some("nightly".into()),
            target: Some("miri"),
            env: vec![("MIRIFLAGS", "-Zmiri-strict-provenance".into())],
            ..cargo(&["miri", "test"])
        };
        let tests = Tests {
            package,
            units,
            cargo,
            which,
        };
        let name = format!("{name}::{package}");
        let step = step(&name, MODEL, Work::Tests(tests.into()));
        steps.push(step.need(Need::Miri));
    };
    let unit = |unit: &Unit| *unit == Unit::Lib;
    for (package, few) in [("tagged-arena", MIRI_ARENA), ("arenamap", MIRI_MAPS)] {
        add("miri", package, unit, Which::With(few));
        add(
            &format!("{LONG_ROW}miri"),
            package,
            unit,
            Which::Without(few),
        );
    }
    let threads = |unit: &Unit| *unit == Unit::Test("threads".into());
    add(&format!("{LONG_ROW}miri"), "scenarios", threads, Which::All);
}

/// A test file whose name starts with `loom` is for builds with loom only.
pub fn is_loom(unit: &Unit) -> bool {
    matches!(unit, Unit::Test(name) if name.starts_with("loom"))
}
