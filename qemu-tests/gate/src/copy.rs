//! The copy of the two crates in which the faults are planted.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::faults::{self, Fault};
use crate::sites::{self, Site};

/// The root of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../..").canonicalize().expect("the workspace")
}

/// Where all that the gate builds lies.
pub fn work() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| root().join("target")).join("gate")
}

/// The folders with sources, and the path of the module `planted` in each.
const CRATES: [(&str, &str); 2] = [
    ("arena/src", "crate::sync::planted"),
    ("src", "tagged_arena::sync::planted"),
];

/// What names the atomics: not part of what is looked at.
const SHIM: &str = "arena/src/sync";

/// A copy: the text of each file that may change.
pub struct Copy {
    /// Where it lies.
    pub folder: PathBuf,
    files: Vec<(String, String)>,
}

impl Copy {
    /// Reads the crates.
    pub fn of_workspace(name: &str) -> Result<Self> {
        let mut files = Vec::new();
        for (folder, _) in CRATES {
            read(&root(), &root().join(folder), &mut files)?;
        }
        let shim = text_of(&mut files, &format!("{SHIM}.rs"))?;
        shim.push_str("\n#[path = \"sync/planted.rs\"]\npub mod planted;\n");
        let planted = include_str!("planted.rs.in").to_owned();
        files.push((format!("{SHIM}/planted.rs"), planted));
        for file in [
            "README.md",
            "arena/README.md",
            "arena/Cargo.toml",
            "Cargo.lock",
        ] {
            files.push((file.to_owned(), fs::read_to_string(root().join(file))?));
        }
        files.push(("Cargo.toml".to_owned(), manifest(&root())?));
        let folder = work().join(name);
        Ok(Self { folder, files })
    }

    /// Makes every ordering and fence choose.
    pub fn orderings(&mut self) -> Result<Vec<Site>> {
        let mut sites = Vec::new();
        for (file, text) in &mut self.files {
            if let Some(planted) = planted(file) {
                let (found, new) = sites::rewrite(file, text, planted, sites.len())
                    .with_context(|| file.clone())?;
                sites.extend(found);
                *text = new;
            }
        }
        Ok(sites)
    }

    /// Plants these faults, numbered as in the list.
    pub fn faults(&mut self, faults: &[Fault]) -> Result<()> {
        for (number, fault) in faults.iter().enumerate() {
            let Some(planted) = planted(&fault.file) else {
                bail!("'{}': {} is not part of the core", fault.name, fault.file);
            };
            let text = text_of(&mut self.files, &fault.file)
                .with_context(|| format!("the fault '{}'", fault.name))?;
            *text = faults::plant(text, fault, number, planted)?;
        }
        Ok(())
    }

    /// Writes what has changed since the last time, so that cargo builds no more than that.
    pub fn write(&self) -> Result<()> {
        for (file, text) in &self.files {
            let path = self.folder.join(file);
            if fs::read_to_string(&path).is_ok_and(|old| old == *text) {
                continue;
            }
            fs::create_dir_all(path.parent().context("a file has a folder")?)?;
            fs::write(&path, text).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}

/// The path of the module `planted` in this file of the core.
fn planted(file: &str) -> Option<&'static str> {
    let code = file.ends_with(".rs") && !file.contains("tests") && !file.starts_with(SHIM);
    let folder = CRATES.iter().find(|(folder, _)| file.starts_with(folder));
    folder.filter(|_| code).map(|(_, planted)| *planted)
}

fn text_of<'a>(files: &'a mut [(String, String)], name: &str) -> Result<&'a mut String> {
    let found = files.iter_mut().find(|(file, _)| file == name);
    found
        .map(|(_, text)| text)
        .with_context(|| format!("there is no file {name}"))
}

fn read(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            read(root, &path, files)?;
        } else {
            let name = path
                .strip_prefix(root)?
                .to_str()
                .context("a name that is text")?;
            files.push((name.to_owned(), fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// The workspace's manifest with the two crates as its only members.
fn manifest(root: &Path) -> Result<String> {
    let text = fs::read_to_string(root.join("Cargo.toml"))?;
    let mut manifest: toml::Table = text.parse()?;
    let workspace = table(&mut manifest, "workspace")?;
    let members = [".", "arena"].map(|member| toml::Value::String(member.into()));
    workspace.insert("members".into(), members.to_vec().into());
    for (_, dependency) in table(workspace, "dependencies")? {
        let path = dependency.get_mut("path");
        let Some(toml::Value::String(path)) = path else {
            continue;
        };
        if path != "." && path != "arena" {
            *path = root.join(&path).to_string_lossy().into_owned();
        }
    }
    // What is unused in one of the two ways is no matter here.
    workspace.remove("lints");
    let lints = toml::toml! {
        [rust]
        warnings = "allow"
    };
    workspace.insert("lints".into(), lints.into());
    Ok(manifest.to_string())
}

fn table<'a>(of: &'a mut toml::Table, name: &str) -> Result<&'a mut toml::Table> {
    let value = of.get_mut(name).and_then(toml::Value::as_table_mut);
    value.with_context(|| format!("the manifest has no table {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who changes the core changes the list with it.
    #[test]
    fn every_fault_fits_the_core() {
        let mut copy = Copy::of_workspace("tests").unwrap();
        let wrong: Vec<_> = faults::all()
            .unwrap()
            .iter()
            .filter_map(|fault| copy.faults(std::slice::from_ref(fault)).err())
            .map(|error| format!("{error:#}"))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_ordering_of_the_core_is_a_place() {
        let mut copy = Copy::of_workspace("tests").unwrap();
        assert!(!copy.orderings().unwrap().is_empty());
    }
}
