//! The targets whose machine code is looked at.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::isa::Isa;

/// A target triple, and how to build for it.
#[derive(Debug)]
pub struct Target {
    /// What it is called here: the triple, and what is switched on.
    pub name: &'static str,
    /// The triple.
    pub triple: &'static str,
    /// Flags for rustc, and the folder in the target folder for builds with them.
    pub flags: Option<(&'static str, &'static str)>,
    /// Whether it has compare-and-swap; without it interrupts are masked.
    pub has_cas: bool,
    /// Whether it is `critical-section` that masks them.
    pub critical_section: bool,
    /// The instructions.
    pub isa: Isa,
}

static ALL: [Target; 11] = [
    Target {
        // Otherwise calls go through a table that hides what is called.
        flags: Some(("-C relocation-model=static", "static")),
        ..target("x86_64-unknown-none", Isa::X86)
    },
    target("aarch64-unknown-none-softfloat", Isa::Aarch64),
    Target {
        name: "aarch64-unknown-none-softfloat+lse",
        flags: Some(("-C target-feature=+lse", "lse")),
        ..target("aarch64-unknown-none-softfloat", Isa::Aarch64)
    },
    without_cas("thumbv6m-none-eabi", Isa::Thumb),
    Target {
        name: "thumbv6m-none-eabi+single-core",
        flags: Some((
            "--cfg portable_atomic_unsafe_assume_single_core",
            "single-core",
        )),
        critical_section: false,
        ..without_cas("thumbv6m-none-eabi", Isa::Thumb)
    },
    target("thumbv7m-none-eabi", Isa::Thumb),
    target("thumbv7em-none-eabihf", Isa::Thumb),
    target("thumbv8m.main-none-eabi", Isa::Thumb),
    without_cas("riscv32imc-unknown-none-elf", Isa::Riscv32),
    target("riscv32imac-unknown-none-elf", Isa::Riscv32),
    target("riscv64gc-unknown-none-elf", Isa::Riscv64),
];

const fn target(triple: &'static str, isa: Isa) -> Target {
    Target {
        name: triple,
        triple,
        flags: None,
        has_cas: true,
        critical_section: false,
        isa,
    }
}

const fn without_cas(triple: &'static str, isa: Isa) -> Target {
    Target {
        has_cas: false,
        critical_section: true,
        ..target(triple, isa)
    }
}

impl Target {
    /// All of them.
    pub fn all() -> impl Iterator<Item = &'static Target> {
        ALL.iter()
    }

    /// The one with this name.
    pub fn find(name: &str) -> Option<&'static Target> {
        Target::all().find(|target| target.name == name)
    }

    /// This one, or all of them.
    pub fn choose(one: Option<&'static Target>) -> Vec<&'static Target> {
        one.map_or_else(|| Target::all().collect(), |one| vec![one])
    }

    /// Reads a target's name on a command line.
    pub fn parser() -> impl TypedValueParser<Value = &'static Target> {
        let names = Target::all().map(|target| target.name);
        PossibleValuesParser::new(names)
            .try_map(|name| Target::find(&name).ok_or("no target has this name"))
    }
}
