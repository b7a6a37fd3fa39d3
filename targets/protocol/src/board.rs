//! What the runner must know of a board, and nothing else: how to start QEMU and what to expect.

use core::fmt;

use crate::command_line::FileRegion;

/// A board that QEMU emulates.
#[derive(Debug)]
pub struct Board {
    /// The name that users give to the runner; the same as `targets::NAME` in the guest.
    pub name: &'static str,
    /// The Rust target triple that images for the board are built for.
    pub triple: &'static str,
    /// Flags of the compiler that belong to the board. A board that has any needs a target folder of
    /// its own, or builds for two boards of one triple would throw each other's work away.
    pub rustflags: &'static [&'static str],
    /// The QEMU program.
    pub program: &'static str,
    /// The CPU model that images are run on unless the user asks for another one.
    pub cpu: &'static str,
    /// The cores.
    pub cores: Cores,
    /// How the processor does an atomic read-modify-write: the class of code that runs there.
    pub atomics: &'static str,
    /// What the tests on the board show that others do not, or show otherwise.
    pub proves: &'static str,
    /// The guest's memory in MiB, where QEMU lets one choose it or insists on it. The guest's memory
    /// map relies on it.
    pub memory_mib: Option<u64>,
    /// Where the runner places the input file: the first byte behind the image's memory.
    pub file_address: u64,
    /// The greatest length of the input file in bytes: the memory from `file_address` on, but for
    /// the last 16 MiB of a board with firmware, which may use them before the image starts. 0: the
    /// board has no memory for a file.
    pub file_max: u64,
    /// With [`Run::deterministic`], an instruction takes 2 to this power nanoseconds. Chosen so that
    /// a tick of the board's timer is at most about one instruction, or half of one where the timer is set
    /// for whole ticks: an interrupt can then be made to come at each one. `cargo qemu verify interrupts`
    /// measures it.
    pub icount_shift: u8,
    /// QEMU's name of the machine.
    pub(crate) machine: &'static str,
    /// What else QEMU must be told of it.
    pub(crate) extra: &'static [&'static str],
    /// How the guest receives its command line.
    pub(crate) command_line: CommandLinePassing,
    /// How the exit code becomes QEMU's exit status.
    pub(crate) exit: ExitDevice,
}

/// How many cores a board has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cores {
    /// From 1 to this number, as many as one asks for.
    UpTo(usize),
    /// Always so many.
    Always(usize),
    /// One. What other boards do on their cores is done there by so many tasks, between which a
    /// timer interrupt switches.
    One {
        /// The number of tasks.
        tasks: usize,
    },
}

impl Cores {
    /// The smallest number of cores that a run can have.
    pub const fn least(self) -> usize {
        match self {
            Self::Always(count) => count,
            Self::UpTo(_) | Self::One { .. } => 1,
        }
    }

    /// The greatest number of cores that a run can have.
    pub const fn most(self) -> usize {
        match self {
            Self::UpTo(count) | Self::Always(count) => count,
            Self::One { .. } => 1,
        }
    }

    /// How many contexts a program finds at most: cores, or the tasks that stand in for them.
    pub const fn contexts(self) -> usize {
        match self {
            Self::One { tasks } => tasks,
            _ => self.most(),
        }
    }
}

/// How a command line reaches the guest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CommandLinePassing {
    /// Through the semihosting call that asks for it.
    Semihosting,
    /// Through the boot protocol, as a kernel's command line.
    Append,
}

/// How the guest ends the machine.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExitDevice {
    /// A semihosting call: QEMU's exit status is the exit code.
    Semihosting,
    /// Success is an ACPI power-off. Failure is QEMU's `isa-debug-exit` device, which shifts the
    /// code left and sets the lowest bit; the operating system keeps the low eight bits of that.
    DebugExit,
}

/// One run of an image.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The path of the image, an ELF file.
    pub image: &'a str,
    /// The number of cores, as [`Board::cores`] allows.
    pub cores: usize,
    /// The path of the input file. Its length goes into the command line: [`Board::file_region`].
    pub file: Option<&'a str>,
    /// The command line as written by [`command_line::encode`](crate::command_line::encode).
    pub command_line: &'a str,
    /// Another CPU model than [`Board::cpu`].
    pub cpu: Option<&'a str>,
    /// Count instructions instead of time, with all cores in one host thread: the guest then does
    /// exactly the same in every run, and cores never run at the same time.
    pub deterministic: bool,
}

impl Board {
    /// Where a file of `length` bytes lies in guest memory, or `None` if it is too long.
    pub fn file_region(&self, length: u64) -> Option<FileRegion> {
        (self.file_max > 0 && length <= self.file_max).then_some(FileRegion {
            address: self.file_address,
            length,
        })
    }

    /// Hands QEMU's arguments for a run to `push`, one call for each argument.
    ///
    /// The guest's serial port is QEMU's standard output; QEMU's own messages are on its standard
    /// error. Further arguments (`-gdb`, `-d`, …) may follow these.
    pub fn arguments(&self, run: &Run<'_>, mut push: impl FnMut(fmt::Arguments<'_>)) {
        push(format_args!("-machine"));
        push(format_args!("{}", self.machine));
        for argument in self.extra {
            push(format_args!("{argument}"));
        }
        push(format_args!("-cpu"));
        push(format_args!("{}", run.cpu.unwrap_or(self.cpu)));
        push(format_args!("-smp"));
        push(format_args!("{}", run.cores));
        if let Some(mib) = self.memory_mib {
            push(format_args!("-m"));
            push(format_args!("{mib}M"));
        }
        push(format_args!("-accel"));
        if run.deterministic {
            push(format_args!("tcg,thread=single"));
            push(format_args!("-icount"));
            push(format_args!("shift={},sleep=off", self.icount_shift));
        } else {
            push(format_args!("tcg,thread=multi"));
        }
        for argument in COMMON {
            push(format_args!("{argument}"));
        }
        if let Some(path) = run.file {
            push(format_args!("-device"));
            push(format_args!(
                "loader,addr={:#x},force-raw=on,file={}",
                self.file_address,
                Escaped(path)
            ));
        }
        match self.command_line {
            CommandLinePassing::Semihosting => {
                push(format_args!("-semihosting-config"));
                // With no `arg` at all, QEMU would hand over the image's path instead.
                push(format_args!(
                    "enable=on,target=native,arg={}",
                    Escaped(run.command_line)
                ));
            }
            CommandLinePassing::Append => {
                push(format_args!("-append"));
                push(format_args!("{}", run.command_line));
            }
        }
        push(format_args!("-kernel"));
        push(format_args!("{}", run.image));
    }

    /// The exit status that QEMU must end with when the guest said this exit code.
    pub const fn qemu_status(&self, code: u8) -> u8 {
        match self.exit {
            ExitDevice::Semihosting => code,
            ExitDevice::DebugExit => debug_exit_status(code),
        }
    }
}

/// QEMU's exit status on a board with `isa-debug-exit`.
const fn debug_exit_status(code: u8) -> u8 {
    if code == 0 { 0 } else { code << 1 | 1 }
}

/// Arguments that are the same on every board: no screen, no monitor, no default devices, no
/// network, no configuration of the user, a power-off or reset ends QEMU.
const COMMON: [&str; 9] = [
    "-nodefaults",
    "-no-user-config",
    "-no-reboot",
    "-display",
    "none",
    "-monitor",
    "none",
    "-serial",
    "stdio",
];

/// A value inside a comma-separated QEMU argument: a comma is written twice.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, part) in self.0.split(',').enumerate() {
            if position > 0 {
                f.write_str(",,")?;
            }
            f.write_str(part)?;
        }
        Ok(())
    }
}
