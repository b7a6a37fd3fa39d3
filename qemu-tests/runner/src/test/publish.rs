//! The rows of the plan about what a registry gets: the two published crates, their features, and what they
//! depend on.

use std::fs;
use std::os::unix::fs::symlink;

use anyhow::{Context, Result};

use crate::need::{Need, Tool};
use crate::test::step::{Cargo, LONG, SHORT, Step, Work, cargo, step};
use crate::verify::record;
use crate::workspace::{LIBRARY, Workspace};

/// Where `published` works, in the target folder: a folder for each state of the crates.
const PUBLISHED: &str = "published";
/// Where `minimal_versions` works, in the target folder: the workspace, and what is built.
const MINIMAL: &str = "minimal-versions";
/// A target without `std`, which a feature must not bring in.
const BARE: &str = "thumbv7em-none-eabihf";
/// What may be depended on.
const DENY: &str = "qemu-tests/deny.toml";

/// Adds the rows.
pub fn steps(steps: &mut Vec<Step>) {
    steps.push(step("build::published", LONG, Work::Published));

    let mut features = cargo(&["hack", "clippy", "--each-feature", "--target", BARE]);
    features
        .args
        .extend(["--exclude-features", "default"].map(String::from));
    features.args.extend(packages());
    features
        .args
        .extend(["--", "-D", "warnings"].map(String::from));
    let features = step("build::features", LONG, Work::Commands(vec![features]))
        .need(Need::Tool(Tool::Hack))
        .need(Need::Component("clippy"))
        .need(Need::Target(BARE.into()));
    steps.push(features);

    let minimal = step("build::minimal_versions", LONG, Work::MinimalVersions);
    steps.push(minimal.need(Need::Miri));

    // All of the two crates; of the tools only where they come from.
    let deny = |scope: &[&str], what: &[&str]| {
        let words = ["deny", "--config", DENY, "--locked", "--color", "never"];
        cargo(&[&words[..], scope, &["check"], what].concat())
    };
    let deny = Work::Commands(vec![
        deny(
            &["--exclude-unpublished", "--exclude-dev"],
            &["licenses", "bans", "sources"],
        ),
        deny(&["--workspace"], &["sources"]),
    ]);
    steps.push(step("lint::dependencies", SHORT, deny).need(Need::Tool(Tool::Deny)));
}

fn packages() -> impl Iterator<Item = String> {
    let words = LIBRARY.iter().flat_map(|package| ["--package", package]);
    words.map(String::from)
}

/// The call that packages both crates as a registry would get them, and builds them from that; the registry
/// itself is only asked for the dependencies.
///
/// Cargo unpacks the one crate for the other only once for each folder, and takes it for what it was then: so
/// each state of them has a folder, and those of others go.
pub fn published(workspace: &Workspace) -> Result<Cargo> {
    let all = workspace.target.join(PUBLISHED);
    if all.exists() {
        fs::remove_dir_all(&all)?;
    }
    let mut state = record::whole(workspace)?;
    for manifest in ["Cargo.toml", "arena/Cargo.toml"] {
        state += &fs::read_to_string(workspace.root.join(manifest))?;
    }
    let folder = all.join(record::short(&state)).display().to_string();
    let mut publish = cargo(&["publish", "--dry-run", "--allow-dirty"]);
    publish.args.extend(packages());
    publish.env.push(("CARGO_TARGET_DIR", folder));
    Ok(publish)
}

/// The call that builds both crates, alone in a workspace, with the oldest versions of their dependencies
/// that their manifests allow.
pub fn minimal_versions(workspace: &Workspace) -> Result<Cargo> {
    let folder = workspace.target.join(MINIMAL);
    let manifest = folder.join("Cargo.toml");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let root = fs::read_to_string(workspace.root.join("Cargo.toml"))?;
    let only = only_the_library(&root).context("the root manifest has no line `members`")?;
    fs::write(&manifest, only)?;
    for name in ["src", "arena", "README.md"] {
        symlink(workspace.root.join(name), folder.join(name))?;
    }
    let mut check = cargo(&["check", "-Z", "direct-minimal-versions", "--workspace"]);
    check.args.extend([
        "--all-features".into(),
        "--manifest-path".into(),
        manifest.display().to_string(),
    ]);
    check.toolchain = Some("nightly".into());
    check.target = Some(MINIMAL);
    Ok(check)
}

/// The root manifest of a workspace that has no other members.
fn only_the_library(manifest: &str) -> Option<String> {
    let (before, rest) = manifest.split_once("\nmembers = [")?;
    let (_, after) = rest.split_once('\n')?;
    Some(format!("{before}\nmembers = [\".\", \"arena\"]\n{after}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }

    #[derive(Deserialize)]
    struct Locked {
        name: String,
        #[serde(default)]
        dependencies: Vec<String>,
    }

    /// What a lock file names for a package: that one, what it depends on, and so on.
    fn needed(lock: &str, package: &str) -> BTreeSet<String> {
        let lock: Lock = toml::from_str(lock).unwrap();
        let (mut all, mut open) = (BTreeSet::new(), vec![package]);
        while let Some(name) = open.pop() {
            if all.insert(name.to_owned()) {
                let package = lock.package.iter().find(|package| package.name == name);
                let package = package.unwrap_or_else(|| panic!("no package {name}"));
                // Behind the name stands a version, if there is more than one.
                let names = package.dependencies.iter();
                open.extend(names.filter_map(|name| name.split(' ').next()));
            }
        }
        all
    }

    /// What stands in the lock file of whoever depends on us: what is built, and nothing else.
    #[test]
    fn the_readme_names_the_packages_of_a_dependents_lock_file() {
        let root = Workspace::find().unwrap().root;
        let lock = fs::read_to_string(root.join("examples/your_board/Cargo.lock")).unwrap();
        let all: Vec<_> = needed(&lock, "arenamap").into_iter().collect();
        let names = all.iter().map(|name| format!("`{name}`"));
        let names = names.collect::<Vec<_>>().join(", ");
        let readme = fs::read_to_string(root.join("README.md")).unwrap();
        assert!(
            readme.replace('\n', " ").contains(&format!("({names})")),
            "{names}"
        );
    }

    #[test]
    fn a_lock_file_is_followed() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [\n \"b\",\n]\n\n\
                    [[package]]\nname = \"b\"\nversion = \"1\"\n\n[[package]]\nname = \"ab\"\nversion = \"1\"\n";
        assert_eq!(
            needed(lock, "a").into_iter().collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert_eq!(needed(lock, "ab").len(), 1);
    }

    #[test]
    fn a_workspace_of_two() {
        let all = "[workspace]\nmembers = [\".\", \"arena\", \"x\"]\nresolver = \"3\"\n";
        let two = "[workspace]\nmembers = [\".\", \"arena\"]\nresolver = \"3\"\n";
        assert_eq!(only_the_library(all).as_deref(), Some(two));
        assert_eq!(only_the_library("[package]\n"), None);
    }
}
