//! Child processes that never outlive this one.
//!
//! A child runs in a process group of its own, so that a time limit or Ctrl-C ends it together with
//! all that it started. When this process is killed outright, the kernel kills the child (Linux).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use nix::fcntl::OFlag;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, getpid, getppid, pipe2};

use crate::failure;
use crate::made;

/// How often the end of the child and the time limit are looked at while no output comes.
const TICK: Duration = Duration::from_millis(20);
/// How long output is awaited after the child has ended, while a process that it left behind
/// still holds the other end.
const DRAIN: Duration = Duration::from_secs(1);
/// How long output may gather in the pipe after a piece that was not large: an emulated serial port
/// writes each byte alone, and waking up for each would take longer than all else.
const GATHER: Duration = Duration::from_millis(1);
/// What counts as a large piece, in bytes.
const MANY: usize = 4096;
/// Pieces of output that may wait: a child that writes faster than we print is held back.
const QUEUED: usize = 16;

/// The groups of the children that run now: what Ctrl-C has to kill.
static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());
/// Whether no new child may start.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn groups() -> MutexGuard<'static, Vec<Pid>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which of its two outputs a child wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// What to do after a piece of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Kill the child: nobody wants its output any more.
    Stop,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this exit status.
    Exited(i32),
    /// Killed by this signal, which this process did not send.
    Signalled(i32),
    /// Killed because its time was over.
    TimedOut,
    /// Killed because the sink said [`Flow::Stop`].
    Stopped,
}

impl End {
    fn from_status(status: ExitStatus) -> End {
        match (status.code(), status.signal()) {
            (Some(code), _) => End::Exited(code),
            (None, signal) => End::Signalled(signal.unwrap_or(0)),
        }
    }
}

/// Kills all children and ends this process on SIGINT, SIGTERM and SIGHUP.
pub fn kill_children_on_signals() -> anyhow::Result<()> {
    ctrlc::set_handler(|| kill_all_and_exit(failure::INTERRUPTED))?;
    Ok(())
}

/// On the first such signal kills all children and lets no new one start, so that this process soon comes
/// to its end with what it knows; ends it at once on the second.
pub fn stop_children_on_signals() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            kill_all_and_exit(failure::INTERRUPTED);
        }
        kill(&groups());
    })?;
    Ok(())
}

/// Whether there was a signal for [`stop_children_on_signals`].
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Kills all children and ends this process.
pub fn kill_all_and_exit(code: u8) -> ! {
    // The lock is kept: no new child may start between the kill and the exit.
    let groups = groups();
    kill(&groups);
    // Nothing is dropped by an exit.
    let _none_any_more = made::remove_all();
    std::process::exit(code.into());
}

fn kill(groups: &[Pid]) {
    for group in groups {
        let _ = killpg(*group, Signal::SIGKILL);
    }
}

/// Asks the kernel to kill the child when this process dies.
///
/// The kernel ties this to the *thread* that starts the child, so children start on the main
/// thread or on one that waits for them.
pub fn die_with_parent(command: &mut Command) -> &mut Command {
    #[cfg(target_os = "linux")]
    {
        let parent = getpid();
        // SAFETY: the closure runs between fork and exec, where only async-signal-safe calls are
        // allowed: it makes two plain system calls and neither allocates nor locks.
        unsafe {
            command.pre_exec(move || {
                nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
                // The parent may have died before the call above.
                if getppid() == parent {
                    Ok(())
                } else {
                    Err(io::Error::from(io::ErrorKind::Interrupted))
                }
            });
        }
    }
    command
}

/// Runs `command` to its end and hands its output to `sink` piece by piece, each of the two
/// outputs in order. Standard input is empty.
pub fn run(
    mut command: Command,
    timeout: Duration,
    sink: &mut dyn FnMut(Stream, &[u8]) -> Flow,
) -> io::Result<End> {
    let (sender, pieces) = mpsc::sync_channel(QUEUED);
    command.stdin(Stdio::null()).process_group(0);
    let (out, theirs) = pipe2(OFlag::O_CLOEXEC)?;
    command.stdout(theirs);
    let (err, theirs) = pipe2(OFlag::O_CLOEXEC)?;
    command.stderr(theirs);
    reader(Stream::Out, out.into(), &sender);
    reader(Stream::Err, err.into(), &sender);
    drop(sender);

    let mut child = Group::spawn(&mut command)?;
    // `command` still holds our copies of the write ends: the readers see the end only without it.
    drop(command);

    let deadline = Instant::now() + timeout;
    let mut ended: Option<(ExitStatus, Instant)> = None;
    // How long nothing has come: `sink` may take its time.
    let mut quiet_since = Instant::now();
    loop {
        match pieces.recv_timeout(TICK) {
            Ok((stream, bytes)) => {
                if sink(stream, &bytes) == Flow::Stop {
                    return Ok(End::Stopped);
                }
                quiet_since = Instant::now();
            }
            Err(RecvTimeoutError::Disconnected) if ended.is_some() => break,
            // All outputs closed, the child still there.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(TICK / 4),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if ended.is_none() {
            ended = child
                .child
                .try_wait()?
                .map(|status| (status, Instant::now()));
        }
        match ended {
            Some((_, at)) if at.max(quiet_since).elapsed() > DRAIN => break,
            // Somebody whom it has left behind goes on writing.
            Some((_, at)) if Instant::now() > deadline.max(at + DRAIN) => break,
            None if Instant::now() >= deadline => {
                child.kill();
                while let Ok((stream, bytes)) = pieces.recv_timeout(TICK) {
                    sink(stream, &bytes);
                }
                return Ok(End::TimedOut);
            }
            _ => {}
        }
    }
    Ok(ended.map_or(End::Stopped, |(status, _)| End::from_status(status)))
}

/// Runs `command` to its end and hands its standard output to `sink` line by line. Standard input is empty,
/// standard error is that of this process.
pub fn lines(
    mut command: Command,
    sink: &mut dyn FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<ExitStatus> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = Group::spawn(command.process_group(0))?;
    let output = child.child.stdout.take().context("no standard output")?;
    for line in BufReader::new(output).lines() {
        sink(&line?)?;
    }
    Ok(child.child.wait()?)
}

/// Runs `command` in the foreground, so that it may ask for a password, and waits for it. A signal from the
/// terminal reaches it, too; it is not killed, for an installer that is killed leaves things half done.
pub fn foreground(command: &mut Command) -> io::Result<ExitStatus> {
    command.status()
}

/// Reads `source` on a thread until its end.
fn reader(stream: Stream, mut source: File, sender: &SyncSender<(Stream, Vec<u8>)>) {
    let sender = sender.clone();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match source.read(&mut buffer) {
                Ok(0) => return,
                Ok(n) => {
                    if sender.send((stream, buffer[..n].to_vec())).is_err() {
                        return;
                    }
                    if n < MANY {
                        thread::sleep(GATHER);
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    });
}

/// A child that leads its process group; dropping it kills the group.
struct Group {
    child: Child,
    id: Pid,
}

impl Group {
    fn spawn(command: &mut Command) -> io::Result<Group> {
        // Held across the spawn: the signal handler sees either no child or a registered one.
        let mut groups = groups();
        if interrupted() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "interrupted"));
        }
        let child = die_with_parent(command).spawn()?;
        let id = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
        groups.push(id);
        Ok(Group { child, id })
    }

    fn kill(&mut self) {
        let _ = killpg(self.id, Signal::SIGKILL);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A running leader is killed before it is reaped: until then its number is not reused. A
        // leader that has ended by itself may have left others in its group, which keep the number
        // taken; without any, the kill finds no group.
        self.kill();
        let _ = self.child.wait();
        groups().retain(|id| *id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script);
        command
    }

    fn collect(script: &str, timeout: u64) -> (End, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let end = run(
            shell(script),
            Duration::from_millis(timeout),
            &mut |stream, bytes| {
                match stream {
                    Stream::Out => out.extend_from_slice(bytes),
                    Stream::Err => err.extend_from_slice(bytes),
                }
                Flow::Continue
            },
        )
        .unwrap();
        (
            end,
            String::from_utf8(out).unwrap(),
            String::from_utf8(err).unwrap(),
        )
    }

    #[test]
    fn status_and_outputs() {
        let (end, out, err) = collect("echo a; echo b >&2; exit 7", 10_000);
        assert_eq!(
            (end, &*out, &*err),
            (End::Exited(7), "a\n", "b\n"),
            "exit status and both outputs arrive"
        );
    }

    #[test]
    fn lines_come_one_by_one_and_an_error_kills() {
        let mut got = Vec::new();
        let status = lines(shell("echo a; echo b; exit 3"), &mut |line| {
            got.push(line.to_owned());
            Ok(())
        });
        assert_eq!(
            (got.join(" "), status.unwrap().code()),
            ("a b".into(), Some(3))
        );
        let start = Instant::now();
        let error = lines(shell("echo a; sleep 60"), &mut |_| anyhow::bail!("no"));
        assert_eq!(error.unwrap_err().to_string(), "no");
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_signal_is_not_an_exit_status() {
        let (end, ..) = collect("kill -SEGV $$", 10_000);
        assert_eq!(end, End::Signalled(11));
    }

    #[test]
    fn time_limit_kills_the_whole_group() {
        let start = Instant::now();
        let (end, out, _) = collect("echo early; sleep 60 & sleep 60", 300);
        assert_eq!((end, &*out), (End::TimedOut, "early\n"));
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn closed_outputs_do_not_end_the_wait() {
        let (end, ..) = collect("exec >&- 2>&-; sleep 0.3; exit 3", 10_000);
        assert_eq!(end, End::Exited(3));
    }

    #[test]
    fn a_stray_process_does_not_hold_the_run() {
        let start = Instant::now();
        let (end, ..) = collect("sleep 60 & exit 4", 30_000);
        assert_eq!(end, End::Exited(4));
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn stop_kills() {
        let start = Instant::now();
        let end = run(shell("yes"), Duration::from_secs(60), &mut |_, _| {
            Flow::Stop
        });
        assert_eq!(end.unwrap(), End::Stopped);
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}
