//! Hands the board's link arguments to the build scripts of the packages that depend on this one:
//! they find them in `DEP_TARGETS_LINK_ARGS` (see the README), separated as Cargo separates the
//! flags in `CARGO_ENCODED_RUSTFLAGS`. There are none on the host.

use std::env;

const SEPARATOR: &str = "\x1f";

fn main() {
    let folder = env::var("CARGO_MANIFEST_DIR").expect("Cargo sets CARGO_MANIFEST_DIR");
    let system = env::var("CARGO_CFG_TARGET_OS").expect("Cargo sets CARGO_CFG_TARGET_OS");
    let architecture = env::var("CARGO_CFG_TARGET_ARCH").expect("Cargo sets CARGO_CFG_TARGET_ARCH");
    let board = match (system.as_str(), architecture.as_str()) {
        ("none", "aarch64") => Some("aarch64_virt"),
        ("none", "x86_64") => Some("x86_64_q35"),
        ("none", other) => {
            panic!("there is no board for {other}: use a target of targets/README.md")
        }
        _ => None,
    };

    let mut arguments = Vec::new();
    if let Some(board) = board {
        let script = format!("{folder}/src/{board}/image.ld");
        println!("cargo::rerun-if-changed={script}");
        arguments.push(format!("-T{script}"));
        // Images run where they are linked. The target's default on x86_64 is an executable that
        // relocates itself.
        arguments.push("--no-pie".to_owned());
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::metadata=link-args={}", arguments.join(SEPARATOR));
}
