//! Builds of the programs whose machine code is looked at.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sizing::Plan;
use crate::target::Target;

/// The programs of the package `evidence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// One function for each method of each map.
    Evidence,
    /// Functions that break the rules on purpose.
    Planted,
    /// The two maps of a plan.
    Sized(Plan),
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Program::Evidence => "evidence",
            Program::Planted => "planted",
            Program::Sized(_) => "sized",
        }
    }
}

/// How a program is optimized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Optimization {
    /// Cargo's release profile as it is: opt-level 3
    #[default]
    #[value(name = "3")]
    Speed,
    /// What firmware uses: opt-level "s", link-time optimization, one codegen unit
    #[value(name = "s")]
    Small,
    /// The same with opt-level "z"
    #[value(name = "z")]
    Smallest,
}

impl Optimization {
    /// All of them.
    pub const ALL: [Optimization; 3] = [
        Optimization::Speed,
        Optimization::Small,
        Optimization::Smallest,
    ];

    /// Those that the test plan checks: what the workspace ships and what firmware uses.
    pub const CHECKED: [Optimization; 2] = [Optimization::Speed, Optimization::Small];

    /// As it stands in a profile.
    pub fn level(self) -> &'static str {
        match self {
            Optimization::Speed => "3",
            Optimization::Small => "s",
            Optimization::Smallest => "z",
        }
    }

    /// The profile, and what defines it for cargo.
    fn profile(self) -> (String, Vec<String>) {
        if self == Optimization::Speed {
            return ("release".into(), Vec::new());
        }
        let name = format!("firmware-{}", self.level());
        let settings = [
            "inherits=\"release\"".into(),
            format!("opt-level=\"{}\"", self.level()),
            "lto=\"fat\"".into(),
            "codegen-units=1".into(),
            // Symbols are enough, and the build is quicker.
            "debug=false".into(),
            "strip=false".into(),
        ];
        let settings = settings.map(|setting| format!("profile.{name}.{setting}"));
        (name, settings.to_vec())
    }
}

/// One build of one program.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// For this target.
    pub target: &'static Target,
    /// The program.
    pub program: Program,
    /// How it is optimized.
    pub optimization: Optimization,
    /// Whether the feature `critical-section` is on, also where it is not needed.
    pub critical_section: bool,
}

impl Build {
    /// A program for this target, with the features that it needs there.
    pub fn new(target: &'static Target, program: Program, optimization: Optimization) -> Build {
        Build {
            target,
            program,
            optimization,
            critical_section: target.critical_section,
        }
    }

    /// Makes of a plain `cargo`, which builds in `folder`, the command that builds the program; names the
    /// executable.
    pub fn prepare(self, cargo: &mut Command, folder: &Path) -> PathBuf {
        let Build {
            target, program, ..
        } = self;
        let (profile, settings) = self.optimization.profile();
        cargo.args(["build", "--package", "evidence", "--bin", program.name()]);
        cargo.args(["--target", target.triple, "--profile", &profile]);
        for setting in &settings {
            cargo.args(["--config", setting]);
        }
        if self.critical_section {
            cargo.args(["--features", "critical-section"]);
        }
        if let Program::Sized(plan) = program {
            let (name, value) = plan.variable();
            cargo.env(name, value);
        }
        let mut folder = folder.to_owned();
        // A folder of its own, so that two builds do not throw away each other's work.
        if self.critical_section != target.critical_section {
            folder.push("critical-section");
        }
        if let Some((flags, name)) = target.flags {
            folder.push(name);
            cargo.env("RUSTFLAGS", flags);
        }
        cargo.env("CARGO_TARGET_DIR", &folder);
        folder
            .join(target.triple)
            .join(profile)
            .join(program.name())
    }
}

/// Makes of a plain `cargo`, which builds in `folder`, the command that runs the program of a plan on the
/// host: with the buckets of 32-bit targets or of 64-bit ones.
pub fn on_host(plan: Plan, is_32_bit: bool, cargo: &mut Command, folder: &Path) {
    let (name, value) = plan.variable();
    cargo.args([
        "run",
        "--release",
        "--package",
        "evidence",
        "--bin",
        "sized",
    ]);
    cargo.env(name, value);
    if is_32_bit {
        cargo.env("CARGO_TARGET_DIR", folder.join("narrow"));
        cargo.env("RUSTFLAGS", "--cfg tagged_arena_narrow");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_a_target_get_a_folder_of_their_own() {
        let build = |name: &str| {
            let target = Target::all().find(|target| target.name == name).unwrap();
            let build = Build::new(target, Program::Planted, Optimization::Small);
            let mut cargo = Command::new("cargo");
            let file = build.prepare(&mut cargo, Path::new("/t"));
            let flags = cargo.get_envs().any(|(name, _)| name == "RUSTFLAGS");
            (file.display().to_string(), flags)
        };
        let path = "aarch64-unknown-none-softfloat/firmware-s/planted";
        let plain = build("aarch64-unknown-none-softfloat");
        assert_eq!(plain, (format!("/t/{path}"), false));
        let lse = build("aarch64-unknown-none-softfloat+lse");
        assert_eq!(lse, (format!("/t/lse/{path}"), true));
    }
}
