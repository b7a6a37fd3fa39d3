#![doc = include_str!("../README.md")]
#![cfg_attr(target_os = "none", no_std)]

// From the highest to the lowest: imports point down. build.rs has chosen the board.

pub mod boot;
pub mod clock;
pub mod console;
pub mod cores;
pub mod counter;
pub mod exit;
pub mod interrupt;

#[cfg(target_os = "none")]
mod bare;
#[cfg(not(target_os = "none"))]
mod host;

// Both have the same modules with the same functions; the public modules document them and call them.
#[cfg(target_os = "none")]
use bare as backend;
#[cfg(not(target_os = "none"))]
use host as backend;

// Of the processor, what `bare` calls stands below it; `boot`, `exceptions` and `switch`, which nobody
// imports, are where the processor enters, and stand above it.
#[cfg(target_os = "none")]
#[cfg_attr(arch = "aarch64", path = "arch/aarch64/mod.rs")]
#[cfg_attr(arch = "armv7a", path = "arch/armv7a/mod.rs")]
#[cfg_attr(arch = "cortex_m", path = "arch/cortex_m/mod.rs")]
#[cfg_attr(arch = "riscv", path = "arch/riscv/mod.rs")]
#[cfg_attr(arch = "x86_64", path = "arch/x86_64/mod.rs")]
mod arch;

#[cfg(target_os = "none")]
#[cfg_attr(board = "arm_virt", path = "boards/arm_virt/mod.rs")]
#[cfg_attr(board = "lm3s6965evb", path = "boards/lm3s6965evb/mod.rs")]
#[cfg_attr(board = "microbit", path = "boards/microbit/mod.rs")]
#[cfg_attr(board = "mps2_an386", path = "boards/mps2_an386/mod.rs")]
#[cfg_attr(board = "mps2_an521", path = "boards/mps2_an521/mod.rs")]
#[cfg_attr(board = "riscv_virt", path = "boards/riscv_virt/mod.rs")]
#[cfg_attr(board = "x86_64_microvm", path = "boards/x86_64_microvm/mod.rs")]
#[cfg_attr(board = "x86_64_q35", path = "boards/x86_64_q35/mod.rs")]
mod board;

#[cfg(target_os = "none")]
mod parts;

mod unit;

/// The name of the target, such as `"aarch64"` or `"host"`. A board's name is the one that the runner
/// knows it by ([`protocol::Board::name`]).
pub const NAME: &str = backend::NAME;

/// Whether the target has so little memory (64 KiB of RAM or less), or is so slow, that programs should
/// do with smaller statics and shorter runs.
pub const SMALL: bool = backend::SMALL;

/// Makes `fn main()` the program's entry on every target.
///
/// ```no_run
/// #![cfg_attr(target_os = "none", no_std, no_main)]
///
/// targets::entry!(main);
///
/// fn main() {
///     targets::println!("hello from {}", targets::NAME);
/// }
/// ```
///
/// It returns nothing, or what becomes a [`Status`](exit::Status): one that it has chosen itself, or a
/// `Result` whose error is printed.
///
/// The function must be called `main` and stand at the root of the program: on the host it is
/// Rust's own entry, and the macro only checks its type. On a board it runs on core 0 once the MMU,
/// the caches and the exception handlers are set up.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        // On the host, `main` is the entry already: only its type is checked.
        const _: () = $crate::exit::is_main($main);

        /// Core 0 comes here once the board is set up.
        #[cfg(target_os = "none")]
        #[unsafe(no_mangle)]
        fn __targets_main() -> u8 {
            $crate::exit::Status::from($main()).code()
        }
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
