//! Chooses the board, tells the crate (`cfg(board = …)`), and hands the board's link arguments to
//! the build scripts of the packages that depend on this one: they find them in
//! `DEP_TARGETS_LINK_ARGS` (see the README), separated as Cargo separates the flags in
//! `CARGO_ENCODED_RUSTFLAGS`. There are none on the host.

use std::env;
use std::path::Path;

const SEPARATOR: &str = "\x1f";

/// For a target triple: the board's folder in `src/boards`, which is the value of `cfg(board)`, and whether
/// tasks of one core stand in for cores (`cfg(one_core)`). Boards that differ in their processor only share a
/// folder.
const BOARDS: [(&str, &str, bool); 9] = [
    ("aarch64-unknown-none-softfloat", "aarch64_virt", false),
    ("riscv32imac-unknown-none-elf", "riscv_virt", false),
    ("riscv32imc-unknown-none-elf", "riscv_virt", true),
    ("riscv64gc-unknown-none-elf", "riscv_virt", false),
    ("thumbv6m-none-eabi", "microbit", true),
    ("thumbv7em-none-eabi", "mps2_an386", true),
    ("thumbv7m-none-eabi", "lm3s6965evb", true),
    ("thumbv8m.main-none-eabi", "mps2_an521", false),
    ("x86_64-unknown-none", "x86_64_q35", false),
];

/// The folder in place of that of x86_64 where a flag (`--cfg microvm`) says so.
const MICROVM: &str = "x86_64_microvm";

fn main() {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("Cargo sets {name}"));
    let source = format!("{}/src", variable("CARGO_MANIFEST_DIR"));
    let triple = variable("TARGET");
    let names = BOARDS.map(|(_, name, _)| name).join("\", \"");
    println!("cargo::rustc-check-cfg=cfg(board, values(\"{names}\", \"{MICROVM}\"))");
    println!("cargo::rustc-check-cfg=cfg(one_core)");

    let mut arguments = Vec::new();
    if variable("CARGO_CFG_TARGET_OS") == "none" {
        let Some((_, mut board, one_core)) = BOARDS.into_iter().find(|board| board.0 == triple)
        else {
            panic!("there is no board for {triple}: use a target of targets/README.md")
        };
        if env::var_os("CARGO_CFG_MICROVM").is_some() {
            board = MICROVM;
        }
        println!("cargo::rustc-cfg=board=\"{board}\"");
        if one_core {
            println!("cargo::rustc-cfg=one_core");
        }
        let arch = variable("CARGO_CFG_TARGET_ARCH");
        // Where memory.x is: of Cortex-M boards each has its own.
        let place = match arch.as_str() {
            "arm" => format!("{source}/boards/{board}"),
            "riscv32" | "riscv64" => format!("{source}/arch/riscv"),
            _ => format!("{source}/arch/{arch}"),
        };
        if arch == "arm" {
            // `link.x` of `cortex-m-rt` asks for memory.x.
            arguments.push(format!("-L{place}"));
            arguments.push("-Tlink.x".to_owned());
            // Flash does not begin at the boundary of a large page.
            arguments.push("--nmagic".to_owned());
        } else {
            arguments.push(format!("-T{place}/memory.x"));
            arguments.push(format!("-T{source}/bare/sections.ld"));
            // Images run where they are linked. The target's default on x86_64 is an
            // executable that relocates itself.
            arguments.push("--no-pie".to_owned());
        }
        if env::var_os("CARGO_FEATURE_DEFMT").is_some() {
            let script = format!("{place}/defmt.{arch}.ld");
            if Path::new(&script).exists() {
                println!("cargo::rerun-if-changed={script}");
                arguments.push(format!("-T{script}"));
            } else {
                // The crate `defmt` puts it on the linker's search path.
                arguments.push("-Tdefmt.x".to_owned());
            }
        }
        println!("cargo::rerun-if-changed={place}/memory.x");
        println!("cargo::rerun-if-changed={source}/bare/sections.ld");
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::metadata=link-args={}", arguments.join(SEPARATOR));
}
