//! What all boards share above the processor: the parts of boot, cores, console and exit that touch no
//! hardware. The public modules call these.

pub mod boot;
pub mod console;
#[cfg(not(one_core))]
pub mod cores;
pub mod exit;
pub mod interrupt;
#[cfg(feature = "defmt")]
mod logger;
#[cfg(one_core)]
pub mod tasks;

pub use crate::arch::{clock, counter};
pub use crate::board::SMALL;
#[cfg(one_core)]
pub use tasks as cores;

/// See [`crate::NAME`].
pub const NAME: &str = crate::board::BOARD.name;

/// Says what went wrong on this core, and where, and ends the program.
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    let core = cores::current();
    let message = info.message();
    match info.location() {
        Some(place) => exit::fail(format_args!("core {core} panicked at {place}:\n{message}")),
        None => exit::fail(format_args!("core {core} panicked:\n{message}")),
    }
}
