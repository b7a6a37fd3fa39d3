//! Calls of cargo from inside a `cargo run`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;

use crate::boards::Board;
use crate::examples::Example;
use crate::log::{self, Filter};
use crate::need::Tool;
use crate::process::{self, End, Flow, Stream};
use crate::workspace::{Package, Workspace};

/// Longer than any build here takes, shorter than a forgotten job.
const BUILD_LIMIT: Duration = Duration::from_secs(900);

/// The package of the scenarios. All of them together are more than the smallest boards' flash holds, unless
/// size is all that counts.
const LARGEST: &str = "image";

/// Variables that the outer `cargo run` or the user's shell set for other builds than ours.
/// A bare-metal image linked with a host's `RUSTFLAGS` fails far from the cause.
fn is_foreign(name: &str) -> bool {
    const EXACT: [&str; 14] = [
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_ENCODED_RUSTDOCFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
        "CARGO_BUILD_RUSTDOCFLAGS",
        "CARGO_BUILD_TARGET",
        "CARGO_CRATE_NAME",
        "CARGO_BIN_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "OUT_DIR",
        "MIRIFLAGS",
        // `overwrite` turns every failing compile-fail test into a passing one.
        "TRYBUILD",
        // It gets in again where a program is built to log (`Filter`).
        log::VARIABLE,
    ];
    const PREFIXES: [&str; 5] = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "RUST_TEST_",
        "LOOM_",
        "TARGETS_",
    ];
    // A variable named MIRI makes every run of Miri fail.
    name == "MIRI"
        || EXACT.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || (name.starts_with("CARGO_TARGET_")
            && (name.ends_with("_RUSTFLAGS") || name.ends_with("_RUNNER")))
}

/// Takes the variables of foreign builds out of a command's environment.
pub fn clean(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_foreign) {
            command.env_remove(name);
        }
    }
    command
}

/// Where a sub-command of cargo is installed that does not come with Rust: in `bin` of this folder, which is
/// its own (`pip` would not add to another one's).
pub fn tool(workspace: &Workspace, tool: Tool) -> PathBuf {
    workspace.target.join("tools").join(tool.version().0)
}

/// The cargo that runs this runner, in the root of the workspace.
pub fn cargo(workspace: &Workspace) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    clean(&mut command)
        .current_dir(&workspace.root)
        // The user's own setting may be relative to another folder.
        .env("CARGO_TARGET_DIR", &workspace.target);
    // The user's own tools come first.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let ours = Tool::ALL.map(|one| tool(workspace, one).join("bin"));
    if let Ok(path) = std::env::join_paths(std::env::split_paths(&path).chain(ours)) {
        command.env("PATH", path);
    }
    command
}

/// The cargo of another toolchain.
pub fn cargo_of(workspace: &Workspace, toolchain: &str) -> Command {
    let mut command = Command::new("rustup");
    clean(&mut command)
        .env_remove("RUSTUP_TOOLCHAIN")
        // Set by the outer cargo: these would lead back to its own toolchain.
        .env_remove("CARGO")
        .env_remove("RUSTC")
        .env_remove("RUSTDOC")
        .current_dir(&workspace.root)
        .env("CARGO_TARGET_DIR", &workspace.target)
        .args(["run", toolchain, "cargo"]);
    command
}

/// Lets a command of cargo build for a board that has flags of its own. They get a target folder of
/// their own, so that boards of one triple do not throw each other's builds away.
pub fn with_flags(workspace: &Workspace, board: Board, command: &mut Command) {
    let flags = board.rustflags();
    if !flags.is_empty() {
        command
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
            .env("CARGO_TARGET_DIR", workspace.target.join(board.name()))
            // What runs on the host, macros and build scripts, is built once for all boards.
            .env("CARGO_BUILD_BUILD_DIR", &workspace.target);
    }
}

/// Builds the one binary of `package` for a board and names the executable.
///
/// With a `filter`, it is built to log with `defmt` what that lets through. `log` gets what cargo prints
/// for people.
pub fn build(
    workspace: &Workspace,
    package: &Package,
    board: Board,
    filter: Option<&Filter>,
    log: &mut dyn FnMut(&[u8]),
) -> Result<PathBuf> {
    let messages = messages(workspace, &package.name, &[], board, filter, log)?;
    let found = executables(&messages, &package.folder.join("Cargo.toml"))?;
    match &found[..] {
        [(_, one)] => Ok(one.clone()),
        [] => bail!("{} builds no executable", package.name),
        _ => bail!("{} builds more than one executable", package.name),
    }
}

/// Builds these examples, which are of one package, and names their executables, in the same order.
pub fn build_examples(
    workspace: &Workspace,
    examples: &[&Example],
    board: Board,
    filter: Option<&Filter>,
    log: &mut dyn FnMut(&[u8]),
) -> Result<Vec<PathBuf>> {
    let Some(Example {
        package, folder, ..
    }) = examples.first()
    else {
        return Ok(Vec::new());
    };
    let names: Vec<_> = examples.iter().map(|example| &*example.name).collect();
    let messages = messages(workspace, package, &names, board, filter, log)?;
    let found = executables(&messages, &folder.join("Cargo.toml"))?;
    let place = |name: &&str| {
        let one = found.iter().find(|(built, _)| built == name);
        let one = one.with_context(|| format!("{package} builds no executable {name}"))?;
        Ok(one.1.clone())
    };
    names.iter().map(place).collect()
}

/// Builds these binaries of a package, or all; what cargo says of it for programs.
fn messages(
    workspace: &Workspace,
    package: &str,
    binaries: &[&str],
    board: Board,
    filter: Option<&Filter>,
    log: &mut dyn FnMut(&[u8]),
) -> Result<Vec<u8>> {
    let mut command = cargo(workspace);
    let smallest = package == LARGEST && board.has_little_flash();
    let profile = if smallest { "smallest" } else { "release" };
    command.args(["build", "--profile", profile, "--package", package]);
    command.arg("--message-format=json-render-diagnostics");
    for binary in binaries {
        command.args(["--bin", binary]);
    }
    on_terminal(&mut command);
    if let Some(triple) = board.triple() {
        command.args(["--target", triple]);
    }
    with_flags(workspace, board, &mut command);
    if smallest {
        // The board's own say how firmware is built; the profile says more.
        command.env_remove("CARGO_ENCODED_RUSTFLAGS");
    }
    if let Some(filter) = filter {
        // A folder of its own, for all boards: the executables have the names of those that do not log.
        // Cargo rebuilds what depends on the variable when that changes.
        let folder = workspace.target.join("defmt");
        command
            .args(["--features", "defmt"])
            .env(log::VARIABLE, filter.value())
            // Where each log statement stands is in the full debug information only.
            .env("CARGO_PROFILE_RELEASE_DEBUG", "2")
            .env("CARGO_TARGET_DIR", folder);
    }
    let mut messages = Vec::new();
    let end = process::run(command, BUILD_LIMIT, &mut |stream, bytes| {
        match stream {
            Stream::Out => messages.extend_from_slice(bytes),
            Stream::Err => log(bytes),
        }
        Flow::Continue
    })
    .context("cannot start cargo")?;
    must_have_built(end, package, board)?;
    Ok(messages)
}

/// Calls cargo for an example that stands alone, as its user would: in its folder.
pub fn alone(workspace: &Workspace, example: &Example, args: &[&str]) -> Command {
    let mut command = cargo(workspace);
    command
        .current_dir(&example.folder)
        // Its dependencies may have other features than those of the workspace.
        .env("CARGO_TARGET_DIR", workspace.target.join(&example.name))
        .args(args);
    command
}

/// Builds an example that stands alone.
pub fn build_alone(
    workspace: &Workspace,
    example: &Example,
    log: &mut dyn FnMut(&[u8]),
) -> Result<()> {
    let mut command = alone(workspace, example, &["build", "--release"]);
    on_terminal(&mut command);
    let end = process::run(command, BUILD_LIMIT, &mut |_, bytes| {
        log(bytes);
        Flow::Continue
    });
    must_have_built(
        end.context("cannot start cargo")?,
        &example.name,
        example.boards[0],
    )
}

/// Cargo writes to our pipe; what it writes ends on a terminal all the same, if there is one.
fn on_terminal(command: &mut Command) {
    if std::io::stderr().is_terminal() {
        command.arg("--color=always");
        command.env("CARGO_TERM_PROGRESS_WHEN", "always");
        command.env("CARGO_TERM_PROGRESS_WIDTH", "80");
    }
}

fn must_have_built(end: End, what: &str, board: Board) -> Result<()> {
    let place = board.name();
    match end {
        End::Exited(0) => Ok(()),
        End::TimedOut => bail!(
            "{what} did not build for {place} within {} s",
            BUILD_LIMIT.as_secs()
        ),
        _ => bail!("{what} does not build for {place}: see above"),
    }
}

/// Finds the executables of a package in cargo's messages, with their names.
fn executables(messages: &[u8], manifest: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for message in Message::parse_stream(messages) {
        if let Message::CompilerArtifact(artifact) = message.context("cargo's messages")? {
            if artifact.manifest_path == manifest {
                let name = artifact.target.name;
                found.extend(artifact.executable.map(|file| (name, file.into())));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_variables() {
        for name in [
            "RUSTFLAGS",
            "MIRI",
            "CARGO_PKG_NAME",
            "CARGO_TARGET_X86_64_UNKNOWN_NONE_RUSTFLAGS",
            "TARGETS_CORES",
            "DEFMT_LOG",
        ] {
            assert!(is_foreign(name), "{name}");
        }
        for name in ["CARGO_TARGET_DIR", "RUSTUP_TOOLCHAIN", "PATH", "CARGO_HOME"] {
            assert!(!is_foreign(name), "{name}");
        }
    }

    #[test]
    fn the_executables_are_those_of_the_package() {
        let message = |folder: &str, executable: Option<&str>| {
            let target = serde_json::json!({
                "kind": ["bin"], "crate_types": ["bin"], "name": "e", "src_path": "/w/e/src/main.rs",
                "edition": "2024", "doctest": false, "test": true, "doc": true
            });
            let profile = serde_json::json!({
                "opt_level": "0", "debug_assertions": false, "overflow_checks": false, "test": false
            });
            serde_json::json!({
                "reason": "compiler-artifact", "package_id": "e", "features": [], "filenames": [],
                "manifest_path": format!("{folder}/Cargo.toml"), "executable": executable,
                "target": target, "profile": profile, "fresh": true
            })
            .to_string()
        };
        let other = message("/w/x", Some("/t/build-script"));
        let ours = message("/w/e", Some("/t/e"));
        let library = message("/w/e", None);
        let all = [&*other, &ours, &library, "not json"].join("\n");
        let manifest = Path::new("/w/e/Cargo.toml");
        let found = executables(all.as_bytes(), manifest).unwrap();
        assert_eq!(found, [("e".to_owned(), PathBuf::from("/t/e"))]);
        assert!(executables(other.as_bytes(), manifest).unwrap().is_empty());
        let twice = [&*ours, &ours].join("\n");
        assert_eq!(executables(twice.as_bytes(), manifest).unwrap().len(), 2);
    }
}
