#![doc = include_str!("../README.md")]
#![cfg_attr(target_os = "none", no_std)]

// The one place that chooses the backend; build.rs has chosen the board. Every backend has the same
// modules with the same functions; the public modules below document them and call them.
#[cfg(board = "aarch64_virt")]
#[path = "aarch64_virt/mod.rs"]
mod backend;
#[cfg(board = "lm3s6965evb")]
#[path = "lm3s6965evb/mod.rs"]
mod backend;
#[cfg(board = "microbit")]
#[path = "microbit/mod.rs"]
mod backend;
#[cfg(board = "mps2_an386")]
#[path = "mps2_an386/mod.rs"]
mod backend;
#[cfg(board = "mps2_an521")]
#[path = "mps2_an521/mod.rs"]
mod backend;
#[cfg(board = "riscv32imac_virt")]
#[path = "riscv32imac_virt/mod.rs"]
mod backend;
#[cfg(board = "riscv32imc_virt")]
#[path = "riscv32imc_virt/mod.rs"]
mod backend;
#[cfg(board = "riscv64_virt")]
#[path = "riscv64_virt/mod.rs"]
mod backend;
#[cfg(board = "x86_64_microvm")]
#[path = "x86_64_microvm/mod.rs"]
mod backend;
#[cfg(board = "x86_64_q35")]
#[path = "x86_64_q35/mod.rs"]
mod backend;
#[cfg(not(target_os = "none"))]
#[path = "host/mod.rs"]
mod backend;

/// What the boards share and the host does not need.
#[cfg(target_os = "none")]
mod bare;
/// What the Cortex-M boards share.
#[cfg(all(target_os = "none", target_arch = "arm"))]
mod cortex_m;
/// What the RISC-V boards share.
#[cfg(all(
    target_os = "none",
    any(target_arch = "riscv32", target_arch = "riscv64")
))]
mod riscv;

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod counter;
pub mod exit;
pub mod interrupt;

/// The name of the target, such as `"aarch64"` or `"host"`. A board's name is the one that the runner
/// knows it by ([`protocol::Board::name`]).
pub const NAME: &str = backend::NAME;

/// Whether the target has so little memory (64 KiB of RAM or less), or is so slow, that programs should
/// do with smaller statics and shorter runs.
pub const SMALL: bool = backend::SMALL;

/// What [`entry!`] expands to needs these.
#[doc(hidden)]
pub mod private {
    pub use crate::backend::entry_point;
}

/// Makes `fn main() -> targets::exit::Status` the program's entry on every target.
///
/// ```no_run
/// #![cfg_attr(target_os = "none", no_std, no_main)]
///
/// use targets::exit::Status;
///
/// targets::entry!(main);
///
/// fn main() -> Status {
///     targets::println!("hello from {}", targets::NAME);
///     Status::SUCCESS
/// }
/// ```
///
/// The function must be called `main` and stand at the root of the program: on the host it is
/// Rust's own entry, and the macro only checks its type. On a board it runs on core 0 once the MMU,
/// the caches and the exception handlers are set up.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        $crate::private::entry_point!($main);
    };
}

/// Prints one line of data (or several, if the text holds line feeds): it arrives on the standard
/// output of the program on the host, and of the runner for a board.
///
/// A line never mixes with a line of another core. See [`console`] for progress guarantees.
#[macro_export]
macro_rules! println {
    ($($argument:tt)*) => {
        $crate::console::print_data(::core::format_args!($($argument)*))
    };
}

/// Prints one line of text for people (or several, if the text holds line feeds): it arrives on the
/// standard error output of the program on the host, and of the runner for a board.
///
/// A line never mixes with a line of another core. See [`console`] for progress guarantees.
#[macro_export]
macro_rules! eprintln {
    ($($argument:tt)*) => {
        $crate::console::print_text(::core::format_args!($($argument)*))
    };
}
