//! Ending the program, in good order or not.

use core::fmt;

use portable_atomic::{AtomicUsize, Ordering};
use protocol::PANIC_CODE;

use super::{console, cores};
use crate::arch::power_off;

/// See [`crate::exit::exit`].
pub fn exit(code: u8) -> ! {
    end(None, code)
}

/// Ends the program because something is wrong.
pub fn fail(text: fmt::Arguments<'_>) -> ! {
    end(Some(text), PANIC_CODE)
}

/// Says the last words and switches the machine off. The first core that comes here does so; any
/// other one stops.
fn end(text: Option<fmt::Arguments<'_>>, code: u8) -> ! {
    /// The core that ends the program, plus one. It hands over nothing else, and cores that agree
    /// on one value of one word need no more than `Relaxed`.
    static ENDING: AtomicUsize = AtomicUsize::new(0);

    let this = cores::current() + 1;
    match ENDING.compare_exchange(0, this, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => console::print_last(text, code),
        // This core failed again while it was saying its last words.
        Err(other) if other == this => fail_at_once(),
        Err(_) => cores::stop(),
    }
    power_off(code)
}

/// Ends the program because something is wrong, without words and whatever others are saying.
pub fn fail_at_once() -> ! {
    console::force_exit_line(PANIC_CODE);
    power_off(PANIC_CODE)
}
