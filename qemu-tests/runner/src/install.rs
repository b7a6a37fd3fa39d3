//! Finds what is missing on this machine and installs it.

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::packages::{self, Manager};
use crate::process;
use crate::rust;
use crate::workspace::Workspace;

/// Something that a command of this runner cannot do without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The standard library (or only `core`) for a target triple.
    Target(String),
    /// A component of the toolchain that runs us: `rustfmt`, `clippy`, `llvm-tools`.
    Component(&'static str),
    /// The nightly toolchain with Miri and the sources of the standard library.
    Miri,
    /// Another toolchain, by version.
    Toolchain(String),
    /// A QEMU program.
    Program(&'static str),
}

impl Need {
    fn text(&self) -> String {
        match self {
            Need::Target(triple) => format!("the Rust target {triple}"),
            Need::Component(name) => format!("the Rust component {name}"),
            Need::Miri => "Miri (nightly Rust with miri and rust-src)".into(),
            Need::Toolchain(version) => format!("Rust {version}"),
            Need::Program(name) => format!("the program {name}"),
        }
    }

    fn is_met(&self, workspace: &Workspace) -> bool {
        match self {
            Need::Target(triple) => rust::has_target(workspace, triple),
            Need::Component(name) => rust::has_component(workspace, name),
            Need::Miri => rust::has_miri(),
            Need::Toolchain(version) => rust::has_toolchain(version),
            Need::Program(name) => on_path(name),
        }
    }
}

/// Whether a program is on the search path.
pub fn on_path(program: &str) -> bool {
    find_program(program, std::env::var_os("PATH").as_deref()).is_some()
}

/// The first executable file with this name in the folders of `path`.
fn find_program(program: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    std::env::split_paths(path?)
        .map(|folder| folder.join(program))
        .find(|file| {
            file.metadata()
                .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
        })
}

/// Makes sure that all `needs` are met.
///
/// Installs what is missing after printing each command; with `install == false` it only says
/// what is missing and fails.
pub fn ensure(workspace: &Workspace, needs: &[Need], install: bool) -> Result<()> {
    let missing = missing(workspace, needs);
    if missing.is_empty() {
        return Ok(());
    }
    let texts: Vec<_> = missing.iter().map(Need::text).collect();
    eprintln!("missing: {}", texts.join(", "));
    let commands = commands(&missing, Manager::detect(on_path), Rights::detect())?;
    if !install {
        bail!(
            "not installed because of --no-install; run `cargo qemu setup`, or: {}",
            joined(&commands)
        );
    }
    for command in &commands {
        run(workspace, command)?;
    }
    let left = self::missing(workspace, &missing);
    if !left.is_empty() {
        let texts: Vec<_> = left.iter().map(Need::text).collect();
        bail!("still missing after the installation: {}", texts.join(", "));
    }
    Ok(())
}

/// Those needs that are not met.
pub fn missing(workspace: &Workspace, needs: &[Need]) -> Vec<Need> {
    let mut needs = needs.to_vec();
    needs.sort();
    needs.dedup();
    needs.retain(|need| !need.is_met(workspace));
    needs
}

/// What this user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Everything.
    Root,
    /// Everything through `sudo`.
    Sudo,
    /// Only in the home folder.
    User,
}

impl Rights {
    fn detect() -> Rights {
        if nix::unistd::geteuid().is_root() {
            Rights::Root
        } else if on_path("sudo") {
            Rights::Sudo
        } else {
            Rights::User
        }
    }
}

/// One command of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Whether the installation goes on when it fails: what follows decides.
    pub optional: bool,
}

impl Step {
    /// A step that must succeed.
    pub fn new(words: &[&str]) -> Step {
        Step {
            words: words.iter().map(ToString::to_string).collect(),
            optional: false,
        }
    }
}

fn joined(commands: &[Step]) -> String {
    let texts: Vec<_> = commands.iter().map(|step| step.words.join(" ")).collect();
    texts.join(" && ")
}

/// The commands that meet all of `missing`, or an error that says why there are none.
fn commands(missing: &[Need], manager: Option<Manager>, rights: Rights) -> Result<Vec<Step>> {
    let mut steps = rust::commands(missing, on_path("rustup"), rust::active_toolchain())?;
    let programs: Vec<&str> = missing
        .iter()
        .filter_map(|need| match need {
            Need::Program(name) => Some(*name),
            _ => None,
        })
        .collect();
    if programs.is_empty() {
        return Ok(steps);
    }
    let list = programs.join(" and ");
    let Some(manager) = manager else {
        bail!(
            "{list} not found, and none of {} either: install QEMU for these machines by hand, \
             or run on threads with `--board host`",
            packages::names()
        );
    };
    let install = manager.commands(&programs);
    match rights {
        _ if !manager.wants_root() => steps.extend(install),
        Rights::Root => steps.extend(install),
        Rights::Sudo => {
            let ask = std::io::stdin().is_terminal();
            steps.extend(install.into_iter().map(|step| with_sudo(step, ask)));
        }
        Rights::User => bail!(
            "{list} not found; this user is not root and there is no sudo. Let an administrator \
             run `{}`, or run on threads with `--board host`",
            joined(&install)
        ),
    }
    Ok(steps)
}

fn with_sudo(mut step: Step, may_ask: bool) -> Step {
    // Without a terminal sudo must fail at once, not wait for a password.
    if !may_ask {
        step.words.insert(0, "-n".into());
    }
    step.words.insert(0, "sudo".into());
    step
}

fn run(workspace: &Workspace, step: &Step) -> Result<()> {
    eprintln!("+ {}", step.words.join(" "));
    let mut command = Command::new(&step.words[0]);
    command
        .args(&step.words[1..])
        .current_dir(&workspace.root)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // The installers' chatter must not mix with a program's data on stdout.
        .stdout(Stdio::from(std::io::stderr().as_fd().try_clone_to_owned()?));
    let status = process::foreground(&mut command)
        .with_context(|| format!("cannot start {}", step.words[0]))?;
    if status.success() {
        Ok(())
    } else if step.optional {
        eprintln!("warning: that failed ({status}); going on");
        Ok(())
    } else {
        bail!("`{}` failed ({status})", step.words.join(" "))
    }
}

#[cfg(test)]
#[path = "install_tests.rs"]
mod tests;
