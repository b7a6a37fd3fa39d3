//! How many cells a map may have on a 32-bit target: a link keeps 16 bits of generation there, or no operation
//! of the map compiles. (On a 64-bit host nobody has the memory for so many cells.)
//!
//! `trybuild` knows no other target than the host, so the compiler is called here for each case, with the
//! crates as cargo built them for [`TARGET`].

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A 32-bit target with compare-and-swap.
const TARGET: &str = "thumbv7em-none-eabihf";

/// What the compiler says of a map that is too large.
const TOO_MANY: &str =
    "too many cells for a native word: N + EXTRA may be 4,095 at most on 32-bit targets";

/// Builds the crates, and returns the folder in which they are.
fn crates() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("narrow");
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--quiet", "--target", TARGET, "--target-dir"])
        .arg(&folder)
        .args(["--package", "arenamap", "--package", "tagged-arena"]);
    assert!(
        build.status().unwrap().success(),
        "the crates cannot be built (`rustup target add {TARGET}`?)"
    );
    folder.join(TARGET).join("debug")
}

/// Compiles a program that uses a map of this type. To machine code, since the limit is looked at where the
/// map is used: `cargo check` is content with any number.
fn compile(crates: &Path, name: &str, map: &str, operation: &str) -> Output {
    let file = crates.join(name).with_extension("rs");
    let text = format!(
        "#![no_std]\nuse arenamap::*;\nstatic MAP: {map} = <{map}>::new();\n\
         pub fn run() {{ let _ = MAP.{operation}; }}\n"
    );
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command
        .args(["--edition=2024", "--crate-type=lib", "--emit=obj"])
        .args(["--target", TARGET, "--color=never", "-L"])
        .arg(format!("dependency={}", crates.join("deps").display()))
        .arg("--out-dir")
        .arg(crates)
        .arg(&file);
    for library in ["arenamap", "tagged_arena"] {
        let file = crates.join(format!("lib{library}.rlib"));
        command
            .arg("--extern")
            .arg(format!("{library}={}", file.display()));
    }
    command.output().unwrap()
}

/// A name, a type with `#` for a number, the most that it may be, and an operation of it.
const CASES: [(&str, &str, usize, &str); 7] = [
    // Eight cells are spare unless something else is said, and count.
    ("copy_map", "CopyMap<u32, u32, #>", 4087, "insert(1, 2)"),
    ("copy_map_get", "CopyMap<u32, u32, #>", 4087, "get(&1)"),
    ("map", "Map<u32, u32, #>", 4087, "insert(1, 2)"),
    ("map_get", "Map<u32, u32, #>", 4087, "get(&1)"),
    ("no_spare", "Map<u32, u32, #, 0>", 4095, "insert(1, 2)"),
    ("extra", "CopyMap<u32, u32, 1, #>", 4094, "insert(1, 2)"),
    ("pool", "tagged_arena::Pool<u32, #>", 4095, "insert(1)"),
];

#[test]
fn at_most_4095_cells() {
    let crates = crates();
    for (name, map, most, operation) in CASES {
        let compile = |number: usize| {
            let map = map.replace('#', &number.to_string());
            let output = compile(&crates, name, &map, operation);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            (
                output.status.success(),
                format!("{map}, {operation}:\n{said}"),
            )
        };
        let (compiles, said) = compile(most);
        assert!(compiles, "{said}");

        let (compiles, said) = compile(most + 1);
        assert!(!compiles, "compiles: {said}");
        let errors = || said.lines().filter(|line| line.starts_with("error["));
        assert!(errors().count() > 0, "{said}");
        assert!(errors().all(|error| error.contains(TOO_MANY)), "{said}");
    }
}
