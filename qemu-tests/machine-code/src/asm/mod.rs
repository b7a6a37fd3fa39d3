//! `cargo qemu asm`: the atomic instructions that the maps' methods are really made of.
//!
//! Cannot see: a plain store to a map (see [`Kind::writes_shared`](crate::isa::Kind::writes_shared)). That a
//! read of a `CopyMap` does none is what the layers `stops`, `kills` and `board-stops` show: each of its
//! accesses is a load, and it leaves the map's bytes as they are.

mod checks;
mod table;

pub use table::atomics;

use std::io::{self, Write};

use anyhow::{Result, bail};

use crate::Usage;
use crate::build::{Build, Optimization, Program};
use crate::image::{Image, Source};
use crate::target::Target;
use checks::Images;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only this target
    #[arg(long, value_parser = Target::parser())]
    pub target: Option<&'static Target>,
    /// Print the machine code of this function, and of all that it calls, instead of the table
    #[arg(long, value_name = "FUNCTION")]
    show: Option<String>,
    /// Every method, not only the main ones
    #[arg(long, conflicts_with = "show")]
    all: bool,
    /// How the code is optimized
    #[arg(long, value_enum, default_value_t)]
    opt_level: Optimization,
    /// Print the tables in Markdown
    #[arg(long, conflicts_with = "show")]
    markdown: bool,
}

/// Prints and checks; whether every check passes.
pub fn run(options: &Options, source: &mut Source<'_>) -> Result<bool> {
    let mut passes = true;
    for target in Target::choose(options.target) {
        let images = images(target, options.opt_level, source)?;
        let text = match &options.show {
            Some(name) => show(&images.maps, name)?,
            None => {
                let table = table::text(&images.maps, options.all, options.markdown);
                let found = checks::problems(target, &images);
                passes &= found.is_empty();
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
    Ok(passes)
}

/// The row `asm::TARGET` of the test plan: shipped optimization and firmware's.
pub fn check(target: &'static Target, source: &mut Source<'_>) -> Result<()> {
    let mut all = Vec::new();
    for optimization in Optimization::CHECKED {
        let found = checks::problems(target, &images(target, optimization, source)?);
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

fn images(
    target: &'static Target,
    optimization: Optimization,
    source: &mut Source<'_>,
) -> Result<Images> {
    let mut image = |program| source(Build::new(target, program, optimization));
    Ok(Images {
        maps: image(Program::Evidence)?,
        planted: image(Program::Planted)?,
    })
}

/// The machine code of a function and of what it reaches.
fn show(image: &Image, name: &str) -> Result<String> {
    let Some(start) = image.find(name) else {
        let names = image.names(table::is_method);
        let names = names.join(", ");
        let text = format!("no function is called '{name}'; there are: {names}");
        return Err(Usage(text).into());
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
