//! The table of the boards.

use crate::board::{Board, CommandLinePassing, Cores, ExitDevice};

const MIB: u64 = 1024 * 1024;

/// What a board with one core shows.
const PREEMPTED: &str = "tasks that preempt each other; interrupts inside every operation";
/// What a board with several cores shows.
const BOTH: &str = "cores at the same time; with --icount interrupts inside every operation";
/// What a board without compare-and-swap shows.
const NOT_LOCK_FREE: &str = "tasks and interrupts likewise; atomics mask interrupts: not lock-free";

/// For boards with little flash.
const SMALL_CODE: &[&str] = &["-Copt-level=s", "-Ccodegen-units=1"];

/// QEMU's `virt` machine with Cortex-A72 cores.
pub static AARCH64: Board = AARCH64_BASE;

const AARCH64_BASE: Board = Board {
    name: "aarch64",
    triple: "aarch64-unknown-none-softfloat",
    rustflags: &[],
    program: "qemu-system-aarch64",
    cpu: "cortex-a72",
    cores: Cores::UpTo(8),
    atomics: "LL/SC (ldxr, stxr)",
    proves: BOTH,
    memory_mib: Some(512),
    file_address: 0x5000_0000,
    file_max: 240 * MIB,
    // A tick of the timer is 16 ns.
    icount_shift: 4,
    machine: "virt",
    extra: &[],
    command_line: CommandLinePassing::Semihosting,
    exit: ExitDevice::Semihosting,
};

/// The same with Neoverse-N1 cores and the instructions that they have beyond those of the
/// Cortex-A72, which would trap there.
pub static AARCH64_LSE: Board = Board {
    name: "aarch64-lse",
    rustflags: &["-Ctarget-feature=+lse"],
    cpu: "neoverse-n1",
    atomics: "LSE (casal, swpal, ldadd)",
    ..AARCH64_BASE
};

/// The same machine with 32-bit cores: Cortex-A15.
pub static ARMV7A: Board = Board {
    name: "armv7a",
    triple: "armv7a-none-eabi",
    program: "qemu-system-arm",
    cpu: "cortex-a15",
    atomics: "LL/SC (ldrex, strex)",
    ..AARCH64_BASE
};

/// QEMU's `q35` machine.
pub static X86_64: Board = X86_64_BASE;

const X86_64_BASE: Board = Board {
    name: "x86_64",
    triple: "x86_64-unknown-none",
    rustflags: &[],
    program: "qemu-system-x86_64",
    cpu: "qemu64",
    cores: Cores::UpTo(8),
    atomics: "CAS (lock cmpxchg)",
    proves: BOTH,
    memory_mib: Some(512),
    file_address: 0x1000_0000,
    file_max: 240 * MIB,
    // A tick of the local APIC's timer is 1 ns.
    icount_shift: 0,
    machine: "q35",
    extra: &["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"],
    command_line: CommandLinePassing::Append,
    exit: ExitDevice::DebugExit,
};

/// QEMU's `microvm` machine: no PCI, no legacy firmware tables; the cores start otherwise.
pub static X86_64_MICROVM: Board = Board {
    name: "x86_64-microvm",
    rustflags: &["--cfg=microvm"],
    machine: "microvm",
    ..X86_64_BASE
};

/// QEMU's `mps2-an386`: a Cortex-M4.
pub static MPS2_AN386: Board = CORTEX_M_BASE;

const CORTEX_M_BASE: Board = Board {
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
    machine: "mps2-an386",
    extra: &[],
    command_line: CommandLinePassing::Semihosting,
    exit: ExitDevice::Semihosting,
};

/// QEMU's `mps2-an521`: two Cortex-M33.
pub static MPS2_AN521: Board = Board {
    name: "mps2-an521",
    triple: "thumbv8m.main-none-eabi",
    cpu: "cortex-m33",
    cores: Cores::Always(2),
    proves: BOTH,
    file_address: 0x8000_0000,
    machine: "mps2-an521",
    ..CORTEX_M_BASE
};

/// QEMU's `lm3s6965evb`: a Cortex-M3 with 64 KiB of RAM.
pub static LM3S6965EVB: Board = Board {
    name: "lm3s6965evb",
    triple: "thumbv7m-none-eabi",
    cpu: "cortex-m3",
    cores: Cores::One { tasks: 3 },
    // A tick is 80 ns.
    icount_shift: 7,
    machine: "lm3s6965evb",
    ..SMALL_CORTEX_M
};

/// QEMU's `microbit`: a Cortex-M0 with 16 KiB of RAM, which has no compare-and-swap.
pub static MICROBIT: Board = Board {
    name: "microbit",
    triple: "thumbv6m-none-eabi",
    cpu: "cortex-m0",
    cores: Cores::One { tasks: 2 },
    atomics: "none: critical-section",
    proves: NOT_LOCK_FREE,
    machine: "microbit",
    ..SMALL_CORTEX_M
};

/// No memory for a file, and QEMU knows how much there is.
const SMALL_CORTEX_M: Board = Board {
    rustflags: SMALL_CODE,
    memory_mib: None,
    file_address: 0,
    file_max: 0,
    ..CORTEX_M_BASE
};

/// QEMU's `virt` machine with 64-bit RISC-V cores.
pub static RISCV64: Board = RISCV_BASE;

const RISCV_BASE: Board = Board {
    name: "riscv64",
    triple: "riscv64gc-unknown-none-elf",
    rustflags: &[],
    program: "qemu-system-riscv64",
    cpu: "rv64",
    cores: Cores::UpTo(8),
    atomics: "LR/SC and AMO (A extension)",
    proves: BOTH,
    memory_mib: Some(256),
    file_address: 0x8800_0000,
    file_max: 112 * MIB,
    // A tick of the timer is 100 ns, and an alarm is set for a whole one: two that follow each other are
    // up to two ticks apart.
    icount_shift: 8,
    machine: "virt",
    extra: &["-bios", "none"],
    command_line: CommandLinePassing::Semihosting,
    exit: ExitDevice::Semihosting,
};

/// QEMU's `virt` machine with 32-bit RISC-V cores.
pub static RISCV32IMAC: Board = Board {
    name: "riscv32imac",
    triple: "riscv32imac-unknown-none-elf",
    program: "qemu-system-riscv32",
    cpu: "rv32",
    ..RISCV_BASE
};

/// QEMU's `virt` machine with one 32-bit RISC-V core that has no atomic instructions.
pub static RISCV32IMC: Board = Board {
    name: "riscv32imc",
    triple: "riscv32imc-unknown-none-elf",
    rustflags: SMALL_CODE,
    program: "qemu-system-riscv32",
    cpu: "rv32,a=false",
    cores: Cores::One { tasks: 4 },
    atomics: "none: critical-section",
    proves: NOT_LOCK_FREE,
    ..RISCV_BASE
};

/// All boards.
pub static BOARDS: [&Board; 12] = [
    &AARCH64,
    &AARCH64_LSE,
    &ARMV7A,
    &X86_64,
    &X86_64_MICROVM,
    &RISCV64,
    &RISCV32IMAC,
    &MPS2_AN386,
    &MPS2_AN521,
    &LM3S6965EVB,
    &MICROBIT,
    &RISCV32IMC,
];

impl Board {
    /// The board with this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        BOARDS.into_iter().find(|board| board.name == name)
    }
}
