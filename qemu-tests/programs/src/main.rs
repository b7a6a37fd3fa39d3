//! The layer `programs`: random small programs under loom. `programs SEED` repeats one.

use std::process::ExitCode;

#[cfg(not(tagged_arena_loom))]
fn main() -> ExitCode {
    eprintln!("error: build this with RUSTFLAGS=\"--cfg tagged_arena_loom\"");
    ExitCode::FAILURE
}

#[cfg(tagged_arena_loom)]
fn main() -> ExitCode {
    layer::main()
}

#[cfg(tagged_arena_loom)]
mod deepen;
#[cfg(tagged_arena_loom)]
mod layer;
#[cfg(tagged_arena_loom)]
mod planted;
