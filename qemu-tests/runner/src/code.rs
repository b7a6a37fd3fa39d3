//! `cargo qemu asm`, `size` and `docs`: the tools of the library `machine-code`, with programs that are built
//! here.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use machine_code::docs::Facts;
use machine_code::sizing::Plan;
use machine_code::{Build, Image, Target, asm, docs, size};

use crate::boards::Board;
use crate::cargo;
use crate::install;
use crate::need::Need;
use crate::picture;
use crate::process::{self, End, Flow, Stream};
use crate::rust;
use crate::workspace::Workspace;

const BUILD_LIMIT: Duration = Duration::from_secs(600);

/// What the command line asks of one of the tools.
#[derive(Debug, clap::Args)]
pub struct Tool<T: clap::Args> {
    #[command(flatten)]
    options: T,
    /// Say what is missing instead of installing it
    #[arg(long)]
    no_install: bool,
}

impl<T: clap::Args> Tool<T> {
    /// Installs what is missing, runs the tool and returns the exit status: 1 if it is not content.
    fn run(
        &self,
        workspace: &Workspace,
        targets: Vec<&'static Target>,
        run: impl FnOnce(&T, &mut machine_code::Source<'_>) -> Result<bool>,
    ) -> Result<u8> {
        let needs: Vec<_> = targets.into_iter().flat_map(needs).collect();
        install::ensure(workspace, &needs, !self.no_install)?;
        let passes = run(&self.options, &mut |build| {
            image(workspace, build, &mut |bytes| {
                let _ = io::stderr().write_all(bytes);
            })
        })?;
        Ok(u8::from(!passes))
    }
}

/// `cargo qemu asm`.
pub fn asm(workspace: &Workspace, tool: &Tool<asm::Options>) -> Result<u8> {
    tool.run(workspace, Target::choose(tool.options.target), asm::run)
}

/// `cargo qemu size`.
pub fn size(workspace: &Workspace, tool: &Tool<size::Options>) -> Result<u8> {
    // Before anything is installed for it.
    tool.options.check()?;
    let targets = Target::choose(tool.options.target);
    tool.run(workspace, targets, |options, source| {
        size::run(options, source, &mut |plan, is_32_bit| {
            on_host(workspace, plan, is_32_bit, &mut |bytes| {
                let _ = io::stderr().write_all(bytes);
            })
        })
    })
}

/// `cargo qemu docs`.
pub fn docs(workspace: &Workspace, tool: &Tool<docs::Options>) -> Result<u8> {
    if tool.options.bless {
        picture::write(workspace)?;
    }
    let facts = facts(workspace)?;
    tool.run(workspace, Target::choose(None), |options, source| {
        docs::run(options, &facts, source)
    })
}

/// What the tables of `docs` say beside the machine code.
pub fn facts(workspace: &Workspace) -> Result<Facts> {
    let boards = Board::all().filter_map(|board| {
        let about = board.about();
        Some(docs::Board {
            triple: board.triple()?,
            about: [about.name, about.cpu, &about.cores, about.atomics].map(String::from),
            shows: about.shows,
        })
    });
    Ok(Facts {
        page: workspace.root.join("src/targets.md"),
        compiler: rust::compiler(workspace).context("rustc does not say its version")?,
        boards: boards.collect(),
    })
}

/// What has to be installed to build for a target and to look at what comes out.
pub fn needs(target: &Target) -> [Need; 2] {
    [
        Need::Target(target.triple.into()),
        Need::Component("llvm-tools"),
    ]
}

/// Builds a program and takes it apart; `log` gets what cargo prints.
pub fn image(workspace: &Workspace, build: Build, log: &mut dyn FnMut(&[u8])) -> Result<Image> {
    let mut command = cargo::cargo(workspace);
    let file = build.prepare(&mut command, &workspace.target);
    let end = process::run(command, BUILD_LIMIT, &mut |_, bytes| {
        log(bytes);
        Flow::Continue
    })
    .context("cannot start cargo")?;
    if end != End::Exited(0) {
        let name = build.target.name;
        bail!("`evidence` does not build for {name}: see above");
    }
    let disassembler = rust::disassembler(workspace)
        .context("no llvm-objdump in this toolchain: `rustup component add llvm-tools`")?;
    Image::new(build.target.isa, &file, &disassembler)
        .with_context(|| format!("{}", file.display()))
}

/// What the program of a plan prints on the host; `log` gets what cargo prints.
pub fn on_host(
    workspace: &Workspace,
    plan: Plan,
    is_32_bit: bool,
    log: &mut dyn FnMut(&[u8]),
) -> Result<String> {
    let mut command = cargo::cargo(workspace);
    machine_code::on_host(plan, is_32_bit, &mut command, &workspace.target);
    let mut printed = Vec::new();
    let end = process::run(command, BUILD_LIMIT, &mut |stream, bytes| {
        match stream {
            Stream::Out => printed.extend_from_slice(bytes),
            Stream::Err => log(bytes),
        }
        Flow::Continue
    })
    .context("cannot start cargo")?;
    if end != End::Exited(0) {
        bail!("the program `sized` does not run on the host: see above");
    }
    Ok(String::from_utf8_lossy(&printed).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_is_there_and_nothing_of_this_machine() {
        let boards = facts(&Workspace::find().unwrap()).unwrap().boards;
        let names: Vec<_> = boards.iter().map(|board| &*board.about[0]).collect();
        let all = Board::all().filter(|board| board.triple().is_some());
        assert_eq!(names, all.map(Board::name).collect::<Vec<_>>());
    }
}
