//! A copy of the core with another file of atomics, built and explored in place of the real one.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use verify::Line;

/// What the copy's package and program are called, so that they lie beside the real ones.
const NAME: &str = "programs-planted";

/// The file of atomics, and a fence that is no fence any more.
const ATOMICS: &str = "arena/src/sync/loom.rs";
const FENCE: [&str; 2] = ["    fence(Ordering::SeqCst);\n", ""];

/// What the fault is called.
pub const FAULT: &str = "no fence behind any read-modify-write";

/// The folders that the copy is made of.
const FOLDERS: [&str; 4] = ["src", "arena", "qemu-tests/programs", "qemu-tests/verify"];

/// The first failure that a quick run without that fence reports.
pub fn failure() -> Result<Option<String>> {
    let program = build().context("the copy with a fault")?;
    let mut command = Command::new(program);
    command.args(["--effort", "quick"]).stdin(Stdio::null());
    let output = command.stderr(Stdio::inherit()).output()?;
    for line in String::from_utf8(output.stdout)?.lines() {
        if let Line::Failure(text) = serde_json::from_str(line)? {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

fn build() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = env::current_exe()?;
    // TARGET/release/programs
    let target = program.ancestors().nth(2).context("no target folder")?;
    let copy = target.join("planted-src");
    for folder in FOLDERS {
        copy_folder(&root.join(folder), &copy.join(folder))?;
    }
    for file in ["README.md", "Cargo.lock"] {
        write(&copy.join(file), &fs::read_to_string(root.join(file))?)?;
    }
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    write(&copy.join("Cargo.toml"), &of_copy(&manifest)?)?;
    let own = copy.join("qemu-tests/programs/Cargo.toml");
    let name = format!("name = \"{NAME}\"");
    let text = replace(&fs::read_to_string(&own)?, "name = \"programs\"", &name)?;
    write(&own, &format!("{text}\n[lib]\nname = \"programs\"\n"))?;
    let atomics = copy.join(ATOMICS);
    let text = fs::read_to_string(&atomics)?;
    write(&atomics, &replace(&text, FENCE[0], FENCE[1])?)?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(&copy).env("CARGO_TARGET_DIR", target);
    command.args([
        "build",
        "--release",
        "--quiet",
        "--offline",
        "--package",
        NAME,
    ]);
    command.env("RUSTFLAGS", "--cfg tagged_arena_loom --cap-lints allow");
    let status = command.stdin(Stdio::null()).status()?;
    ensure!(status.success(), "cargo: {status}");
    Ok(target.join("release").join(NAME))
}

/// The workspace's manifest with only these members, and another version: cargo tells packages of the same
/// target folder apart by it.
fn of_copy(manifest: &str) -> Result<String> {
    let members = r#"members = [".", "arena", "qemu-tests/programs", "qemu-tests/verify"]"#;
    let lines = manifest.lines().filter_map(|line| {
        let path = line.split_once("path = \"").map(|(_, path)| path);
        let kept = |path: &str| {
            ["arena\"", ".\"", "qemu-tests/verify\""]
                .iter()
                .any(|p| path.starts_with(p))
        };
        match line {
            _ if line.starts_with("members = ") => Some(members.to_owned()),
            // Also where it is required exactly.
            _ => path
                .is_none_or(kept)
                .then(|| line.replace("0.1.0\"", "0.1.99\"")),
        }
    });
    let text: Vec<String> = lines.collect();
    let named = text.iter().any(|line| line == members);
    ensure!(named, "the manifest names no members");
    Ok(text.join("\n"))
}

fn replace(text: &str, from: &str, to: &str) -> Result<String> {
    ensure!(text.matches(from).count() == 1, "not once: {from}");
    Ok(text.replacen(from, to, 1))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let to = to.join(path.file_name().context("an entry has a name")?);
        if path.is_dir() {
            copy_folder(&path, &to)?;
        } else {
            write(&to, &fs::read_to_string(&path)?)?;
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(path.parent().context("a file has a folder")?)?;
    fs::write(path, text).with_context(|| path.display().to_string())
}
