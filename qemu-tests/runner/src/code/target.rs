//! The targets whose machine code is looked at.

use anyhow::Result;

use super::isa::Isa;
use crate::failure::usage;
use crate::need::Need;

/// A target triple, and how to build for it.
#[derive(Debug)]
pub struct Target {
    /// What it is called here: the triple, and what is switched on.
    pub name: &'static str,
    /// The triple.
    pub triple: &'static str,
    /// Flags for rustc, and the folder in the target folder for builds with them.
    pub flags: Option<(&'static str, &'static str)>,
    /// Whether it has compare-and-swap; without it atomics come from `critical-section`.
    pub has_cas: bool,
    /// The instructions.
    pub isa: Isa,
}

static ALL: [Target; 10] = [
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
    Target {
        has_cas: false,
        ..target("thumbv6m-none-eabi", Isa::Thumb)
    },
    target("thumbv7m-none-eabi", Isa::Thumb),
    target("thumbv7em-none-eabihf", Isa::Thumb),
    target("thumbv8m.main-none-eabi", Isa::Thumb),
    Target {
        has_cas: false,
        ..target("riscv32imc-unknown-none-elf", Isa::Riscv32)
    },
    target("riscv32imac-unknown-none-elf", Isa::Riscv32),
    target("riscv64gc-unknown-none-elf", Isa::Riscv64),
];

const fn target(triple: &'static str, isa: Isa) -> Target {
    Target {
        name: triple,
        triple,
        flags: None,
        has_cas: true,
        isa,
    }
}

impl Target {
    /// All of them.
    pub fn all() -> impl Iterator<Item = &'static Target> {
        ALL.iter()
    }

    /// The one with this name, or an error that lists them all.
    pub fn parse(name: &str) -> Result<&'static Target> {
        Target::all()
            .find(|target| target.name == name)
            .ok_or_else(|| {
                let names: Vec<_> = Target::all().map(|target| target.name).collect();
                usage(format!(
                    "no target '{name}' is looked at; there are: {}",
                    names.join(", ")
                ))
            })
    }

    /// The one with this name, or all of them.
    pub fn choose(name: Option<&str>) -> Result<Vec<&'static Target>> {
        match name {
            Some(name) => Ok(vec![Target::parse(name)?]),
            None => Ok(Target::all().collect()),
        }
    }

    /// What has to be installed to build for it and to look at what comes out.
    pub fn needs(&self) -> [Need; 2] {
        [
            Need::Target(self.triple.into()),
            Need::Component("llvm-tools"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{USAGE, code_of};

    #[test]
    fn names_are_found_and_unknown_ones_listed() {
        for target in Target::all() {
            assert!(std::ptr::eq(Target::parse(target.name).unwrap(), target));
        }
        let error = Target::parse("z80").unwrap_err();
        assert_eq!(code_of(&error), USAGE);
        assert!(error.to_string().contains("thumbv6m-none-eabi"), "{error}");
    }
}
