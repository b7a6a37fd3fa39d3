//! Chooses the board, tells the crate (`cfg(board = …)`), and hands the board's link arguments to
//! the build scripts of the packages that depend on this one: they find them in
//! `DEP_TARGETS_LINK_ARGS` (see the README), separated as Cargo separates the flags in
//! `CARGO_ENCODED_RUSTFLAGS`. There are none on the host.

use std::env;
use std::path::Path;

const SEPARATOR: &str = "\x1f";

/// A board, as the build sees it.
struct Board {
    /// The target triple that is built for.
    triple: &'static str,
    /// The board's folder, and the value of `cfg(board)`.
    name: &'static str,
    /// Of two boards with one triple, the one whose flags (`--cfg`) set this variable.
    flag: Option<&'static str>,
    /// Where programs lie: a script of ours, or the memory regions for a run-time crate's script.
    memory: Memory,
    /// Whether tasks of one core stand in for cores: `cfg(one_core)`.
    one_core: bool,
}

enum Memory {
    /// `image.ld` is the whole linker script.
    Image,
    /// `memory.x` is what `link.x` of `cortex-m-rt` asks for.
    Regions,
}

const BOARDS: [Board; 10] = [
    Board {
        triple: "aarch64-unknown-none-softfloat",
        name: "aarch64_virt",
        flag: None,
        memory: Memory::Image,
        one_core: false,
    },
    Board {
        triple: "x86_64-unknown-none",
        name: "x86_64_microvm",
        flag: Some("CARGO_CFG_MICROVM"),
        memory: Memory::Image,
        one_core: false,
    },
    Board {
        triple: "x86_64-unknown-none",
        name: "x86_64_q35",
        flag: None,
        memory: Memory::Image,
        one_core: false,
    },
    Board {
        triple: "thumbv7em-none-eabi",
        name: "mps2_an386",
        flag: None,
        memory: Memory::Regions,
        one_core: true,
    },
    Board {
        triple: "thumbv8m.main-none-eabi",
        name: "mps2_an521",
        flag: None,
        memory: Memory::Regions,
        one_core: false,
    },
    Board {
        triple: "thumbv7m-none-eabi",
        name: "lm3s6965evb",
        flag: None,
        memory: Memory::Regions,
        one_core: true,
    },
    Board {
        triple: "thumbv6m-none-eabi",
        name: "microbit",
        flag: None,
        memory: Memory::Regions,
        one_core: true,
    },
    Board {
        triple: "riscv64gc-unknown-none-elf",
        name: "riscv64_virt",
        flag: None,
        memory: Memory::Image,
        one_core: false,
    },
    Board {
        triple: "riscv32imac-unknown-none-elf",
        name: "riscv32imac_virt",
        flag: None,
        memory: Memory::Image,
        one_core: false,
    },
    Board {
        triple: "riscv32imc-unknown-none-elf",
        name: "riscv32imc_virt",
        flag: None,
        memory: Memory::Image,
        one_core: true,
    },
];

fn main() {
    let folder = env::var("CARGO_MANIFEST_DIR").expect("Cargo sets CARGO_MANIFEST_DIR");
    let system = env::var("CARGO_CFG_TARGET_OS").expect("Cargo sets CARGO_CFG_TARGET_OS");
    let triple = env::var("TARGET").expect("Cargo sets TARGET");
    let names = BOARDS.map(|board| format!("{:?}", board.name)).join(", ");
    println!("cargo::rustc-check-cfg=cfg(board, values({names}))");
    println!("cargo::rustc-check-cfg=cfg(one_core)");

    let mut arguments = Vec::new();
    if system == "none" {
        let Some(board) = BOARDS.iter().find(|board| {
            board.triple == triple && board.flag.is_none_or(|flag| env::var_os(flag).is_some())
        }) else {
            panic!("there is no board for {triple}: use a target of targets/README.md")
        };
        println!("cargo::rustc-cfg=board=\"{}\"", board.name);
        if board.one_core {
            println!("cargo::rustc-cfg=one_core");
        }
        let place = format!("{folder}/src/{}", board.name);
        let script = match board.memory {
            Memory::Image => {
                arguments.push(format!("-T{place}/image.ld"));
                // Images run where they are linked. The target's default on x86_64 is an
                // executable that relocates itself.
                arguments.push("--no-pie".to_owned());
                format!("{place}/image.ld")
            }
            Memory::Regions => {
                arguments.push(format!("-L{place}"));
                arguments.push("-Tlink.x".to_owned());
                // Flash does not begin at the boundary of a large page.
                arguments.push("--nmagic".to_owned());
                format!("{place}/memory.x")
            }
        };
        println!("cargo::rerun-if-changed={script}");
        if env::var_os("CARGO_FEATURE_DEFMT").is_some() {
            let script = format!("{place}/defmt.ld");
            if Path::new(&script).exists() {
                println!("cargo::rerun-if-changed={script}");
                arguments.push(format!("-T{script}"));
            } else {
                // The crate `defmt` puts it on the linker's search path.
                arguments.push("-Tdefmt.x".to_owned());
            }
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::metadata=link-args={}", arguments.join(SEPARATOR));
}
