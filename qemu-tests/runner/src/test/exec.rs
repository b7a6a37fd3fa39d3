//! Runs steps of the plan and turns what they do into results.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use machine_code::{Build, Image, asm, docs, size, sizing};

use crate::bench_board;
use crate::cargo;
use crate::code;
use crate::machine::Job;
use crate::process::{self, End, Flow, Stream};
use crate::test::builds::Builds;
use crate::test::counts;
use crate::test::elf;
use crate::test::examples;
use crate::test::flow::{Case, EXAMPLE};
use crate::test::lines::{Lines, Pick};
use crate::test::log;
use crate::test::parse::{self, Verdict};
use crate::test::publish;
use crate::test::report::Report;
use crate::test::step::{Aspect, Cargo, Evidence, Step, Tests, Work};
use crate::workspace::{Unit, Workspace};

/// The package that runs the scenarios.
pub const IMAGE: &str = "image";

/// Runs steps.
pub struct Exec<'a> {
    /// Where.
    pub workspace: &'a Workspace,
    /// What has been built for boards.
    pub builds: Builds<'a>,
    /// Where the results go.
    pub report: Report,
}

impl<'a> Exec<'a> {
    /// Runs one step and reports its results.
    pub fn step(&mut self, step: &Step, pick: Pick<'_>) {
        self.report.begin(&step.name);
        let start = Instant::now();
        let mut log = String::new();
        let result = match &step.work {
            Work::Tests(tests) => self.tests(step, tests, pick),
            Work::Image { .. } => self.image(step, pick),
            _ => {
                let result = self.single(step, &mut log);
                if result.is_ok() {
                    let time = Some(start.elapsed());
                    self.report.result(&step.name, Verdict::Passed, time, "");
                }
                result
            }
        };
        if let Err(error) = result {
            let output = format!("{log}{error:#}\n");
            let time = Some(start.elapsed());
            self.report
                .result(&step.name, Verdict::Failed, time, &output);
        }
        self.report.end();
    }

    /// A step with one result.
    fn single(&mut self, step: &Step, log: &mut String) -> Result<()> {
        match &step.work {
            Work::Commands(calls) => self.commands(calls, step.timeout, log),
            Work::Published => {
                let call = publish::published(self.workspace)?;
                self.commands(&[call], step.timeout, log)
            }
            Work::MinimalVersions => {
                let call = publish::minimal_versions(self.workspace)?;
                self.commands(&[call], step.timeout, log)
            }
            Work::Flow {
                cores,
                args,
                input,
                expect,
            } => {
                let board = step.board.context("an example runs on a board")?;
                let case = Case {
                    board,
                    cores: *cores,
                    program: self.builds.get(EXAMPLE, board)?,
                    args,
                    input,
                    expect,
                    timeout: step.timeout,
                    scratch: self.workspace.target.join("qemu-tests"),
                };
                case.run(log)
            }
            Work::Example(name) => {
                let board = step.board.context("an example runs on a board")?;
                let example = self.workspace.example(name)?;
                let program = self.builds.example(&example, board)?;
                examples::check(self.workspace, &example, board, program, step.timeout, log)
            }
            Work::Log { cores, levels } => {
                let board = step.board.context("the image that logs runs on a board")?;
                log::check(self.workspace, board, *cores, levels, step.timeout, log)
            }
            Work::Evidence { program, evidence } => {
                let board = step.board.context("evidence is about a board")?;
                let symbols = elf::symbols(&self.builds.get(program, board)?)?;
                match evidence {
                    Evidence::NoAllocator => elf::no_allocator(&symbols),
                    Evidence::Bss => elf::maps_in_bss(&symbols),
                }
            }
            Work::Code { target, aspect } => match aspect {
                Aspect::Asm => asm::check(target, &mut self.source(log)),
                Aspect::Size => size::check(target, &mut self.source(log)),
                Aspect::Sizing => {
                    let mut printed = String::new();
                    let mut host = |plan, is_32_bit| {
                        code::on_host(self.workspace, plan, is_32_bit, &mut |bytes| {
                            printed.push_str(&String::from_utf8_lossy(bytes));
                        })
                    };
                    let end = sizing::check(target, &mut self.source(log), &mut host);
                    log.push_str(&printed);
                    end
                }
            },
            Work::Verify { layer, effort } => {
                let mut command = Command::new(this_program()?);
                command.args(["verify", layer.name, effort, "--no-install"]);
                let end = run(command, step.timeout, &mut |_, bytes| {
                    log.push_str(&String::from_utf8_lossy(bytes));
                })?;
                must_succeed(end, step.timeout)
            }
            Work::Docs => docs::check(&code::facts(self.workspace)?, &mut self.source(log)),
            Work::Counts(test) => {
                let board = step.board.context("instructions are counted on a board")?;
                let program = self.builds.get(bench_board::IMAGE, board)?;
                for note in counts::check(self.workspace, board, &program, *test)? {
                    self.report.note(&note);
                }
                Ok(())
            }
            Work::Twice { .. } => self.twice(step, log),
            Work::Broken(reason) => bail!("{reason}"),
            Work::Tests(_) | Work::Image { .. } => bail!("a step with many results"),
        }
    }

    /// Calls of cargo, which must all succeed.
    fn commands(&self, calls: &[Cargo], timeout: Duration, log: &mut String) -> Result<()> {
        let deadline = Instant::now() + timeout;
        for call in calls {
            let left = deadline.saturating_duration_since(Instant::now());
            let end = run(self.command(call), left, &mut |_, bytes| {
                log.push_str(&String::from_utf8_lossy(bytes));
            })?;
            must_succeed(end, timeout)?;
        }
        Ok(())
    }

    /// Builds for the tools that look at machine code.
    fn source(&self, log: &mut String) -> impl FnMut(Build) -> Result<Image> {
        let workspace = self.workspace;
        move |build| {
            code::image(workspace, build, &mut |bytes| {
                log.push_str(&String::from_utf8_lossy(bytes));
            })
        }
    }

    /// The tests of a package, unit by unit.
    fn tests(&mut self, step: &Step, tests: &Tests, pick: Pick<'_>) -> Result<()> {
        let units = self.units(tests)?;
        let deadline = Instant::now() + step.timeout;
        let mut found = 0;
        let mut complained = false;
        for unit in &units {
            let prefix = prefix(&step.name, unit);
            let command = self.unit_command(tests, unit, &[]);
            let left = deadline.saturating_duration_since(Instant::now());
            let mut lines = Lines::new(&prefix, pick, &mut self.report);
            let end = run(command, left, &mut |stream, bytes| {
                lines.feed(stream, bytes)
            })?;
            found += lines.found;
            let complaint = match end {
                End::Exited(code) => lines.reader.complaint(code == 0),
                other => must_succeed(other, step.timeout)
                    .err()
                    .map(|error| error.to_string()),
            };
            complained |= complaint.is_some();
            lines.finish(complaint);
        }
        if found == 0 && !complained {
            bail!("{} ran no test at all", step.name);
        }
        Ok(())
    }

    fn units(&self, tests: &Tests) -> Result<Vec<Unit>> {
        let package = self
            .workspace
            .package(tests.package)
            .with_context(|| format!("the workspace has no package {}", tests.package))?;
        let units: Vec<_> = package
            .units
            .iter()
            .filter(|unit| (tests.units)(unit))
            .cloned()
            .collect();
        if units.is_empty() {
            bail!(
                "{} has none of the tests that belong here: nothing would run",
                tests.package
            );
        }
        Ok(units)
    }

    fn unit_command(&self, tests: &Tests, unit: &Unit, last: &[&str]) -> Command {
        let mut command = self.command(&tests.cargo);
        command.args(["--package", tests.package]);
        match unit {
            Unit::Lib => command.arg("--lib"),
            Unit::Doc => command.arg("--doc"),
            Unit::Bin(name) => command.args(["--bin", name]),
            Unit::Test(name) => command.args(["--test", name]),
        };
        let which = tests.which.arguments();
        if !last.is_empty() || !which.is_empty() {
            command.arg("--").args(last).args(which);
        }
        command
    }

    fn command(&self, call: &Cargo) -> Command {
        let mut command = match (&call.alone, &call.toolchain) {
            (Some(example), _) => cargo::alone(self.workspace, example, &[]),
            (None, Some(toolchain)) => cargo::cargo_of(self.workspace, toolchain),
            (None, None) => cargo::cargo(self.workspace),
        };
        command
            .args(&call.args)
            .envs(call.env.iter().map(|(name, value)| (*name, value)))
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_TERM_PROGRESS_WHEN", "never");
        if let Some(board) = call.board {
            cargo::with_flags(self.workspace, board, &mut command);
        }
        if let Some(folder) = call.target {
            command.env("CARGO_TARGET_DIR", self.workspace.target.join(folder));
        }
        command
    }

    /// The scenarios on a board.
    fn image(&mut self, step: &Step, pick: Pick<'_>) -> Result<()> {
        // The image takes a filter of its own, for the names without our prefix.
        let filter = match pick {
            Pick::Containing(text) => text
                .strip_prefix(&step.name)
                .and_then(|rest| rest.strip_prefix("::")),
            Pick::All => None,
        };
        let job = self.image_job(step, filter.as_slice())?;
        let mut lines = Lines::new(&step.name, pick, &mut self.report);
        let end = job.run(&mut |stream, bytes| {
            lines.feed(stream, bytes);
            Flow::Continue
        });
        let found = lines.found;
        let complaint = match end {
            Ok(code) => lines.reader.complaint(code == 0),
            Err(error) => Some(format!("{error:#}")),
        };
        let complained = complaint.is_some();
        lines.finish(complaint);
        if found == 0 && !complained {
            bail!("the image ran no test at all");
        }
        Ok(())
    }

    fn image_job(&mut self, step: &Step, more: &[&str]) -> Result<Job> {
        let (cores, args, icount) = match step.work {
            Work::Image {
                cores,
                args,
                icount,
            } => (cores, args, icount),
            Work::Twice { cores, args } => (cores, args, true),
            _ => bail!("a step without the image"),
        };
        let board = step.board.context("an image runs on a board")?;
        Ok(Job {
            board,
            cores,
            program: self.builds.get(IMAGE, board)?,
            args: args.iter().chain(more).map(ToString::to_string).collect(),
            capture: None,
            icount,
            timeout: step.timeout,
            colours: false,
        })
    }

    /// Two runs that must print the same, bytes for bytes.
    fn twice(&mut self, step: &Step, log: &mut String) -> Result<()> {
        let job = self.image_job(step, &[])?;
        let mut first: Option<Vec<u8>> = None;
        for _ in 0..2 {
            let mut output = Vec::new();
            let code = job.run(&mut |_, bytes| {
                output.extend_from_slice(bytes);
                Flow::Continue
            })?;
            log.push_str(&String::from_utf8_lossy(&output));
            must_succeed(End::Exited(code.into()), step.timeout)?;
            if first.get_or_insert_with(|| output.clone()) != &output {
                bail!("two runs with counted instructions print different texts: see above");
            }
        }
        Ok(())
    }

    /// The names of the results that an expanding step would have.
    pub fn list(&mut self, step: &Step) -> Result<Vec<String>> {
        let mut names = Vec::new();
        match &step.work {
            Work::Tests(tests) => {
                for unit in &self.units(tests)? {
                    let command = self.unit_command(tests, unit, &["--list"]);
                    let mut out = Vec::new();
                    let end = run(command, step.timeout, &mut |stream, bytes| {
                        if stream == Stream::Out {
                            out.extend_from_slice(bytes);
                        }
                    })?;
                    must_succeed(end, step.timeout)?;
                    add_names(&mut names, &prefix(&step.name, unit), &out);
                }
            }
            Work::Image { .. } => {
                let job = self.image_job(step, &["--list"])?;
                let mut out = Vec::new();
                let code = job.run(&mut |stream, bytes| {
                    if stream == Stream::Out {
                        out.extend_from_slice(bytes);
                    }
                    Flow::Continue
                })?;
                must_succeed(End::Exited(code.into()), step.timeout)?;
                add_names(&mut names, &step.name, &out);
            }
            _ => names.push(step.name.clone()),
        }
        Ok(names)
    }
}

fn add_names(names: &mut Vec<String>, prefix: &str, out: &[u8]) {
    let out = String::from_utf8_lossy(out);
    names.extend(parse::listed(&out).map(|name| format!("{prefix}::{name}")));
}

/// What stands before a test's own name.
fn prefix(step: &str, unit: &Unit) -> String {
    match unit {
        Unit::Lib | Unit::Bin(_) => step.into(),
        Unit::Doc => format!("{step}::doc"),
        Unit::Test(name) => format!("{step}::{name}"),
    }
}

fn run(command: Command, timeout: Duration, sink: &mut dyn FnMut(Stream, &[u8])) -> Result<End> {
    let program = PathBuf::from(command.get_program());
    process::run(command, timeout, &mut |stream, bytes| {
        sink(stream, bytes);
        Flow::Continue
    })
    .with_context(|| format!("cannot start {}", program.display()))
}

/// The program that runs, also if the tests have built it anew since: then the file with its name is another.
fn this_program() -> Result<PathBuf> {
    let link = PathBuf::from("/proc/self/exe");
    match link.exists() {
        true => Ok(link),
        false => Ok(std::env::current_exe()?),
    }
}

fn must_succeed(end: End, timeout: Duration) -> Result<()> {
    match end {
        End::Exited(0) => Ok(()),
        End::Exited(code) => bail!("exit status {code}"),
        End::Signalled(signal) => bail!("killed by signal {signal}"),
        End::TimedOut => bail!("killed: not done after {} s", timeout.as_secs()),
        End::Stopped => bail!("stopped"),
    }
}
