//! Builds of the programs that run on boards: each once, when the first step asks for it.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};

use crate::boards::Board;
use crate::cargo;
use crate::workspace::Workspace;

/// The packages of these programs.
pub const PROGRAMS: [&str; 2] = ["flow_table", "image"];

/// The programs built so far; a failed build is remembered too.
pub struct Builds<'a> {
    workspace: &'a Workspace,
    known: HashMap<(&'static str, &'static str), Result<PathBuf, String>>,
}

impl<'a> Builds<'a> {
    /// Nothing built yet.
    pub fn new(workspace: &'a Workspace) -> Builds<'a> {
        Builds {
            workspace,
            known: HashMap::new(),
        }
    }

    /// The executable of `package` for `board`.
    pub fn get(&mut self, package: &'static str, board: Board) -> Result<PathBuf> {
        let workspace = self.workspace;
        self.known
            .entry((package, board.name()))
            .or_insert_with(|| {
                let mut log = Vec::new();
                let found = workspace
                    .package(package)
                    .with_context(|| format!("the workspace has no package {package}"));
                let built = found.and_then(|package| {
                    cargo::build(workspace, package, board, None, &mut |bytes| {
                        log.extend_from_slice(bytes);
                    })
                });
                built.map_err(|error| format!("{}{error:#}", String::from_utf8_lossy(&log)))
            })
            .clone()
            .map_err(|text| anyhow!(text))
    }
}
