//! LLVM's disassembler, which knows every target that rustc knows: rustup's `llvm-tools` brings it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// Where the toolchain that runs us has its `llvm-objdump`, if it is installed.
pub fn find(workspace: &Workspace) -> Option<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir"])
        .current_dir(&workspace.root)
        .output()
        .ok()?;
    let libraries = String::from_utf8(output.stdout).ok()?;
    let file = Path::new(libraries.trim())
        .parent()?
        .join("bin/llvm-objdump");
    file.is_file().then_some(file)
}

/// The disassembly of all code in `file`.
pub fn run(workspace: &Workspace, file: &Path) -> Result<String> {
    let program = find(workspace)
        .context("no llvm-objdump in this toolchain: `rustup component add llvm-tools`")?;
    let output = Command::new(&program)
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
