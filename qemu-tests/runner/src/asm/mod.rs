//! `cargo qemu asm`: the atomic instructions that the maps' methods are really made of.
//!
//! Cannot see: a plain store to a map (see [`Kind::writes_shared`](crate::code::Kind::writes_shared)). That a
//! read of a `CopyMap` does none is what the layers `stops`, `kills` and `board-stops` show: each of its
//! accesses is a load, and it leaves the map's bytes as they are.

mod checks;
mod table;

pub use table::atomics;

use std::io::{self, Write};

use anyhow::{Result, bail};

use crate::code::{self, Image, Optimization, Program, Target};
use crate::failure::usage;
use crate::install;
use crate::workspace::Workspace;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only this target
    #[arg(long)]
    target: Option<String>,
    /// Print the machine code of this function, and of all that it calls, instead of the table
    #[arg(long, value_name = "FUNCTION")]
    show: Option<String>,
    /// Every method, not only the main ones
    #[arg(long)]
    all: bool,
    /// How the code is optimized
    #[arg(long, value_enum, default_value_t)]
    opt_level: Optimization,
    /// Print the tables in Markdown
    #[arg(long)]
    markdown: bool,
    /// Say what is missing instead of installing it
    #[arg(long)]
    no_install: bool,
}

/// Builds, prints and checks; the exit status is 1 if a check fails.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    let targets = Target::choose(options.target.as_deref())?;
    let needs: Vec<_> = targets.iter().flat_map(|target| target.needs()).collect();
    install::ensure(workspace, &needs, !options.no_install)?;

    let mut failed = false;
    for target in targets {
        let images = Images::build(workspace, target, options.opt_level, &mut |bytes| {
            let _ = io::stderr().write_all(bytes);
        })?;
        let text = match &options.show {
            Some(name) => show(&images.maps, name)?,
            None => {
                let table = table::text(&images.maps, options.all, options.markdown);
                let found = checks::problems(target, &images);
                failed |= !found.is_empty();
                let heading = format!("{} (opt-level {})", target.name, options.opt_level.level());
                let report = checks::report(target, &images, &found);
                match options.markdown {
                    true => format!("### {heading}\n\n{table}\n{report}\n"),
                    false => format!("{heading}\n{table}{report}\n"),
                }
            }
        };
        // A reader that has gone away wants no more.
        if io::stdout().write_all(text.as_bytes()).is_err() {
            break;
        }
    }
    Ok(u8::from(failed))
}

/// The row `asm::TARGET` of the test plan: shipped optimization and firmware's.
pub fn check(workspace: &Workspace, target: &'static Target, log: &mut String) -> Result<()> {
    let mut all = Vec::new();
    for optimization in Optimization::CHECKED {
        let images = Images::build(workspace, target, optimization, &mut |bytes| {
            log.push_str(&String::from_utf8_lossy(bytes));
        })?;
        let found = checks::problems(target, &images);
        let level = optimization.level();
        all.extend(
            found
                .iter()
                .map(|problem| format!("opt-level {level}: {problem}")),
        );
    }
    if !all.is_empty() {
        bail!("{}", all.join("\n"));
    }
    Ok(())
}

/// What is looked at on one target.
struct Images {
    /// The maps' methods.
    maps: Image,
    /// The planted faults.
    planted: Image,
}

impl Images {
    fn build(
        workspace: &Workspace,
        target: &'static Target,
        optimization: Optimization,
        log: &mut dyn FnMut(&[u8]),
    ) -> Result<Images> {
        let mut image = |program| code::image(workspace, target, program, optimization, log);
        Ok(Images {
            maps: image(Program::Evidence)?,
            planted: image(Program::Planted)?,
        })
    }
}

/// The machine code of a function and of what it reaches.
fn show(image: &Image, name: &str) -> Result<String> {
    let Some(start) = image.find(name) else {
        let names = image.names(table::is_method);
        return Err(usage(format!(
            "no function is called '{name}'; there are: {}",
            names.join(", ")
        )));
    };
    let mut closure = image.closure(start);
    closure.remove(&start);
    let mut text = String::new();
    for index in [start].into_iter().chain(closure) {
        let function = &image.functions[index];
        text.push_str(&format!("{}: {} bytes\n", function.name, function.size));
        for instruction in &function.instructions {
            let mark = match image.isa.kind(instruction) {
                Some(_) => '*',
                None => ' ',
            };
            text.push_str(&format!("{mark} {}\n", instruction.text()));
        }
        text.push('\n');
    }
    Ok(text)
}
