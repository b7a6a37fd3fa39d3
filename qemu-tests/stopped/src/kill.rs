//! Each operation killed after each of its instructions, in the normal build.
//!
//! A child runs the operation on a map in shared memory and is single-stepped. What is in that memory after
//! an instruction is what a context leaves that is killed there, so a copy of it is handed to a checker,
//! another child, which does what others do after that. An instruction that has changed nothing in shared
//! memory leaves what the one before it left: it is counted, not checked again.

use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::ptr::NonNull;

use anyhow::{Context, Result, anyhow, bail, ensure};
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm, fork};

use crate::call::{Answer, Call};
use crate::model::{Rules, State};
use crate::pending::Pending;
use crate::prepare::{Prepared, Shape};
use crate::subject::{Named, Subject};
use crate::work::{Lost, allowed, lost, others};

/// A checker that takes so many seconds waits for the one that was killed.
const PATIENCE: u32 = 20;
/// The room for what a checker says.
const ROOM: usize = 4096;

/// What was done, and the worst that was seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Instructions after which the operation was stopped.
    pub instructions: u64,
    /// Contents of the memory, each unlike the one before and each checked.
    pub contents: u64,
    /// Operations of the others.
    pub operations: u64,
    /// The most cells lost.
    pub lost: Lost,
}

impl Tally {
    /// Adds counts, and keeps the worse of what was worst.
    pub fn add(&mut self, other: Tally) {
        self.instructions += other.instructions;
        self.contents += other.contents;
        self.operations += other.operations;
        self.lost.add(other.lost);
    }
}

/// Memory by the page, shared with children or not.
struct Pages {
    at: NonNull<c_void>,
    size: usize,
}

impl Pages {
    fn new(size: usize, flags: MapFlags) -> Result<Self> {
        let size = NonZeroUsize::new(size).context("no bytes")?;
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping of no file, wherever there is room.
        let at = unsafe { mmap_anonymous(None, size, protection, flags)? };
        let size = size.get();
        Ok(Self { at, size })
    }

    fn start(&self) -> *mut u8 {
        self.at.as_ptr().cast()
    }

    /// The bytes, while nobody changes them.
    ///
    /// # Safety
    /// No other process or reference writes meanwhile.
    unsafe fn bytes(&self) -> &[u8] {
        // SAFETY: mapped, initialised by the system; by the caller nobody writes.
        unsafe { std::slice::from_raw_parts(self.start(), self.size) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`; whoever borrowed from it has ended.
        let _ = unsafe { munmap(self.at, self.size) };
    }
}

/// Ends this process at once, without what a normal end does.
fn end(code: i32) -> ! {
    // SAFETY: no borrowed state matters to a process that is gone.
    unsafe { nix::libc::_exit(code) }
}

/// Kills the operation after each instruction that it executes in that state; the others do `operations`
/// each time, from `seed` on another sequence of them each time.
pub fn every_instruction(
    named: &Named,
    shape: Shape,
    call: Call,
    operations: u64,
    seed: u64,
) -> Result<Tally> {
    let mut tally = Tally::default();
    let shared = Pages::new(named.size, MapFlags::MAP_SHARED)?;
    (named.place)(shared.start());
    let subject = NonNull::new((named.view)(shared.start())).context("mapped at zero")?;
    // SAFETY: just made, and `shared` is dropped last.
    let Some(prepared) = (unsafe { Prepared::in_place(subject, shape) }) else {
        return Ok(tally);
    };
    let rules = prepared.subject().rules();
    let silent = call.kind.reads() && rules.silent_reads;
    let mut state = prepared.state.clone();
    let Some(run) = prepared.begin(call, &mut state) else {
        return Ok(tally);
    };
    let copy = Pages::new(named.size, MapFlags::MAP_PRIVATE)?;
    let said = Pages::new(ROOM, MapFlags::MAP_SHARED)?;
    // SAFETY: this program has one thread.
    let child = match unsafe { fork()? } {
        ForkResult::Child => {
            if ptrace::traceme().is_ok() && raise(Signal::SIGSTOP).is_ok() {
                std::hint::black_box(run());
                end(0);
            }
            end(1);
        }
        ForkResult::Parent { child } => Stepped(child),
    };
    // The child's now: ended here, a guard would be ended twice.
    std::mem::forget(run);
    ensure!(
        matches!(
            waitpid(child.0, None)?,
            WaitStatus::Stopped(_, Signal::SIGSTOP)
        ),
        "the child is not traced"
    );
    let mut first = true;
    while first || child.step()? {
        tally.instructions += u64::from(!first);
        // SAFETY: the child is stopped; the copy is only used by checkers, which have copies of it.
        let changed = unsafe { shared.bytes() != copy.bytes() };
        ensure!(
            first || !changed || !silent,
            "{call} is a read that writes: after {} instructions",
            tally.instructions
        );
        if changed || first {
            // SAFETY: both have that many bytes, and nobody writes meanwhile.
            unsafe { shared.start().copy_to(copy.start(), shared.size) };
            let others = (operations, seed + tally.contents);
            let (lost, done) = check((named, &rules), &copy, &said, &state, call, others)
                .with_context(|| {
                    format!("{call} killed after {} instructions", tally.instructions)
                })?;
            tally.contents += 1;
            tally.operations += done;
            tally.lost.add(lost);
        }
        first = false;
    }
    Ok(tally)
}

/// The child that is single-stepped.
struct Stepped(Pid);

impl Stepped {
    /// One instruction more; `false` if it has ended.
    fn step(&self) -> Result<bool> {
        ptrace::step(self.0, None)?;
        match waitpid(self.0, None)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => Ok(true),
            WaitStatus::Exited(_, 0) => Ok(false),
            other => bail!("the operation itself: {other:?}"),
        }
    }
}

impl Drop for Stepped {
    fn drop(&mut self) {
        // It may have ended.
        if kill(self.0, Signal::SIGKILL).is_ok() {
            let _ = waitpid(self.0, None);
        }
    }
}

/// Lets a child do what others do: so many operations, drawn from that seed. How many cells are lost, and
/// how many operations it did.
fn check(
    (named, rules): (&Named, &Rules),
    copy: &Pages,
    said: &Pages,
    state: &State,
    call: Call,
    others: (u64, u64),
) -> Result<(Lost, u64)> {
    // SAFETY: this program has one thread.
    match unsafe { fork()? } {
        ForkResult::Child => {
            alarm::set(PATIENCE);
            // SAFETY: the copy is this process's own and holds a whole subject.
            let subject = unsafe { &*(named.view)(copy.start()) };
            let result = work(subject, state.clone(), call, others);
            let text = match &result {
                Ok((lost, done)) => format!("{lost} {done}"),
                Err(error) => format!("{error:#}"),
            };
            let text = &text.as_bytes()[..text.len().min(ROOM - 1)];
            // SAFETY: shared with the parent, which waits; there is room for them and a zero.
            unsafe {
                text.as_ptr().copy_to(said.start(), text.len());
                said.start().add(text.len()).write(0);
            }
            end(i32::from(result.is_err()));
        }
        ForkResult::Parent { child } => {
            let status = waitpid(child, None)?;
            // SAFETY: the checker has ended.
            let text = unsafe { said.bytes() };
            let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
            let text = String::from_utf8_lossy(text);
            match status {
                WaitStatus::Exited(_, 0) => {
                    let (lost, done) = text.split_once(' ').context("two numbers")?;
                    Ok((Lost::to(rules, call, lost.parse()?)?, done.parse()?))
                }
                WaitStatus::Signaled(_, Signal::SIGALRM, _) => Err(anyhow!(
                    "an operation of the others makes no progress within {PATIENCE} seconds"
                )),
                WaitStatus::Exited(..) => Err(anyhow!("{text}")),
                other => Err(anyhow!("the others end with {other:?}")),
            }
        }
    }
}

fn work(
    subject: &dyn Subject,
    state: State,
    call: Call,
    (operations, seed): (u64, u64),
) -> Result<(usize, u64)> {
    let done = std::cell::Cell::new(0);
    let perform = |subject: &dyn Subject, call: Call| -> Result<Answer> {
        done.set(done.get() + 1);
        let run = AssertUnwindSafe(|| subject.call(call));
        panic::catch_unwind(run).map_err(|_| anyhow!("{call} panics"))
    };
    let rules = subject.rules();
    let mut pending = Pending::new(rules, state, call, allowed(&rules, call));
    others(subject, &mut pending, operations, seed, &perform)?;
    let lost = lost(subject, &mut pending, &perform)?;
    Ok((lost, done.get()))
}
