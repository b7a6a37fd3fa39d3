//! What tells a row of the page from one that somebody has changed by hand, and which core it is about.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::workspace::Workspace;

/// A digest of the core's code, without its tests and comments: so many digits are enough to tell two states
/// apart.
pub fn core(workspace: &Workspace) -> Result<String> {
    digest_of(workspace, code)
}

/// A digest of the same files as they are.
pub fn whole(workspace: &Workspace) -> Result<String> {
    digest_of(workspace, str::to_owned)
}

fn digest_of(workspace: &Workspace, what: fn(&str) -> String) -> Result<String> {
    let mut files = Vec::new();
    for folder in ["arena/src", "src"] {
        sources(&workspace.root, Path::new(folder), &mut files)?;
    }
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let text = fs::read_to_string(workspace.root.join(&file));
        let text = text.with_context(|| format!("cannot read {}", file.display()))?;
        let text = what(&text);
        digest.update(file.to_string_lossy().as_bytes());
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    }
    Ok(digits(digest))
}

/// The Rust files below a folder that are not for tests, from the root.
fn sources(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(root.join(folder));
    for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        let name = path.file_stem().unwrap_or_default();
        if name == "tests" || name == "loom_tests" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            sources(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The lines that hold code, and those that tell a layer what need not be noticed.
fn code(text: &str) -> String {
    let is_code = |line: &&str| {
        let line = line.trim();
        line.starts_with("// kept:") || !line.is_empty() && !line.starts_with("//")
    };
    let lines = text.split_inclusive('\n').filter(is_code);
    lines.collect()
}

/// A digest of a text.
pub fn short(text: &str) -> String {
    digits(Sha256::new_with_prefix(text))
}

fn digits(digest: Sha256) -> String {
    let bytes = digest.finalize();
    bytes
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_of_the_core_and_not_of_its_tests() {
        let workspace = Workspace::find().unwrap();
        let mut files = Vec::new();
        for folder in ["arena/src", "src"] {
            sources(&workspace.root, Path::new(folder), &mut files).unwrap();
        }
        let has = |name: &str| files.iter().any(|file| file.ends_with(name));
        assert!(has("arena/src/word.rs") && has("src/lib.rs"), "{files:?}");
        assert!(
            !has("loom_tests.rs") && !has("src/tests/mod.rs"),
            "{files:?}"
        );
        assert_eq!(core(&workspace).unwrap().len(), 8);
    }

    #[test]
    fn comments_are_no_code() {
        let text =
            "//! A page.\n\nfn f() {\n    // A word.\n    g(); // Another.\n    // kept: so.\n}\n";
        assert_eq!(
            code(text),
            "fn f() {\n    g(); // Another.\n    // kept: so.\n}\n"
        );
    }

    #[test]
    fn another_text_has_another_digest() {
        assert_eq!(short("abc"), "ba7816bf");
        assert_ne!(short("1,000 operations"), short("1,001 operations"));
    }
}
