//! Files that are made for a run, and are gone after it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// Those that are there now: what Ctrl-C has to remove.
static ALL: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn all() -> MutexGuard<'static, Vec<PathBuf>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is removed when it is dropped, or when a signal ends this process.
#[derive(Debug)]
pub struct Made(PathBuf);

impl Made {
    /// A file with this content.
    pub fn new(suffix: &str, content: &[u8]) -> Result<Made> {
        // Locked until it is listed: `remove_all` finds no file that is not.
        let mut all = all();
        let file = NamedTempFile::with_suffix(suffix).context("cannot make a file")?;
        let (mut file, path) = file.keep().context("cannot make a file")?;
        all.push(path.clone());
        drop(all);
        let made = Made(path);
        file.write_all(content)
            .with_context(|| format!("cannot write {}", made.path().display()))?;
        Ok(made)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        // Removed while it is listed: else a signal in between would leave it.
        let mut all = all();
        let _ = fs::remove_file(self.path());
        all.retain(|file| file != self.path());
    }
}

/// Removes all of them. None can be made while what this returns is there.
pub fn remove_all() -> impl Drop {
    let all = all();
    for file in all.iter() {
        let _ = fs::remove_file(file);
    }
    all
}
