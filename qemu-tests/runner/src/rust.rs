//! What of Rust is installed, and how rustup installs the rest.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::cargo;
use crate::need::{Need, Step, Tool};
use crate::workspace::Workspace;

/// The toolchain that runs this runner, as rustup calls it; `None` without rustup.
pub fn active_toolchain() -> Option<String> {
    std::env::var("RUSTUP_TOOLCHAIN").ok()
}

/// The compiler's name and version: "rustc 1.95.0 (59807616e 2026-04-14)".
pub fn compiler(workspace: &Workspace) -> Option<String> {
    let mut command = rustc(workspace);
    stdout(command.arg("--version")).map(|text| text.trim().into())
}

fn rustc(workspace: &Workspace) -> Command {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.current_dir(&workspace.root);
    command
}

/// LLVM's disassembler in the toolchain that runs us, if it is installed.
pub fn disassembler(workspace: &Workspace) -> Option<PathBuf> {
    let libraries = stdout(rustc(workspace).args(["--print", "target-libdir"]))?;
    machine_code::disassembler(Path::new(libraries.trim()))
}

/// Whether `core` for this target is there, however it came (rustup or a distribution).
pub fn has_target(workspace: &Workspace, triple: &str) -> bool {
    let mut command = rustc(workspace);
    command.args(["--print", "target-libdir", "--target", triple]);
    stdout(&mut command).is_some_and(|folder| holds_core(Path::new(folder.trim())))
}

fn holds_core(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libcore-") && name.ends_with(".rlib")
        })
    })
}

/// Whether cargo has the sub-command that a component brings, or the toolchain its programs.
pub fn has_component(workspace: &Workspace, component: &str) -> bool {
    let subcommand = match component {
        "llvm-tools" => return disassembler(workspace).is_some(),
        "rustfmt" => "fmt",
        other => other,
    };
    has_subcommand(workspace, subcommand)
}

/// Whether cargo has this sub-command.
pub fn has_subcommand(workspace: &Workspace, name: &str) -> bool {
    stdout(cargo::cargo(workspace).args([name, "--version"])).is_some()
}

/// Whether this toolchain is installed.
pub fn has_toolchain(name: &str) -> bool {
    stdout(Command::new("rustup").args(["run", name, "rustc", "--version"])).is_some()
}

/// Whether nightly has Miri and the sources that Miri builds the standard library from.
pub fn has_miri() -> bool {
    let list = ["component", "list", "--installed", "--toolchain", "nightly"];
    stdout(Command::new("rustup").args(list)).is_some_and(|list| {
        let has = |name: &str| list.lines().any(|line| line.starts_with(name));
        has("miri") && has("rust-src")
    })
}

/// The output of a command that succeeds.
fn stdout(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The commands of rustup for what is missing of Rust.
pub fn commands(missing: &[Need], rustup: bool, toolchain: Option<String>) -> Result<Vec<Step>> {
    let mut targets = Vec::new();
    let mut components = Vec::new();
    let mut steps = Vec::new();
    for need in missing {
        match need {
            Need::Target(triple) => targets.push(&**triple),
            Need::Component(name) => components.push(*name),
            Need::Miri => {
                let mut words = vec!["rustup", "toolchain", "install", "nightly"];
                words.extend(["--profile", "minimal"]);
                words.extend(["--component", "miri", "--component", "rust-src"]);
                steps.push(Step::new(&words));
            }
            Need::Toolchain(version) => {
                let words = ["rustup", "toolchain", "install", version];
                steps.push(Step::new(&[&words[..], &["--profile", "minimal"]].concat()));
            }
            Need::Program(_) | Need::Tool(_) => {}
        }
    }
    for (noun, names) in [("component", components), ("target", targets)] {
        if names.is_empty() {
            continue;
        }
        let mut words = vec!["rustup", noun, "add"];
        if let Some(toolchain) = &toolchain {
            words.extend(["--toolchain", toolchain]);
        }
        words.extend(names);
        steps.push(Step::new(&words));
    }
    if !steps.is_empty() && !rustup {
        let wanted: Vec<_> = steps.iter().map(|step| step.words.join(" ")).collect();
        bail!(
            "this Rust does not come from rustup, so what is missing cannot be added: install \
             rustup (https://rustup.rs) and run `{}`, or install the matching packages of your \
             distribution; `cargo qemu run EXAMPLE --board host` needs none of it",
            wanted.join(" && ")
        );
    }
    Ok(steps)
}

/// What puts a sub-command of cargo that does not come with Rust into this folder.
pub fn install_tool(tool: Tool, folder: &Path) -> Step {
    let (name, version) = tool.version();
    let folder = folder.display().to_string();
    // Built already, by a maker of Python's tools; or else by us, which takes minutes.
    let built = format!("astral-dev-toolchain-cargo-{name}=={version}");
    let source = format!("cargo-{name}@{version}");
    let pip = ["python3", "-m", "pip", "install", "--quiet", "--no-deps"];
    let cargo = ["cargo", "install", "--locked", "--root", &folder, &source];
    Step {
        or: Some(cargo.map(String::from).to_vec()),
        ..Step::new(&[&pip[..], &["--target", &folder, &built]].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(missing: &[Need], toolchain: Option<&str>) -> Vec<String> {
        let steps = commands(missing, true, toolchain.map(String::from)).unwrap();
        steps.iter().map(|step| step.words.join(" ")).collect()
    }

    #[test]
    fn targets_go_to_the_active_toolchain() {
        let missing = [Need::Target("a-b".into()), Need::Target("c-d".into())];
        assert_eq!(
            words(&missing, Some("stable-x")),
            ["rustup target add --toolchain stable-x a-b c-d"]
        );
        assert_eq!(words(&missing, None), ["rustup target add a-b c-d"]);
    }

    #[test]
    fn toolchains_and_components() {
        assert_eq!(
            words(
                &[
                    Need::Component("clippy"),
                    Need::Miri,
                    Need::Toolchain("1.2.3".into())
                ],
                None
            ),
            [
                "rustup toolchain install nightly --profile minimal \
                 --component miri --component rust-src",
                "rustup toolchain install 1.2.3 --profile minimal",
                "rustup component add clippy",
            ]
        );
    }

    #[test]
    fn a_tool_that_cannot_be_had_built_is_built() {
        let step = install_tool(Tool::Hack, Path::new("/t"));
        assert!(step.words.join(" ").contains("--target /t "));
        let or = step.or.unwrap().join(" ");
        assert!(or.starts_with("cargo install --locked --root /t cargo-hack@"));
        assert!(!step.optional);
    }

    #[test]
    fn without_rustup_the_error_says_what_to_do() {
        let error = commands(&[Need::Target("a-b".into())], false, None).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("rustup target add a-b"), "{text}");
        assert!(text.contains("--board host"), "{text}");
        assert!(
            commands(&[Need::Program("qemu-system-x86_64")], false, None)
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn a_target_folder_without_core_is_no_target() {
        let folder = std::env::temp_dir().join(format!("qemu-core-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert!(!holds_core(&folder));
        std::fs::write(folder.join("libcore-0123.rlib"), "").unwrap();
        assert!(holds_core(&folder));
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(!holds_core(&folder));
    }
}
