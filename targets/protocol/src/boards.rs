//! The table of the boards.

use crate::board::{Board, CommandLinePassing, Cores, ExitDevice};

const MIB: u64 = 1024 * 1024;

/// What a board with several real cores shows.
const CONCURRENT: &str = "cores at the same time";
/// What a board with one core shows.
const PREEMPTED: &str = "tasks that preempt each other; interrupts inside every operation";
/// What a board with cores and a timer interrupt shows.
#[allow(dead_code)]
const BOTH: &str = "cores at the same time; interrupts inside every operation";

/// QEMU's `virt` machine with Cortex-A72 cores.
pub static AARCH64: Board = Board {
    name: "aarch64",
    triple: "aarch64-unknown-none-softfloat",
    rustflags: &[],
    program: "qemu-system-aarch64",
    cpu: "cortex-a72",
    cores: Cores::UpTo(8),
    atomics: "LL/SC (ldxr, stxr)",
    proves: CONCURRENT,
    memory_mib: Some(512),
    file_address: 0x5000_0000,
    file_max: 240 * MIB,
    icount_shift: 0,
    machine: &["-machine", "virt"],
    command_line: CommandLinePassing::Semihosting,
    exit: ExitDevice::Semihosting,
};

/// QEMU's `q35` machine.
pub static X86_64: Board = Board {
    name: "x86_64",
    triple: "x86_64-unknown-none",
    rustflags: &[],
    program: "qemu-system-x86_64",
    cpu: "qemu64",
    cores: Cores::UpTo(8),
    atomics: "CAS (lock cmpxchg)",
    proves: CONCURRENT,
    memory_mib: Some(512),
    file_address: 0x1000_0000,
    file_max: 240 * MIB,
    icount_shift: 0,
    machine: &[
        "-machine",
        "q35",
        "-device",
        "isa-debug-exit,iobase=0xf4,iosize=0x04",
    ],
    command_line: CommandLinePassing::Append,
    exit: ExitDevice::DebugExit,
};

/// QEMU's `mps2-an386`: a Cortex-M4.
pub static MPS2_AN386: Board = Board {
    name: "mps2-an386",
    triple: "thumbv7em-none-eabi",
    rustflags: &[],
    program: "qemu-system-arm",
    cpu: "cortex-m4",
    cores: Cores::One { tasks: 4 },
    atomics: "LL/SC (ldrex, strex)",
    proves: PREEMPTED,
    memory_mib: Some(16),
    file_address: 0x2100_0000,
    file_max: 16 * MIB,
    icount_shift: 6,
    machine: &["-machine", "mps2-an386"],
    command_line: CommandLinePassing::Semihosting,
    exit: ExitDevice::Semihosting,
};

/// All boards.
pub static BOARDS: [&Board; 3] = [&AARCH64, &X86_64, &MPS2_AN386];
