//! What is asked whether it notices a fault: the unit tests, in several builds.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use wait_timeout::ChildExt;

/// One way to build and run them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checker {
    /// The models, run by loom.
    Loom,
    /// The same with the ways that are meant for 32-bit targets.
    NarrowLoom,
    /// The unit tests on this machine.
    Native,
    /// Those that take the ways for 32-bit targets.
    NarrowNative,
    /// Those whose generations have two bits.
    Tiny,
    /// The models of wraps, with generations of two bits.
    TinyLoom,
    /// Some of them, run by Miri.
    Miri,
}

impl fmt::Display for Checker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a run of one test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As without a fault.
    Passed,
    /// It failed, and said so.
    Failed(String),
    /// An execution of a model reached the checker's limit of steps: something in it never ends.
    Endless,
    /// It did not end in time: something never ends, or there was more to try, or the machine was busy.
    TooLong,
}

/// Where one test is.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name, after its crate's.
    pub name: String,
    binary: PathBuf,
    /// How long it takes without a fault.
    pub base: Duration,
}

/// The built tests of one checker.
pub struct Suite {
    /// Which.
    pub checker: Checker,
    /// All that it has.
    all: Vec<Test>,
    /// Those that are asked; the ones that take long come last.
    pub tests: Vec<Test>,
    /// Those that are not, because they take too long.
    pub left_out: Vec<String>,
    folder: PathBuf,
}

/// No test that takes longer than this without a fault is asked.
pub const BASE_LIMIT: Duration = Duration::from_secs(100);

/// Limits are kept about so exactly.
const CLOCK: Duration = Duration::from_millis(200);

/// So many tests run at a time.
const AT_ONCE: usize = 2;

/// The tests that are worth Miri's time: several threads, many orders of memory in one run.
const FOR_MIRI: [&str; 3] = ["threads", "guards", "stale_hold"];

/// The seeds of one run under Miri.
const SEEDS: &str = "-Zmiri-many-seeds=0..4";

impl Checker {
    fn name(self) -> &'static str {
        match self {
            Self::Loom => "loom",
            Self::NarrowLoom => "narrow loom",
            Self::Native => "native",
            Self::NarrowNative => "narrow native",
            Self::Tiny => "tiny",
            Self::TinyLoom => "tiny loom",
            Self::Miri => "miri",
        }
    }

    fn flags(self) -> &'static str {
        match self {
            Self::Loom => "--cfg tagged_arena_loom",
            Self::NarrowLoom => "--cfg tagged_arena_loom --cfg tagged_arena_narrow",
            Self::Native | Self::Miri => "",
            Self::NarrowNative => "--cfg tagged_arena_narrow",
            Self::Tiny => "--cfg tagged_arena_tiny",
            Self::TinyLoom => "--cfg tagged_arena_loom --cfg tagged_arena_tiny",
        }
    }

    /// How far the copy is optimised. To optimise so many planted branches takes minutes and gains little; a
    /// few tests that are no models are through before that.
    fn opt_level(self, few: bool) -> &'static str {
        match self {
            Self::Native | Self::NarrowNative | Self::Tiny if few => "0",
            _ => "1",
        }
    }

    fn command(self, folder: &Path) -> Command {
        let mut command = Command::new("cargo");
        command.arg(if self == Self::Miri {
            "+nightly"
        } else {
            "+stable"
        });
        if self == Self::Miri {
            command.args([
                "miri",
                "test",
                "--quiet",
                "--lib",
                "-p",
                "arenamap",
                "-p",
                "tagged-arena",
            ]);
            let flags = "-Zmiri-strict-provenance -Zmiri-env-forward=PLANTED";
            command.env("MIRIFLAGS", format!("{flags} {SEEDS}"));
        } else {
            command.args(["test", "--release", "--lib", "--no-run", "-j2"]);
            command.args([
                "--message-format=json",
                "-p",
                "arenamap",
                "-p",
                "tagged-arena",
            ]);
        }
        // Cargo would take the members of two workspaces for the same: each has its own.
        let target = folder.join("target").join(self.name().replace(' ', "-"));
        command.current_dir(folder).env("CARGO_TARGET_DIR", target);
        command
            .env("RUSTFLAGS", self.flags())
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env_remove("PLANTED")
            .env_remove("RUSTUP_TOOLCHAIN");
        command.stdin(Stdio::null());
        command
    }

    /// Builds the copy in this folder; for a few tests, or for all.
    pub fn build(self, folder: &Path, few: bool) -> Result<Suite> {
        let folder = folder.to_owned();
        if self == Self::Miri {
            let tests = FOR_MIRI.map(|name| Test {
                name: name.into(),
                binary: PathBuf::new(),
                base: Duration::from_secs(60),
            });
            let tests = tests.to_vec();
            return Ok(Suite::new(self, tests, folder));
        }
        let output = self
            .command(&folder)
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level(few))
            .stderr(Stdio::inherit())
            .output()?;
        ensure!(
            output.status.success(),
            "the copy does not build for {self}: {}",
            folder.display()
        );
        let mut tests = Vec::new();
        for line in String::from_utf8(output.stdout)?.lines() {
            let message: serde_json::Value = serde_json::from_str(line)?;
            let Some(binary) = message["executable"].as_str() else {
                continue;
            };
            let names = Command::new(binary)
                .args(["--list", "--format", "terse"])
                .output()?;
            for line in String::from_utf8(names.stdout)?.lines() {
                let Some(name) = line.strip_suffix(": test") else {
                    continue;
                };
                // The other models do not hold when words come back so soon.
                if self == Self::TinyLoom && !name.contains("::wraps::") {
                    continue;
                }
                let krate = message["target"]["name"].as_str().context("no crate")?;
                tests.push(Test {
                    name: format!("{krate}::{name}"),
                    binary: binary.into(),
                    base: Duration::ZERO,
                });
            }
        }
        ensure!(!tests.is_empty(), "no tests for {self}");
        Ok(Suite::new(self, tests, folder))
    }
}

impl Suite {
    fn new(checker: Checker, all: Vec<Test>, folder: PathBuf) -> Self {
        Self {
            checker,
            all,
            tests: Vec::new(),
            left_out: Vec::new(),
            folder,
        }
    }

    /// Runs the tests that are wanted without a fault, to know that they pass and how long they take;
    /// returns how many it ran. Only those are asked from then on, and those that take longer than `limit`
    /// are left out.
    pub fn base(&mut self, wanted: impl Fn(&str) -> bool, limit: Duration) -> Result<u64> {
        let wanted: Vec<Test> = self
            .all
            .iter()
            .filter(|test| wanted(&test.name))
            .cloned()
            .collect();
        let work = |test: &Test| {
            let start = Instant::now();
            let outcome = self.run(test, None, limit)?;
            anyhow::Ok((outcome, start.elapsed()))
        };
        let ran = at_once(&wanted, work, |_| ());
        self.tests = Vec::new();
        self.left_out = Vec::new();
        for (mut test, ran) in wanted.into_iter().zip(ran) {
            let (outcome, took) = ran?;
            test.base = took;
            match outcome {
                Outcome::Passed => self.tests.push(test),
                // Too long to be asked for each fault.
                Outcome::TooLong if took + CLOCK >= limit => self.left_out.push(test.name),
                outcome => bail!(
                    "{} fails without a fault under {}: {outcome:?}",
                    test.name,
                    self.checker
                ),
            }
        }
        self.tests.sort_by_key(|test| test.base);
        Ok(self.tests.len() as u64)
    }

    /// One test with this fault, or without one. Such a test as has noticed the fault before is given more
    /// time: the machine may be busier than it was then.
    pub fn planted(
        &self,
        test: &Test,
        planted: Option<&str>,
        has_noticed: bool,
    ) -> Result<Outcome> {
        // Far above what it takes without: a weaker ordering gives loom more to try.
        let limit = Duration::from_secs(15)
            .max(test.base * 10)
            .min(BASE_LIMIT * 2);
        self.run(test, planted, if has_noticed { limit * 4 } else { limit })
    }

    fn run(&self, test: &Test, planted: Option<&str>, limit: Duration) -> Result<Outcome> {
        let mut command = if self.checker == Checker::Miri {
            let mut command = self.checker.command(&self.folder);
            command.args(["--", &test.name]);
            command
        } else {
            let mut command = Command::new(&test.binary);
            let (_, name) = test.name.split_once("::").context("a test has a crate")?;
            command.args(["--exact", name, "--test-threads=1"]);
            command
        };
        command
            .env("LOOM_MAX_PREEMPTIONS", "2")
            .env_remove("PLANTED");
        command
            .env("RUST_BACKTRACE", "0")
            .env("PROPTEST_CASES", "32");
        if let Some(planted) = planted {
            command.env("PLANTED", planted);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let reader = |pipe: Option<Box<dyn Read + Send>>| {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                if let Some(mut pipe) = pipe {
                    let _ = pipe.read_to_end(&mut text);
                }
                String::from_utf8_lossy(&text).into_owned()
            })
        };
        let out = reader(out.map(|pipe| Box::new(pipe) as _));
        let err = reader(err.map(|pipe| Box::new(pipe) as _));
        let status = child.wait_timeout(limit)?;
        if status.is_none() {
            child.kill()?;
            child.wait()?;
        }
        let text = out.join().unwrap_or_default() + &err.join().unwrap_or_default();
        let ran = !text.contains("running 0 tests") || text.contains("running 1 test");
        Ok(match status {
            None => Outcome::TooLong,
            Some(status) if status.success() => {
                ensure!(
                    ran || self.checker == Checker::Miri,
                    "{} did not run",
                    test.name
                );
                Outcome::Passed
            }
            Some(_) if text.contains("exceeded maximum number of branches") => Outcome::Endless,
            Some(status) => Outcome::Failed(message(&text).unwrap_or_else(|| status.to_string())),
        })
    }
}

/// Does the work for each of these, some of it at the same time, and returns what came out in their order;
/// `told` hears of each as it comes.
pub fn at_once<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut told: impl FnMut(&R),
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let (out, results) = mpsc::channel();
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            let (next, out, work) = (&next, out.clone(), &work);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(at) else { return };
                    out.send((at, work(one))).expect("it is read below");
                }
            });
        }
        drop(out);
        results
            .into_iter()
            .inspect(|(_, result)| told(result))
            .collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What the test said, in one line.
fn message(text: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| {
        !line.contains("panicked at") && !line.contains("error: Undefined Behavior")
    });
    let first = lines.next()?;
    let line = if first.contains("panicked at") {
        lines.next()?
    } else {
        first
    };
    Some(line.trim().chars().take(100).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_behind_the_panic_is_the_message() {
        let text = "x\nthread 't' panicked at a.rs:1:\nassertion failed: no\nmore";
        assert_eq!(message(text).as_deref(), Some("assertion failed: no"));
        assert_eq!(message("test result: FAILED"), None);
    }
}
