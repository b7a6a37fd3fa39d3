//! Lines of data and lines of text: what [`println!`](crate::println) and [`eprintln!`](crate::eprintln)
//! call.
//!
//! Both hold a lock while the text is formatted and sent, so that whole lines never mix: a core may have to
//! wait for another one. They must not be called from an interrupt handler or from within their own
//! arguments' formatting: one that interrupted a line of its own core ends the program with a panic. The
//! same holds for the frames of the logger (feature `defmt`), which take the same lock. A panic within
//! formatting is safe: the panic handler takes the console by force.

use core::fmt;

use crate::backend;

/// Prints lines of data: one, or one for each line feed within the text and one for its end.
pub fn print_data(text: fmt::Arguments<'_>) {
    backend::console::print_data(text);
}

/// Prints lines of text for people, likewise.
pub fn print_text(text: fmt::Arguments<'_>) {
    backend::console::print_text(text);
}
