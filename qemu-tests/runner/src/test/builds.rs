//! Builds of the programs that run on boards: each once, when the first step asks for it.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};

use crate::boards::Board;
use crate::cargo;
use crate::examples::Example;
use crate::workspace::Workspace;

/// Those of which the symbols are looked at.
pub const PROGRAMS: [&str; 2] = ["flow_table", "image"];

/// The programs built so far, by name and board; a failed build is remembered too.
pub struct Builds<'a> {
    workspace: &'a Workspace,
    known: HashMap<(String, &'static str), Result<PathBuf, String>>,
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
    pub fn get(&mut self, package: &str, board: Board) -> Result<PathBuf> {
        let workspace = self.workspace;
        self.known
            .entry((package.into(), board.name()))
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
                built.map_err(|error| told(&log, &error))
            })
            .clone()
            .map_err(|text| anyhow!(text))
    }

    /// The executable of an example for `board`; `None` of one that stands alone, which is built too. All of
    /// its package that run there are built with it.
    pub fn example(&mut self, example: &Example, board: Board) -> Result<Option<PathBuf>> {
        let mut log = Vec::new();
        let mut add = |bytes: &[u8]| log.extend_from_slice(bytes);
        if example.alone {
            let built = cargo::build_alone(self.workspace, example, &mut add);
            built.map_err(|error| anyhow!(told(&log, &error)))?;
            return Ok(None);
        }
        let key = |example: &Example| (example.name.clone(), board.name());
        if !self.known.contains_key(&key(example)) {
            let all = self.workspace.examples()?;
            let siblings = all
                .iter()
                .filter(|other| other.package == example.package && other.runs_on(board));
            let siblings: Vec<_> = siblings.collect();
            let built = cargo::build_examples(self.workspace, &siblings, board, None, &mut add);
            let built = built.map_err(|error| told(&log, &error));
            for (at, sibling) in siblings.into_iter().enumerate() {
                let one = built.as_ref().map(|files| files[at].clone());
                self.known.insert(key(sibling), one.map_err(Clone::clone));
            }
        }
        let known = self.known.get(&key(example));
        let known = known.with_context(|| format!("{} does not run there", example.name))?;
        known.clone().map(Some).map_err(|text| anyhow!(text))
    }
}

/// What cargo has said, and the error.
fn told(log: &[u8], error: &anyhow::Error) -> String {
    format!("{}{error:#}", String::from_utf8_lossy(log))
}
