//! LLVM's disassembler, which knows every target that rustc knows: rustup's `llvm-tools` brings it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Where the toolchain that holds these libraries (`rustc --print target-libdir`) has its `llvm-objdump`,
/// if it is installed.
pub fn disassembler(libraries: &Path) -> Option<PathBuf> {
    let file = libraries.parent()?.join("bin/llvm-objdump");
    file.is_file().then_some(file)
}

/// The disassembly of all code in `file`.
pub fn run(program: &Path, file: &Path) -> Result<String> {
    let output = Command::new(program)
        .args(["--disassemble", "--no-show-raw-insn", "--no-print-imm-hex"])
        .arg("--x86-asm-syntax=intel")
        .arg(file)
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    if !output.status.success() {
        bail!(
            "{} failed on {}: {}",
            program.display(),
            file.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
