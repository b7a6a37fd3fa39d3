//! Builds of the programs whose machine code is looked at.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::target::Target;
use crate::cargo;
use crate::process::{self, End, Flow};
use crate::workspace::Workspace;

const BUILD_LIMIT: Duration = Duration::from_secs(600);

/// The programs of the package `evidence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// One function for each method of each map.
    Evidence,
    /// Functions that break the rules on purpose.
    Planted,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Program::Evidence => "evidence",
            Program::Planted => "planted",
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

/// Builds `program` for `target` and names the executable. `log` gets what cargo prints.
pub fn build(
    workspace: &Workspace,
    target: &Target,
    program: Program,
    optimization: Optimization,
    log: &mut dyn FnMut(&[u8]),
) -> Result<PathBuf> {
    let (profile, settings) = optimization.profile();
    let mut command = cargo::cargo(workspace);
    command.args(["build", "--package", "evidence", "--bin", program.name()]);
    command.args(["--target", target.triple, "--profile", &profile]);
    for setting in &settings {
        command.args(["--config", setting]);
    }
    if !target.has_cas {
        command.args(["--features", "critical-section"]);
    }
    let mut folder = workspace.target.clone();
    if let Some((flags, name)) = target.flags {
        // A folder of its own, so that the two builds do not throw away each other's work.
        folder.push(name);
        command.env("CARGO_TARGET_DIR", &folder);
        command.env("RUSTFLAGS", flags);
    }
    let end = process::run(command, BUILD_LIMIT, &mut |_, bytes| {
        log(bytes);
        Flow::Continue
    })
    .context("cannot start cargo")?;
    if end != End::Exited(0) {
        bail!("evidence does not build for {}: see above", target.name);
    }
    Ok(folder
        .join(target.triple)
        .join(profile)
        .join(program.name()))
}
