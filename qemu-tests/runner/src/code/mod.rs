//! The machine code of the maps' methods, as it comes out for each target: what `cargo qemu asm` and
//! `cargo qemu size` look at.

mod build;
mod disassembler;
mod image;
mod isa;
mod line;
pub mod table;
mod target;

pub use build::{Optimization, Program, build};
pub use disassembler::find as find_disassembler;
pub use image::Image;
#[cfg(test)]
pub use image::testing;
pub use isa::{Isa, Kind};
pub use line::Instruction;
pub use target::Target;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Builds a program and takes it apart.
pub fn image(
    workspace: &Workspace,
    target: &'static Target,
    program: Program,
    optimization: Optimization,
    log: &mut dyn FnMut(&[u8]),
) -> Result<Image> {
    let file = build(workspace, target, program, optimization, log)?;
    let text = disassembler::run(workspace, &file)?;
    Image::new(target.isa, &file, &text).with_context(|| format!("{}", file.display()))
}
