//! The rows of the plan for the example `flow_table`, and how a run of it is judged.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::boards::Board;
use crate::capture::Capture;
use crate::machine::Job;
use crate::process::{Flow, Stream};
use crate::test::examples::compare;
use crate::test::step::{Expect, Input, Step, Work, step};
use crate::workspace::Workspace;

/// The example's package.
pub const EXAMPLE: &str = "flow_table";

/// The boards that each small capture runs on.
const SMALL_CAPTURES_ON: [&str; 5] = ["host", "aarch64", "x86_64", "riscv64", "mps2-an386"];
/// What a small capture is called that has more flows than the usual map holds.
const MANY_FLOWS: &str = "flows4200";

const LIMIT: Duration = Duration::from_secs(60);
/// The exit status of a program that panicked: never the right answer to a bad input.
const PANIC: u8 = protocol::PANIC_CODE;

/// Adds the runs on one board.
pub fn steps(
    steps: &mut Vec<Step>,
    workspace: &Workspace,
    board: Board,
    cores: &[usize],
) -> Result<()> {
    let name = board.name();
    // On how many cores the error cases run.
    let usual = board.cores(None)?;
    let example = workspace.example(EXAMPLE)?;
    let default = example
        .default_capture
        .unwrap_or_else(|| example.folder.join("default.pcap"));
    let mut add = |name: String, work: Work| steps.push(step(&name, LIMIT, work).on(board));

    for &cores in cores {
        let name = format!("flow_table::{name}::{cores}");
        add(name, tsv(cores, &default));
    }
    let bad: [(&str, &'static [&'static str], Input, &'static str); 4] = [
        ("empty", &[], Input::Bytes(b""), "is empty"),
        (
            "not_a_pcap",
            &[],
            Input::Bytes(b"This is a letter, not a capture.\n"),
            "pcap",
        ),
        (
            "truncated",
            &[],
            // Within the file's header.
            Input::Bytes(b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00"),
            "is truncated",
        ),
        (
            "map_full",
            &["--small", "--loops", "1"],
            Input::File(default.clone()),
            "more flows than",
        ),
    ];
    for (case, args, input, text) in bad {
        let work = Work::Flow {
            cores: usual,
            args,
            input,
            expect: Expect::Failure(text),
        };
        add(format!("flow_table::{name}::error::{case}"), work);
    }
    if SMALL_CAPTURES_ON.contains(&name) {
        for capture in captures_in(&example.folder.join("tests/captures"))? {
            let stem = capture.file_stem().unwrap_or_default().to_string_lossy();
            let name = format!("flow_table::{name}::small::{stem}");
            add(name, small(board, usual, &capture)?);
        }
    }
    for capture in captures_in(&workspace.root.join("../shared/captures"))? {
        let stem = capture.file_stem().unwrap_or_default().to_string_lossy();
        for &cores in cores {
            let name = format!("flow_table::{name}::{cores}::{stem}");
            add(name, tsv(cores, &capture));
        }
    }
    Ok(())
}

fn tsv(cores: usize, capture: &Path) -> Work {
    Work::Flow {
        cores,
        args: &["--tsv"],
        input: Input::File(capture.into()),
        expect: Expect::Lines(capture.with_extension("flows.tsv")),
    }
}

/// One of the captures that come with the example. One without a table must be refused.
fn small(board: Board, cores: usize, capture: &Path) -> Result<Work> {
    let table = capture.with_extension("flows.tsv");
    let many = capture.file_stem().is_some_and(|stem| stem == MANY_FLOWS);
    let (args, expect): (&'static [&'static str], _) = if !table.exists() {
        (&["--tsv"], Expect::Failure("is damaged"))
    } else if many && board.is_32_bit() {
        // There is no larger map: it must say so.
        (
            &["--loops", "1"],
            Expect::Failure("of 4200 frames were not tracked"),
        )
    } else if fs::metadata(&table)?.len() == 0 {
        (&["--tsv"], Expect::NoLines)
    } else if many {
        (&["--tsv", "--flows", "65536"], Expect::Lines(table))
    } else {
        (&["--tsv"], Expect::Lines(table))
    };
    Ok(Work::Flow {
        cores,
        args,
        input: Input::File(capture.into()),
        expect,
    })
}

/// The captures in a folder. One beside the repository, with more than it may hold itself, need not be there.
fn captures_in(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut captures = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {folder:?}"))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "pcap")
        {
            captures.push(path);
        }
    }
    captures.sort();
    Ok(captures)
}

/// One run, as the plan describes it.
pub struct Case<'a> {
    /// Where.
    pub board: Board,
    /// On how many cores.
    pub cores: usize,
    /// The built program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: &'a [&'a str],
    /// What it gets.
    pub input: &'a Input,
    /// What must come out.
    pub expect: &'a Expect,
    /// How long it may take.
    pub timeout: Duration,
    /// A folder for inputs that have to be made.
    pub scratch: PathBuf,
}

impl Case<'_> {
    /// Runs it; the error says what is wrong, `log` gets what the program printed.
    pub fn run(&self, log: &mut String) -> Result<()> {
        let job = Job {
            board: self.board,
            cores: self.cores,
            program: self.program.clone(),
            args: self.args.iter().map(ToString::to_string).collect(),
            capture: Some(Capture::open(&self.file()?)?),
            timeout: self.timeout,
            colours: false,
            icount: self.board.has_one_core(),
        };
        let (mut out, mut console) = (Vec::new(), Vec::new());
        let result = job.run(&mut |stream, bytes| {
            match stream {
                Stream::Out => out.extend_from_slice(bytes),
                Stream::Err => console.extend_from_slice(bytes),
            }
            Flow::Continue
        });
        let console = String::from_utf8_lossy(&console);
        log.push_str(&console);
        let code = result?;
        match self.expect {
            Expect::Lines(truth) if code == 0 => {
                let truth = fs::read_to_string(truth)
                    .with_context(|| format!("cannot read {}", truth.display()))?;
                compare(&truth, &String::from_utf8_lossy(&out))
            }
            Expect::NoLines if code == 0 && out.is_empty() => Ok(()),
            Expect::NoLines if code == 0 => bail!("there are lines on stdout"),
            Expect::Lines(_) | Expect::NoLines => bail!("exit status {code}, should be 0"),
            Expect::Failure(_) if code == 0 => bail!("exit status 0, should be a failure"),
            Expect::Failure(_) if code == PANIC => bail!("it panicked instead of reporting"),
            Expect::Failure(text) if console.contains(text) => Ok(()),
            Expect::Failure(text) => bail!("the text \"{text}\" is not on stderr"),
        }
    }

    fn file(&self) -> Result<PathBuf> {
        let (name, bytes) = match self.input {
            Input::File(path) => return Ok(path.clone()),
            Input::Bytes(bytes) => (format!("bytes-{}", bytes.len()), bytes.to_vec()),
        };
        fs::create_dir_all(&self.scratch)
            .with_context(|| format!("cannot make {}", self.scratch.display()))?;
        let path = self.scratch.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}
