//! `cargo qemu docs`: the tables of the documentation's page "targets", as the other commands find
//! them now.

mod page;
mod tables;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::code::{self, Image, Optimization, Program, Target};
use crate::install;
use crate::need::Need;
use crate::rust;
use crate::size;
use crate::workspace::Workspace;

/// How the code on the page is optimized: as firmware is.
const PROFILE: Optimization = Optimization::Small;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Write the tables into src/targets.md, which the test `docs::targets` compares with
    #[arg(long)]
    bless: bool,
    /// Say what is missing instead of installing it
    #[arg(long)]
    no_install: bool,
}

/// Prints the tables, or writes them; the exit status is 1 if the page has others.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    install::ensure(workspace, &needs(), !options.no_install)?;
    let path = path(workspace);
    let text = read(workspace)?;
    let now = Now::find(workspace, &mut |bytes| {
        let _ = io::stderr().write_all(bytes);
    })?;
    if options.bless {
        fs::write(&path, page::with(&text, &now.tables)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("the tables in {} are those of now", path.display());
        return Ok(0);
    }
    // A reader that has gone away wants no more.
    let _ = io::stdout().write_all(now.tables.as_bytes());
    let problems = now.problems(&text)?;
    for problem in &problems {
        eprintln!("{problem}");
    }
    Ok(u8::from(!problems.is_empty()))
}

/// The row `docs::targets` of the test plan.
pub fn check(workspace: &Workspace, log: &mut String) -> Result<()> {
    let now = Now::find(workspace, &mut |bytes| {
        log.push_str(&String::from_utf8_lossy(bytes));
    })?;
    let problems = now.problems(&read(workspace)?)?;
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    Ok(())
}

/// What has to be installed.
pub fn needs() -> Vec<Need> {
    Target::all().flat_map(Target::needs).collect()
}

/// The page.
fn path(workspace: &Workspace) -> PathBuf {
    workspace.root.join("src/targets.md")
}

fn read(workspace: &Workspace) -> Result<String> {
    let path = path(workspace);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// What the tools say now.
struct Now {
    tables: String,
    /// Limits that are missed; they hold whatever the compiler.
    missed: Vec<String>,
}

impl Now {
    fn find(workspace: &Workspace, log: &mut dyn FnMut(&[u8])) -> Result<Now> {
        let compiler = rust::compiler(workspace).context("rustc does not say its version")?;
        let mut images: Vec<(&Target, Image)> = Vec::new();
        let mut missed = Vec::new();
        for target in Target::all() {
            // The rows `asm` and `size` of the test plan build the same.
            let image = code::image(workspace, target, Program::Evidence, PROFILE, log)?;
            let here = [(PROFILE, image)];
            let found = size::missed(target, &here);
            missed.extend(
                found
                    .iter()
                    .map(|limit| format!("{}: {limit}", target.name)),
            );
            images.extend(here.map(|(_, image)| (target, image)));
        }
        let tables = tables::all(&compiler, PROFILE, &images);
        Ok(Now { tables, missed })
    }

    /// All that is wrong with the page. With its own compiler its figures must be those of now (and
    /// the rows `size` check the limits); with another one the limits are checked in their place.
    fn problems(&self, text: &str) -> Result<Vec<String>> {
        let mut problems = page::problems(text, &self.tables)?;
        if !page::is_same_compiler(text, &self.tables) {
            problems.extend(self.missed.iter().cloned());
        }
        Ok(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The committed page, and tools that say now what it says.
    fn committed() -> (String, Now) {
        let text = read(&Workspace::find().unwrap()).unwrap();
        let tables = page::tables(&text).unwrap().to_owned();
        let missed = vec!["a limit is missed".into()];
        (text, Now { tables, missed })
    }

    #[test]
    fn the_page_passes_with_its_own_figures() {
        let (text, now) = committed();
        assert_eq!(now.problems(&text).unwrap(), [""; 0]);
    }

    #[test]
    fn every_wrong_figure_is_found() {
        let (text, now) = committed();
        let start = text.find(&now.tables).unwrap();
        let mut planted = 0;
        for (at, byte) in now.tables.bytes().enumerate() {
            if !byte.is_ascii_digit() {
                continue;
            }
            let mut bytes = text.clone().into_bytes();
            bytes[start + at] = b'0' + (byte - b'0' + 1) % 10;
            let wrong = String::from_utf8(bytes).unwrap();
            let line = now.tables[..at].lines().count();
            // A wrong name of the compiler makes the figures those of another one.
            if page::is_same_compiler(&wrong, &now.tables) {
                let problems = now.problems(&wrong).unwrap().join("\n");
                assert!(problems.contains("cargo qemu docs --bless"), "{line}");
                planted += 1;
            }
        }
        assert!(planted > 500, "{planted}");
    }

    #[test]
    fn with_another_compiler_figures_may_differ_but_limits_hold() {
        let (text, mut now) = committed();
        let compiler = page::compiler(&now.tables).unwrap().to_owned();
        // The last figure, that of a stack.
        let (last, _) = now.tables.rsplit_once(" |\n").unwrap();
        let wrong = text.replace(last, &format!("{last}0"));
        let wrong = wrong.replace(&compiler, "rustc 1.0.0");
        assert_ne!(wrong, text);
        assert_eq!(now.problems(&wrong).unwrap(), ["a limit is missed"]);
        now.missed.clear();
        assert_eq!(now.problems(&wrong).unwrap(), [""; 0]);
    }
}
