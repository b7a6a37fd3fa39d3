//! The workspace as cargo describes it: where it is, and its packages.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand, Target};

use crate::examples::{self, Example};
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
    /// What there is to test in it.
    pub units: Vec<Unit>,
    /// Whether it can log with `defmt`.
    pub has_defmt: bool,
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
    metadata: Metadata,
}

impl Workspace {
    /// Asks cargo.
    pub fn find() -> Result<Workspace> {
        let mut command = MetadataCommand::new();
        command.no_deps();
        // `cargo run` names the folder of this package; without it the current folder decides.
        if let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR") {
            command.manifest_path(Path::new(&folder).join("Cargo.toml"));
        }
        Workspace::of(command.exec()?)
    }

    fn of(metadata: Metadata) -> Result<Workspace> {
        let root = metadata.workspace_root.as_std_path();
        let mut packages = Vec::new();
        let mut rust_version = None;
        for package in &metadata.packages {
            let folder = package.manifest_path.parent();
            let folder = folder.context("a package without manifest")?.as_std_path();
            if folder == root {
                rust_version = package.rust_version.as_ref().map(ToString::to_string);
            }
            packages.push(Package {
                name: package.name.to_string(),
                folder: folder.into(),
                units: package.targets.iter().flat_map(units).collect(),
                has_defmt: package.features.contains_key("defmt"),
            });
        }
        Ok(Workspace {
            root: root.into(),
            target: metadata.target_directory.clone().into(),
            rust_version: rust_version.context("the root package names no rust-version")?,
            packages,
            metadata,
        })
    }

    /// The package with this name.
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// The programs in `examples/`, also those outside the workspace, for which cargo is asked again.
    pub fn examples(&self) -> Result<Vec<Example>> {
        examples::find(&self.root, &self.metadata)
    }

    /// The example with this name, or an error that lists them all.
    pub fn example(&self, name: &str) -> Result<Example> {
        let examples = self.examples()?;
        let names: Vec<_> = examples.iter().map(|example| &*example.name).collect();
        let names = names.join(", ");
        let found = examples.into_iter().find(|example| example.name == name);
        found.ok_or_else(|| usage(format!("no example is called '{name}'; there are: {names}")))
    }
}

/// What there is to test in a target.
fn units(target: &Target) -> Vec<Unit> {
    let unit = if target.is_lib() {
        Unit::Lib
    } else if target.is_bin() {
        Unit::Bin(target.name.clone())
    } else if target.is_test() {
        Unit::Test(target.name.clone())
    } else {
        return Vec::new();
    };
    let tested = target.test.then_some(unit);
    let examples = (target.is_lib() && target.doctest).then_some(Unit::Doc);
    tested.into_iter().chain(examples).collect()
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
        let workspace = Workspace::find().unwrap();
        let example = workspace.example("flow_table").unwrap();
        let capture = example.default_capture.as_deref().unwrap();
        assert!(capture.starts_with(workspace.root.join("examples/flow_table")));
        assert!(capture.is_file(), "{}", capture.display());
    }
}
