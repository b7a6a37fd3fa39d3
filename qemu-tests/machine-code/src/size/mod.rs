//! `cargo qemu size`: what the maps cost in code, memory and stack.

mod figures;
mod limits;
pub(crate) mod stack;
mod tables;

pub use figures::{CAPACITY, SUBJECTS, Subject, bytes};
pub use limits::missed;

use std::io::{self, Write};

use anyhow::{Result, bail};

use crate::build::{Build, Optimization, Program};
use crate::image::{Image, Source};
use crate::sizing::{self, Wanted};
use crate::target::Target;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only this target
    #[arg(long, value_parser = Target::parser())]
    pub target: Option<&'static Target>,
    /// Also name the functions that each map's code consists of, at opt-level "s"
    #[arg(long, conflicts_with = "capacity")]
    symbols: bool,
    /// Print the tables in Markdown
    #[arg(long)]
    markdown: bool,
    #[command(flatten)]
    wanted: Option<Wanted>,
}

impl Options {
    /// Whether there can be what is asked for.
    pub fn check(&self) -> Result<()> {
        let wanted = self.wanted.as_ref();
        wanted.map_or(Ok(()), |wanted| {
            sizing::plans(wanted, self.target).map(|_| ())
        })
    }
}

/// Prints and checks; whether no limit is missed.
pub fn run(
    options: &Options,
    source: &mut Source<'_>,
    host: &mut sizing::Host<'_>,
) -> Result<bool> {
    if let Some(wanted) = &options.wanted {
        return sizing::run(wanted, options.target, options.markdown, source, host);
    }
    let mut passes = true;
    for target in Target::choose(options.target) {
        let images = images(target, &Optimization::ALL, source)?;
        let missed = limits::missed(target, &images);
        passes &= missed.is_empty();
        let text = report(target, &images, &missed, options);
        // A reader that has gone away wants no more.
        if io::stdout().write_all(text.as_bytes()).is_err() {
            break;
        }
    }
    Ok(passes)
}

/// The row `size::TARGET` of the test plan.
pub fn check(target: &'static Target, source: &mut Source<'_>) -> Result<()> {
    let images = images(target, &Optimization::CHECKED, source)?;
    let missed = limits::missed(target, &images);
    if !missed.is_empty() {
        bail!("{}", missed.join("\n"));
    }
    Ok(())
}

/// The most bytes of stack that any method of a map takes, or why nobody can say; `None` without
/// a method.
pub fn deepest(subject: &Subject, image: &Image) -> Option<Result<u64, String>> {
    let methods = subject.methods(image).into_iter();
    methods
        .map(|(_, index)| stack::depth(image, index))
        .reduce(|a, b| Ok(a?.max(b?)))
}

/// The maps' image, optimized in each of these ways.
fn images(
    target: &'static Target,
    optimizations: &[Optimization],
    source: &mut Source<'_>,
) -> Result<Vec<(Optimization, Image)>> {
    let build = |&optimization| {
        let build = Build::new(target, Program::Evidence, optimization);
        Ok((optimization, source(build)?))
    };
    optimizations.iter().map(build).collect()
}

fn report(
    target: &Target,
    images: &[(Optimization, Image)],
    missed: &[String],
    options: &Options,
) -> String {
    let markdown = options.markdown;
    let heading = |text: &str| match markdown {
        true => format!("\n#### {text}\n\n"),
        false => format!("{text}\n"),
    };
    let mut text = match markdown {
        true => format!("### {}\n", target.name),
        false => format!("{}\n", target.name),
    };
    text.push_str(&heading(
        "bytes of code and of stack by opt-level; a method with all that it calls",
    ));
    text.push_str(&tables::code(images, markdown));
    if let Some((_, image)) = images.first() {
        text.push_str(&heading("bytes of memory"));
        text.push_str(&tables::memory(image, markdown));
    }
    text.push_str(&heading("bytes of the image, all maps together"));
    text.push_str(&tables::sections(images, markdown));
    let small = images
        .iter()
        .find(|(level, _)| *level == Optimization::Small);
    if let (true, Some((_, image))) = (options.symbols, small) {
        text.push_str(&heading("functions at opt-level s"));
        text.push_str(&tables::breakdown(image, markdown));
    }
    if markdown {
        text.push('\n');
    }
    for limit in missed {
        text.push_str(&format!("FAILED: {limit}\n"));
    }
    if missed.is_empty() {
        text.push_str("checked: no limit is missed\n");
    }
    text.push('\n');
    text
}
