//! The workspace as cargo describes it: where it is, its examples and what they ask of the runner.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::failure::usage;

/// The packages of the library.
pub const LIBRARY: [&str; 2] = ["arenamap", "tagged-arena"];

/// What `cargo test` can be asked to test of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The unit tests of the library: `--lib`.
    Lib,
    /// The examples in the library's documentation: `--doc`.
    Doc,
    /// The unit tests of a binary: `--bin NAME`.
    Bin(String),
    /// A file of integration tests: `--test NAME`.
    Test(String),
}

/// One package of the workspace.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name in its manifest.
    pub name: String,
    /// The folder of its manifest.
    pub folder: PathBuf,
    /// `default-capture` of `[package.metadata.qemu]`: the file that a run without `--capture` gets.
    pub default_capture: Option<PathBuf>,
    /// What there is to test in it.
    pub units: Vec<Unit>,
}

/// The workspace that this runner belongs to.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder of the root manifest.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
    /// `rust-version` of the root package.
    pub rust_version: String,
    packages: Vec<Package>,
}

impl Workspace {
    /// Asks cargo.
    pub fn find() -> Result<Workspace> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        // `cargo run` names the folder of this package; without it the current folder decides.
        if let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR") {
            let manifest = Path::new(&folder).join("Cargo.toml");
            command.arg("--manifest-path").arg(manifest);
        }
        let output = command.output().context("cannot start cargo")?;
        if !output.status.success() {
            bail!(
                "cargo metadata failed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let json = serde_json::from_slice(&output.stdout).context("cargo metadata's answer")?;
        Workspace::from_metadata(&json)
    }

    fn from_metadata(json: &Value) -> Result<Workspace> {
        let path = |key: &str| {
            json[key]
                .as_str()
                .map(PathBuf::from)
                .with_context(|| format!("cargo metadata has no {key}"))
        };
        let root = path("workspace_root")?;
        let mut packages = Vec::new();
        let mut rust_version = None;
        for package in json["packages"].as_array().into_iter().flatten() {
            let name = package["name"].as_str().context("a package without name")?;
            let manifest = package["manifest_path"].as_str().map(Path::new);
            let folder = manifest
                .and_then(Path::parent)
                .context("a package without manifest")?;
            if folder == root {
                rust_version = package["rust_version"].as_str().map(String::from);
            }
            packages.push(Package {
                name: name.into(),
                folder: folder.into(),
                default_capture: package["metadata"]["qemu"]["default-capture"]
                    .as_str()
                    .map(|file| folder.join(file)),
                units: units(&package["targets"]),
            });
        }
        Ok(Workspace {
            root,
            target: path("target_directory")?,
            rust_version: rust_version.context("the root package names no rust-version")?,
            packages,
        })
    }

    /// The package with this name.
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// The packages in `examples/`.
    pub fn examples(&self) -> impl Iterator<Item = &Package> {
        let folder = self.root.join("examples");
        self.packages
            .iter()
            .filter(move |package| package.folder.starts_with(&folder))
    }

    /// The example with this name, or an error that lists them all.
    pub fn example(&self, name: &str) -> Result<&Package> {
        self.examples()
            .find(|package| package.name == name)
            .ok_or_else(|| {
                let names: Vec<_> = self.examples().map(|package| &*package.name).collect();
                usage(format!(
                    "no example is called '{name}'; there are: {}",
                    names.join(", ")
                ))
            })
    }
}

fn units(targets: &Value) -> Vec<Unit> {
    let mut units = Vec::new();
    for target in targets.as_array().into_iter().flatten() {
        let name = target["name"].as_str().unwrap_or_default().to_owned();
        let tested = target["test"] == true;
        match target["kind"][0].as_str() {
            Some("lib") => {
                units.extend(tested.then_some(Unit::Lib));
                units.extend((target["doctest"] == true).then_some(Unit::Doc));
            }
            Some("bin") if tested => units.push(Unit::Bin(name)),
            Some("test") if tested => units.push(Unit::Test(name)),
            _ => {}
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{USAGE, code_of};

    #[test]
    fn reads_this_workspace() {
        let workspace = Workspace::find().unwrap();
        assert!(workspace.root.join("qemu-tests/runner").is_dir());
        let units = &workspace.package("arenamap").unwrap().units;
        assert!(units.contains(&Unit::Lib) && units.contains(&Unit::Doc));
        let units = &workspace.package("qemu").unwrap().units;
        assert!(units.contains(&Unit::Bin("qemu".into())));
        assert!(workspace.rust_version.starts_with("1."));
        let error = workspace.example("arenamap").unwrap_err();
        assert_eq!(code_of(&error), USAGE);
        assert!(error.to_string().contains("flow_table"), "{error}");
    }

    #[test]
    fn default_capture_is_relative_to_its_package() {
        let json = serde_json::json!({
            "workspace_root": "/w", "target_directory": "/w/target",
            "packages": [
                {"name": "root", "manifest_path": "/w/Cargo.toml", "rust_version": "1.85"},
                {"name": "e", "manifest_path": "/w/examples/e/Cargo.toml",
                 "metadata": {"qemu": {"default-capture": "x.pcap"}}},
            ],
        });
        let workspace = Workspace::from_metadata(&json).unwrap();
        let example = workspace.example("e").unwrap();
        assert_eq!(
            example.default_capture.as_deref(),
            Some(Path::new("/w/examples/e/x.pcap"))
        );
    }
}
