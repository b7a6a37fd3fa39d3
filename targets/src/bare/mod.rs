//! What all boards share: the parts of boot, cores, console and exit that touch no hardware.

pub mod boot;
pub mod console;
#[cfg(not(one_core))]
pub mod cores;
pub mod exit;
pub mod interrupt;
#[cfg(feature = "defmt")]
mod logger;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
pub mod stacks;
#[cfg(one_core)]
pub mod tasks;

/// See [`crate::entry!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __targets_entry_point {
    ($main:path) => {
        /// Core 0 comes here once the board is set up.
        #[unsafe(no_mangle)]
        fn __targets_main() -> $crate::exit::Status {
            let main: fn() -> $crate::exit::Status = $main;
            main()
        }
    };
}

pub use crate::__targets_entry_point as entry_point;

/// Says what went wrong on this core, and where, and ends the program.
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    let core = crate::cores::current();
    let message = info.message();
    match info.location() {
        Some(place) => exit::fail(format_args!("core {core} panicked at {place}:\n{message}")),
        None => exit::fail(format_args!("core {core} panicked:\n{message}")),
    }
}
