//! Chooses the board, tells the crate (`cfg(board = …)`, `cfg(arch = …)`), and hands the board's link
//! arguments to the build scripts of the packages that depend on this one: they find them in
//! `DEP_TARGETS_LINK_ARGS` (see the README), separated as Cargo separates the flags in
//! `CARGO_ENCODED_RUSTFLAGS`. There are none on the host.

use std::env;
use std::path::Path;

const SEPARATOR: &str = "\x1f";

/// For a target triple: the board's folder in `src/boards`, which is the value of `cfg(board)`, and whether
/// tasks of one core stand in for cores (`cfg(one_core)`). Boards that differ in their processor only share a
/// folder.
const BOARDS: [(&str, &str, bool); 10] = [
    ("aarch64-unknown-none-softfloat", "arm_virt", false),
    ("armv7a-none-eabi", "arm_virt", false),
    ("riscv32imac-unknown-none-elf", "riscv_virt", false),
    ("riscv32imc-unknown-none-elf", "riscv_virt", true),
    ("riscv64gc-unknown-none-elf", "riscv_virt", false),
    ("thumbv6m-none-eabi", "microbit", true),
    ("thumbv7em-none-eabi", "mps2_an386", true),
    ("thumbv7m-none-eabi", "lm3s6965evb", true),
    ("thumbv8m.main-none-eabi", "mps2_an521", false),
    ("x86_64-unknown-none", "x86_64_q35", false),
];

/// The folders in `src/arch`: values of `cfg(arch)`.
const ARCHS: [&str; 5] = ["aarch64", "armv7a", "cortex_m", "riscv", "x86_64"];

/// The folder in place of that of x86_64 where a flag (`--cfg microvm`) says so.
const MICROVM: &str = "x86_64_microvm";

fn main() {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("Cargo sets {name}"));
    let source = format!("{}/src", variable("CARGO_MANIFEST_DIR"));
    let triple = variable("TARGET");
    let names = BOARDS.map(|(_, name, _)| name).join("\", \"");
    println!("cargo::rustc-check-cfg=cfg(board, values(\"{names}\", \"{MICROVM}\"))");
    println!(
        "cargo::rustc-check-cfg=cfg(arch, values(\"{}\"))",
        ARCHS.join("\", \"")
    );
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
        let arch = match triple.split('-').next().unwrap_or_default() {
            thumb if thumb.starts_with("thumb") => "cortex_m",
            riscv if riscv.starts_with("riscv") => "riscv",
            other => other,
        };
        println!("cargo::rustc-cfg=arch=\"{arch}\"");
        // Where memory.x is: boards of one processor may differ in it.
        let own = format!("{source}/boards/{board}");
        let place = match Path::new(&own).join("memory.x").exists() {
            true => own,
            false => format!("{source}/arch/{arch}"),
        };
        if arch == "cortex_m" {
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
            let script = format!("{place}/defmt.{}.ld", variable("CARGO_CFG_TARGET_ARCH"));
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
