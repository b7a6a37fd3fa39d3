//! Finds what is missing on this machine and installs it.

use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

use crate::cargo;
use crate::need::{Need, Step, joined, on_path};
use crate::packages::{self, Manager};
use crate::process;
use crate::rust;
use crate::workspace::Workspace;

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
    let mut commands = commands(&missing, Manager::detect(on_path), Rights::detect())?;
    let tools = missing.iter().filter_map(|need| match need {
        Need::Tool(tool) => Some(rust::install_tool(*tool, &cargo::tool(workspace, *tool))),
        _ => None,
    });
    commands.extend(tools);
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

fn is_met(need: &Need, workspace: &Workspace) -> bool {
    match need {
        Need::Target(triple) => rust::has_target(workspace, triple),
        Need::Component(name) => rust::has_component(workspace, name),
        Need::Miri => rust::has_miri(),
        Need::Toolchain(version) => rust::has_toolchain(version),
        Need::Program(name) => on_path(name),
        Need::Tool(tool) => rust::has_subcommand(workspace, tool.version().0),
    }
}

/// Those needs that are not met.
pub fn missing(workspace: &Workspace, needs: &[Need]) -> Vec<Need> {
    let mut needs = needs.to_vec();
    needs.sort();
    needs.dedup();
    needs.retain(|need| !is_met(need, workspace));
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
            "{list} not found, nor apt-get or brew: {}; or run on threads with `--board host`",
            packages::hint(&programs)
        );
    };
    let install = manager.commands(&programs);
    match rights {
        _ if manager == Manager::Brew => steps.extend(install),
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
    let words = &step.words;
    eprintln!("+ {}", words.join(" "));
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .current_dir(&workspace.root)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // The installers' chatter must not mix with a program's data on stdout.
        .stdout(Stdio::from(std::io::stderr().as_fd().try_clone_to_owned()?));
    let status =
        process::foreground(&mut command).with_context(|| format!("cannot start {}", words[0]));
    let problem = match status {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => anyhow!("`{}` failed ({status})", words.join(" ")),
        Err(error) => error,
    };
    if let Some(or) = &step.or {
        eprintln!("warning: {problem:#}; trying another way");
        let or = Step {
            words: or.clone(),
            or: None,
            ..step.clone()
        };
        run(workspace, &or)
    } else if step.optional {
        eprintln!("warning: {problem:#}; going on");
        Ok(())
    } else {
        Err(problem)
    }
}

#[cfg(test)]
#[path = "install_tests.rs"]
mod tests;
