//! `cargo qemu docs`: the tables of the documentation's page "targets", as the other commands find
//! them now.

mod page;
mod tables;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::build::{Build, Optimization, Program};
use crate::image::{Image, Source};
use crate::size;
use crate::target::Target;
pub use tables::Board;

/// How the code on the page is optimized: as firmware is.
const PROFILE: Optimization = Optimization::Small;

/// The target on which the feature `critical-section`, which it does not need, is shown to cost nothing.
const UNNEEDED: &str = "thumbv7em-none-eabihf";

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Write the tables into src/targets.md, which the test `docs::targets` compares with, and the picture
    /// src/how_it_works.svg
    #[arg(long)]
    pub bless: bool,
}

/// What the tables say that is not read off the machine code.
pub struct Facts {
    /// The page.
    pub page: PathBuf,
    /// The compiler's name and version.
    pub compiler: String,
    /// The boards that QEMU emulates.
    pub boards: Vec<Board>,
}

/// Prints the tables, or writes them; whether the page has no others.
pub fn run(options: &Options, facts: &Facts, source: &mut Source<'_>) -> Result<bool> {
    let text = read(&facts.page)?;
    let now = Now::find(facts, source)?;
    let path = facts.page.display();
    if options.bless {
        fs::write(&facts.page, page::with(&text, &now.tables)?)
            .with_context(|| format!("cannot write {path}"))?;
        eprintln!("the tables in {path} are those of now");
        return Ok(true);
    }
    // A reader that has gone away wants no more.
    let _ = io::stdout().write_all(now.tables.as_bytes());
    let problems = now.problems(&text)?;
    for problem in &problems {
        eprintln!("{problem}");
    }
    Ok(problems.is_empty())
}

/// The row `docs::targets` of the test plan.
pub fn check(facts: &Facts, source: &mut Source<'_>) -> Result<()> {
    let problems = Now::find(facts, source)?.problems(&read(&facts.page)?)?;
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    Ok(())
}

fn read(page: &Path) -> Result<String> {
    fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))
}

/// What the tools say now.
struct Now {
    tables: String,
    /// Limits that are missed; they hold whatever the compiler.
    missed: Vec<String>,
}

impl Now {
    fn find(facts: &Facts, source: &mut Source<'_>) -> Result<Now> {
        let mut images: Vec<(&Target, Image)> = Vec::new();
        let mut missed = Vec::new();
        for target in Target::all() {
            // The rows `asm` and `size` of the test plan build the same.
            let image = source(Build::new(target, Program::Evidence, PROFILE))?;
            let here = [(PROFILE, image)];
            let found = size::missed(target, &here);
            missed.extend(
                found
                    .iter()
                    .map(|limit| format!("{}: {limit}", target.name)),
            );
            images.extend(here.map(|(_, image)| (target, image)));
        }
        let find = |(target, _): &&(&Target, Image)| target.name == UNNEEDED;
        let (target, without) = images.iter().find(find).context("no such target")?;
        let with = source(Build {
            critical_section: true,
            ..Build::new(target, Program::Evidence, PROFILE)
        })?;
        let unneeded = [without, &with].map(tables::sizes);
        let [bare, fitted] = &unneeded;
        ensure!(
            bare == fitted,
            "{UNNEEDED}: the maps take {fitted:?} bytes with the feature `critical-section`, {bare:?} without"
        );
        let mut tables = tables::all(&facts.compiler, &facts.boards, PROFILE, &images);
        tables.push_str(&tables::unneeded(UNNEEDED, bare));
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
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/targets.md");
        let text = read(page.as_ref()).unwrap();
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
