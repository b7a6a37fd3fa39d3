//! Links the program for its board, with the arguments that `targets` hands out, and tells it which
//! compiler made it: counts of instructions are those of one compiler.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let arguments = env::var("DEP_TARGETS_LINK_ARGS").expect("the package depends on `targets`");
    for argument in arguments.split('\x1f').filter(|word| !word.is_empty()) {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    let rustc = env::var_os("RUSTC").expect("Cargo sets RUSTC");
    let answer = Command::new(rustc).arg("--version").output();
    let answer = answer.expect("the compiler starts").stdout;
    let version = String::from_utf8_lossy(&answer);
    let version = version.trim().trim_start_matches("rustc ");
    println!("cargo::rustc-env=BENCH_RUSTC={version}");
}
