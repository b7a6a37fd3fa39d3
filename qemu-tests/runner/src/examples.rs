//! The programs in `examples/`: where they are, where they run, and what they say of themselves.
//!
//! An example is a binary of a package below `examples/`. `[package.metadata.qemu.boards]` of its manifest
//! names the boards that it runs on, the default one first. What it shows and what it prints stands in the
//! comment at the head of its source: the first paragraph, and the block marked `text`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::boards::Board;
use crate::failure::usage;

/// A program in `examples/`.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its name: that of the binary.
    pub name: String,
    /// Its package.
    pub package: String,
    /// The folder of its package.
    pub folder: PathBuf,
    /// Where its `main` is.
    pub source: PathBuf,
    /// The boards that it runs on; the first one is where it runs when nobody says. There is one at least.
    pub boards: Vec<Board>,
    /// `default-capture` of `[package.metadata.qemu]`: the file that a run without `--capture` gets.
    pub default_capture: Option<PathBuf>,
    /// Whether its package stands outside the workspace, as a user's does: it is run by its own cargo
    /// configuration, not by `targets`.
    pub alone: bool,
}

/// The comment at the head of an example's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its first paragraph.
    pub about: String,
    /// What the program prints, if that is told: `…` stands for any text within a line.
    pub prints: Option<String>,
}

/// Finds them all, in the order of their names; `workspace` describes the packages of the workspace, whose
/// root is `root`.
pub fn find(root: &Path, workspace: &Metadata) -> Result<Vec<Example>> {
    let folder = root.join("examples");
    let mut examples = Vec::new();
    add(&mut examples, workspace, &folder, false)?;
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {folder:?}"))?;
    for entry in entries {
        let manifest = entry?.path().join("Cargo.toml");
        let known = |package: &cargo_metadata::Package| package.manifest_path == manifest;
        if manifest.is_file() && !workspace.packages.iter().any(known) {
            let mut command = MetadataCommand::new();
            let metadata = command.no_deps().manifest_path(&manifest).exec()?;
            add(&mut examples, &metadata, &folder, true)?;
        }
    }
    examples.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(examples)
}

/// Adds those of these packages that are below the folder.
fn add(examples: &mut Vec<Example>, metadata: &Metadata, below: &Path, alone: bool) -> Result<()> {
    for package in &metadata.packages {
        let folder = package.manifest_path.parent();
        let folder = folder.context("a package without manifest")?.as_std_path();
        if !folder.starts_with(below) {
            continue;
        }
        let asked = &package.metadata["qemu"];
        for target in package.targets.iter().filter(|target| target.is_bin()) {
            let names = asked["boards"][&target.name].as_array();
            let boards: Result<Vec<_>> = names
                .into_iter()
                .flatten()
                .map(|name| Board::parse(name.as_str().unwrap_or_default()))
                .collect();
            let place = format!("{}, [package.metadata.qemu.boards]", package.manifest_path);
            let boards = boards.with_context(|| place.clone())?;
            ensure!(!boards.is_empty(), "{place}: {} has no boards", target.name);
            examples.push(Example {
                name: target.name.clone(),
                package: package.name.to_string(),
                folder: folder.into(),
                source: target.src_path.clone().into(),
                boards,
                default_capture: asked["default-capture"]
                    .as_str()
                    .map(|file| folder.join(file)),
                alone,
            });
        }
    }
    Ok(())
}

impl Example {
    /// Whether it runs on this board.
    pub fn runs_on(&self, board: Board) -> bool {
        self.boards.iter().any(|one| one.name() == board.name())
    }

    /// The board that the user asked for, or the default one; an error that names those it runs on.
    pub fn board(&self, wanted: Option<Board>) -> Result<Board> {
        let board = wanted.unwrap_or(self.boards[0]);
        if self.runs_on(board) {
            return Ok(board);
        }
        Err(usage(format!(
            "{} does not run on board {}; it runs on {}",
            self.name,
            board.name(),
            self.board_names()
        )))
    }

    /// The names of its boards.
    pub fn board_names(&self) -> String {
        let names: Vec<_> = self.boards.iter().map(|board| board.name()).collect();
        names.join(", ")
    }

    /// The comment at the head of its source.
    pub fn header(&self) -> Result<Header> {
        let source = fs::read_to_string(&self.source)
            .with_context(|| format!("cannot read {}", self.source.display()))?;
        Ok(Header::parse(&source))
    }
}

impl Header {
    fn parse(source: &str) -> Header {
        let comment: Vec<_> = source
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        let about = comment.split(|line| line.is_empty()).next();
        let mut rest = comment.iter().skip_while(|line| **line != "```text");
        let prints = rest.next().map(|_| {
            let lines = rest.take_while(|line| **line != "```");
            lines.map(|line| format!("{line}\n")).collect()
        });
        Header {
            about: about.unwrap_or_default().join(" "),
            prints,
        }
    }
}

/// The list of `cargo qemu run --list`.
pub fn list(examples: &[Example]) -> Result<String> {
    let names = examples.iter().map(|example| example.name.len());
    let width = names.max().unwrap_or_default();
    let mut text = String::new();
    for example in examples {
        let (about, boards) = (example.header()?.about, example.board_names());
        writeln!(text, "{:width$}  {about}", example.name)?;
        writeln!(text, "{:width$}  on {boards}", "")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{USAGE, code_of};
    use crate::workspace::Workspace;

    #[test]
    fn the_head_of_a_source() {
        let source = "//! Counts\n//! sheep.\n//!\n//! ```console\n//! $ x\n//! ```\n//!\n//! ```text\n//! 1 sheep\n\
                      //!\n//!   … more\n//! ```\n#![no_std]\n//! ```text\n";
        let header = Header::parse(source);
        assert_eq!(header.about, "Counts sheep.");
        assert_eq!(header.prints.as_deref(), Some("1 sheep\n\n  … more\n"));
        assert_eq!(Header::parse("//! A\nfn main() {}\n").prints, None);
    }

    #[test]
    fn each_says_what_it_shows_and_where_it_runs() {
        let workspace = Workspace::find().unwrap();
        let examples = workspace.examples().unwrap();
        assert!(examples.len() > 5);
        for example in &examples {
            let header = example.header().unwrap();
            assert!(header.about.ends_with('.'), "{}: {header:?}", example.name);
            let empty = header.prints.is_some_and(|text| text.trim().is_empty());
            assert!(!empty, "{} prints nothing", example.name);
            if example.default_capture.is_some() {
                assert!(example.boards.iter().all(|board| board.takes_files()));
            }
        }
        let one = examples.iter().find(|one| one.name == "your_board");
        let one = one.unwrap();
        assert!(one.alone && one.board(None).unwrap().name() == "mps2-an386");
        let error = one.board(Some(Board::Host)).unwrap_err();
        assert_eq!(code_of(&error), USAGE);
        assert!(error.to_string().ends_with("it runs on mps2-an386"));
    }

    #[test]
    fn the_readme_lists_them_all() {
        let workspace = Workspace::find().unwrap();
        let folder = workspace.root.join("examples");
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        let mut rows = String::from("| example | what it shows | boards |\n|---|---|---|\n");
        for example in workspace.examples().unwrap() {
            let (about, boards) = (example.header().unwrap().about, example.board_names());
            let place = example.source.strip_prefix(&folder).unwrap().display();
            let name = &example.name;
            rows += &format!("| [`{name}`]({place}) | {about} | {boards} |\n");
        }
        assert!(readme.contains(&rows), "the table should be:\n{rows}");
    }
}
