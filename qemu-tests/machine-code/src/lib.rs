//! The machine code of the maps' methods, as it comes out for each target: what `cargo qemu asm`, `size`
//! and `docs` look at, and what they say of it.
//!
//! Whoever uses the library builds the programs of the package `evidence` ([`Build`]), takes them apart
//! ([`Image`]) and hands them to the tools as a [`Source`].

pub mod asm;
mod build;
pub mod chances;
mod disassembler;
pub mod docs;
mod image;
mod isa;
mod line;
pub mod marked;
pub mod size;
pub mod sizing;
pub mod table;
mod target;

pub use build::{Build, Optimization, Program, on_host};
pub use disassembler::disassembler;
pub use image::{Function, Image, Source};
pub use isa::{Effect, Isa, Kind};
pub use line::Instruction;
pub use target::Target;

/// What is asked for cannot be: the command line is wrong.
#[derive(Debug)]
pub struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}
