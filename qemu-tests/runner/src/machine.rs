//! Runs one built program on a board and says how it ended.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use protocol::command_line::encode;

use crate::boards::Board;
use crate::capture::Capture;
use crate::cargo;
use crate::demux::{Demux, LastWord, Lines, Piece};
use crate::examples::Example;
use crate::failure::{Failure, STDOUT_CLOSED, TIMED_OUT};
use crate::log::Log;
use crate::process::{self, End, Flow, Stream};
use crate::workspace::Workspace;

/// One run of a program.
#[derive(Clone, Debug)]
pub struct Job {
    /// Where it runs.
    pub board: Board,
    /// On how many cores.
    pub cores: usize,
    /// The program, built for the board.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// The file that it gets.
    pub capture: Option<Capture>,
    /// Whether the machine counts instructions instead of time.
    pub icount: bool,
    /// After this time the run is killed.
    pub timeout: Duration,
    /// Whether the levels of log lines get colours.
    pub colours: bool,
}

impl Job {
    /// Runs the program; its output goes to `sink`, split into stdout and stderr.
    ///
    /// Returns the exit status of a program that came to its own end. Every other end is a
    /// [`Failure`].
    pub fn run(&self, sink: &mut dyn FnMut(Stream, &[u8]) -> Flow) -> Result<u8> {
        self.run_with(&[], sink)
    }

    /// The same, with further arguments for QEMU.
    pub fn run_with(
        &self,
        further: &[&str],
        sink: &mut dyn FnMut(Stream, &[u8]) -> Flow,
    ) -> Result<u8> {
        let command = match self.board {
            Board::Host => self.threads(),
            Board::Guest(board) => {
                let mut command = self.qemu(board)?;
                command.args(further);
                command
            }
        };
        match self.board {
            Board::Host => {
                let cannot = cannot_start(&command);
                let end = process::run(command, self.timeout, sink).context(cannot)?;
                verdict_of_process(end, self.board, self.timeout)
            }
            Board::Guest(board) => self.run_guest(board, command, sink),
        }
    }

    /// Runs QEMU and splits its output.
    fn run_guest(
        &self,
        board: &protocol::Board,
        command: Command,
        sink: &mut dyn FnMut(Stream, &[u8]) -> Flow,
    ) -> Result<u8> {
        let cannot = cannot_start(&command);
        let mut demux = Demux::default();
        let mut log = Log::new(&self.program, self.colours);
        let mut flow = Flow::Continue;
        // QEMU's own: it writes them word by word, and the guest's lines must not come between.
        let mut complaints = Lines::default();
        let mut route = |stream: Stream, bytes: &[u8]| {
            let out = &mut |piece: Piece<'_>| emit(piece, &mut log, sink, &mut flow);
            match stream {
                Stream::Out => demux.feed(bytes, out),
                Stream::Err => complaints.feed(bytes, &mut |line| out(Piece::Console(line))),
            }
            flow
        };
        let end = process::run(command, self.timeout, &mut route);
        let out = &mut |piece: Piece<'_>| emit(piece, &mut log, sink, &mut flow);
        let last = demux.finish(out);
        complaints.rest(&mut |line| out(Piece::Console(line)));
        let code = self.verdict_of_guest(board, end.context(cannot)?, last)?;
        with_log(code, log.failure())
    }

    fn threads(&self) -> Command {
        let mut command = Command::new(&self.program);
        cargo::clean(&mut command)
            .args(&self.args)
            .env(protocol::CORES_VARIABLE, self.cores.to_string());
        if let Some(capture) = &self.capture {
            command.env(protocol::FILE_VARIABLE, &capture.path);
        }
        command
    }

    fn qemu(&self, board: &protocol::Board) -> Result<Command> {
        let mut file = None;
        let mut region = None;
        if let Some(capture) = &self.capture {
            region = Some(board.file_region(capture.len).with_context(|| {
                format!(
                    "capture {} has {} bytes; board {} takes at most {}",
                    capture.path.display(),
                    capture.len,
                    board.name,
                    board.file_max
                )
            })?);
            // QEMU refuses to load an empty file; its length alone tells the program.
            if capture.len > 0 {
                file = Some(text(&capture.path)?);
            }
        }
        let mut line = String::new();
        encode(region, self.args.iter().map(String::as_str), &mut line)?;
        let run = protocol::Run {
            image: text(&self.program)?,
            cores: self.cores,
            file,
            command_line: &line,
            cpu: None,
            deterministic: self.icount,
        };
        let mut command = Command::new(board.program);
        board.arguments(&run, |argument| {
            command.arg(argument.to_string());
        });
        Ok(command)
    }

    fn verdict_of_guest(&self, board: &protocol::Board, end: End, last: LastWord) -> Result<u8> {
        match (end, last) {
            (End::TimedOut, _) => Err(too_late(self.board, self.timeout)),
            (End::Stopped, _) => Err(Failure::new(STDOUT_CLOSED, "").into()),
            (End::Signalled(signal), _) => Err(killed("QEMU", signal)),
            (End::Exited(status), LastWord::Missing) => bail!(
                "the guest ended without its exit line (QEMU's exit status is {status}): the run \
                 counts as failed"
            ),
            (End::Exited(_), LastWord::Garbled) => {
                bail!("the guest's exit line is garbled: the run counts as failed")
            }
            (End::Exited(_), LastWord::Overlong) => {
                bail!("the guest wrote a line without end: the run counts as failed")
            }
            (End::Exited(status), LastWord::Code(code)) => {
                let expected = board.qemu_status(code);
                if status == i32::from(expected) {
                    return Ok(code);
                }
                let text = format!(
                    "the guest's exit code is {code}, for which QEMU must end with {expected}, \
                     not {status}"
                );
                Err(Failure::new(code.max(1), text).into())
            }
        }
    }
}

/// Runs an example that stands alone: its own cargo configuration says how.
pub fn run_alone(
    workspace: &Workspace,
    example: &Example,
    timeout: Duration,
    sink: &mut dyn FnMut(Stream, &[u8]) -> Flow,
) -> Result<u8> {
    let command = cargo::alone(workspace, example, &["run", "--release", "--quiet"]);
    let end = process::run(command, timeout, sink).context("cannot start cargo")?;
    verdict_of_process(end, example.boards[0], timeout)
}

/// The exit status of a process that came to its own end.
fn verdict_of_process(end: End, board: Board, timeout: Duration) -> Result<u8> {
    match end {
        End::Exited(code) => Ok(u8::try_from(code).unwrap_or(1)),
        End::Signalled(signal) => Err(killed("the program", signal)),
        End::TimedOut => Err(too_late(board, timeout)),
        End::Stopped => Err(Failure::new(STDOUT_CLOSED, "").into()),
    }
}

fn too_late(board: Board, timeout: Duration) -> anyhow::Error {
    Failure::new(
        TIMED_OUT,
        format!(
            "killed: still running after {} s on board {} (see --timeout)",
            timeout.as_secs(),
            board.name()
        ),
    )
    .into()
}

fn emit(
    piece: Piece<'_>,
    log: &mut Log,
    sink: &mut dyn FnMut(Stream, &[u8]) -> Flow,
    flow: &mut Flow,
) {
    let answer = match piece {
        Piece::Data(bytes) => sink(Stream::Out, bytes),
        Piece::Console(bytes) => sink(Stream::Err, bytes),
        Piece::Log(frame) => sink(Stream::Err, log.line(&frame).as_bytes()),
        Piece::BadLog => sink(Stream::Err, log.bad_line().as_bytes()),
    };
    if answer == Flow::Stop {
        *flow = Flow::Stop;
    }
}

/// The exit status of a guest of whose log frames one may have been malformed.
fn with_log(code: u8, failure: Option<&str>) -> Result<u8> {
    match failure {
        Some(error) if code == 0 => {
            bail!("the guest sent a malformed log frame ({error}): the run counts as failed")
        }
        // A guest that panics while it logs has failed for its own reason.
        _ => Ok(code),
    }
}

fn cannot_start(command: &Command) -> String {
    format!(
        "cannot start {}",
        Path::new(command.get_program()).display()
    )
}

fn killed(what: &str, signal: i32) -> anyhow::Error {
    let code = u8::try_from(128 + signal).unwrap_or(1);
    Failure::new(code, format!("{what} was killed by signal {signal}")).into()
}

/// QEMU's arguments are text.
fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .with_context(|| format!("the path {} is not UTF-8 text: rename it", path.display()))
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
