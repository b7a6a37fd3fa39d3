//! The layer `models`: the loom models of both crates, one process each, in several builds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::Message;
use verify::{Effort, Report};

use crate::cargo;
use crate::process::{self, End, Flow, Stream};
use crate::workspace::{LIBRARY, Workspace};

/// One way to build the models.
struct Build {
    name: &'static str,
    flags: &'static str,
    /// Which of them mean something there: those whose names contain this.
    part: &'static str,
}

const BUILDS: [Build; 4] = [
    Build {
        name: "loom",
        flags: "--cfg tagged_arena_loom",
        part: "",
    },
    Build {
        name: "loom-narrow",
        flags: "--cfg tagged_arena_loom --cfg tagged_arena_narrow",
        part: "",
    },
    Build {
        name: "loom-tiny",
        flags: "--cfg tagged_arena_loom --cfg tagged_arena_tiny",
        part: "::wraps::",
    },
    Build {
        name: "loom-one-bit",
        flags: "--cfg tagged_arena_loom --cfg tagged_arena_tiny --cfg tagged_arena_tiny=\"1\"",
        part: "::wraps::",
    },
];

/// What a quick run takes: a few hundred or thousand executions each.
const QUICK: [&str; 6] = [
    "::one_order::",
    "::races::a_claim",
    "::races::reader",
    "::races::two_inserts",
    "::reuse::",
    "tagged_arena::loom_tests::guard",
];
/// Where the models are, in both crates.
const MODELS: &str = "::loom_tests::";
/// What is said of a model that must fail, and has.
const FAILS: &str = " - should panic ... ok";
/// Such models.
const CONTROL: &str = "::control::";
/// Models at once.
const WORKERS: usize = 2;
/// What the number of preemptions always is, at least.
const USUAL: usize = 2;
/// What is tried in a full run, and how long: a model that takes longer is left to the usual number.
const DEEP: (usize, Duration) = (3, Duration::from_secs(8));
/// For one model with the usual number: far more than any takes.
const LONGEST: Duration = Duration::from_secs(900);

/// One model in one build.
struct Model {
    build: &'static str,
    /// With its crate.
    name: String,
    program: PathBuf,
}

/// How one ended.
enum Ended {
    /// All its executions were tried: so many, with so many preemptions.
    Complete(u64, usize),
    /// It failed, and said this.
    Failed(String),
    /// It is a control that did as it should.
    Found,
}

/// Runs the layer.
pub fn run(workspace: &Workspace, effort: Effort, report: &mut Report<'_>) -> Result<()> {
    let builds = match effort {
        Effort::Full => &BUILDS[..],
        Effort::Quick | Effort::SelfTest => &BUILDS[..1],
    };
    let mut models = Vec::new();
    for (at, build) in builds.iter().enumerate() {
        report.progress(
            at as u64,
            builds.len() as u64,
            format!("building {}", build.name),
        );
        models.extend(build.models(workspace)?);
    }
    models.retain(|model| match effort {
        Effort::Full => true,
        Effort::Quick => QUICK.iter().any(|part| model.name.contains(part)),
        Effort::SelfTest => model.name.contains(CONTROL),
    });
    ensure!(!models.is_empty(), "there is no model");
    let next = AtomicUsize::new(0);
    let (sender, done) = mpsc::channel();
    let scratch = workspace.target.join("models");
    fs::create_dir_all(&scratch)?;
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            let (next, models, sender, scratch) = (&next, &models, sender.clone(), &scratch);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(model) = models.get(at) else {
                        return;
                    };
                    let ended = model.explore(effort, &scratch.join(at.to_string()));
                    // Without a receiver there was an error.
                    if sender.send((at, ended)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (count, (at, ended)) in done.into_iter().enumerate() {
            models[at].tell(ended?, effort, report);
            report.progress(count as u64 + 1, models.len() as u64, "models");
        }
        Ok(())
    })
}

impl Build {
    /// Builds the models and names them.
    fn models(&self, workspace: &Workspace) -> Result<Vec<Model>> {
        let mut command = cargo::cargo(workspace);
        command.args(["test", "--release", "--lib", "--no-run", "--quiet"]);
        command.arg("--message-format=json-render-diagnostics");
        for package in LIBRARY {
            command.args(["--package", package]);
        }
        command.env("RUSTFLAGS", self.flags);
        command.env("CARGO_TARGET_DIR", workspace.target.join(self.name));
        let messages = output(command, LONGEST).context(self.name)?;
        let mut models = Vec::new();
        for message in Message::parse_stream(messages.as_bytes()) {
            let Message::CompilerArtifact(artifact) = message? else {
                continue;
            };
            let Some(program) = artifact.executable else {
                continue;
            };
            let mut list = Command::new(&program);
            list.args(["--list", "--format", "terse"]);
            for line in output(list, LONGEST)?.lines() {
                let krate = &artifact.target.name;
                let name = line.strip_suffix(": test");
                let name = name.map(|name| format!("{krate}::{name}"));
                models.extend(
                    // Other tests run under loom, too, but explore nothing.
                    name.filter(|name| name.contains(MODELS) && name.contains(self.part))
                        .map(|name| Model {
                            build: self.name,
                            name,
                            program: program.clone().into(),
                        }),
                );
            }
        }
        ensure!(!models.is_empty(), "{} has no models", self.name);
        Ok(models)
    }
}

impl Model {
    fn explore(&self, effort: Effort, counts: &Path) -> Result<Ended> {
        if effort == Effort::Full {
            let (preemptions, limit) = DEEP;
            if let Some(ended) = self.once(preemptions, limit, counts)? {
                return Ok(ended);
            }
        }
        let ended = self.once(USUAL, LONGEST, counts)?;
        ended.with_context(|| format!("{} {} does not end", self.build, self.name))
    }

    /// `None` if it took too long.
    fn once(&self, preemptions: usize, limit: Duration, counts: &Path) -> Result<Option<Ended>> {
        let _ = fs::remove_file(counts);
        let mut command = Command::new(&self.program);
        let (_, name) = self.name.split_once("::").context("a model has a crate")?;
        command.args(["--exact", name, "--test-threads=1"]);
        cargo::clean(&mut command)
            .env("LOOM_MAX_PREEMPTIONS", preemptions.to_string())
            .env("LOOM_EXECUTIONS", counts);
        let mut text = Vec::new();
        let end = process::run(command, limit, &mut |_, bytes| {
            text.extend_from_slice(bytes);
            Flow::Continue
        })?;
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(Some(match end {
            End::TimedOut => return Ok(None),
            End::Exited(0) if text.contains("test result: ok. 1 passed") => {
                // It counts what it has explored only if it does not fail, as it is to.
                if text.contains(FAILS) {
                    Ended::Found
                } else {
                    let counts = fs::read_to_string(counts);
                    let counts =
                        counts.with_context(|| format!("{} counted nothing", self.name))?;
                    let (executions, fewest) = counted(&counts)?;
                    Ended::Complete(executions, fewest)
                }
            }
            _ => Ended::Failed(text),
        }))
    }

    fn tell(&self, ended: Ended, effort: Effort, report: &mut Report<'_>) {
        let Self { build, name, .. } = self;
        match ended {
            Ended::Complete(executions, preemptions) => {
                let what = format!("models explored completely up to {preemptions} preemptions");
                report.tried(what, 1);
                report.tried("executions", executions);
            }
            Ended::Failed(text) => report.failure(format!("{build} {name}:\n{text}")),
            Ended::Found if effort == Effort::SelfTest => {
                let fault = name.rsplit("::").next().unwrap_or(name);
                let fault = fault.trim_end_matches("_is_found").replace('_', " ");
                report.found(fault, format!("the model {name}"));
            }
            Ended::Found => {}
        }
    }
}

/// What a model says that it has explored: how many executions, and up to how many preemptions, which may be
/// fewer than it was asked for.
fn counted(lines: &str) -> Result<(u64, usize)> {
    let mut sum = (0, usize::MAX);
    for line in lines.lines() {
        let (preemptions, executions) = line.split_once(' ').context("no two numbers")?;
        sum.0 += executions.parse::<u64>()?;
        sum.1 = sum.1.min(preemptions.parse()?);
    }
    Ok(sum)
}

/// What a command prints on standard output.
fn output(command: Command, limit: Duration) -> Result<String> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let end = process::run(command, limit, &mut |stream, bytes| {
        match stream {
            Stream::Out => out.extend_from_slice(bytes),
            Stream::Err => err.extend_from_slice(bytes),
        }
        Flow::Continue
    })?;
    if end != End::Exited(0) {
        bail!("{end:?}\n{}", String::from_utf8_lossy(&err));
    }
    Ok(String::from_utf8(out)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_preemptions_count() {
        assert_eq!(counted("3 10\n1 5\n2 7\n").unwrap(), (22, 1));
        assert!(counted("10\n").is_err() && counted("3 x\n").is_err());
    }
}
