//! The machine code of the maps' methods, as it comes out for each target: what `cargo qemu asm`, `size`
//! and `docs` look at, and what they say of it.
//!
//! Whoever uses the library builds the programs of the package `evidence` ([`Build`]), takes them apart
//! ([`Image`]) and hands them to the tools as a [`Source`].

pub mod asm;
mod build;
mod disassembler;
pub mod docs;
mod image;
mod isa;
mod line;
pub mod marked;
pub mod size;
pub mod table;
mod target;

pub use build::{Build, Optimization, Program};
pub use disassembler::disassembler;
pub use image::{Function, Image, Source};
pub use isa::{Effect, Isa, Kind};
pub use line::Instruction;
pub use target::Target;
